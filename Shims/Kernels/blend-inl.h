// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
// Long because one loop holds all that a pixel accumulates.

// The blending of a tile's splats, whatever a splat is and however a pixel sees it; included once
// for each instruction set.
//
// A view of splats `Seen` has
//   - `records`, the splats' records, and `Fetch(record)`, which prefetches all of one;
//   - `Pixels`, what a vector of pixels sees with, and `PixelsAt(block, lane)`;
//   - `Meet<kDepth>(record, pixels)`, a `Meeting` of one splat and these pixels;
//   - `Normal(record, normal)`, the unit normal of a splat, camera frame;
//   - `IsBeyond(record, depth)`: no splat from this one on, near to far, is seen before a depth.

#if defined(DIORAMA_KERNELS_BLEND_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_BLEND_INL_H
#undef DIORAMA_KERNELS_BLEND_INL_H
#else
#define DIORAMA_KERNELS_BLEND_INL_H
#endif

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <hwy/highway.h>

#include "exp2-inl.h"
#include "include/kernels.h"
#include "queue-inl.h"
#include "tile.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

using IntVector = hn::Vec<IntLanes>;
using Mask = hn::Mask<Lanes>;

constexpr float kMedian = 0.5f;              // the light that is left at the median depth,
constexpr float kFirst = 0.9f;               // and at the first surface
constexpr int kSplatsPerCheck = 8;           // splats that a block meets before it adds them up
                                             // and is asked whether it has finished

// What is accumulated beside colour and transmittance.
enum Level { kColour, kDepth, kSurface };

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

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

// What a vector of pixels sees of a splat.
struct Meeting {
  Vector exponent;  // log2 of alpha
  Vector depth;     // metres; set when asked for
  Mask drawn;
};

// What a block sees of a few splats, one after the other.
//
// The alphas of several splats do not wait for each other, as what a pixel adds up does: found
// ahead of it, they come as fast as the arithmetic allows.
struct Meetings {
  uint32_t places[kSplatsPerCheck];  // in the chunk; set where some may be passed over
  HWY_ALIGN float alpha[kSplatsPerCheck][kBlockPixels];  // 0 where nothing is drawn
  HWY_ALIGN float depth[kSplatsPerCheck][kBlockPixels];  // metres; set when asked for
};

// What a vector of pixels of a tile adds up, in registers.
template <Level kLevel, bool kInstances>
struct Sums {
  Vector t, red, green, blue, depth, median, first, normal[3];
  Instances instances;

  HWY_INLINE void Load(const TileState& state, int at) {
    const Lanes d;
    t = hn::Load(d, state.transmittance + at);
    red = hn::Load(d, state.red + at);
    green = hn::Load(d, state.green + at);
    blue = hn::Load(d, state.blue + at);
    if (kLevel >= kDepth) depth = hn::Load(d, state.depth + at);
    if (kLevel >= kSurface) {
      median = hn::Load(d, state.median + at);
      first = hn::Load(d, state.first + at);
      for (int i = 0; i < 3; ++i) normal[i] = hn::Load(d, state.normal[i] + at);
    }
    if (kInstances) {
      const IntLanes di;
      for (int k = 0; k < kSlots; ++k) {
        instances.shares[k] = hn::Load(d, state.share[k] + at);
        instances.ids[k] =
            hn::Load(di, reinterpret_cast<const int32_t*>(state.instance[k] + at));
      }
    }
  }

