// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
#ifndef DIORAMA_CARCHIVE_SHIM_H
#define DIORAMA_CARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>

// AE_IFREG and AE_IFDIR are macros with a cast, which Swift does not import.
static const unsigned int carchive_regular_file = AE_IFREG;
static const unsigned int carchive_folder = AE_IFDIR;
#endif
