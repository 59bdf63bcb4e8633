// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
// Long because all that a tile writes is written here.

// The end of a tile: what lies behind goes under the splats, and the pixels go to the images.
//
// Sketch of the limit: colour and alpha of a tile are 5.8 KB in and 1.8 KB out; at 30 GB/s, L1 and
// L2 mixed, 0.25 us, and a frame of 3600 tiles 0.9 ms.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/kernels.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "resolve.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "light-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_TILE>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;

constexpr float kSolid = 0.5f;  // depth and normal are given where alpha is at least this

// A float for each pixel of a tile, in the order of TileIndex.
struct Plane {
  HWY_ALIGN float values[kTilePixels];
};

// What lies behind the splats of a tile; without a mesh, depth and normal are 0.
struct Backdrop {
  Plane colour[3], depth, normal[3];
  uint32_t instance[kTilePixels];
  bool solid[kTilePixels];
};

// The part of the images that a tile covers.
struct Part {
  int x, y, columns, rows;
  size_t stride;  // pixels from row to row

  size_t At(int row) const { return size_t(y + row) * stride + size_t(x); }
};

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

HWY_INLINE void Fill(float value, Plane* plane) {
  for (float& each : plane->values) each = value;
}

HWY_INLINE void FillBackdrop(const kernels_scene* scene, const MeshTile* mesh,
                             Backdrop* backdrop) {
  for (int c = 0; c < 3; ++c) {
    Fill(scene->background[c], &backdrop->colour[c]);
    Fill(0, &backdrop->normal[c]);
  }
  Fill(0, &backdrop->depth);
  memset(backdrop->instance, 0, sizeof(backdrop->instance));
  memset(backdrop->solid, 0, sizeof(backdrop->solid));
  if (mesh == nullptr) return;
  for (int i = 0; i < kTilePixels; ++i) {
    if (mesh->depth[i] == HUGE_VALF) continue;
    backdrop->solid[i] = true;
    backdrop->depth.values[i] = mesh->depth[i];
    backdrop->instance[i] = scene->placements[mesh->placement[i]].instance;
    backdrop->colour[0].values[i] = mesh->red[i];
    backdrop->colour[1].values[i] = mesh->green[i];
    backdrop->colour[2].values[i] = mesh->blue[i];
    backdrop->normal[0].values[i] = mesh->normal_x[i];
    backdrop->normal[1].values[i] = mesh->normal_y[i];
    backdrop->normal[2].values[i] = mesh->normal_z[i];
  }
}

HWY_INLINE void CopyRows(const Plane& plane, const Part& part, float* image) {
  const size_t width = size_t(part.columns) * sizeof(float);
  for (int y = 0; y < part.rows; ++y) {
    HWY_ALIGN float row[KERNELS_TILE];
    for (int x = 0; x < KERNELS_TILE; x += kBlock) {
      memcpy(row + x, plane.values + TileIndex(x, y), kBlock * sizeof(float));
    }
    memcpy(image + part.At(y), row, width);
  }
}

HWY_INLINE void CopyTriples(const Plane* planes, const Part& part, float* image) {
  for (int y = 0; y < part.rows; ++y) {
    float* out = image + part.At(y) * 3;
    for (int x = 0; x < part.columns; ++x) {
      for (int c = 0; c < 3; ++c) out[3 * x + c] = planes[c].values[TileIndex(x, y)];
    }
  }
}

