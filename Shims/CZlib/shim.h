// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CZLIB_SHIM_H
#define DIORAMA_CZLIB_SHIM_H
#include <zlib.h>
#endif
