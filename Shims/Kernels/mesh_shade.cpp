// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// What a pixel sees of a mesh, once it is known which triangle: depth, normal, colour.
//
// Only what is seen is shaded, and no vertex is ever lit. The lanes of a block of 4 x 4 pixels that
// see one mesh are shaded together: those of one large triangle from its equations, those of many
// small ones by gathering each lane's corners, some 20 gathers and 100 operations.

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "include/kernels.h"
#include "mesh.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mesh_shade.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "reflection-inl.h"
#include "surface-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

// The same with the matrix transposed.
HWY_INLINE Vector3 TurnedBack(const float* m, const Vector3& v) {
  const auto column = [&](const float* c) {
    return Dot(Vector3{Constant(c[0]), Constant(c[3]), Constant(c[6])}, v);
  };
  return Vector3{column(m), column(m + 1), column(m + 2)};
}

// Where a vector of pixels lies, and which of its lanes are shaded.
struct Pixels {
  int at;           // in the order of TileIndex
  Vector centre_x, centre_y;  // on the image
  Mask lanes;
};

HWY_INLINE void Put(Vector value, const Pixels& pixels, float* column) {
  hn::BlendedStore(value, pixels.lanes, Lanes(), column + pixels.at);
}

// The tile that is shaded, and what was worked out last for one of its triangles.
struct Shading {
  const kernels_scene* scene;
  const TileSight* sight;
  int32_t tile_x, tile_y;
  uint32_t triangle;    // that the equations are of
  Equations equations;
};

// Writes what lanes of one placement see.
//
// `slopes` are those of a mesh with a texture, else null.
static void ShadeLanes(const Shading& shading, uint32_t index, const Surface& s,
                       const Slopes* slopes, const Pixels& pixels, MeshTile* tile) {
  const Lanes d;
  const IntLanes di;
  const kernels_scene* scene = shading.scene;
  const TileSight* sight = shading.sight;
  const kernels_placement& placement = scene->placements[index];
  const Vector3 outward =
      Unit(Turned(placement.world_from_mesh_normal, NormalOf(placement.mesh, s)));
  const Vector3 normal = Scaled(outward, s.side);
  const SightLines lines =
      SightLinesOf(scene->light, sight, pixels.at, pixels.centre_x, pixels.centre_y);
  const Reached reached = ReachedBy(scene->light, tile->shadows,
                                    lines.PointAt(hn::Load(d, tile->depth + pixels.at)), normal);
  const Lighting lighting = LightingOf(&scene->light, placement, reached, normal,
                                       Scaled(Unit(lines.ray), Constant(-1)));
  float* const colour[3] = {tile->red, tile->green, tile->blue};
  Vector light[3];
  if (slopes) TextureOf(placement.mesh, s, *slopes, light);
  for (int c = 0; c < 3; ++c) {
    const Reflectance reflectance =
        slopes ? ReflectanceOf(placement, hn::Mul(Constant(placement.albedo[c]), light[c]))
               : ReflectanceOf(placement, c);
    Put(Encoded(Lit(lighting, placement, reflectance, c)), pixels, colour[c]);
  }
  const Vector3 seen = TurnedBack(scene->world_from_camera, normal);
  Put(seen.x, pixels, tile->normal_x);
  Put(seen.y, pixels, tile->normal_y);
  Put(seen.z, pixels, tile->normal_z);
  hn::BlendedStore(hn::Set(di, int32_t(index)), hn::RebindMask(di, pixels.lanes), di,
                   reinterpret_cast<int32_t*>(tile->placement) + pixels.at);
}

HWY_INLINE const Equations& EquationsOf(uint32_t index, Shading* shading) {
  if (shading->triangle == index) return shading->equations;
  const kernels_triangle& t = shading->scene->triangles[index];
  shading->triangle = index;
  if (t.flags & KERNELS_CUT) {
    shading->equations = EquationsOfCut(t, shading->scene->placements[t.placement],
                                        shading->tile_x, shading->tile_y);
  } else {
    shading->equations =
        EquationsOfSnapped(t, double(shading->tile_x) * kSubpixels + kHalf,
                           double(shading->tile_y) * kSubpixels + kHalf);
  }
  return shading->equations;
}

