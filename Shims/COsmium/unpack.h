// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

#ifndef DIORAMA_COSMIUM_UNPACK_H
#define DIORAMA_COSMIUM_UNPACK_H

#include <cstddef>
#include <string>

// Unpacks gzip or bzip2, several streams one after the other too; what is neither stays as it is.
// Throws std::runtime_error for damage and for more than `limit` bytes.
std::string unpacked(const char *data, std::size_t count, std::size_t limit);

#endif
