// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// One 16 x 16 tile: meshes into a depth buffer, splats front to back, then what lies behind.
//
// Sketch of the limit: a pixel and a splat meet in 28 operations, 4 more where depth matters, so a
// block of 4 x 4 pixels and a splat cost an AVX-512 core 14 to 16 cycles when its vector units are
// busy. A splat of a capture seen from a few metres is 6 pixels wide and touches three blocks: 45
// cycles, and 20 more to find them. What makes that reachable: the lists say which blocks a splat's
// ellipse touches; a block's state stays in registers for a whole chunk of splats; the loop has no
// branch that cannot be predicted; a block that lets no light through any more takes no part. The
// chunk's records (8 KB) and the tile's state (5 KB) stay in L1.

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
using IntVector = hn::Vec<IntLanes>;

constexpr float kMinimumLog2Alpha = -7.99435343686f;  // log2(1/255)
constexpr float kLeastDepthRatio = 0.7499f;  // no pixel sees a splat nearer than this x its centre
constexpr float kMedian = 0.5f;              // the light that is left at the median depth,
constexpr float kFirst = 0.9f;               // and at the first surface
constexpr int kChunk = 128;                  // splats that are sorted into blocks at a time
constexpr int kSplatsPerCheck = 8;           // how often a block is asked whether it has finished

// What is accumulated beside colour and transmittance.
enum Level { kColour, kDepth, kSurface };

// A chunk of the tile's list: records, for each the blocks that it touches, and its normal.
struct Chunk {
  int32_t count;
  HWY_ALIGN uint32_t records[kChunk];
  HWY_ALIGN uint32_t blocks[kChunk];
  HWY_ALIGN float normals[kChunk][4];  // camera frame, unit; set when surfaces are wanted
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

// The normal of the surface that a splat's depth describes, towards the eye.
//
// On a plane the inverse depth is linear in pixels, 1/z = (1 - slope . d) / depth, and its
// coefficients are the plane's.
HWY_INLINE void StoreNormal(const kernels_record& r, const kernels_camera* camera, float* normal) {
  const float x = camera->focal[0] * r.slope[0], y = camera->focal[1] * r.slope[1];
  const float z = -1.0f - r.slope[0] * (r.mean[0] - camera->principal[0]) -
                  r.slope[1] * (r.mean[1] - camera->principal[1]);
  const float scale = 1.0f / sqrtf(x * x + y * y + z * z);
  normal[0] = x * scale;
  normal[1] = y * scale;
  normal[2] = z * scale;
}

// The splats of a tile that are left, near to far.
struct Queue {
  kernels_entries splats, wide;
  int tile_x, tile_y;

  bool IsEmpty() const { return splats.count == 0 && wide.count == 0; }

  HWY_INLINE static kernels_entry Pop(kernels_entries* list) {
    --list->count;
    return *list->first++;
  }

  // Whether the next splat is a wide one; the order is that of the sort.
  HWY_INLINE bool IsWideNext(const kernels_scene* scene) const {
    if (wide.count == 0 || splats.count == 0) return wide.count > 0;
    const kernels_record& a = scene->records[wide.first->record];
    const kernels_record& b = scene->records[splats.first->record];
    return a.depth < b.depth || (a.depth == b.depth && a.source_index < b.source_index);
  }

  HWY_INLINE kernels_entry Next(const kernels_scene* scene) {
    if (HWY_LIKELY(!IsWideNext(scene))) return Pop(&splats);
    const uint32_t record = Pop(&wide).record;
    return kernels_entry{record, BlocksInBox(scene->footprints[record].box, tile_x, tile_y)};
  }
};

HWY_INLINE void FillChunk(const kernels_scene* scene, Queue* queue, uint32_t live, Chunk* chunk) {
  const int64_t left = int64_t(queue->splats.count) + queue->wide.count;
  chunk->count = int32_t(HWY_MIN(int64_t(kChunk), left));
  for (int32_t i = 0; i < chunk->count; ++i) {
    const kernels_entry entry = queue->Next(scene);
    chunk->records[i] = entry.record;
    chunk->blocks[i] = entry.blocks & live;
    // The records lie all over the memory; by the time they are blended they have come.
    if (chunk->blocks[i] != 0) __builtin_prefetch(scene->records + entry.record);
  }
  // Fill up the last vector.
  for (int32_t i = chunk->count; i < kChunk && i % kBlockPixels != 0; ++i) chunk->blocks[i] = 0;
}

// Writes the places in a chunk of the splats that touch a block, in order, and returns how many
// there are; `places` has room for a vector more than a chunk.
HWY_INLINE int32_t PlacesOfBlock(const Chunk& chunk, int block, uint32_t* places) {
  const hn::RebindToUnsigned<Lanes> du;
  const auto bit = hn::Set(du, 1u << block);
  int32_t count = 0;
  for (int32_t i = 0; i < chunk.count; i += int32_t(hn::Lanes(du))) {
    const auto touches = hn::TestBit(hn::Load(du, chunk.blocks + i), bit);
    // Not CompressStore, which is microcode on Zen 4.
    hn::StoreU(hn::Compress(hn::Iota(du, uint32_t(i)), touches), du, places + count);
    count += int32_t(hn::CountTrue(du, touches));
  }
  return count;
}

// A vector of pixels of one block, from `first` on in the order of TileIndex.
struct Pixels {
  int first;
  Vector x, y;     // centres on the image, pixels
  Vector surface;  // depth of the mesh, metres
};

// The instances that a vector of pixels sees most of, and how much.
//
// An instance that is new to a pixel takes a free slot, or that with the smallest share if its
// weight is larger; what the slot held is forgotten. Exact for up to four instances a pixel.
struct Instances {
  IntVector ids[kSlots];
  Vector shares[kSlots];

