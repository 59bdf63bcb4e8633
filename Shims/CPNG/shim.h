// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CPNG_SHIM_H
#define DIORAMA_CPNG_SHIM_H
#include <png.h>
#endif
