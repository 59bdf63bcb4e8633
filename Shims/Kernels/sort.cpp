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

#include <math.h>
#include <stddef.h>

#include <algorithm>

#include "include/kernels.h"
#include "tile.h"

namespace {

constexpr int kDepthShift = 32;  // the depth's bits are the upper half of a key

// Calls `visit(cell, blocks, weight)` for the cells that a splat's ellipse touches, with weight 1.
//
// Most splats touch at most 2 x 2 tiles, and no branch can foresee how many: they are visited as
// four, those that are not touched as visits of the first tile with weight 0. Its own visit comes
// last, has weight 1 in any case, and writes over what the weightless ones wrote.
template <class Visit>
void ForCells(const kernels_footprint& footprint, const kernels_grid& grid, const Visit& visit) {
  constexpr int kRegionPixels = KERNELS_REGION * KERNELS_TILE;
  constexpr int kWideTiles = KERNELS_REGION * KERNELS_REGION;
  const kernels_box& box = footprint.box;
  const int column = box.x0 / KERNELS_TILE, row = box.y0 / KERNELS_TILE;
  const int columns = box.x1 / KERNELS_TILE - column;  // further ones
  const int rows = box.y1 / KERNELS_TILE - row;
  const int width = grid.tile_columns, tile = row * width + column;
  if ((columns | rows) <= 1) {
    const uint32_t right = footprint.window[1] & 0xFFFF, across = footprint.window[1] >> 16;
    const uint32_t below = footprint.window[0] >> 16;
    visit(across ? tile + width + 1 : tile, across, uint32_t(across != 0));
    visit(right ? tile + 1 : tile, right, uint32_t(right != 0));
    visit(below ? tile + width : tile, below, uint32_t(below != 0));
    visit(tile, footprint.window[0] & 0xFFFF, 1);
    return;
  }
  if ((columns + 1) * (rows + 1) > kWideTiles) {
    for (int y = box.y0 / kRegionPixels; y <= box.y1 / kRegionPixels; ++y) {
      for (int x = box.x0 / kRegionPixels; x <= box.x1 / kRegionPixels; ++x) {
        visit(grid.tile_count + y * grid.region_columns + x, 0, 1);
      }
    }
    return;
  }
  for (int y = 0; y <= rows; ++y) {
    for (int x = 0; x <= columns; ++x) {
      visit(tile + y * width + x,
            diorama::BlocksInBox(box, (column + x) * KERNELS_TILE, (row + y) * KERNELS_TILE), 1);
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

extern "C" void kernels_keep_heaviest(uint64_t* keys, int32_t count, int32_t budget,
                                      const kernels_record* records) {
  // Of an ellipse (a dx + b dy)^2 + (c dy)^2 = 1 the area is pi / (a c).
  const auto weight = [records](uint64_t key) {
    const kernels_record& r = records[uint32_t(key)];
    return exp2f(r.log2_opacity) / (r.factor[0] * r.factor[2]);
  };
  const auto heavier = [&](uint64_t a, uint64_t b) {
    const float weight_a = weight(a), weight_b = weight(b);
    if (weight_a != weight_b) return weight_a > weight_b;
    return records[uint32_t(a)].source_index < records[uint32_t(b)].source_index;
  };
  std::nth_element(keys, keys + budget, keys + count, heavier);
}

extern "C" void kernels_count_splats(const kernels_footprint* footprints, const uint64_t* keys,
                                     int32_t first, int32_t end, kernels_grid grid,
                                     kernels_footprint* ordered, uint32_t* counts) {
  constexpr int32_t kAhead = 16;  // footprints lie all over the memory
  for (int32_t i = first; i < end; ++i) {
    if (i + kAhead < end) __builtin_prefetch(footprints + uint32_t(keys[i + kAhead]));
    ordered[i] = footprints[uint32_t(keys[i])];
    ForCells(ordered[i], grid,
             [counts](int cell, uint32_t, uint32_t weight) { counts[cell] += weight; });
  }
}

extern "C" void kernels_scatter_splats(const kernels_footprint* ordered, const uint64_t* keys,
                                       int32_t first, int32_t end, kernels_grid grid,
                                       uint32_t* cursors, kernels_entry* lists) {
  for (int32_t i = first; i < end; ++i) {
    const uint32_t record = uint32_t(keys[i]);
    ForCells(ordered[i], grid,
             [cursors, lists, record](int cell, uint32_t blocks, uint32_t weight) {
               lists[cursors[cell]] = kernels_entry{record, blocks};
               cursors[cell] += weight;
             });
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
