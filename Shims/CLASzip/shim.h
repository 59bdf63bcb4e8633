// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CLASZIP_SHIM_H
#define DIORAMA_CLASZIP_SHIM_H
// The API's header names an enumeration of this one without including it.
#include <laszip_common.h>

#include <laszip_api.h>
#endif
