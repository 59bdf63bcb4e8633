// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// One 16 x 16 tile: meshes into a depth buffer, splats front to back, then what lies behind.
//
// Sketch of the limit: a pixel and a splat meet in about 35 operations, 4 more where depth matters,
// so a block of 4 x 4 pixels and a splat cost one AVX-512 core 17 to 20 cycles when its two vector
// units are busy. A splat of a capture seen from a few metres is 6 pixels wide and touches five
// blocks: 90 cycles, and 20 more to find them. What makes that reachable: a block's state stays in
// registers for a whole chunk of splats; the loop has no branch that cannot be predicted; a block
// that lets no light through any more takes no part. The chunk's records (16 KB) and the tile's
// state (7 KB) stay in L1.

#include <math.h>
#include <stddef.h>
#include <stdint.h>

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
constexpr int kChunk = 256;         // splats that are sorted into blocks at a time
constexpr int kSplatsPerCheck = 8;  // how often a block is asked whether it has finished

// What a tile accumulates, in the order of TileIndex; a finished pixel has its transmittance
// negated.
struct TileState {
  HWY_ALIGN float transmittance[kTilePixels];
  HWY_ALIGN float red[kTilePixels];
  HWY_ALIGN float green[kTilePixels];
  HWY_ALIGN float blue[kTilePixels];
  HWY_ALIGN float depth[kTilePixels];
  HWY_ALIGN float heaviest[kTilePixels];    // the largest weight of one splat so far
  HWY_ALIGN int32_t instance[kTilePixels];  // that splat's instance
};

