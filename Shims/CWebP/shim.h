// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CWEBP_SHIM_H
#define DIORAMA_CWEBP_SHIM_H
#include <webp/decode.h>
#endif
