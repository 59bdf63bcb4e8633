// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Order: the radix sort by depth, and the counting sort into tiles that keeps it.
//
// Sketch of the limit, per visible splat: the sort reads and writes 8 bytes three times, the
// gather moves 64 + 64, and a splat that touches three tiles bumps three counters twice and writes
// three words. At 10 GB/s that is about 5 + 13 + 3 ns; random reads of the gather and the
// counters' store-to-load forwarding make it 10 + 8 + 15 in practice.

#include <stddef.h>
#include <string.h>

#include <algorithm>

#include "include/kernels.h"

namespace {

constexpr int kPasses = 3;
constexpr int kDigitBits = 11;
constexpr int kDigits = 1 << kDigitBits;
constexpr int kDepthShift = 32;  // the depth's bits are the upper half of a key

// Copies between buffers in the order of one digit, stably; `places` holds each digit's start.
void SortByDigit(const uint64_t* from, uint64_t* to, int32_t count, int shift,
                 uint32_t* places) {
  for (int32_t i = 0; i < count; ++i) {
    to[places[from[i] >> shift & (kDigits - 1)]++] = from[i];
  }
}

// Calls `visit` with the index of each tile that a box of pixels touches.
template <class Visit>
void ForTiles(const uint16_t* pixels, int32_t tile_columns, const Visit& visit) {
  const int first = pixels[0] / KERNELS_TILE, last = pixels[1] / KERNELS_TILE;
  for (int row = pixels[2] / KERNELS_TILE; row <= pixels[3] / KERNELS_TILE; ++row) {
    for (int column = first; column <= last; ++column) visit(row * tile_columns + column);
  }
}

// Splats and triangles alike.
template <class Item>
void CountTiles(const Item* items, int32_t first, int32_t end, int32_t tile_columns,
                uint32_t* counts) {
  for (int32_t i = first; i < end; ++i) {
    ForTiles(items[i].pixels, tile_columns, [counts](int tile) { ++counts[tile]; });
  }
}

template <class Item>
void ScatterTiles(const Item* items, int32_t first, int32_t end, int32_t tile_columns,
                  uint32_t* cursors, uint32_t* lists) {
  for (int32_t i = first; i < end; ++i) {
    ForTiles(items[i].pixels, tile_columns,
             [cursors, lists, i](int tile) { lists[cursors[tile]++] = uint32_t(i); });
  }
}

}  // namespace

extern "C" uint64_t* kernels_sort(uint64_t* keys, uint64_t* spare, int32_t count) {
  uint32_t places[kPasses][kDigits];
  memset(places, 0, sizeof(places));
  for (int32_t i = 0; i < count; ++i) {
    const uint32_t depth = uint32_t(keys[i] >> kDepthShift);
    for (int pass = 0; pass < kPasses; ++pass) {
      ++places[pass][depth >> (pass * kDigitBits) & (kDigits - 1)];
    }
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    uint32_t sum = 0;
    for (int digit = 0; digit < kDigits; ++digit) {
      const uint32_t size = places[pass][digit];
      places[pass][digit] = sum;
      sum += size;
    }
    SortByDigit(keys, spare, count, kDepthShift + pass * kDigitBits, places[pass]);
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

extern "C" void kernels_gather(const uint64_t* keys, int32_t first, int32_t end,
                               const kernels_record* records, kernels_record* sorted) {
  constexpr int32_t kAhead = 16;  // hides the latency of the random reads
  for (int32_t i = first; i < end; ++i) {
    if (i + kAhead < end) __builtin_prefetch(records + uint32_t(keys[i + kAhead]));
    sorted[i] = records[uint32_t(keys[i])];
  }
}

extern "C" void kernels_count_tiles(const kernels_record* sorted, int32_t first, int32_t end,
                                    int32_t tile_columns, uint32_t* counts) {
  CountTiles(sorted, first, end, tile_columns, counts);
}

extern "C" void kernels_scatter_tiles(const kernels_record* sorted, int32_t first, int32_t end,
                                      int32_t tile_columns, uint32_t* cursors,
                                      uint32_t* lists) {
  ScatterTiles(sorted, first, end, tile_columns, cursors, lists);
}

extern "C" void kernels_count_triangle_tiles(const kernels_triangle* triangles, int32_t count,
                                             int32_t tile_columns, uint32_t* counts) {
  CountTiles(triangles, 0, count, tile_columns, counts);
}

extern "C" void kernels_scatter_triangle_tiles(const kernels_triangle* triangles,
                                               int32_t count, int32_t tile_columns,
                                               uint32_t* cursors, uint32_t* lists) {
  ScatterTiles(triangles, 0, count, tile_columns, cursors, lists);
}