// sRGB to 8 bits: floor(255 * clamp(v, 0, 1) + 0.5); NaN becomes 0.
HWY_INLINE void WriteColour(const Plane* planes, const Part& part, uint8_t* image) {
  const Lanes d;
  const IntLanes di;
  const hn::Rebind<uint8_t, Lanes> bytes;
  const hn::Full128<uint8_t> row_bytes;
  HWY_ALIGN uint8_t channels[3][kTilePixels];
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < kTilePixels; i += int(hn::Lanes(d))) {
      const auto value = hn::Load(d, planes[c].values + i);
      const auto positive = hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), value);
      const auto scaled = hn::Mul(hn::Min(positive, Constant(1.0f)), Constant(255.0f));
      const auto rounded = hn::ConvertTo(di, hn::Add(scaled, Constant(0.5f)));
      hn::StoreU(hn::DemoteTo(bytes, rounded), bytes, channels[c] + i);
    }
  }
  for (int y = 0; y < part.rows; ++y) {
    HWY_ALIGN uint8_t row[3][KERNELS_TILE];
    HWY_ALIGN uint8_t out[3 * KERNELS_TILE];
    for (int c = 0; c < 3; ++c) {
      for (int x = 0; x < KERNELS_TILE; x += kBlock) {
        memcpy(row[c] + x, channels[c] + TileIndex(x, y), kBlock);
      }
    }
    hn::StoreInterleaved3(hn::Load(row_bytes, row[0]), hn::Load(row_bytes, row[1]),
                          hn::Load(row_bytes, row[2]), row_bytes, out);
    memcpy(image + part.At(y) * 3, out, size_t(part.columns) * 3);
  }
}

// The sum over the splats and what lies behind, the latter by what the splats let through.
HWY_INLINE void Composite(const float* sums, const TileState& state, const Plane& behind,
                          float factor, Plane* out) {
  const Lanes d;
  for (int i = 0; i < kTilePixels; i += int(hn::Lanes(d))) {
    const auto t = hn::Abs(hn::Load(d, state.transmittance + i));
    const auto sum = hn::MulAdd(t, hn::Load(d, behind.values + i), hn::Load(d, sums + i));
    hn::Store(hn::Mul(sum, Constant(factor)), d, out->values + i);
  }
}

HWY_INLINE void WriteAlpha(const TileState& state, const Backdrop& backdrop, const Part& part,
                           float* image, Plane* alpha) {
  for (int i = 0; i < kTilePixels; ++i) {
    alpha->values[i] = backdrop.solid[i] ? 1.0f : 1.0f - fabsf(state.transmittance[i]);
  }
  CopyRows(*alpha, part, image);
}

HWY_INLINE void WriteDepths(const TileState& state, const Backdrop& backdrop, const Plane& alpha,
                            const Part& part, const kernels_images* images) {
  Plane plane;
  if (images->depth) {
    Composite(state.depth, state, backdrop.depth, 1, &plane);
    for (int i = 0; i < kTilePixels; ++i) {
      plane.values[i] = alpha.values[i] >= kSolid ? plane.values[i] / alpha.values[i] : 0;
    }
    CopyRows(plane, part, images->depth);
  }
  const auto write_crossing = [&](const float* crossing, float* image) {
    for (int i = 0; i < kTilePixels; ++i) {
      plane.values[i] = crossing[i] > 0 ? crossing[i] : backdrop.depth.values[i];
    }
    CopyRows(plane, part, image);
  };
  if (images->median_depth) write_crossing(state.median, images->median_depth);
  if (images->first_depth) write_crossing(state.first, images->first_depth);
}

HWY_INLINE void WriteNormals(const TileState& state, const Backdrop& backdrop, const Plane& alpha,
                             const Part& part, float* image) {
  Plane normal[3];
  for (int c = 0; c < 3; ++c) {
    Composite(state.normal[c], state, backdrop.normal[c], 1, &normal[c]);
  }
  for (int i = 0; i < kTilePixels; ++i) {
    float* n[3] = {normal[0].values + i, normal[1].values + i, normal[2].values + i};
    const float squared = *n[0] * *n[0] + *n[1] * *n[1] + *n[2] * *n[2];
    const bool given = alpha.values[i] >= kSolid && squared > 0;
    const float scale = given ? 1.0f / sqrtf(squared) : 0;
    for (float* component : n) *component = given ? *component * scale : 0;
  }
  CopyTriples(normal, part, image);
}

HWY_INLINE void WriteOwners(const TileState& state, const Backdrop& backdrop, const MeshTile* mesh,
                            const Part& part, uint32_t* image) {
  for (int y = 0; y < part.rows; ++y) {
    for (int x = 0; x < part.columns; ++x) {
      const int i = TileIndex(x, y);
      const uint32_t behind = backdrop.solid[i] ? 2 + mesh->placement[i] : 0;
      image[part.At(y) + size_t(x)] = state.median[i] > 0 ? 1 : behind;
    }
  }
}

