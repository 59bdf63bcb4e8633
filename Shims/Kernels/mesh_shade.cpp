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

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, kBlockPixels>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;
using IntVector = hn::Vec<IntLanes>;
using Mask = hn::Mask<Lanes>;

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

// The same with the matrix transposed.
HWY_INLINE Vector3 TurnedBack(const float* m, const Vector3& v) {
  const auto column = [&](const float* c) {
    return Dot(Vector3{Constant(c[0]), Constant(c[3]), Constant(c[6])}, v);
  };
  return Vector3{column(m), column(m + 1), column(m + 2)};
}

// A vector of pixels that see one placement.
struct Surface {
  IntVector row[3];   // the rows of each lane's triangle
  Vector weight[3];   // of its corners, on the surface; their sum is 1
  Vector side;        // 1 where the outside is seen, -1 where the inside is
  Vector turn;        // 1 where the rows come in the mesh's order, -1 where in the other
};

// The weights of a triangle's corners over a tile, each up to one common factor:
// value + slope_x * x + slope_y * y at pixel (x, y) of the tile.
struct Equations {
  float value[3], slope_x[3], slope_y[3];
};

// A corner's product with nearness is what is linear on the image.
static Equations EquationsOfSnapped(const kernels_triangle& t, double left, double top) {
  Equations e;
  for (int k = 0; k < 3; ++k) {
    const int a = (k + 1) % 3, b = (k + 2) % 3;
    const double dx = t.x[b] - t.x[a], dy = t.y[b] - t.y[a], n = t.nearness[k];
    e.value[k] = float((dx * (top - t.y[a]) - dy * (left - t.x[a])) * n);
    e.slope_x[k] = float(-dy * kSubpixels * n);
    e.slope_y[k] = float(dx * kSubpixels * n);
  }
  return e;
}

// Of a triangle that was cut, from the corners that it had: with h_k the corners' images (x w, y w,
// w) and p = (x, y, 1), the weight of corner 0 is det(p, h_1, h_2), and so on around.
static Equations EquationsOfCut(const kernels_triangle& t, const kernels_placement& placement,
                                double left, double top) {
  double h[3][3];
  for (int k = 0; k < 3; ++k) {
    const size_t row = t.row[k];
    const float* p = placement.mesh->positions + row / KERNELS_BLOCK * KERNELS_BLOCK * 3 +
                     row % KERNELS_BLOCK;
    for (int c = 0; c < 3; ++c) {
      const float* m = placement.image_from_mesh + c * 4;
      h[k][c] = double(m[0]) * p[0] + double(m[1]) * p[KERNELS_BLOCK] +
                double(m[2]) * p[2 * KERNELS_BLOCK] + double(m[3]);
    }
  }
  Equations e;
  for (int k = 0; k < 3; ++k) {
    const double *a = h[(k + 1) % 3], *b = h[(k + 2) % 3];
    const double x = a[1] * b[2] - a[2] * b[1], y = a[2] * b[0] - a[0] * b[2];
    const double one = a[0] * b[1] - a[1] * b[0];
    e.value[k] = float(x * (left + 0.5) + y * (top + 0.5) + one);
    e.slope_x[k] = float(x);
    e.slope_y[k] = float(y);
  }
  return e;
}

HWY_INLINE void Normalise(Vector* weight) {
  const auto sum = hn::Add(weight[0], hn::Add(weight[1], weight[2]));
  const auto inverse = hn::Div(Constant(1), sum);
  for (int k = 0; k < 3; ++k) weight[k] = hn::Mul(weight[k], inverse);
}

// Pixels of one triangle of any size; x and y from the tile's corner.
HWY_INLINE Surface SurfaceOfOne(const kernels_triangle& t, const Equations& e, Vector x, Vector y) {
  const IntLanes di;
  Surface s;
  for (int k = 0; k < 3; ++k) {
    s.row[k] = hn::Set(di, int32_t(t.row[k]));
    s.weight[k] = hn::MulAdd(
        Constant(e.slope_x[k]), x,
        hn::MulAdd(Constant(e.slope_y[k]), y, Constant(e.value[k])));
  }
  Normalise(s.weight);
  s.side = Constant(t.flags & KERNELS_INSIDE ? -1.0f : 1.0f);
  s.turn = Constant(t.flags & KERNELS_TURNED ? -1.0f : 1.0f);
  return s;
}