  HWY_INLINE void Store(TileState* state, int at) const {
    const Lanes d;
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

  // Puts a splat behind what has been added; where its alpha is 0 an open pixel stays as it is.
  HWY_INLINE void Add(const kernels_record& r, const float* splat_normal, Vector alpha,
                      Vector splat_depth, Vector minimum_transmittance) {
    const Lanes d;
    const auto hidden = hn::Mul(alpha, t);
    const auto left = hn::Sub(t, hidden);
    const auto open = hn::Ge(left, minimum_transmittance);
    const auto weight = hn::IfThenElseZero(open, hidden);
    red = hn::MulAdd(weight, Constant(r.colour[0]), red);
    green = hn::MulAdd(weight, Constant(r.colour[1]), green);
    blue = hn::MulAdd(weight, Constant(r.colour[2]), blue);
    if (kLevel >= kDepth) depth = hn::MulAdd(weight, splat_depth, depth);
    if (kLevel >= kSurface) {
      const auto crosses = [&](float level) HWY_ATTR {
        return hn::And(open, hn::And(hn::Ge(t, Constant(level)), hn::Lt(left, Constant(level))));
      };
      median = hn::IfThenElse(crosses(kMedian), splat_depth, median);
      first = hn::IfThenElse(crosses(kFirst), splat_depth, first);
      for (int i = 0; i < 3; ++i) {
        normal[i] = hn::MulAdd(weight, Constant(splat_normal[i]), normal[i]);
      }
    }
    if (kInstances) instances.Add(r.instance, weight);
    t = hn::IfThenElse(open, left, hn::Or(t, hn::SignBit(d)));
  }
};

// What a block is blended from.
template <class Seen>
struct BlockWork {
  const Seen* seen;
  const Chunk* chunk;
  const uint32_t* places;  // [count], of the chunk's splats that touch the block
  int32_t count;
  const kernels_camera* camera;
  const MeshTile* mesh;    // null without one
  int block;
  kernels_meetings* meetings;  // null but for measurements
};

// Counts what some pixels, with the light `t` left in them, are about to see of a few splats.
static void Count(const Meetings& meetings, int32_t met, int first_lane, Vector t,
                  Vector minimum_transmittance, kernels_meetings* count) {
  const Lanes d;
  count->met += uint64_t(met) * hn::Lanes(d);
  for (int32_t k = 0; k < met; ++k) {
    const auto alpha = hn::Load(d, meetings.alpha[k] + first_lane);
    const auto left = hn::Sub(t, hn::Mul(alpha, t));
    const auto open = hn::Ge(left, minimum_transmittance);
    count->added += hn::CountTrue(d, hn::And(open, hn::Gt(alpha, hn::Zero(d))));
    t = hn::IfThenElse(open, left, hn::Or(t, hn::SignBit(d)));
  }
}

// The vectors of pixels that meet a splat together: two of less than a block share what is read of
// it; of four, what they add up would not stay in registers.
#if HWY_TARGET <= HWY_AVX3
constexpr int kTogether = 1;
#else
constexpr int kTogether = 2;
#endif

// Blends a chunk's splats into some vectors of pixels, from `lane` of a block on.
template <class Seen, Level kLevel, bool kInstances, bool kMesh>
HWY_INLINE bool BlendPixels(const BlockWork<Seen>& work, int lane, TileState* state) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const int step = int(hn::Lanes(d));
  const int first = work.block * kBlockPixels + lane;
  constexpr bool kNeedsDepth = kLevel >= kDepth || kMesh;
  const Seen& seen = *work.seen;
  const kernels_record* HWY_RESTRICT all = seen.records;
  const auto maximum_alpha = Constant(work.camera->maximum_alpha);
  const auto minimum_transmittance = Constant(work.camera->minimum_transmittance);
  typename Seen::Pixels pixels[kTogether];
  Sums<kLevel, kInstances> sums[kTogether];
  for (int i = 0; i < kTogether; ++i) {
    pixels[i] = seen.PixelsAt(work.block, lane + i * step);
    sums[i].Load(*state, first + i * step);
  }
  const auto finished = [&]() HWY_ATTR {
    auto most = sums[0].t;
    for (int i = 1; i < kTogether; ++i) most = hn::Max(most, sums[i].t);
    return hn::AllFalse(d, hn::Ge(most, zero));
  };
  // Beyond the meshes of all open pixels nothing is seen. The order is that of the centres, so a
  // splat further down the list may still reach before them.
  Vector surface[kTogether];
  float deepest = 0;
  for (int i = 0; kMesh && i < kTogether; ++i) {
    surface[i] = hn::Load(d, work.mesh->depth + first + i * step);
    const auto open = hn::Ge(sums[i].t, zero);
    const auto seen_surface = hn::IfThenElseZero(open, surface[i]);
    deepest = HWY_MAX(deepest, hn::GetLane(hn::MaxOfLanes(d, seen_surface)));
  }
  Meetings meetings;
  bool is_last = false;
  for (int32_t start = 0; start < work.count && !is_last && !finished();
       start += kSplatsPerCheck) {
    const int32_t rest = HWY_MIN(work.count - start, kSplatsPerCheck);
    int32_t met = 0;
    for (int32_t k = 0; k < rest; ++k) {
      const uint32_t place = work.places[start + k];
      const uint32_t record = work.chunk->records[place];
      if (kMesh && all[record].nearest >= deepest) {
        is_last = seen.IsBeyond(all[record], deepest);
        if (is_last) break;
        continue;
      }
      for (int i = 0; i < kTogether; ++i) {
        auto meeting = seen.template Meet<kNeedsDepth>(record, pixels[i]);
        if (kMesh) meeting.drawn = hn::And(meeting.drawn, hn::Gt(surface[i], meeting.depth));
        const auto alpha = hn::Min(Exp2(meeting.exponent), maximum_alpha);
        hn::Store(hn::IfThenElseZero(meeting.drawn, alpha), d, meetings.alpha[met] + i * step);
        if (kLevel >= kDepth) hn::Store(meeting.depth, d, meetings.depth[met] + i * step);
      }
      if (kMesh) meetings.places[met] = place;
      ++met;
    }
    for (int i = 0; HWY_UNLIKELY(work.meetings != nullptr) && i < kTogether; ++i) {
      Count(meetings, met, i * step, sums[i].t, minimum_transmittance, work.meetings);
    }
    const uint32_t* places = kMesh ? meetings.places : work.places + start;
    for (int32_t k = 0; k < met; ++k) {
      const uint32_t place = places[k];
      const kernels_record& r = all[work.chunk->records[place]];
      for (int i = 0; i < kTogether; ++i) {
        const auto depth =
            kLevel >= kDepth ? hn::Load(d, meetings.depth[k] + i * step) : zero;
        sums[i].Add(r, work.chunk->normals[place], hn::Load(d, meetings.alpha[k] + i * step), depth,
                    minimum_transmittance);
      }
    }
  }
  // Nor will any splat behind the last one be seen.
  for (int i = 0; is_last && i < kTogether; ++i) sums[i].t = hn::Or(sums[i].t, hn::SignBit(d));
  for (int i = 0; i < kTogether; ++i) sums[i].Store(state, first + i * step);
  return !finished();
}

