// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Order: the radix sort by depth, and the counting sort into tiles that keeps it.
//
// Sketch of the limit, per visible splat: the sort reads 8 bytes six times and writes them three
// times, 72 bytes; one that touches two tiles reads its footprint of 16 bytes once in random order
// and twice in order, bumps two counters twice and writes two entries of 8 bytes. The footprints of
// a million splats are 16 MB, so that the last level of cache decides: 8 ns for the sort and 15 for
// the lists. Records are never moved: the lists name them, and storage along a Morton curve keeps
// those of a tile close together.

#include <stddef.h>

#include <algorithm>

#include "include/kernels.h"

namespace {

constexpr int kDepthShift = 32;  // the depth's bits are the upper half of a key

constexpr int kTileBlocks = 4;     // blocks across a tile
constexpr int kBlockPixels = 4;    // pixels across a block

// The blocks of a tile that a box touches.
uint32_t BlocksInBox(const kernels_box& box, int tile_x, int tile_y) {
  constexpr int kLast = kTileBlocks * kBlockPixels - 1;
  const int first_x = std::max(box.x0 - tile_x, 0) / kBlockPixels;
  const int last_x = std::min(box.x1 - tile_x, kLast) / kBlockPixels;
  const int first_y = std::max(box.y0 - tile_y, 0) / kBlockPixels;
  const int last_y = std::min(box.y1 - tile_y, kLast) / kBlockPixels;
  const uint32_t columns = (2u << last_x) - (1u << first_x);  // one row of blocks
  const uint32_t rows = (1u << (last_y + 1) * kTileBlocks) - (1u << first_y * kTileBlocks);
  return columns * 0x1111u & rows;
}

// Calls `visit(tile, blocks, weight)` for the tiles that a splat's ellipse touches, with weight 1.
//
// Most splats touch at most 2 x 2 tiles, and no branch can foresee how many: they are visited as
// four, those that are not touched as visits of the first tile with weight 0. Its own visit comes
// last, has weight 1 in any case, and writes over what the weightless ones wrote.
template <class Visit>
void ForTiles(const kernels_footprint& footprint, int32_t tile_columns, const Visit& visit) {
  const kernels_box& box = footprint.box;
  const int column = box.x0 / KERNELS_TILE, row = box.y0 / KERNELS_TILE;
  const int columns = box.x1 / KERNELS_TILE - column;  // further ones
  const int rows = box.y1 / KERNELS_TILE - row;
  const int tile = row * tile_columns + column;
  if ((columns | rows) <= 1) {
    const uint32_t right = footprint.window[1] & 0xFFFF, across = footprint.window[1] >> 16;
    const uint32_t below = footprint.window[0] >> 16;
    visit(across ? tile + tile_columns + 1 : tile, across, uint32_t(across != 0));
    visit(right ? tile + 1 : tile, right, uint32_t(right != 0));
    visit(below ? tile + tile_columns : tile, below, uint32_t(below != 0));
    visit(tile, footprint.window[0] & 0xFFFF, 1);
    return;
  }
  for (int y = 0; y <= rows; ++y) {
    for (int x = 0; x <= columns; ++x) {
      visit(tile + y * tile_columns + x,
            BlocksInBox(box, (column + x) * KERNELS_TILE, (row + y) * KERNELS_TILE), 1);
    }
  }
}

// Calls `visit(tile)` for the tiles that a box touches.
template <class Visit>
void ForTiles(const kernels_box& box, int32_t tile_columns, const Visit& visit) {
  for (int y = box.y0 / KERNELS_TILE; y <= box.y1 / KERNELS_TILE; ++y) {
    for (int x = box.x0 / KERNELS_TILE; x <= box.x1 / KERNELS_TILE; ++x) {
      visit(y * tile_columns + x);
    }
  }
}

}  // namespace

extern "C" uint32_t kernels_differing_bits(const uint64_t* keys, int32_t first, int32_t end,
                                            uint64_t reference) {
  uint64_t differing = 0;
  for (int32_t i = first; i < end; ++i) differing |= keys[i] ^ reference;
  return uint32_t(differing >> kDepthShift);
}

extern "C" void kernels_count_digits(const uint64_t* keys, int32_t first, int32_t end,
                                     kernels_digit digit, uint32_t* counts) {
  const int shift = kDepthShift + digit.shift;
  const uint64_t mask = (uint64_t(1) << digit.bits) - 1;
  for (int32_t i = first; i < end; ++i) ++counts[keys[i] >> shift & mask];
}

extern "C" void kernels_move_by_digit(const uint64_t* from, uint64_t* to, int32_t first,
                                      int32_t end, kernels_digit digit, uint32_t* places) {
  const int shift = kDepthShift + digit.shift;
  const uint64_t mask = (uint64_t(1) << digit.bits) - 1;
  for (int32_t i = first; i < end; ++i) to[places[from[i] >> shift & mask]++] = from[i];
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

extern "C" void kernels_count_splats(const kernels_footprint* footprints, const uint64_t* keys,
                                     int32_t first, int32_t end, int32_t tile_columns,
                                     kernels_footprint* ordered, uint32_t* counts) {
  constexpr int32_t kAhead = 16;  // footprints lie all over the memory
  for (int32_t i = first; i < end; ++i) {
    if (i + kAhead < end) __builtin_prefetch(footprints + uint32_t(keys[i + kAhead]));
    ordered[i] = footprints[uint32_t(keys[i])];
    ForTiles(ordered[i], tile_columns,
             [counts](int tile, uint32_t, uint32_t weight) { counts[tile] += weight; });
  }
}

extern "C" void kernels_scatter_splats(const kernels_footprint* ordered, const uint64_t* keys,
                                       int32_t first, int32_t end, int32_t tile_columns,
                                       uint32_t* cursors, kernels_entry* lists) {
  for (int32_t i = first; i < end; ++i) {
    const uint32_t record = uint32_t(keys[i]);
    ForTiles(ordered[i], tile_columns,
             [cursors, lists, record](int tile, uint32_t blocks, uint32_t weight) {
               lists[cursors[tile]] = kernels_entry{record, blocks};
               cursors[tile] += weight;
             });
  }
}

extern "C" void kernels_number_entries(const kernels_footprint* ordered, const uint64_t* keys,
                                       int32_t first, int32_t end, int32_t tile_columns,
                                       uint32_t end_slot, uint32_t* cursors,
                                       uint32_t* slot_of_entry, kernels_slots* slots) {
  for (int32_t i = end; i-- > first;) {
    const uint32_t behind = end_slot;
    ForTiles(ordered[i], tile_columns,
             [cursors, slot_of_entry, &end_slot](int tile, uint32_t, uint32_t weight) {
               if (weight != 0) slot_of_entry[--cursors[tile]] = --end_slot;
             });
    slots[uint32_t(keys[i])] = kernels_slots{end_slot, behind - end_slot};
  }
}

extern "C" void kernels_count_triangles(const kernels_box* boxes, int32_t first, int32_t end,
                                        int32_t tile_columns, uint32_t* counts) {
  for (int32_t i = first; i < end; ++i) {
    ForTiles(boxes[i], tile_columns, [counts](int tile) { ++counts[tile]; });
  }
}

extern "C" void kernels_scatter_triangles(const kernels_box* boxes, int32_t first, int32_t end,
                                          int32_t tile_columns, uint32_t* cursors,
                                          uint32_t* lists) {
  for (int32_t i = first; i < end; ++i) {
    ForTiles(boxes[i], tile_columns,
             [cursors, lists, i](int tile) { lists[cursors[tile]++] = uint32_t(i); });
  }
}