  HWY_INLINE void Add(uint32_t instance, Vector weight) {
    const Lanes d;
    const IntLanes di;
    const auto id = hn::Set(di, int32_t(instance));
    auto unknown = hn::Gt(weight, hn::Zero(d));
    for (int k = 0; k < kSlots; ++k) {
      const auto same = hn::RebindMask(d, hn::Eq(ids[k], id));
      shares[k] = hn::Add(shares[k], hn::IfThenElseZero(same, weight));
      unknown = hn::AndNot(same, unknown);
    }
    if (HWY_LIKELY(hn::AllFalse(d, unknown))) return;
    auto least = hn::Min(hn::Min(shares[0], shares[1]), hn::Min(shares[2], shares[3]));
    unknown = hn::And(unknown, hn::Gt(weight, least));
    for (int k = 0; k < kSlots; ++k) {
      const auto taken = hn::And(unknown, hn::Eq(shares[k], least));
      shares[k] = hn::IfThenElse(taken, weight, shares[k]);
      ids[k] = hn::IfThenElse(hn::RebindMask(di, taken), id, ids[k]);
      unknown = hn::AndNot(taken, unknown);
    }
  }
};

template <Level kLevel, bool kInstances, bool kMesh>
HWY_INLINE void BlendPixels(const kernels_record* HWY_RESTRICT all, const Chunk& chunk,
                            const uint32_t* places, int32_t count, const kernels_camera* camera,
                            const Pixels& pixels, TileState* state) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const auto maximum_alpha = Constant(camera->maximum_alpha);
  const auto minimum_transmittance = Constant(camera->minimum_transmittance);
  const auto minimum_log2 = Constant(kMinimumLog2Alpha);
  const int at = pixels.first;
  auto t = hn::Load(d, state->transmittance + at);
  auto red = hn::Load(d, state->red + at), green = hn::Load(d, state->green + at);
  auto blue = hn::Load(d, state->blue + at);
  Vector depth, median, first, normal[3];
  Instances instances;
  if (kLevel >= kDepth) depth = hn::Load(d, state->depth + at);
  if (kLevel >= kSurface) {
    median = hn::Load(d, state->median + at);
    first = hn::Load(d, state->first + at);
    for (int i = 0; i < 3; ++i) normal[i] = hn::Load(d, state->normal[i] + at);
  }
  if (kInstances) {
    const IntLanes di;
    for (int k = 0; k < kSlots; ++k) {
      instances.shares[k] = hn::Load(d, state->share[k] + at);
      instances.ids[k] =
          hn::Load(di, reinterpret_cast<const int32_t*>(state->instance[k] + at));
    }
  }
  // Beyond the meshes of all open pixels nothing is seen. The order is that of the centres, so a
  // splat further down the list may still reach before them.
  float deepest = 0;
  if (kMesh) {
    const auto open = hn::Ge(t, zero);
    deepest = hn::GetLane(hn::MaxOfLanes(d, hn::IfThenElseZero(open, pixels.surface)));
  }
  for (int32_t k = 0; k < count; ++k) {
    const uint32_t place = places[k];
    const kernels_record& r = all[chunk.records[place]];
    if (k % kSplatsPerCheck == 0 && hn::AllFalse(d, hn::Ge(t, zero))) break;
    if (kMesh && r.nearest >= deepest) {
      if (kLeastDepthRatio * r.depth < deepest) continue;
      t = hn::Or(t, hn::SignBit(d));  // nor will any splat behind this one be seen
      break;
    }
    const auto dx = hn::Sub(pixels.x, Constant(r.mean[0]));
    const auto dy = hn::Sub(pixels.y, Constant(r.mean[1]));
    const auto u = hn::MulAdd(Constant(r.factor[0]), dx, hn::Mul(Constant(r.factor[1]), dy));
    const auto v = hn::Mul(Constant(r.factor[2]), dy);
    const auto exponent = hn::NegMulAdd(u, u, hn::NegMulAdd(v, v, Constant(r.log2_opacity)));
    auto drawn = hn::Ge(exponent, minimum_log2);
    auto z = hn::Undefined(d);
    if (kLevel >= kDepth || kMesh) {
      const auto s =
          hn::MulAdd(Constant(r.slope[0]), dx, hn::Mul(Constant(r.slope[1]), dy));
      z = hn::MulAdd(hn::MulAdd(s, s, s), Constant(r.depth), Constant(r.depth));
    }
    if (kMesh) drawn = hn::And(drawn, hn::Gt(pixels.surface, z));
    const auto alpha = hn::Min(Exp2(exponent), maximum_alpha);
    // Where nothing is drawn an open pixel keeps its light and stays open.
    const auto hidden = hn::IfThenElseZero(drawn, hn::Mul(alpha, t));
    const auto left = hn::Sub(t, hidden);
    const auto open = hn::Ge(left, minimum_transmittance);
    const auto weight = hn::IfThenElseZero(open, hidden);
    red = hn::MulAdd(weight, Constant(r.colour[0]), red);
    green = hn::MulAdd(weight, Constant(r.colour[1]), green);
    blue = hn::MulAdd(weight, Constant(r.colour[2]), blue);
    if (kLevel >= kDepth) depth = hn::MulAdd(weight, z, depth);
    if (kLevel >= kSurface) {
      const auto crosses = [&](float level) HWY_ATTR {
        return hn::And(open, hn::And(hn::Ge(t, Constant(level)), hn::Lt(left, Constant(level))));
      };
      median = hn::IfThenElse(crosses(kMedian), z, median);
      first = hn::IfThenElse(crosses(kFirst), z, first);
      for (int i = 0; i < 3; ++i) {
        normal[i] = hn::MulAdd(weight, Constant(chunk.normals[place][i]), normal[i]);
      }
    }
    if (kInstances) instances.Add(r.instance, weight);
    t = hn::IfThenElse(open, left, hn::Or(t, hn::SignBit(d)));
  }
  hn::Store(t, d, state->transmittance + at);
  hn::Store(red, d, state->red + at);
  hn::Store(green, d, state->green + at);
  hn::Store(blue, d, state->blue + at);
  if (kLevel >= kDepth) hn::Store(depth, d, state->depth + at);
  if (kLevel >= kSurface) {
    hn::Store(median, d, state->median + at);
    hn::Store(first, d, state->first + at);
    for (int i = 0; i < 3; ++i) hn::Store(normal[i], d, state->normal[i] + at);
  }
  if (kInstances) {
    const IntLanes di;
    for (int k = 0; k < kSlots; ++k) {
      hn::Store(instances.shares[k], d, state->share[k] + at);
      hn::Store(instances.ids[k], di, reinterpret_cast<int32_t*>(state->instance[k] + at));
    }
  }
}

