// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Which triangle a pixel of a tile sees.
//
// Sketch of the limit: a triangle of a robot is about a pixel wide and lies in one block of 4 x 4
// pixels. Its three edge functions and nearness at the block's 16 centres are 30 operations, one
// AVX-512 vector each; setting them up for the tile is as much again, in scalars: 60 cycles, and
// 25 for each further block.

#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "include/kernels.h"
#include "mesh.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mesh_raster.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "surface-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// A triangle seen from one tile. A pixel is covered where the three values are not negative: edge
// functions divided by 256 and rounded down, less a bit where the edge does not own its points.
struct Edges {
  int32_t value[3];                   // at the tile's first pixel
  int32_t step_x[3], step_y[3];
  float nearness, slope_x, slope_y;   // at pixel (x, y) below, and from pixel to pixel
  float nearest;                      // of the corners
  int32_t x0, x1, y0, y1;             // the box within the tile
};

// The values of a wide triangle's edge: 0 where all of the box's blocks lie inside. False where
// they lie outside; else the values within the tile fit, see kGuard.
static bool NarrowEdge(int64_t value, int k, Edges* e) {
  constexpr int kLast = kBlock - 1;
  const int64_t across[2] = {int64_t(e->step_x[k]) * (e->x0 & ~kLast),
                             int64_t(e->step_x[k]) * (e->x1 | kLast)};
  const int64_t down[2] = {int64_t(e->step_y[k]) * (e->y0 & ~kLast),
                           int64_t(e->step_y[k]) * (e->y1 | kLast)};
  if (value + std::max(across[0], across[1]) + std::max(down[0], down[1]) < 0) return false;
  if (value + std::min(across[0], across[1]) + std::min(down[0], down[1]) >= 0) {
    e->value[k] = e->step_x[k] = e->step_y[k] = 0;
  } else {
    e->value[k] = int32_t(value);
  }
  return true;
}

// Sets a triangle up for a tile; false where it covers none of its pixels.
HWY_INLINE bool SetUp(const kernels_triangle& t, const kernels_box& box, int32_t tile_x,
                      int32_t tile_y, Edges* e) {
  e->x0 = std::max(box.x0 - tile_x, 0), e->x1 = std::min(box.x1 - tile_x, KERNELS_TILE - 1);
  e->y0 = std::max(box.y0 - tile_y, 0), e->y1 = std::min(box.y1 - tile_y, KERNELS_TILE - 1);
  const int32_t left = tile_x * kSubpixels + kHalf, top = tile_y * kSubpixels + kHalf;
  double share[3];  // the edge functions at the box's first pixel
  for (int k = 0; k < 3; ++k) {
    const int a = (k + 1) % 3, b = (k + 2) % 3;
    const int32_t dx = t.x[b] - t.x[a], dy = t.y[b] - t.y[a];
    const int64_t value = int64_t(dx) * (top - t.y[a]) - int64_t(dy) * (left - t.x[a]);
    const bool owns = dy < 0 || (dy == 0 && dx > 0);
    share[k] = double(value + (int64_t(dx) * e->y0 - int64_t(dy) * e->x0) * kSubpixels);
    e->step_x[k] = -dy;
    e->step_y[k] = dx;
    const int64_t whole = (value - (owns ? 0 : 1)) >> 8;
    if (t.flags & KERNELS_WIDE) {
      if (!NarrowEdge(whole, k, e)) return false;
    } else {
      e->value[k] = int32_t(whole);
    }
  }
  const int32_t dx1 = t.x[1] - t.x[0], dy1 = t.y[1] - t.y[0];
  const int32_t dx2 = t.x[2] - t.x[0], dy2 = t.y[2] - t.y[0];
  const double scale = 1.0 / double(int64_t(dx1) * dy2 - int64_t(dx2) * dy1);
  const double rise1 = (double(t.nearness[1]) - t.nearness[0]) * scale;
  const double rise2 = (double(t.nearness[2]) - t.nearness[0]) * scale;
  e->nearness = float(t.nearness[0] + share[1] * rise1 + share[2] * rise2);
  e->slope_x = float((rise1 * dy2 - rise2 * dy1) * kSubpixels);
  e->slope_y = float((rise2 * dx1 - rise1 * dx2) * kSubpixels);
  e->nearest = std::max(t.nearness[0], std::max(t.nearness[1], t.nearness[2]));
  return true;
}

