// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

#ifndef DIORAMA_COSMIUM_READERS_H
#define DIORAMA_COSMIUM_READERS_H

#include <cstddef>
#include <osmium/memory/buffer.hpp>
#include <vector>

using Buffers = std::vector<osmium::memory::Buffer>;

// The objects of a PBF file, a buffer for each of its blocks. Throws std::exception.
Buffers read_pbf(const char *data, std::size_t count);

// The objects of an XML file. Throws std::exception.
Buffers read_xml(const char *data, std::size_t count);

#endif