// What a block is blended from.
struct BlockWork {
  const kernels_record* records;
  const Chunk* chunk;
  const uint32_t* places;  // [count], of the chunk's splats that touch the block
  int32_t count;
  const kernels_camera* camera;
  const MeshTile* mesh;
  int block, tile_x, tile_y;
};

// Blends a chunk's splats into a block; false when the block has finished.
template <Level kLevel, bool kInstances, bool kMesh>
static bool BlendBlock(const BlockWork& work, TileState* state) {
  const Lanes d;
  const IntLanes di;
  const float block_x = float(work.tile_x + work.block % kBlocksAcross * kBlock) + 0.5f;
  const float block_y = float(work.tile_y + work.block / kBlocksAcross * kBlock) + 0.5f;
  bool finished = true;
  for (int lane = 0; lane < kBlockPixels; lane += int(hn::Lanes(d))) {
    const auto index = hn::Iota(di, lane);
    Pixels pixels;
    pixels.first = work.block * kBlockPixels + lane;
    pixels.x = hn::Add(hn::ConvertTo(d, hn::And(index, hn::Set(di, kBlock - 1))),
                       Constant(block_x));
    pixels.y = hn::Add(hn::ConvertTo(d, hn::ShiftRight<2>(index)), Constant(block_y));
    if (kMesh) pixels.surface = hn::Load(d, work.mesh->depth + pixels.first);
    BlendPixels<kLevel, kInstances, kMesh>(work.records, *work.chunk, work.places, work.count,
                                           work.camera, pixels, state);
    const auto t = hn::Load(d, state->transmittance + pixels.first);
    finished = finished && hn::AllTrue(d, hn::Lt(t, hn::Zero(d)));
  }
  return !finished;
}