// The lanes, of those that are left, that see narrow triangles of a placement.
HWY_INLINE hn::Mask<IntLanes> NarrowLanes(const kernels_triangle* all, IntVector index,
                                          uint32_t placement) {
  const IntLanes di;
  const auto gather = [&](size_t at) {
    return hn::GatherIndex(di, reinterpret_cast<const int32_t*>(all) + at / sizeof(int32_t),
                           hn::ShiftLeft<4>(index));
  };
  const auto wide = hn::TestBit(gather(offsetof(kernels_triangle, flags)),
                                hn::Set(di, int32_t(KERNELS_WIDE)));
  const auto here = hn::Eq(gather(offsetof(kernels_triangle, placement)),
                           hn::Set(di, int32_t(placement)));
  return hn::AndNot(wide, here);
}

// Whether no pixel of a vector's block sees another triangle. Of the block, not of the vector: what
// rounds how must not depend on how long vectors are.
HWY_INLINE bool IsAloneInBlock(const MeshTile& tile, int at, uint32_t triangle) {
  const IntLanes di;
  const auto ours = hn::Set(di, int32_t(triangle)), none = hn::Set(di, int32_t(kNoTriangle));
  const int block = at / kBlockPixels * kBlockPixels;
  for (int first = block; first < block + kBlockPixels; first += int(hn::Lanes(di))) {
    const auto seen = hn::Load(di, reinterpret_cast<const int32_t*>(tile.triangle) + first);
    if (!hn::AllTrue(di, hn::Or(hn::Eq(seen, ours), hn::Eq(seen, none)))) return false;
  }
  return true;
}

// Shades a vector of pixels: the lanes of a wide triangle, or of all narrow ones of a placement, at
// a time.
static void ShadePixels(int at, Vector x, Vector y, Shading* shading, MeshTile* tile) {
  const Lanes d;
  const IntLanes di;
  const kernels_triangle* all = shading->scene->triangles;
  const auto index = hn::Load(di, reinterpret_cast<const int32_t*>(tile->triangle) + at);
  auto left = hn::Ne(index, hn::Set(di, int32_t(kNoTriangle)));
  while (!hn::AllFalse(di, left)) {
    const uint32_t first = tile->triangle[at + hn::FindFirstTrue(di, left)];
    const kernels_triangle& t = all[first];
    const auto ours = hn::Set(di, int32_t(first));
    auto lanes = hn::And(left, hn::Eq(index, ours));
    const kernels_mesh* mesh = shading->scene->placements[t.placement].mesh;
    const bool textured = mesh->texture.texels != nullptr;
    Surface surface;
    Slopes slopes;
    if (tile->by_rays) {
      const auto known = hn::IfThenElse(left, index, ours);
      // The slopes are those of one triangle.
      if (!textured) lanes = hn::And(left, NarrowLanes(all, known, t.placement));
      surface = SurfaceOfRays(all, hn::IfThenElse(lanes, index, ours), *tile, at);
      if (textured) slopes = SlopesOfRays(*shading->sight, first, at);
    } else if ((t.flags & KERNELS_WIDE) || IsAloneInBlock(*tile, at, first)) {
      surface = SurfaceOfOne(t, EquationsOf(first, shading), x, y);
      if (textured) slopes = SlopesOfOne(EquationsOf(first, shading));
    } else {
      const auto known = hn::IfThenElse(left, index, ours);
      lanes = hn::And(left, NarrowLanes(all, known, t.placement));
      const auto centre = [&](Vector offset, int32_t tile_edge) {
        const auto pixel = hn::Add(hn::ConvertTo(di, offset), hn::Set(di, tile_edge));
        return hn::Add(hn::ShiftLeft<8>(pixel), hn::Set(di, kHalf));
      };
      const auto shown = hn::IfThenElse(lanes, index, ours);
      surface =
          SurfaceOfMany(all, shown, centre(x, shading->tile_x), centre(y, shading->tile_y));
      if (textured) slopes = SlopesOfMany(all, shown);
    }
    ShadeLanes(*shading, t.placement, surface, textured ? &slopes : nullptr,
               Pixels{at, hn::Add(x, Constant(float(shading->tile_x) + 0.5f)),
                      hn::Add(y, Constant(float(shading->tile_y) + 0.5f)),
                      hn::RebindMask(d, lanes)},
               tile);
    left = hn::AndNot(lanes, left);
  }
}

