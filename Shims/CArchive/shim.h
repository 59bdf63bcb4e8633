// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CARCHIVE_SHIM_H
#define DIORAMA_CARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#endif
