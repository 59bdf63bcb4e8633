// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// One 16 x 16 tile: meshes into a depth buffer, splats front to back, then what lies behind.
//
// Sketch of the limit: a pixel and a splat meet in about 30 FLOP, so 137 M meetings (1 M splats,
// 1280 x 720) are 4.1 GFLOP = 17 ms of one AVX-512 core at 250 GFLOP/s. Rows of 16 lanes that a
// small splat only half fills and row loops of unpredictable length make it three times that; the
// body has no branch, because a mispredicted one costs as much as a row. A tile's state is 7 KB
// and its records come in order, 64 bytes each: memory is not the limit.

#include <math.h>
#include <stddef.h>

#include "include/kernels.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_TILE>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;

constexpr float kMinimumLog2Alpha = -7.99435343686f;  // log2(1/255)
constexpr int kSplatsPerCheck = 16;                   // how often finished rows are looked for
constexpr int kPrefetchAhead = 8;

// What a tile accumulates, a row at a time; a finished pixel has its transmittance negated.
struct Row {
  HWY_ALIGN float transmittance[KERNELS_TILE];
  HWY_ALIGN float red[KERNELS_TILE];
  HWY_ALIGN float green[KERNELS_TILE];
  HWY_ALIGN float blue[KERNELS_TILE];
  HWY_ALIGN float depth[KERNELS_TILE];
  HWY_ALIGN float heaviest[KERNELS_TILE];    // the largest weight of one splat so far
  HWY_ALIGN int32_t instance[KERNELS_TILE];  // that splat's instance
};

struct TileState {
  Row rows[KERNELS_TILE];
  int first_row, last_row;  // every row outside has finished
};

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

// 2^e for e in [-126, 0], relative error below 2e-7: a minimax polynomial of degree 5 on
// [-1/2, 1/2], the integer part added to the exponent. Outside the range: any value.
HWY_INLINE Vector Exp2(Vector e) {
  const Lanes d;
  const IntLanes di;
  const auto magic = Constant(12582912.0f);  // 1.5 * 2^23: the sum's low bits are the integer
  const auto shifted = hn::Add(e, magic);
  const auto f = hn::Sub(e, hn::Sub(shifted, magic));
  auto p = Constant(1.326472709e-3f);
  p = hn::MulAdd(p, f, Constant(9.671512862e-3f));
  p = hn::MulAdd(p, f, Constant(5.550733746e-2f));
  p = hn::MulAdd(p, f, Constant(2.402224208e-1f));
  p = hn::MulAdd(p, f, Constant(6.931469776e-1f));
  p = hn::MulAdd(p, f, Constant(1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(di, p), exponent));
}

// Finds the rows that still change; false when none does. A pixel is finished when its
// transmittance is negative, or when a mesh lies in front of all further splats.
HWY_INLINE bool FindLiveRows(TileState* state, const MeshTile* mesh, float depth) {
  const Lanes d;
  uint32_t live = 0;
  for (int y = state->first_row; y <= state->last_row; ++y) {
    bool finished = true;
    for (size_t i = 0; i < KERNELS_TILE; i += hn::Lanes(d)) {
      const auto t = hn::Load(d, state->rows[y].transmittance + i);
      auto open = hn::Ge(t, hn::Zero(d));
      if (mesh != nullptr) {
        const auto surface = hn::Load(d, mesh->depth + y * KERNELS_TILE + i);
        open = hn::And(open, hn::Gt(surface, Constant(depth)));
      }
      finished = finished && hn::AllFalse(d, open);
    }
    live |= uint32_t(!finished) << y;
  }
  if (live == 0) return false;
  state->first_row = __builtin_ctz(live);
  state->last_row = 31 - __builtin_clz(live);
  return true;
}

// A splat as the row loop wants it: constants of the tile's own coordinates.
struct Brush {
  float mean_x, mean_y;
  Vector conic_xx, log2_opacity, red, green, blue, depth;
  hn::Vec<IntLanes> instance;
};