using Blender = bool (*)(const BlockWork&, TileState*);

template <Level kLevel, bool kMesh>
HWY_INLINE Blender ChooseBlender(bool instances) {
  return instances ? BlendBlock<kLevel, true, kMesh> : BlendBlock<kLevel, false, kMesh>;
}

template <bool kMesh>
HWY_INLINE Blender ChooseBlender(Level level, bool instances) {
  switch (level) {
    case kColour: return ChooseBlender<kColour, kMesh>(instances);
    case kDepth: return ChooseBlender<kDepth, kMesh>(instances);
    default: return ChooseBlender<kSurface, kMesh>(instances);
  }
}

HWY_INLINE void Clear(Level level, bool instances, TileState* state) {
  const auto fill = [](float* values, float value) {
    for (int i = 0; i < kTilePixels; ++i) values[i] = value;
  };
  fill(state->transmittance, 1);
  fill(state->red, 0);
  fill(state->green, 0);
  fill(state->blue, 0);
  if (level >= kDepth) fill(state->depth, 0);
  if (level >= kSurface) {
    fill(state->median, 0);
    fill(state->first, 0);
    for (int i = 0; i < 3; ++i) fill(state->normal[i], 0);
  }
  for (int k = 0; instances && k < kSlots; ++k) {
    fill(state->share[k], 0);
    for (int i = 0; i < kTilePixels; ++i) state->instance[k][i] = kNoInstance;
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
HWY_INLINE void BlendTile(const kernels_scene* scene, Queue queue, Level level, bool instances,
                          BlockWork work, TileState* state) {
  const Blender blend_open = ChooseBlender<false>(level, instances);
  const Blender blend_mesh = ChooseBlender<true>(level, instances);
  const uint32_t with_mesh = work.mesh ? BlocksWithMesh(*work.mesh) : 0;
  uint32_t live = (1u << kBlocks) - 1;
  Chunk chunk;
  HWY_ALIGN uint32_t places[kChunk + kBlockPixels];
  work.chunk = &chunk;
  work.places = places;
  while (live != 0 && !queue.IsEmpty()) {
    FillChunk(scene, &queue, live, &chunk);
    for (int32_t i = 0; level >= kSurface && i < chunk.count; ++i) {
      StoreNormal(scene->records[chunk.records[i]], work.camera, chunk.normals[i]);
    }
    for (uint32_t left = live; left != 0; left &= left - 1) {
      work.block = __builtin_ctz(left);
      work.count = PlacesOfBlock(chunk, work.block, places);
      const bool goes_on = (with_mesh >> work.block & 1 ? blend_mesh : blend_open)(work, state);
      live &= ~(uint32_t(!goes_on) << work.block);
    }
  }
}

static void DrawTile(const kernels_scene* scene, const kernels_camera* camera,
                     const kernels_content* content, int32_t tile_column, int32_t tile_row,
                     const kernels_images* images) {
  const bool wants_surface =
      images->median_depth || images->first_depth || images->normals || images->owners;
  const Level level = wants_surface ? kSurface : images->depth ? kDepth : kColour;
  const bool wants_instances = images->instances || images->semantics || images->coverage;
  const bool instances = wants_instances && scene->track_instances != 0;
  TileState state;
  Clear(level, instances, &state);
  MeshTile buffer;
  BlockWork work{};
  work.records = scene->records;
  work.camera = camera;
  work.tile_x = tile_column * KERNELS_TILE;
  work.tile_y = tile_row * KERNELS_TILE;
  if (content->triangle_count > 0) {
    const kernels_list triangles{content->triangles, content->triangle_count};
    RasterizeMeshes(scene, triangles, tile_column, tile_row, &buffer);
    ShadeMeshes(scene, tile_column, tile_row, &buffer);
    work.mesh = &buffer;
  }
  const Queue queue{content->splats, content->wide, work.tile_x, work.tile_y};
  BlendTile(scene, queue, level, instances, work, &state);
  ResolveTile(scene, camera, state, work.mesh, tile_column, tile_row, images);
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(DrawTile);
}  // namespace diorama

extern "C" void kernels_draw_tile(const kernels_scene* scene, const kernels_camera* camera,
                                  const kernels_content* content, int32_t tile_column,
                                  int32_t tile_row, const kernels_images* images) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(DrawTile)(scene, camera, content, tile_column, tile_row, images);
}
#endif