// What a triangle of a mesh that is cut out is asked for, pixel by pixel.
struct CutOut {
  const kernels_triangle* triangle;
  const kernels_mesh* mesh;
  Equations equations;
};

// Draws a triangle into one block of the tile; `cut` is null for one that is whole.
template <bool kIsCutOut>
HWY_INLINE void DrawBlock(const Edges& e, uint32_t index, int column, int row, const CutOut* cut,
                          MeshTile* tile) {
  const Lanes d;
  const IntLanes di;
  const int block = row * kBlocksAcross + column;
  // Fast path: what lies in front hides all of the triangle.
  if (e.nearest <= tile->farthest[block]) return;
  const int32_t left = column * kBlock, top = row * kBlock;
  bool full = true;
  for (int first = 0; first < kBlockPixels; first += int(hn::Lanes(d))) {
    const auto lane = hn::Iota(di, first);
    const auto x = hn::And(lane, hn::Set(di, kBlock - 1)), y = hn::ShiftRight<2>(lane);
    auto signs = hn::Zero(di);
    for (int k = 0; k < 3; ++k) {
      const int32_t corner = e.value[k] + e.step_x[k] * left + e.step_y[k] * top;
      const auto across = hn::Mul(hn::Set(di, e.step_x[k]), x);
      const auto down = hn::Mul(hn::Set(di, e.step_y[k]), y);
      signs = hn::Or(signs, hn::Add(hn::Set(di, corner), hn::Add(across, down)));
    }
    const auto covered = hn::RebindMask(d, hn::Not(hn::Lt(signs, hn::Zero(di))));
    const auto from_x = hn::ConvertTo(d, hn::Add(x, hn::Set(di, left - e.x0)));
    const auto from_y = hn::ConvertTo(d, hn::Add(y, hn::Set(di, top - e.y0)));
    const auto nearness =
        hn::MulAdd(hn::Set(d, e.slope_x), from_x,
                   hn::MulAdd(hn::Set(d, e.slope_y), from_y, hn::Set(d, e.nearness)));
    const int at = block * kBlockPixels + first;
    const auto known = hn::Load(d, tile->nearness + at);
    auto seen = hn::And(covered, hn::Gt(nearness, known));
    if (kIsCutOut) {
      full = false;
      if (hn::AllFalse(d, seen)) continue;
      const auto tile_x = hn::ConvertTo(d, hn::Add(x, hn::Set(di, left)));
      const auto tile_y = hn::ConvertTo(d, hn::Add(y, hn::Set(di, top)));
      const Surface surface = SurfaceOfOne(*cut->triangle, cut->equations, tile_x, tile_y);
      seen = hn::And(seen, SolidAt(cut->mesh, surface));
    }
    hn::Store(hn::IfThenElse(seen, nearness, known), d, tile->nearness + at);
    hn::BlendedStore(hn::Set(di, int32_t(index)), hn::RebindMask(di, seen), di,
                     reinterpret_cast<int32_t*>(tile->triangle) + at);
    full = full && hn::AllTrue(d, covered);
  }
  if (!full) return;
  auto least = hn::Load(d, tile->nearness + block * kBlockPixels);
  for (int first = int(hn::Lanes(d)); first < kBlockPixels; first += int(hn::Lanes(d))) {
    least = hn::Min(least, hn::Load(d, tile->nearness + block * kBlockPixels + first));
  }
  tile->farthest[block] = hn::GetLane(hn::MinOfLanes(d, least));
}