// Blends a chunk's splats into a block; false when the block has finished.
template <class Seen, Level kLevel, bool kInstances, bool kMesh>
static bool BlendBlock(const BlockWork<Seen>& work, TileState* state) {
  bool goes_on = false;
  for (int lane = 0; lane < kBlockPixels; lane += kTogether * int(hn::Lanes(Lanes()))) {
    goes_on |= BlendPixels<Seen, kLevel, kInstances, kMesh>(work, lane, state);
  }
  return goes_on;
}

template <class Seen>
using Blender = bool (*)(const BlockWork<Seen>&, TileState*);

template <class Seen, Level kLevel, bool kMesh>
HWY_INLINE Blender<Seen> ChooseBlender(bool instances) {
  return instances ? BlendBlock<Seen, kLevel, true, kMesh> : BlendBlock<Seen, kLevel, false, kMesh>;
}

template <class Seen, bool kMesh>
HWY_INLINE Blender<Seen> ChooseBlender(Level level, bool instances) {
  switch (level) {
    case kColour: return ChooseBlender<Seen, kColour, kMesh>(instances);
    case kDepth: return ChooseBlender<Seen, kDepth, kMesh>(instances);
    default: return ChooseBlender<Seen, kSurface, kMesh>(instances);
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

// What is asked of a tile.
struct TileWork {
  Level level;
  bool instances;
  bool shadowed;
  Queue queue;
  const MeshTile* mesh;  // null without one
  kernels_meetings* meetings;  // null but for measurements
  uint32_t blocks;  // that are wanted, as bits
};

HWY_INLINE TileWork WorkOf(const kernels_scene* scene, const kernels_content* content,
                           int32_t tile_column, int32_t tile_row, const kernels_images* images) {
  const bool wants_surface =
      images->median_depth || images->first_depth || images->normals || images->owners;
  const bool wants_instances = images->instances || images->semantics || images->coverage;
  TileWork work;
  work.shadowed = content->shadowed != 0;
  const bool wants_depth = images->depth || work.shadowed || content->sums;
  work.level = wants_surface ? kSurface : wants_depth ? kDepth : kColour;
  work.instances = wants_instances && scene->track_instances != 0;
  work.queue = Queue{content->splats, content->wide, tile_column * KERNELS_TILE,
                     tile_row * KERNELS_TILE};
  work.mesh = nullptr;
  work.meetings = content->meetings;
  work.blocks = (1u << kBlocks) - 1;
  return work;
}

// Blends all splats of a tile, a chunk at a time, until every block has finished.
template <class Seen>
HWY_INLINE void BlendTile(const kernels_scene* scene, const kernels_camera* camera,
                          const Seen& seen, TileWork work, TileState* state) {
  const Blender<Seen> blend_open = ChooseBlender<Seen, false>(work.level, work.instances);
  const Blender<Seen> blend_mesh = ChooseBlender<Seen, true>(work.level, work.instances);
  const uint32_t with_mesh = work.mesh ? BlocksWithMesh(*work.mesh) : 0;
  Clear(work.level, work.instances, state);
  uint32_t live = work.blocks;
  Chunk chunk;
  HWY_ALIGN uint32_t places[kChunk + kBlockPixels];
  BlockWork<Seen> block{&seen, &chunk, places, 0, camera, work.mesh, 0, work.meetings};
  while (live != 0 && !work.queue.IsEmpty()) {
    const auto fetch = [&](uint32_t record) HWY_ATTR { seen.Fetch(record); };
    FillChunk(scene, &work.queue, live, fetch, &chunk);
    for (int32_t i = 0; work.level >= kSurface && i < chunk.count; ++i) {
      seen.Normal(chunk.records[i], chunk.normals[i]);
    }
    for (uint32_t left = live; left != 0; left &= left - 1) {
      block.block = __builtin_ctz(left);
      block.count = PlacesOfBlock(chunk, block.block, places);
      const bool meets_mesh = with_mesh >> block.block & 1;
      const bool goes_on = (meets_mesh ? blend_mesh : blend_open)(block, state);
      live &= ~(uint32_t(!goes_on) << block.block);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