template <bool kDepth, bool kInstances, bool kMesh>
HWY_INLINE void BlendRow(const kernels_record& r, const Brush& brush, int y,
                         const kernels_camera* camera, const MeshTile* mesh, Row* row) {
  const Lanes d;
  const IntLanes di;
  const float dy = float(y) - brush.mean_y;
  const auto linear = Constant(r.conic[1] * dy);
  const auto constant = Constant(r.log2_opacity + r.conic[2] * dy * dy);
  for (size_t i = 0; i < KERNELS_TILE; i += hn::Lanes(d)) {
    const auto dx = hn::Sub(hn::Iota(d, float(i)), Constant(brush.mean_x));
    const auto exponent = hn::MulAdd(hn::MulAdd(brush.conic_xx, dx, linear), dx, constant);
    auto drawn = hn::Ge(exponent, Constant(kMinimumLog2Alpha));
    if (kMesh) {
      const auto surface = hn::Load(d, mesh->depth + y * KERNELS_TILE + i);
      drawn = hn::And(drawn, hn::Gt(surface, brush.depth));
    }
    // With narrow vectors most lanes of a row lie outside the splat.
    if (hn::MaxLanes(d) <= 4 && hn::AllFalse(d, drawn)) continue;
    const auto t = hn::Load(d, row->transmittance + i);
    const auto alpha = hn::Min(Exp2(hn::Min(exponent, brush.log2_opacity)),
                               Constant(camera->maximum_alpha));
    const auto weight = hn::Mul(alpha, t);
    const auto left = hn::Sub(t, weight);
    const auto open = hn::Ge(left, Constant(camera->minimum_transmittance));
    const auto added = hn::IfThenElseZero(hn::And(drawn, open), weight);
    hn::Store(hn::MulAdd(added, brush.red, hn::Load(d, row->red + i)), d, row->red + i);
    hn::Store(hn::MulAdd(added, brush.green, hn::Load(d, row->green + i)), d, row->green + i);
    hn::Store(hn::MulAdd(added, brush.blue, hn::Load(d, row->blue + i)), d, row->blue + i);
    if (kDepth) {
      hn::Store(hn::MulAdd(added, brush.depth, hn::Load(d, row->depth + i)), d,
                row->depth + i);
    }
    if (kInstances) {
      const auto heaviest = hn::Load(d, row->heaviest + i);
      const auto heavier = hn::RebindMask(di, hn::Gt(added, heaviest));
      const auto instance = hn::Load(di, row->instance + i);
      hn::Store(hn::IfThenElse(heavier, brush.instance, instance), di, row->instance + i);
      hn::Store(hn::Max(added, heaviest), d, row->heaviest + i);
    }
    const auto closed = hn::Neg(hn::Abs(t));
    const auto next = hn::IfThenElse(drawn, hn::IfThenElse(open, left, closed), t);
    hn::Store(next, d, row->transmittance + i);
  }
}

// Blends list[first...] until the tile is finished or, without meshes in play, until `stop` is
// reached by a splat's depth; returns where it stopped.
template <bool kDepth, bool kInstances, bool kMesh>
static int32_t BlendSplats(const kernels_scene* scene, const kernels_camera* camera,
                           kernels_list list, int32_t first, float stop, int tile_x,
                           int tile_y, const MeshTile* mesh, TileState* state) {
  const IntLanes di;
  const float base_x = float(tile_x) + 0.5f, base_y = float(tile_y) + 0.5f;
  for (int32_t k = first; k < list.count; ++k) {
    if (k + kPrefetchAhead < list.count) {
      __builtin_prefetch(scene->records + list.first[k + kPrefetchAhead]);
    }
    const kernels_record& r = scene->records[list.first[k]];
    if (!kMesh && r.depth >= stop) return k;
    if (k % kSplatsPerCheck == kSplatsPerCheck - 1 &&
        !FindLiveRows(state, kMesh ? mesh : nullptr, r.depth)) {
      return list.count;
    }
    Brush brush;
    brush.mean_x = r.mean[0] - base_x;
    brush.mean_y = r.mean[1] - base_y;
    brush.conic_xx = Constant(r.conic[0]);
    brush.log2_opacity = Constant(r.log2_opacity);
    brush.red = Constant(r.colour[0]);
    brush.green = Constant(r.colour[1]);
    brush.blue = Constant(r.colour[2]);
    brush.depth = Constant(r.depth);
    brush.instance = hn::Set(di, int32_t(r.instance));
    // Half a million pixels is further than any tile reaches and fits an integer.
    const float top = HWY_MAX(brush.mean_y - r.half_height, -1.0f);
    const float bottom = HWY_MIN(brush.mean_y + r.half_height, float(KERNELS_TILE));
    const int y0 = HWY_MAX(state->first_row, int(ceilf(top)));
    const int y1 = HWY_MIN(state->last_row, int(floorf(bottom)));
    for (int y = y0; y <= y1; ++y) {
      BlendRow<kDepth, kInstances, kMesh>(r, brush, y, camera, mesh, &state->rows[y]);
    }
  }
  return list.count;
}

using Blender = int32_t (*)(const kernels_scene*, const kernels_camera*, kernels_list, int32_t,
                            float, int, int, const MeshTile*, TileState*);

template <bool kMesh>
HWY_INLINE Blender ChooseBlender(bool depth, bool instances) {
  if (depth) {
    return instances ? BlendSplats<true, true, kMesh> : BlendSplats<true, false, kMesh>;
  }
  return instances ? BlendSplats<false, true, kMesh> : BlendSplats<false, false, kMesh>;
}