// Pixels of narrow triangles, one each; left and top are the centres, 1/256 pixel.
HWY_INLINE Surface SurfaceOfMany(const kernels_triangle* all, IntVector index, IntVector left,
                                 IntVector top) {
  const Lanes d;
  const IntLanes di;
  static_assert(sizeof(kernels_triangle) == 64, "gathered by words");
  const auto word = hn::ShiftLeft<4>(index);
  const auto* whole = reinterpret_cast<const int32_t*>(all);
  const auto* real = reinterpret_cast<const float*>(all);
  const auto gather = [&](size_t at) {
    return hn::GatherIndex(di, whole + at / sizeof(int32_t), word);
  };
  IntVector x[3], y[3];
  for (int k = 0; k < 3; ++k) {
    x[k] = hn::Sub(left, gather(offsetof(kernels_triangle, x) + size_t(k) * 4));
    y[k] = hn::Sub(top, gather(offsetof(kernels_triangle, y) + size_t(k) * 4));
  }
  Surface s;
  for (int k = 0; k < 3; ++k) {
    const int a = (k + 1) % 3, b = (k + 2) % 3;
    // The edge function from corner a to corner b, with both counted from the centre.
    const auto edge = hn::Sub(hn::Mul(x[a], y[b]), hn::Mul(x[b], y[a]));
    const auto nearness = hn::GatherIndex(
        d, real + (offsetof(kernels_triangle, nearness) / sizeof(float) + size_t(k)), word);
    s.weight[k] = hn::Mul(hn::ConvertTo(d, edge), nearness);
    s.row[k] = gather(offsetof(kernels_triangle, row) + size_t(k) * 4);
  }
  Normalise(s.weight);
  const auto flags = gather(offsetof(kernels_triangle, flags));
  const auto sign = [&](int32_t flag) {
    const auto is_set = hn::RebindMask(d, hn::TestBit(flags, hn::Set(di, flag)));
    return hn::IfThenElse(is_set, Constant(-1), Constant(1));
  };
  s.side = sign(KERNELS_INSIDE);
  s.turn = sign(KERNELS_TURNED);
  return s;
}

// Pixels that see triangles by rays, one each; their weights lie in the tile.
HWY_INLINE Surface SurfaceOfRays(const kernels_triangle* all, IntVector index,
                                 const MeshTile& tile, int at) {
  const Lanes d;
  const IntLanes di;
  const auto word = hn::ShiftLeft<4>(index);
  const auto* whole = reinterpret_cast<const int32_t*>(all);
  Surface s;
  for (int k = 0; k < 3; ++k) {
    const size_t row = offsetof(kernels_triangle, row) / sizeof(int32_t) + size_t(k);
    s.row[k] = hn::GatherIndex(di, whole + row, word);
    s.weight[k] = hn::Load(d, tile.weight[k] + at);
  }
  const auto sum = hn::Add(s.weight[0], hn::Add(s.weight[1], s.weight[2]));
  s.side = hn::IfThenElse(hn::Lt(sum, hn::Zero(d)), Constant(-1), Constant(1));
  s.turn = Constant(1);
  Normalise(s.weight);
  return s;
}

// A position of each lane's corner, in the mesh's frame.
HWY_INLINE Vector3 PositionOf(const kernels_mesh* mesh, IntVector row) {
  const Lanes d;
  const IntLanes di;
  const auto in_block = hn::And(row, hn::Set(di, KERNELS_BLOCK - 1));
  const auto first = hn::Sub(row, in_block);
  const auto at = hn::Add(in_block, hn::Add(first, hn::Add(first, first)));
  return Vector3{hn::GatherIndex(d, mesh->positions, at),
                 hn::GatherIndex(d, mesh->positions + KERNELS_BLOCK, at),
                 hn::GatherIndex(d, mesh->positions + 2 * KERNELS_BLOCK, at)};
}

