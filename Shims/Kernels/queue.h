// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The order in which a tile meets its splats.

#ifndef DIORAMA_KERNELS_QUEUE_H
#define DIORAMA_KERNELS_QUEUE_H

#include "include/kernels.h"
#include "tile.h"

namespace diorama {

/// The splats of a tile that are left, near to far.
struct Queue {
  kernels_entries splats, wide;
  int tile_x, tile_y;

  bool IsEmpty() const { return splats.count == 0 && wide.count == 0; }

  static kernels_entry Pop(kernels_entries* list) {
    --list->count;
    return *list->first++;
  }

  /// Whether the next splat is a wide one; the order is that of the sort.
  bool IsWideNext(const kernels_scene* scene) const {
    if (wide.count == 0 || splats.count == 0) return wide.count > 0;
    const kernels_record& a = scene->records[wide.first->record];
    const kernels_record& b = scene->records[splats.first->record];
    return a.depth < b.depth || (a.depth == b.depth && a.source_index < b.source_index);
  }

  kernels_entry Next(const kernels_scene* scene) {
    if (__builtin_expect(!IsWideNext(scene), 1)) return Pop(&splats);
    const uint32_t record = Pop(&wide).record;
    return kernels_entry{record, BlocksInBox(scene->footprints[record].box, tile_x, tile_y)};
  }
};

}  // namespace diorama

#endif
