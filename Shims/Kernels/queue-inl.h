// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The splats of a tile, taken from its lists a chunk at a time; included once for each instruction
// set.

#if defined(DIORAMA_KERNELS_QUEUE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_QUEUE_INL_H
#undef DIORAMA_KERNELS_QUEUE_INL_H
#else
#define DIORAMA_KERNELS_QUEUE_INL_H
#endif

#include <stdint.h>

#include <hwy/highway.h>

#include "include/kernels.h"
#include "queue.h"
#include "tile.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_TILE>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;

constexpr int kChunk = 128;                  // splats that are sorted into blocks at a time

// A chunk of the tile's list: records, for each the blocks that it touches, and its normal.
struct Chunk {
  int32_t count;
  HWY_ALIGN uint32_t records[kChunk];
  HWY_ALIGN uint32_t blocks[kChunk];
  HWY_ALIGN float normals[kChunk][4];  // camera frame, unit; set when surfaces are wanted
};

// Takes the next splats of a tile; `fetch(record)` asks the memory for what blending will read.
template <class Fetch>
HWY_INLINE void FillChunk(const kernels_scene* scene, Queue* queue, uint32_t live,
                          const Fetch& fetch, Chunk* chunk) {
  const int64_t left = int64_t(queue->splats.count) + queue->wide.count;
  chunk->count = int32_t(HWY_MIN(int64_t(kChunk), left));
  for (int32_t i = 0; i < chunk->count; ++i) {
    const kernels_entry entry = queue->Next(scene);
    chunk->records[i] = entry.record;
    chunk->blocks[i] = entry.blocks & live;
    // The records lie all over the memory; by the time they are blended they have come.
    if (chunk->blocks[i] != 0) fetch(entry.record);
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

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