// The normal in the mesh's frame, on its outside, of any length.
HWY_INLINE Vector3 NormalOf(const kernels_mesh* mesh, const Surface& s) {
  const Lanes d;
  if (mesh->normals == nullptr) {
    const Vector3 a = PositionOf(mesh, s.row[0]), b = PositionOf(mesh, s.row[1]);
    const Vector3 c = PositionOf(mesh, s.row[2]);
    const Vector3 u{hn::Sub(b.x, a.x), hn::Sub(b.y, a.y), hn::Sub(b.z, a.z)};
    const Vector3 v{hn::Sub(c.x, a.x), hn::Sub(c.y, a.y), hn::Sub(c.z, a.z)};
    const Vector3 normal{hn::NegMulAdd(u.z, v.y, hn::Mul(u.y, v.z)),
                         hn::NegMulAdd(u.x, v.z, hn::Mul(u.z, v.x)),
                         hn::NegMulAdd(u.y, v.x, hn::Mul(u.x, v.y))};
    return Scaled(normal, s.turn);
  }
  Vector3 sum{hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  for (int k = 0; k < 3; ++k) {
    const auto at = hn::ShiftLeft<2>(s.row[k]);
    sum.x = hn::MulAdd(s.weight[k], hn::GatherIndex(d, mesh->normals, at), sum.x);
    sum.y = hn::MulAdd(s.weight[k], hn::GatherIndex(d, mesh->normals + 1, at), sum.y);
    sum.z = hn::MulAdd(s.weight[k], hn::GatherIndex(d, mesh->normals + 2, at), sum.z);
  }
  return sum;
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

// Writes what lanes of one placement see.
static void ShadeLanes(const kernels_scene* scene, const TileSight* sight, uint32_t index,
                       const Surface& s, const Pixels& pixels, MeshTile* tile) {
  const Lanes d;
  const IntLanes di;
  const kernels_placement& placement = scene->placements[index];
  const Vector3 outward =
      Unit(Turned(placement.world_from_mesh_normal, NormalOf(placement.mesh, s)));
  const Vector3 normal = Scaled(outward, s.side);
  Vector3 eye = Same(scene->light.eye);
  Vector3 ray;
  if (sight) {
    const auto load = [&](const float (*v)[kTilePixels]) HWY_ATTR {
      return Vector3{hn::Load(d, v[0] + pixels.at), hn::Load(d, v[1] + pixels.at),
                     hn::Load(d, v[2] + pixels.at)};
    };
    eye = load(sight->eye);
    ray = load(sight->ray);
  } else {
    ray = Turned(scene->light.world_from_pixel,
                 Vector3{pixels.centre_x, pixels.centre_y, Constant(1)});
  }
  const Vector3 point = Moved(eye, ray, hn::Load(d, tile->depth + pixels.at));
  const Lighting lighting = LightingOf(&scene->light, placement, point, normal,
                                       Scaled(Unit(ray), Constant(-1)));
  float* const colour[3] = {tile->red, tile->green, tile->blue};
  for (int c = 0; c < 3; ++c) Put(Encoded(Lit(lighting, placement, c)), pixels, colour[c]);
  const Vector3 seen = TurnedBack(scene->world_from_camera, normal);
  Put(seen.x, pixels, tile->normal_x);
  Put(seen.y, pixels, tile->normal_y);
  Put(seen.z, pixels, tile->normal_z);
  hn::BlendedStore(hn::Set(di, int32_t(index)), hn::RebindMask(di, pixels.lanes), di,
                   reinterpret_cast<int32_t*>(tile->placement) + pixels.at);
}

// The tile that is shaded, and what was worked out last for one of its triangles.
struct Shading {
  const kernels_scene* scene;
  const TileSight* sight;
  int32_t tile_x, tile_y;
  uint32_t triangle;    // that the equations are of
  Equations equations;
};

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
    Surface surface;
    if (tile->by_rays) {
      const auto known = hn::IfThenElse(left, index, ours);
      lanes = hn::And(left, NarrowLanes(all, known, t.placement));
      surface = SurfaceOfRays(all, hn::IfThenElse(lanes, index, ours), *tile, at);
    } else if ((t.flags & KERNELS_WIDE) || hn::AllFalse(di, hn::AndNot(lanes, left))) {
      surface = SurfaceOfOne(t, EquationsOf(first, shading), x, y);
    } else {
      const auto known = hn::IfThenElse(left, index, ours);
      lanes = hn::And(left, NarrowLanes(all, known, t.placement));
      const auto centre = [&](Vector offset, int32_t tile_edge) {
        const auto pixel = hn::Add(hn::ConvertTo(di, offset), hn::Set(di, tile_edge));
        return hn::Add(hn::ShiftLeft<8>(pixel), hn::Set(di, kHalf));
      };
      surface = SurfaceOfMany(all, hn::IfThenElse(lanes, index, ours),
                              centre(x, shading->tile_x), centre(y, shading->tile_y));
    }
    ShadeLanes(shading->scene, shading->sight, t.placement, surface,
               Pixels{at, hn::Add(x, Constant(float(shading->tile_x) + 0.5f)),
                      hn::Add(y, Constant(float(shading->tile_y) + 0.5f)),
                      hn::RebindMask(d, lanes)},
               tile);
    left = hn::AndNot(lanes, left);
  }
}

static void ShadeTile(const kernels_scene* scene, const TileSight* sight, int32_t tile_column,
                      int32_t tile_row, MeshTile* tile) {
  const Lanes d;
  const IntLanes di;
  const kernels_mesh_view* view = &scene->mesh_view;
  Shading shading{
      scene, sight, tile_column * KERNELS_TILE, tile_row * KERNELS_TILE, kNoTriangle, {}};
  for (int at = 0; at < kTilePixels; at += int(hn::Lanes(d))) {
    const auto triangle = hn::Load(di, reinterpret_cast<const int32_t*>(tile->triangle) + at);
    const auto seen = hn::RebindMask(d, hn::Ne(triangle, hn::Set(di, int32_t(kNoTriangle))));
    const auto nearness = hn::Load(d, tile->nearness + at);
    const auto depth = tile->by_rays    ? hn::Neg(nearness)
                       : view->parallel ? hn::Sub(Constant(view->far), nearness)
                                        : hn::Div(Constant(1), nearness);
    hn::Store(hn::IfThenElse(seen, depth, Constant(HUGE_VALF)), d, tile->depth + at);
    if (hn::AllFalse(d, seen)) continue;
    const int block = at / kBlockPixels;
    const auto lane = hn::Iota(di, at % kBlockPixels);
    const auto x = hn::Add(hn::And(lane, hn::Set(di, kBlock - 1)),
                           hn::Set(di, block % kBlocksAcross * kBlock));
    const auto y = hn::Add(hn::ShiftRight<2>(lane), hn::Set(di, block / kBlocksAcross * kBlock));
    ShadePixels(at, hn::ConvertTo(d, x), hn::ConvertTo(d, y), &shading, tile);
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