// Draws a triangle of a mesh that is cut out.
static void DrawCutOut(const kernels_scene* scene, const Edges& e, uint32_t index, int32_t tile_x,
                       int32_t tile_y, MeshTile* tile) {
  const kernels_triangle& t = scene->triangles[index];
  const kernels_placement& placement = scene->placements[t.placement];
  const bool parallel = scene->mesh_view.parallel != 0;
  const Equations equations =
      t.flags & KERNELS_CUT ? EquationsOfCut(t, placement, tile_x, tile_y, parallel)
                            : EquationsOfSnapped(t, double(tile_x) * kSubpixels + kHalf,
                                                 double(tile_y) * kSubpixels + kHalf, parallel);
  const CutOut cut{&t, placement.mesh, equations};
  for (int row = e.y0 / kBlock; row <= e.y1 / kBlock; ++row) {
    for (int column = e.x0 / kBlock; column <= e.x1 / kBlock; ++column) {
      DrawBlock<true>(e, index, column, row, &cut, tile);
    }
  }
}

static void RasterizeTile(const kernels_scene* scene, kernels_list triangles,
                          int32_t tile_column, int32_t tile_row, MeshTile* tile) {
  const int32_t tile_x = tile_column * KERNELS_TILE, tile_y = tile_row * KERNELS_TILE;
  // The least nearness that is drawn, or rather the one below it.
  const float beyond = BeyondFar(scene->mesh_view);
  tile->by_rays = false;
  std::fill_n(tile->nearness, kTilePixels, beyond);
  std::fill_n(tile->farthest, kBlocks, beyond);
  std::fill_n(tile->triangle, kTilePixels, kNoTriangle);
  for (int32_t i = 0; i < triangles.count; ++i) {
    const uint32_t index = triangles.first[i];
    // The triangles lie all over the memory; by the time they are drawn they have come.
    constexpr int32_t kAhead = 8;
    if (i + kAhead < triangles.count) {
      __builtin_prefetch(scene->triangles + triangles.first[i + kAhead]);
    }
    Edges e;
    if (!SetUp(scene->triangles[index], scene->triangle_boxes[index], tile_x, tile_y, &e)) {
      continue;
    }
    if (scene->triangles[index].flags & KERNELS_CUT_OUT) {
      DrawCutOut(scene, e, index, tile_x, tile_y, tile);
      continue;
    }
    for (int row = e.y0 / kBlock; row <= e.y1 / kBlock; ++row) {
      for (int column = e.x0 / kBlock; column <= e.x1 / kBlock; ++column) {
        DrawBlock<false>(e, index, column, row, nullptr, tile);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(RasterizeTile);

void RasterizeMeshes(const kernels_scene* scene, kernels_list triangles, int32_t tile_column,
                     int32_t tile_row, MeshTile* tile) {
  HWY_DYNAMIC_DISPATCH(RasterizeTile)(scene, triangles, tile_column, tile_row, tile);
}
}  // namespace diorama

extern "C" float kernels_draw_depth(const kernels_scene* scene, const uint32_t* triangles,
                                    int32_t count, int32_t tile_column, int32_t tile_row,
                                    int32_t stride, float* depths) {
  using namespace diorama;
  float* corner = depths + size_t(tile_row) * KERNELS_TILE * size_t(stride) +
                  size_t(tile_column) * KERNELS_TILE;
  if (count == 0) {
    for (int y = 0; y < KERNELS_TILE; ++y) {
      std::fill_n(corner + size_t(y) * size_t(stride), KERNELS_TILE, float(HUGE_VALF));
    }
    return float(HUGE_VALF);
  }
  MeshTile tile;
  RasterizeMeshes(scene, kernels_list{triangles, count}, tile_column, tile_row, &tile);
  const float far = scene->mesh_view.far;
  float nearest = 0;
  for (int y = 0; y < KERNELS_TILE; ++y) {
    float* row = corner + size_t(y) * size_t(stride);
    for (int x = 0; x < KERNELS_TILE; x += kBlock) {
      const float* nearness = tile.nearness + TileIndex(x, y);
      // Where no mesh is, nearness is 0.
      for (int k = 0; k < kBlock; ++k) {
        row[x + k] = nearness[k] > 0 ? far - nearness[k] : float(HUGE_VALF);
        nearest = std::max(nearest, nearness[k]);
      }
    }
  }
  return nearest > 0 ? far - nearest : float(HUGE_VALF);
}
#endif
