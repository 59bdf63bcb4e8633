// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CMESHOPTIMIZER_SHIM_H
#define DIORAMA_CMESHOPTIMIZER_SHIM_H
#include <meshoptimizer.h>
#endif
