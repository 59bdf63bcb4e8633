// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// OpenStreetMap files by libosmium 2.19, behind C because libosmium is C++ templates.
//
// One call turns the bytes of a file into one flat answer: the tagged nodes and ways with their
// places, and the areas that closed ways and multipolygon relations enclose, holes and all. Nothing
// is kept, no thread is started, no file is opened. Memory is a small multiple of the plain data.
//
// The answer, all little-endian, without gaps:
//
//     4 B    magic, "DOSM"
//     u64    nodes, ways, relations in the file, deleted ones and copies left out         (3)
//     u64    nodes outside of the earth's ranges of latitude and longitude
//     u64    references of ways to nodes that are not in the file
//     u64    relations of areas some of whose members are not in the file
//     u64    areas that enclose nothing: outlines that cross themselves or stay open
//     u64    rings, outer and inner, of all areas                                         (2)
//     u32    texts
//     then for each text: u16 length, bytes, UTF-8 as the file has it
//     u32    objects, in the order nodes, ways, areas, each by id
//     then for each object:
//     u8     0 node, 1 way, 2 area of a closed way, 3 area of a relation
//     i64    id, of the way or relation where it is an area
//     u16    tags, then u32 key, u32 value for each: indices of texts
//     u32    rings: 1 for a node or a way
//     then for each ring:
//     u8     0 line or outer ring, 1 hole in the outer ring before it
//     u32    points, then i32 longitude, i32 latitude for each, in 1e-7 degrees
//
// Points of ways that are not in the file are left out; rings repeat their first point at the end.

#ifndef DIORAMA_COSMIUM_H
#define DIORAMA_COSMIUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What reading left; the bytes belong to the caller until cosmium_free.
typedef struct {
  /// The answer, or null after a failure.
  uint8_t *_Nullable bytes;
  size_t count;
  /// What is wrong with the file after a failure, in libosmium's words; ends with a zero.
  char message[256];
} cosmium_result;

/// Reads a file of any of these: PBF; XML, plain or in gzip or bzip2.
///
/// - `plain_limit`: the most bytes that XML may have when it is unpacked.
///
/// XML that declares entities is refused. Deleted objects are left out; of several objects with
/// one id the one with the highest version counts. Returns 1, or 0 after a failure.
int cosmium_read(
    const uint8_t *_Nonnull file, size_t count, size_t plain_limit,
    cosmium_result *_Nonnull result);

/// Frees what a result holds and clears it.
void cosmium_free(cosmium_result *_Nonnull result);

#ifdef __cplusplus
}
#endif
#endif