// Where a vector of a tile's pixels lies: the columns and rows from the tile's first on.
HWY_INLINE void PlacesAt(int at, Vector* x, Vector* y) {
  const Lanes d;
  const IntLanes di;
  const int block = at / kBlockPixels;
  const auto lane = hn::Iota(di, at % kBlockPixels);
  *x = hn::ConvertTo(d, hn::Add(hn::And(lane, hn::Set(di, kBlock - 1)),
                                hn::Set(di, block % kBlocksAcross * kBlock)));
  *y = hn::ConvertTo(d, hn::Add(hn::ShiftRight<2>(lane),
                                hn::Set(di, block / kBlocksAcross * kBlock)));
}

HWY_INLINE Mask SeenAt(const MeshTile& tile, int at) {
  const IntLanes di;
  const auto triangle = hn::Load(di, reinterpret_cast<const int32_t*>(tile.triangle) + at);
  return hn::RebindMask(Lanes(), hn::Ne(triangle, hn::Set(di, int32_t(kNoTriangle))));
}

// Works out the depths of a tile, and which shadows may fall on what it sees.
static void FindSurface(const kernels_scene* scene, const TileSight* sight, int32_t tile_x,
                        int32_t tile_y, MeshTile* tile) {
  const Lanes d;
  const kernels_mesh_view* view = &scene->mesh_view;
  PointBounds bounds;
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    const auto seen = SeenAt(*tile, at);
    const auto nearness = hn::Load(d, tile->nearness + at);
    const auto depth = tile->by_rays    ? hn::Neg(nearness)
                       : view->parallel ? hn::Sub(Constant(view->far), nearness)
                                        : hn::Div(Constant(1), nearness);
    hn::Store(hn::IfThenElse(seen, depth, Constant(HUGE_VALF)), d, tile->depth + at);
    if (hn::AllFalse(d, seen)) continue;
    Vector x, y;
    PlacesAt(at, &x, &y);
    const SightLines lines =
        SightLinesOf(scene->light, sight, at, hn::Add(x, Constant(float(tile_x) + 0.5f)),
                     hn::Add(y, Constant(float(tile_y) + 0.5f)));
    bounds.Add(lines.PointAt(depth), seen);
  }
  tile->shadows = ShadowsOver(scene->light, bounds.Box());
}

static void ShadeTile(const kernels_scene* scene, const TileSight* sight, int32_t tile_column,
                      int32_t tile_row, MeshTile* tile) {
  const Lanes d;
  Shading shading{
      scene, sight, tile_column * KERNELS_TILE, tile_row * KERNELS_TILE, kNoTriangle, {}};
  FindSurface(scene, sight, shading.tile_x, shading.tile_y, tile);
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    if (hn::AllFalse(d, SeenAt(*tile, at))) continue;
    Vector x, y;
    PlacesAt(at, &x, &y);
    ShadePixels(at, x, y, &shading, tile);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(ShadeTile);

void ShadeMeshes(const kernels_scene* scene, const TileSight* sight, int32_t tile_column,
                 int32_t tile_row, MeshTile* tile) {
  HWY_DYNAMIC_DISPATCH(ShadeTile)(scene, sight, tile_column, tile_row, tile);
}
}  // namespace diorama
#endif