// What a pixel sees of each of a few things, the light that the splats let through last.
struct Shares {
  uint32_t things[kSlots + 1];
  float shares[kSlots + 1];
  int count = 0;

  void Add(uint32_t thing, float share) {
    for (int k = 0; k < count; ++k) {
      if (things[k] == thing) {
        shares[k] += share;
        return;
      }
    }
    things[count] = thing;
    shares[count++] = share;
  }

  // Of equal shares the last thing wins, which stands behind the others.
  int Largest() const {
    int best = 0;
    for (int k = 1; k < count; ++k) {
      if (shares[k] >= shares[best]) best = k;
    }
    return best;
  }
};

HWY_INLINE uint32_t ClassOf(const kernels_scene* scene, uint32_t instance) {
  return instance < uint32_t(scene->class_count) ? scene->classes[instance] : 0;
}

HWY_INLINE Shares SharesOf(const kernels_scene* scene, const TileState& state,
                           const Backdrop& backdrop, int i, bool by_class) {
  const auto thing = [&](uint32_t instance) {
    return by_class ? ClassOf(scene, instance) : instance;
  };
  const float t = fabsf(state.transmittance[i]);
  Shares shares;
  if (scene->track_instances) {
    for (int k = 0; k < kSlots && state.share[k][i] > 0; ++k) {
      shares.Add(thing(state.instance[k][i]), state.share[k][i]);
    }
  } else if (t < 1) {
    shares.Add(thing(0), 1 - t);
  }
  shares.Add(thing(backdrop.instance[i]), t);
  return shares;
}

HWY_INLINE void WriteLabels(const kernels_scene* scene, const TileState& state,
                            const Backdrop& backdrop, const Part& part,
                            const kernels_images* images) {
  for (int y = 0; y < part.rows; ++y) {
    for (int x = 0; x < part.columns; ++x) {
      const int i = TileIndex(x, y);
      const size_t at = part.At(y) + size_t(x);
      const Shares shares = SharesOf(scene, state, backdrop, i, false);
      const int best = shares.Largest();
      if (images->instances) images->instances[at] = shares.things[best];
      if (images->coverage) images->coverage[at] = shares.shares[best];
      if (images->semantics) {
        const Shares classes = SharesOf(scene, state, backdrop, i, true);
        images->semantics[at] = classes.things[classes.Largest()];
      }
    }
  }
}

// A vector of a tile's pixels of which splats show something, and where they lie.
struct SeenSplats {
  hn::Mask<Lanes> lanes;
  Vector3 point;
};

HWY_INLINE SeenSplats SplatsAt(const kernels_light& light, const TileState& state,
                               const TileSight* sight, const Part& part, int at) {
  const Lanes d;
  const IntLanes di;
  constexpr float kSeen = 1.0f / 64;  // where splats show less, there is nothing to shade
  const auto alpha = hn::Sub(Constant(1), hn::Abs(hn::Load(d, state.transmittance + at)));
  const auto lane = hn::Iota(di, at % kBlockPixels);
  const int block = at / kBlockPixels;
  const auto x = hn::Add(hn::ConvertTo(d, hn::And(lane, hn::Set(di, kBlock - 1))),
                         Constant(float(part.x + block % kBlocksAcross * kBlock) + 0.5f));
  const auto y = hn::Add(hn::ConvertTo(d, hn::ShiftRight<2>(lane)),
                         Constant(float(part.y + block / kBlocksAcross * kBlock) + 0.5f));
  const auto depth = hn::Div(hn::Load(d, state.depth + at), hn::Max(alpha, Constant(kSeen)));
  return SeenSplats{hn::Gt(alpha, Constant(kSeen)),
                    SightLinesOf(light, sight, at, x, y).PointAt(depth)};
}

