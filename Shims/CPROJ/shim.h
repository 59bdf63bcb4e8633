// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CPROJ_SHIM_H
#define DIORAMA_CPROJ_SHIM_H
#include <proj.h>
#endif