// A chunk of the tile's list: records, and for each the blocks that its box touches, as bits.
struct Chunk {
  int32_t count;
  HWY_ALIGN uint32_t records[kChunk];
  HWY_ALIGN uint32_t blocks[kChunk];
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

// The blocks of a tile that a box of pixels touches.
HWY_INLINE uint32_t BlocksOf(const kernels_box& box, int tile_x, int tile_y) {
  const int first_x = HWY_MAX(box.x0 - tile_x, 0) / kBlock;
  const int last_x = HWY_MIN(box.x1 - tile_x, KERNELS_TILE - 1) / kBlock;
  const int first_y = HWY_MAX(box.y0 - tile_y, 0) / kBlock;
  const int last_y = HWY_MIN(box.y1 - tile_y, KERNELS_TILE - 1) / kBlock;
  const uint32_t columns = (2u << last_x) - (1u << first_x);  // one row of blocks
  const uint32_t every_row = columns * 0x1111u;
  const uint32_t rows = (1u << (last_y + 1) * kBlocksAcross) - (1u << first_y * kBlocksAcross);
  return every_row & rows;
}

HWY_INLINE void FillChunk(const kernels_scene* scene, kernels_list list, int32_t first,
                          int tile_x, int tile_y, uint32_t live, Chunk* chunk) {
  chunk->count = HWY_MIN(kChunk, list.count - first);
  for (int32_t i = 0; i < chunk->count; ++i) {
    const uint32_t record = list.first[first + i];
    chunk->records[i] = record;
    chunk->blocks[i] = BlocksOf(scene->boxes[record], tile_x, tile_y) & live;
    // The records lie all over the memory; by the time they are blended they have come.
    if (chunk->blocks[i] != 0) __builtin_prefetch(scene->records + record);
  }
  // Fill up the last vector.
  for (int32_t i = chunk->count; i < kChunk && i % kBlockPixels != 0; ++i) chunk->blocks[i] = 0;
}

// Writes the records of a chunk that touch a block, in order, and returns how many there are;
// `records` has room for a vector more than a chunk.
HWY_INLINE int32_t RecordsOfBlock(const Chunk& chunk, int block, uint32_t* records) {
  const hn::RebindToUnsigned<Lanes> du;
  const auto bit = hn::Set(du, 1u << block);
  int32_t count = 0;
  for (int32_t i = 0; i < chunk.count; i += int32_t(hn::Lanes(du))) {
    const auto touches = hn::TestBit(hn::Load(du, chunk.blocks + i), bit);
    count += int32_t(hn::CompressStore(hn::Load(du, chunk.records + i), touches, du,
                                       records + count));
  }
  return count;
}

// A vector of pixels of one block, from `first` on in the order of TileIndex.
struct Pixels {
  int first;
  Vector x, y;     // centres on the image, pixels
  Vector surface;  // depth of the mesh, metres
};

template <bool kDepth, bool kInstances, bool kMesh>
HWY_INLINE void BlendPixels(const kernels_record* HWY_RESTRICT all, const uint32_t* records,
                            int32_t count, const kernels_camera* camera, const Pixels& pixels,
                            TileState* state) {
  const Lanes d;
  const IntLanes di;
  const auto maximum_alpha = Constant(camera->maximum_alpha);
  const auto minimum_transmittance = Constant(camera->minimum_transmittance);
  const auto minimum_log2 = Constant(kMinimumLog2Alpha);
  const int at = pixels.first;
  auto t = hn::Load(d, state->transmittance + at);
  auto red = hn::Load(d, state->red + at), green = hn::Load(d, state->green + at);
  auto blue = hn::Load(d, state->blue + at), depth = hn::Load(d, state->depth + at);
  auto heaviest = hn::Load(d, state->heaviest + at);
  auto instance = hn::Load(di, state->instance + at);
  // Beyond the meshes of all open pixels nothing is seen. The order is that of the centres, so a
  // splat further down the list may still reach before them.
  float deepest = 0;
  if (kMesh) {
    const auto open = hn::Ge(t, hn::Zero(d));
    deepest = hn::GetLane(hn::MaxOfLanes(d, hn::IfThenElseZero(open, pixels.surface)));
  }
  for (int32_t k = 0; k < count; ++k) {
    const kernels_record& r = all[records[k]];
    if (k % kSplatsPerCheck == 0 && hn::AllFalse(d, hn::Ge(t, hn::Zero(d)))) break;
    if (kMesh && r.nearest >= deepest) continue;
    const auto dx = hn::Sub(pixels.x, Constant(r.mean[0]));
    const auto dy = hn::Sub(pixels.y, Constant(r.mean[1]));
    const auto along_x =
        hn::MulAdd(Constant(r.conic[0]), dx, hn::Mul(Constant(r.conic[1]), dy));
    const auto along_y =
        hn::MulAdd(hn::Mul(Constant(r.conic[2]), dy), dy, Constant(r.log2_opacity));
    const auto exponent = hn::MulAdd(along_x, dx, along_y);
    auto drawn = hn::Ge(exponent, minimum_log2);
    auto z = hn::Undefined(d);
    if (kDepth || kMesh) {
      const auto s =
          hn::MulAdd(Constant(r.slope[0]), dx, hn::Mul(Constant(r.slope[1]), dy));
      z = hn::MulAdd(hn::MulAdd(s, s, s), Constant(r.depth), Constant(r.depth));
    }
    if (kMesh) drawn = hn::And(drawn, hn::Gt(pixels.surface, z));
    // Rounding must not lift alpha above the opacity.
    const auto alpha =
        hn::Min(Exp2(hn::Min(exponent, Constant(r.log2_opacity))), maximum_alpha);
    const auto left = hn::NegMulAdd(alpha, t, t);
    const auto open = hn::Ge(left, minimum_transmittance);
    const auto weight = hn::IfThenElseZero(hn::And(drawn, open), hn::Mul(alpha, t));
    red = hn::MulAdd(weight, Constant(r.colour[0]), red);
    green = hn::MulAdd(weight, Constant(r.colour[1]), green);
    blue = hn::MulAdd(weight, Constant(r.colour[2]), blue);
    if (kDepth) depth = hn::MulAdd(weight, z, depth);
    if (kInstances) {
      const auto heavier = hn::RebindMask(di, hn::Gt(weight, heaviest));
      instance = hn::IfThenElse(heavier, hn::Set(di, int32_t(r.instance)), instance);
      heaviest = hn::Max(weight, heaviest);
    }
    const auto closed = hn::Or(t, hn::SignBit(d));
    t = hn::IfThenElse(drawn, hn::IfThenElse(open, left, closed), t);
  }
  hn::Store(t, d, state->transmittance + at);
  hn::Store(red, d, state->red + at);
  hn::Store(green, d, state->green + at);
  hn::Store(blue, d, state->blue + at);
  if (kDepth) hn::Store(depth, d, state->depth + at);
  if (kInstances) {
    hn::Store(heaviest, d, state->heaviest + at);
    hn::Store(instance, di, state->instance + at);
  }
}

// Blends a chunk's records into a block; false when the block has finished.
template <bool kDepth, bool kInstances, bool kMesh>
static bool BlendBlock(const kernels_record* all, const uint32_t* records, int32_t count,
                       const kernels_camera* camera, const MeshTile* mesh, int block,
                       int tile_x, int tile_y, TileState* state) {
  const Lanes d;
  const IntLanes di;
  const float block_x = float(tile_x + block % kBlocksAcross * kBlock) + 0.5f;
  const float block_y = float(tile_y + block / kBlocksAcross * kBlock) + 0.5f;
  bool finished = true;
  for (int lane = 0; lane < kBlockPixels; lane += int(hn::Lanes(d))) {
    const auto index = hn::Iota(di, lane);
    Pixels pixels;
    pixels.first = block * kBlockPixels + lane;
    pixels.x = hn::Add(hn::ConvertTo(d, hn::And(index, hn::Set(di, kBlock - 1))),
                       Constant(block_x));
    pixels.y = hn::Add(hn::ConvertTo(d, hn::ShiftRight<2>(index)), Constant(block_y));
    if (kMesh) pixels.surface = hn::Load(d, mesh->depth + pixels.first);
    BlendPixels<kDepth, kInstances, kMesh>(all, records, count, camera, pixels, state);
    const auto t = hn::Load(d, state->transmittance + pixels.first);
    finished = finished && hn::AllTrue(d, hn::Lt(t, hn::Zero(d)));
  }
  return !finished;
}

using Blender = bool (*)(const kernels_record*, const uint32_t*, int32_t, const kernels_camera*,
                         const MeshTile*, int, int, int, TileState*);

template <bool kMesh>
HWY_INLINE Blender ChooseBlender(bool depth, bool instances) {
  if (depth) {
    return instances ? BlendBlock<true, true, kMesh> : BlendBlock<true, false, kMesh>;
  }
  return instances ? BlendBlock<false, true, kMesh> : BlendBlock<false, false, kMesh>;
}

HWY_INLINE void Clear(TileState* state) {
  for (int i = 0; i < kTilePixels; ++i) {
    state->transmittance[i] = 1;
    state->red[i] = state->green[i] = state->blue[i] = 0;
    state->depth[i] = state->heaviest[i] = 0;
    state->instance[i] = 0;
  }
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
  const uint32_t instance = scene->placements[mesh->placement[pixel]].instance;
  return Backdrop{{mesh->red[pixel], mesh->green[pixel], mesh->blue[pixel]},
                  mesh->depth[pixel], instance, true};
}

// sRGB to 8 bits: floor(255 * clamp(v, 0, 1) + 0.5); NaN becomes 0.
HWY_INLINE uint8_t Quantise(float value) {
  const float clamped = value > 0 ? (value < 1 ? value : 1) : 0;
  return uint8_t(clamped * 255.0f + 0.5f);
}

// Writes pixel `i` of the tile to place `at` of the images.
HWY_INLINE void WritePixel(const kernels_scene* scene, const TileState& state, int i,
                           const Backdrop& behind, size_t at, const kernels_images* images) {
  const float t = fabsf(state.transmittance[i]);
  const float sums[3] = {state.red[i], state.green[i], state.blue[i]};
  for (int c = 0; c < 3; ++c) {
    const float value = (sums[c] + t * behind.colour[c]) * scene->exposure;
    images->colour[at * 3 + c] = Quantise(value);
    if (images->float_colour) images->float_colour[at * 3 + c] = value;
  }
  const float alpha = behind.solid ? 1.0f : 1.0f - t;
  images->alpha[at] = alpha;
  if (images->depth) {
    images->depth[at] = alpha >= 0.5f ? (state.depth[i] + t * behind.depth) / alpha : 0.0f;
  }
  if (images->instances) {
    images->instances[at] = t >= 0.5f ? behind.instance : uint32_t(state.instance[i]);
  }
}

// The blocks with a mesh behind some pixel, as bits.
HWY_INLINE uint32_t BlocksWithMesh(const MeshTile& mesh) {
  uint32_t blocks = 0;
  for (int i = 0; i < kTilePixels; ++i) {
    blocks |= uint32_t(mesh.depth[i] != HUGE_VALF) << i / kBlockPixels;
  }
  return blocks;
}

// Blends all splats of a tile, a chunk at a time, until every block has finished.
HWY_INLINE void BlendTile(const kernels_scene* scene, const kernels_camera* camera,
                          kernels_list splats, int tile_x, int tile_y, const MeshTile* mesh,
                          const kernels_images* images, TileState* state) {
  const bool depth = images->depth != nullptr;
  const bool instances = images->instances != nullptr && scene->track_instances != 0;
  const Blender blend_open = ChooseBlender<false>(depth, instances);
  const Blender blend_mesh = ChooseBlender<true>(depth, instances);
  const uint32_t with_mesh = mesh ? BlocksWithMesh(*mesh) : 0;
  uint32_t live = (1u << kBlocks) - 1;
  Chunk chunk;
  HWY_ALIGN uint32_t records[kChunk + kBlockPixels];
  for (int32_t first = 0; first < splats.count && live != 0; first += kChunk) {
    FillChunk(scene, splats, first, tile_x, tile_y, live, &chunk);
    for (uint32_t left = live; left != 0; left &= left - 1) {
      const int block = __builtin_ctz(left);
      const int32_t count = RecordsOfBlock(chunk, block, records);
      const Blender blend = with_mesh >> block & 1 ? blend_mesh : blend_open;
      const bool goes_on = blend(scene->records, records, count, camera, mesh, block, tile_x,
                                 tile_y, state);
      live &= ~(uint32_t(!goes_on) << block);
    }
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
  if (triangles.count > 0) {
    RasterizeMeshes(scene, triangles, tile_column, tile_row, &buffer);
    ShadeMeshes(scene, tile_column, tile_row, &buffer);
    mesh = &buffer;
  }
  BlendTile(scene, camera, splats, tile_x, tile_y, mesh, images, &state);
  const int rows = HWY_MIN(KERNELS_TILE, camera->height - tile_y);
  const int columns = HWY_MIN(KERNELS_TILE, camera->width - tile_x);
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const size_t at = size_t(tile_y + y) * size_t(camera->width) + size_t(tile_x + x);
      const int i = TileIndex(x, y);
      WritePixel(scene, state, i, BackdropOf(scene, mesh, i), at, images);
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