// What a tile's splats show where meshes keep light from them; false where they keep none.
//
// Splats carry the light of their capture, and with it what they hide from each other. They lose of
// it what a level surface at their depth loses: the ratio of the light that reaches it to all, in
// linear light, here a power of 2.2.
static bool ShadeSplats(const kernels_light& light, const TileState& state,
                        const TileSight* sight, const Part& part, Plane* sums) {
  const Lanes d;
  PointBounds bounds;
  for (int i = 0; i < kTilePixels; i += int(hn::Lanes(d))) {
    const SeenSplats seen = SplatsAt(light, state, sight, part, i);
    bounds.Add(seen.point, seen.lanes);
  }
  const uint32_t over = ShadowsOver(light, bounds.Box()) & ~kSplatShadow;
  if (over == 0) return false;
  const Vector3 up{Constant(0), Constant(0), Constant(1)};
  const float sun_height = HWY_MAX(light.sun_direction[2], 0.0f);
  const float* columns[3] = {state.red, state.green, state.blue};
  bool is_shaded = false;
  for (int i = 0; i < kTilePixels; i += int(hn::Lanes(d))) {
    for (int c = 0; c < 3; ++c) hn::Store(hn::Load(d, columns[c] + i), d, sums[c].values + i);
    const SeenSplats seen = SplatsAt(light, state, sight, part, i);
    if (hn::AllFalse(d, seen.lanes)) continue;
    const Reached reached = ReachedBy(light, over, seen.point, up);
    const auto dark =
        hn::And(seen.lanes, hn::Lt(hn::Min(reached.sun, reached.sky), Constant(1)));
    if (hn::AllFalse(d, dark)) continue;
    is_shaded = true;
    for (int c = 0; c < 3; ++c) {
      const auto sky = SkyLight(light.sky, c, up);
      const auto sun = Constant(light.sun[c] * sun_height);
      const auto all = hn::Max(hn::Add(sky, sun), Constant(1e-6f));
      const auto left = hn::MulAdd(sky, reached.sky, hn::Mul(sun, reached.sun));
      const auto factor = Power(hn::Div(left, all), 1 / 2.2f);
      const auto shaded =
          hn::Mul(hn::Load(d, columns[c] + i), hn::IfThenElse(dark, factor, Constant(1)));
      hn::Store(shaded, d, sums[c].values + i);
    }
  }
  return is_shaded;
}

HWY_INLINE Part PartOf(const kernels_camera* camera, int32_t tile_column, int32_t tile_row) {
  const int tile_x = tile_column * KERNELS_TILE, tile_y = tile_row * KERNELS_TILE;
  return Part{tile_x, tile_y, HWY_MIN(KERNELS_TILE, camera->width - tile_x),
              HWY_MIN(KERNELS_TILE, camera->height - tile_y), size_t(camera->width)};
}

HWY_INLINE void WriteColours(const Plane* colour, const Part& part, const kernels_images* images) {
  WriteColour(colour, part, images->colour);
  if (images->float_colour) CopyTriples(colour, part, images->float_colour);
}

static void AddSampleTo(const kernels_scene* scene, const kernels_camera* camera,
                        const TileState& state, const MeshTile& mesh, bool shadowed,
                        int32_t tile_column, int32_t tile_row, SoftTile* soft) {
  const Part part = PartOf(camera, tile_column, tile_row);
  const float* sums[3] = {state.red, state.green, state.blue};
  Plane shaded[3], behind, colour;
  if (shadowed && ShadeSplats(scene->light, state, nullptr, part, shaded)) {
    for (int c = 0; c < 3; ++c) sums[c] = shaded[c].values;
  }
  constexpr float kPart = 1.0f / KERNELS_MESH_SAMPLES;
  const float* surface[3] = {mesh.red, mesh.green, mesh.blue};
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < kTilePixels; ++i) {
      behind.values[i] = mesh.depth[i] == HUGE_VALF ? scene->background[c] : surface[c][i];
    }
    Composite(sums[c], state, behind, scene->exposure * kPart, &colour);
    for (int i = 0; i < kTilePixels; ++i) soft->sums[c][i] += colour.values[i];
  }
  for (int i = 0; i < kTilePixels; ++i) {
    const float alpha =
        mesh.depth[i] == HUGE_VALF ? 1.0f - fabsf(state.transmittance[i]) : 1.0f;
    soft->sums[3][i] += alpha * kPart;
  }
}