HWY_INLINE void Clear(TileState* state) {
  const Lanes d;
  const IntLanes di;
  const auto zero = hn::Zero(d);
  for (Row& row : state->rows) {
    for (size_t i = 0; i < KERNELS_TILE; i += hn::Lanes(d)) {
      hn::Store(Constant(1.0f), d, row.transmittance + i);
      hn::Store(zero, d, row.red + i);
      hn::Store(zero, d, row.green + i);
      hn::Store(zero, d, row.blue + i);
      hn::Store(zero, d, row.depth + i);
      hn::Store(zero, d, row.heaviest + i);
      hn::Store(hn::Zero(di), di, row.instance + i);
    }
  }
  state->first_row = 0;
  state->last_row = KERNELS_TILE - 1;
}

// What lies behind a pixel's splats.
struct Backdrop {
  float colour[3];
  float depth;  // metres; 0 without a mesh
  uint32_t instance;
  bool solid;
};

HWY_INLINE Backdrop BackdropOf(const kernels_scene* scene, const MeshTile* mesh, int pixel) {
  if (mesh == nullptr || mesh->depth[pixel] == HUGE_VALF) {
    const float* b = scene->background;
    return Backdrop{{b[0], b[1], b[2]}, 0, 0, false};
  }
  const kernels_placement& p = scene->placements[mesh->placement[pixel]];
  Backdrop backdrop{{0, 0, 0}, mesh->depth[pixel], p.instance, true};
  for (int c = 0; c < 3; ++c) {
    backdrop.colour[c] = p.albedo[c] * (p.ambient[c] + p.sun[c] * mesh->light[pixel]);
  }
  return backdrop;
}

// sRGB to 8 bits: floor(255 * clamp(v, 0, 1) + 0.5); NaN becomes 0.
HWY_INLINE uint8_t Quantise(float value) {
  const float clamped = value > 0 ? (value < 1 ? value : 1) : 0;
  return uint8_t(clamped * 255.0f + 0.5f);
}

HWY_INLINE void WritePixel(const kernels_scene* scene, const Row& row, int x,
                           const Backdrop& behind, size_t at, const kernels_images* images) {
  const float t = fabsf(row.transmittance[x]);
  const float sums[3] = {row.red[x], row.green[x], row.blue[x]};
  for (int c = 0; c < 3; ++c) {
    const float value = (sums[c] + t * behind.colour[c]) * scene->exposure;
    images->colour[at * 3 + c] = Quantise(value);
    if (images->float_colour) images->float_colour[at * 3 + c] = value;
  }
  const float alpha = behind.solid ? 1.0f : 1.0f - t;
  images->alpha[at] = alpha;
  if (images->depth) {
    images->depth[at] = alpha >= 0.5f ? (row.depth[x] + t * behind.depth) / alpha : 0.0f;
  }
  if (images->instances) {
    images->instances[at] = t >= 0.5f ? behind.instance : uint32_t(row.instance[x]);
  }
}

static void DrawTile(const kernels_scene* scene, const kernels_camera* camera,
                     kernels_list splats, kernels_list triangles, int32_t tile_column,
                     int32_t tile_row, const kernels_images* images) {
  const int tile_x = tile_column * KERNELS_TILE, tile_y = tile_row * KERNELS_TILE;
  TileState state;
  Clear(&state);
  MeshTile buffer;
  const MeshTile* mesh = nullptr;
  float nearest = HUGE_VALF;
  if (triangles.count > 0) {
    RasterizeTile(scene, camera, triangles, tile_column, tile_row, &buffer);
    mesh = &buffer;
    for (float depth : buffer.depth) nearest = HWY_MIN(nearest, depth);
  }
  // Splats in front of every mesh of the tile need no look at the depth buffer.
  const bool depth = images->depth != nullptr;
  const bool instances = images->instances != nullptr && scene->track_instances != 0;
  const int32_t rest = ChooseBlender<false>(depth, instances)(
      scene, camera, splats, 0, nearest, tile_x, tile_y, nullptr, &state);
  if (rest < splats.count) {
    ChooseBlender<true>(depth, instances)(scene, camera, splats, rest, nearest, tile_x, tile_y,
                                          mesh, &state);
  }
  const int rows = HWY_MIN(KERNELS_TILE, camera->height - tile_y);
  const int columns = HWY_MIN(KERNELS_TILE, camera->width - tile_x);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const size_t at = size_t(tile_y + y) * size_t(camera->width) + size_t(tile_x + x);
      const Backdrop behind = BackdropOf(scene, mesh, y * KERNELS_TILE + x);
      WritePixel(scene, state.rows[y], x, behind, at, images);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(DrawTile);
}  // namespace diorama

extern "C" void kernels_draw_tile(const kernels_scene* scene, const kernels_camera* camera,
                                  kernels_list splats, kernels_list triangles,
                                  int32_t tile_column, int32_t tile_row,
                                  const kernels_images* images) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(DrawTile)(scene, camera, splats, triangles, tile_column, tile_row, images);
}
#endif
