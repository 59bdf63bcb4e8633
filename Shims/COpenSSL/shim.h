// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_COPENSSL_SHIM_H
#define DIORAMA_COPENSSL_SHIM_H
#include <openssl/evp.h>
#endif