static void WriteSoft(const kernels_camera* camera, const SoftTile& soft, int32_t tile_column,
                      int32_t tile_row, const kernels_images* images) {
  const Part part = PartOf(camera, tile_column, tile_row);
  for (int y = 0; y < part.rows; ++y) {
    for (int x = 0; x < part.columns; ++x) {
      const int i = TileIndex(x, y);
      if (!soft.mixed[i]) continue;
      const size_t at = part.At(y) + size_t(x);
      for (size_t c = 0; c < 3; ++c) {
        const float value = soft.sums[c][i];
        // As WriteColour.
        const float bounded = value > 0 ? HWY_MIN(value, 1.0f) : 0.0f;
        images->colour[3 * at + c] = uint8_t(bounded * 255.0f + 0.5f);
        if (images->float_colour) images->float_colour[3 * at + c] = value;
      }
      images->alpha[at] = soft.sums[3][i];
    }
  }
}

static void ShadeAgain(const kernels_scene* scene, const kernels_camera* camera,
                       const TileState& state, const TileSight* sight, int32_t tile_column,
                       int32_t tile_row, const kernels_images* images) {
  const Part part = PartOf(camera, tile_column, tile_row);
  Plane shaded[3], behind, colour[3];
  if (!ShadeSplats(scene->light, state, sight, part, shaded)) return;
  for (int c = 0; c < 3; ++c) {
    Fill(scene->background[c], &behind);
    Composite(shaded[c].values, state, behind, scene->exposure, &colour[c]);
  }
  WriteColours(colour, part, images);
}

static void Resolve(const kernels_scene* scene, const kernels_camera* camera,
                    const TileState& state, const MeshTile* mesh, bool shadowed,
                    const TileSight* sight, int32_t tile_column, int32_t tile_row,
                    const kernels_images* images) {
  const Part part = PartOf(camera, tile_column, tile_row);
  Backdrop backdrop;
  FillBackdrop(scene, mesh, &backdrop);
  Plane colour[3], alpha;
  const float* sums[3] = {state.red, state.green, state.blue};
  Plane shaded[3];
  if (shadowed && ShadeSplats(scene->light, state, sight, part, shaded)) {
    for (int c = 0; c < 3; ++c) sums[c] = shaded[c].values;
  }
  for (int c = 0; c < 3; ++c) {
    Composite(sums[c], state, backdrop.colour[c], scene->exposure, &colour[c]);
  }
  WriteColours(colour, part, images);
  WriteAlpha(state, backdrop, part, images->alpha, &alpha);
  WriteDepths(state, backdrop, alpha, part, images);
  if (images->normals) WriteNormals(state, backdrop, alpha, part, images->normals);
  if (images->owners) WriteOwners(state, backdrop, mesh, part, images->owners);
  if (images->instances || images->semantics || images->coverage) {
    WriteLabels(scene, state, backdrop, part, images);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(Resolve);

void ResolveTile(const kernels_scene* scene, const kernels_camera* camera, const TileState& state,
                 const MeshTile* mesh, bool shadowed, const TileSight* sight,
                 int32_t tile_column, int32_t tile_row, const kernels_images* images) {
  HWY_DYNAMIC_DISPATCH(Resolve)
  (scene, camera, state, mesh, shadowed, sight, tile_column, tile_row, images);
}

HWY_EXPORT(AddSampleTo);

void AddSample(const kernels_scene* scene, const kernels_camera* camera, const TileState& state,
               const MeshTile& mesh, bool shadowed, int32_t tile_column, int32_t tile_row,
               SoftTile* soft) {
  HWY_DYNAMIC_DISPATCH(AddSampleTo)
  (scene, camera, state, mesh, shadowed, tile_column, tile_row, soft);
}

HWY_EXPORT(WriteSoft);

void WriteSoftTile(const kernels_camera* camera, const SoftTile& soft, int32_t tile_column,
                   int32_t tile_row, const kernels_images* images) {
  HWY_DYNAMIC_DISPATCH(WriteSoft)(camera, soft, tile_column, tile_row, images);
}

HWY_EXPORT(ShadeAgain);

void ShadeTileAgain(const kernels_scene* scene, const kernels_camera* camera,
                    const TileState& state, const TileSight* sight, int32_t tile_column,
                    int32_t tile_row, const kernels_images* images) {
  HWY_DYNAMIC_DISPATCH(ShadeAgain)(scene, camera, state, sight, tile_column, tile_row, images);
}
}  // namespace diorama
#endif
