// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CZSTD_SHIM_H
#define DIORAMA_CZSTD_SHIM_H
#include <zstd.h>
#include <zstd_errors.h>
#endif
