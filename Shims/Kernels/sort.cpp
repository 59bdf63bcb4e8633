// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Order: the radix sort by depth, and the counting sort into tiles that keeps it.
//
// Sketch of the limit, per visible splat: the sort reads and writes 8 bytes three times, 48 bytes;
// one that touches two tiles reads its box of 8 bytes twice, bumps two counters twice and writes
// two words. The boxes of a million splats are 8 MB and read in random order, so that the last
// level of cache decides: 5 ns for the sort and 10 for the lists. Records are never moved: the
// lists name them, and storage along a Morton curve keeps those of a tile close together.

#include <stddef.h>
#include <string.h>

#include <algorithm>

#include "include/kernels.h"

namespace {

constexpr int kPasses = 3;
constexpr int kLargestDigitBits = 11;
constexpr int kDepthShift = 32;  // the depth's bits are the upper half of a key

// Copies between buffers in the order of one digit, stably; `places` holds each digit's start.
void SortByDigit(const uint64_t* from, uint64_t* to, int32_t count, int shift, uint64_t mask,
                 uint32_t* places) {
  for (int32_t i = 0; i < count; ++i) to[places[from[i] >> shift & mask]++] = from[i];
}

// Calls `visit(item, tile, weight)` for the tiles that each item's box touches, once with weight 1.
//
// Most splats touch at most 2 x 2 tiles, and no branch can foresee how many: they are visited as
// four, those that are not there as a visit of the first tile with weight 0, before its own.
// Triangles, which have no keys, nearly all touch one.
template <class Visit>
void ForTiles(const kernels_box* boxes, const uint64_t* keys, int32_t first, int32_t end,
              int32_t tile_columns, const Visit& visit) {
  for (int32_t i = first; i < end; ++i) {
    const uint32_t item = keys ? uint32_t(keys[i]) : uint32_t(i);
    const kernels_box box = boxes[item];
    const uint32_t column = box.x0 / KERNELS_TILE, row = box.y0 / KERNELS_TILE;
    const uint32_t columns = box.x1 / KERNELS_TILE - column;  // further ones
    const uint32_t rows = box.y1 / KERNELS_TILE - row;
    const uint32_t width = uint32_t(tile_columns), tile = row * width + column;
    if (keys && (columns | rows) <= 1) {
      visit(item, tile + (columns & rows) * (width + 1), columns & rows);
      visit(item, tile + columns, columns);
      visit(item, tile + rows * width, rows);
      visit(item, tile, 1);
      continue;
    }
    for (uint32_t y = 0; y <= rows; ++y) {
      for (uint32_t x = 0; x <= columns; ++x) visit(item, tile + y * width + x, 1);
    }
  }
}

}  // namespace

extern "C" uint64_t* kernels_sort(uint64_t* keys, uint64_t* spare, int32_t count) {
  // Digits cover only the bits in which depths differ: fewer digits stay in the nearest cache.
  uint64_t every = ~uint64_t(0), any = 0;
  for (int32_t i = 0; i < count; ++i) {
    every &= keys[i];
    any |= keys[i];
  }
  const uint32_t differing = uint32_t((any ^ every) >> kDepthShift);
  if (count == 0 || differing == 0) return keys;
  const int bits = 32 - __builtin_clz(differing);
  const int digit_bits = (bits + kPasses - 1) / kPasses;
  const uint64_t mask = (uint64_t(1) << digit_bits) - 1;
  uint32_t places[kPasses][1 << kLargestDigitBits];
  memset(places, 0, sizeof(places));
  for (int32_t i = 0; i < count; ++i) {
    for (int pass = 0; pass < kPasses; ++pass) {
      ++places[pass][keys[i] >> (kDepthShift + pass * digit_bits) & mask];
    }
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    uint32_t sum = 0;
    for (uint64_t digit = 0; digit <= mask; ++digit) {
      const uint32_t size = places[pass][digit];
      places[pass][digit] = sum;
      sum += size;
    }
    SortByDigit(keys, spare, count, kDepthShift + pass * digit_bits, mask, places[pass]);
    std::swap(keys, spare);
  }
  return keys;
}

extern "C" void kernels_break_ties(uint64_t* keys, int32_t count,
                                   const kernels_record* records) {
  const auto earlier = [records](uint64_t a, uint64_t b) {
    return records[uint32_t(a)].source_index < records[uint32_t(b)].source_index;
  };
  for (int32_t first = 0; first + 1 < count;) {
    int32_t end = first + 1;
    while (end < count && keys[end] >> kDepthShift == keys[first] >> kDepthShift) ++end;
    if (end - first > 1) std::sort(keys + first, keys + end, earlier);
    first = end;
  }
}

extern "C" void kernels_count_tiles(const kernels_box* boxes, const uint64_t* keys,
                                    int32_t first, int32_t end, int32_t tile_columns,
                                    uint32_t* counts) {
  ForTiles(boxes, keys, first, end, tile_columns,
           [counts](uint32_t, uint32_t tile, uint32_t weight) { counts[tile] += weight; });
}

extern "C" void kernels_scatter_tiles(const kernels_box* boxes, const uint64_t* keys,
                                      int32_t first, int32_t end, int32_t tile_columns,
                                      uint32_t* cursors, uint32_t* lists) {
  ForTiles(boxes, keys, first, end, tile_columns,
           [cursors, lists](uint32_t item, uint32_t tile, uint32_t weight) {
             lists[cursors[tile]] = item;
             cursors[tile] += weight;
           });
}
