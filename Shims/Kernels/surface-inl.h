// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Where on its triangle a pixel sees a mesh, and what lies there: normal and texture; included once
// for each instruction set.

#if defined(DIORAMA_KERNELS_SURFACE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_SURFACE_INL_H
#undef DIORAMA_KERNELS_SURFACE_INL_H
#else
#define DIORAMA_KERNELS_SURFACE_INL_H
#endif

#include <stddef.h>
#include <stdint.h>

#include <hwy/highway.h>

#include "include/kernels.h"
#include "light-inl.h"
#include "mesh.h"
#include "rays-inl.h"
#include "texture-inl.h"
#include "tile.h"

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

// A vector of pixels that see one placement.
struct Surface {
  IntVector row[3];   // the rows of each lane's triangle
  Vector weight[3];   // of its corners, on the surface; their sum is 1
  Vector scale;       // that they were multiplied by to become so
  Vector side;        // 1 where the outside is seen, -1 where the inside is
  Vector turn;        // 1 where the rows come in the mesh's order, -1 where in the other
};

// How the weights of the corners change from a pixel to the next ones, before they are scaled.
struct Slopes {
  Vector across[3], down[3];
};

// The weights of a triangle's corners over a tile, each up to one common factor:
// value + slope_x * x + slope_y * y at pixel (x, y) of the tile.
struct Equations {
  float value[3], slope_x[3], slope_y[3];
};

// A corner's product with nearness is what is linear on the image; for parallel rays the corner is.
HWY_MAYBE_UNUSED static Equations EquationsOfSnapped(const kernels_triangle& t, double left,
                                                     double top, bool parallel = false) {
  Equations e;
  for (int k = 0; k < 3; ++k) {
    const int a = (k + 1) % 3, b = (k + 2) % 3;
    const double dx = t.x[b] - t.x[a], dy = t.y[b] - t.y[a];
    const double n = parallel ? 1 : t.nearness[k];
    e.value[k] = float((dx * (top - t.y[a]) - dy * (left - t.x[a])) * n);
    e.slope_x[k] = float(-dy * kSubpixels * n);
    e.slope_y[k] = float(dx * kSubpixels * n);
  }
  return e;
}

// Of a triangle that was cut, from the corners that it had: with h_k the corners' images (x w, y w,
// w) and p = (x, y, 1), the weight of corner 0 is det(p, h_1, h_2), and so on around.
HWY_MAYBE_UNUSED static Equations EquationsOfCut(const kernels_triangle& t,
                                                 const kernels_placement& placement, double left,
                                                 double top, bool parallel = false) {
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
    if (parallel) h[k][2] = 1;
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

HWY_INLINE void Normalise(Surface* s) {
  const auto sum = hn::Add(s->weight[0], hn::Add(s->weight[1], s->weight[2]));
  s->scale = hn::Div(Constant(1), sum);
  for (int k = 0; k < 3; ++k) s->weight[k] = hn::Mul(s->weight[k], s->scale);
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
  Normalise(&s);
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
  Normalise(&s);
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
  Normalise(&s);
  return s;
}

// The slopes of one triangle of any size.
HWY_INLINE Slopes SlopesOfOne(const Equations& e) {
  Slopes slopes;
  for (int k = 0; k < 3; ++k) {
    slopes.across[k] = Constant(e.slope_x[k]);
    slopes.down[k] = Constant(e.slope_y[k]);
  }
  return slopes;
}

// The slopes of narrow triangles, one for each lane.
HWY_INLINE Slopes SlopesOfMany(const kernels_triangle* all, IntVector index) {
  const Lanes d;
  const IntLanes di;
  const auto word = hn::ShiftLeft<4>(index);
  const auto* whole = reinterpret_cast<const int32_t*>(all);
  const auto* real = reinterpret_cast<const float*>(all);
  const auto corner = [&](size_t at, int k) {
    return hn::GatherIndex(di, whole + (at / sizeof(int32_t) + size_t(k)), word);
  };
  Slopes slopes;
  for (int k = 0; k < 3; ++k) {
    const int a = (k + 1) % 3, b = (k + 2) % 3;
    const size_t x = offsetof(kernels_triangle, x), y = offsetof(kernels_triangle, y);
    const auto nearness = hn::GatherIndex(
        d, real + (offsetof(kernels_triangle, nearness) / sizeof(float) + size_t(k)), word);
    const auto step = hn::Mul(nearness, Constant(float(kSubpixels)));
    slopes.across[k] = hn::Mul(hn::ConvertTo(d, hn::Sub(corner(y, a), corner(y, b))), step);
    slopes.down[k] = hn::Mul(hn::ConvertTo(d, hn::Sub(corner(x, b), corner(x, a))), step);
  }
  return slopes;
}

// The slopes of one triangle that rays see, from each pixel's ray to those of the pixels beside it.
HWY_MAYBE_UNUSED static Slopes SlopesOfRays(const TileSight& sight, uint32_t index, int at) {
  const kernels_ray_triangle& t = sight.shown->triangles[index];
  const kernels_rays* rays = sight.shown->rays + t.motion;
  const RayLanes here = LoadRays(rays, sight.tile, at);
  const auto product = [](const float* a, const Vector* b) HWY_ATTR {
    return Dot(Same(a), Vector3{b[0], b[1], b[2]});
  };
  Slopes slopes;
  for (int way = 0; way < 2; ++way) {
    Vector change[3], moment[3];
    RayStep(rays, sight.tile, at, way == 0 ? 1 : kBlock, change);
    for (int k = 0; k < 3 && rays->lines != nullptr; ++k) {
      const int a = (k + 1) % 3, b = (k + 2) % 3;
      moment[k] =
          hn::MulSub(here.origin[a], change[b], hn::Mul(here.origin[b], change[a]));
    }
    for (int k = 0; k < 3; ++k) {
      Vector& slope = way == 0 ? slopes.across[k] : slopes.down[k];
      slope = product(t.across[k], change);
      if (rays->lines == nullptr) continue;
      const int after = (k + 1) % 3, before = (k + 2) % 3;
      const float* from = t.corners[t.mirrored ? after : before];
      const float* to = t.corners[t.mirrored ? before : after];
      const float along[3] = {to[0] - from[0], to[1] - from[1], to[2] - from[2]};
      slope = hn::Add(slope, product(along, moment));
    }
  }
  return slopes;
}

// The light, linear, that the texture of a mesh shows to the lanes.
HWY_INLINE void TextureOf(const kernels_mesh* mesh, const Surface& s, const Slopes& slopes,
                          Vector* light) {
  const Lanes d;
  const kernels_texture& t = mesh->texture;
  const auto zero = hn::Zero(d);
  Vector place[2] = {zero, zero}, across[2] = {zero, zero}, down[2] = {zero, zero};
  const auto sum = [](const Vector* v) HWY_ATTR { return hn::Add(v[0], hn::Add(v[1], v[2])); };
  const auto sum_across = sum(slopes.across), sum_down = sum(slopes.down);
  for (int k = 0; k < 3; ++k) {
    const auto at = hn::ShiftLeft<1>(s.row[k]);
    // The weights are quotients, and change as such.
    const auto by_x = hn::NegMulAdd(s.weight[k], sum_across, slopes.across[k]);
    const auto by_y = hn::NegMulAdd(s.weight[k], sum_down, slopes.down[k]);
    for (int c = 0; c < 2; ++c) {
      const auto corner = hn::GatherIndex(d, t.coordinates + c, at);
      place[c] = hn::MulAdd(s.weight[k], corner, place[c]);
      across[c] = hn::MulAdd(by_x, corner, across[c]);
      down[c] = hn::MulAdd(by_y, corner, down[c]);
    }
  }
  const auto width = hn::Mul(Constant(float(t.width)), s.scale);
  const auto height = hn::Mul(Constant(float(t.height)), s.scale);
  const auto square = [&](const Vector* v) HWY_ATTR {
    const auto x = hn::Mul(v[0], width), y = hn::Mul(v[1], height);
    return hn::MulAdd(x, x, hn::Mul(y, y));
  };
  LookAt(t, TextureSight{place[0], place[1], hn::Max(square(across), square(down))}, light);
}

// The lanes that see a part of a mesh that is there, of one that is cut out.
HWY_INLINE Mask SolidAt(const kernels_mesh* mesh, const Surface& s) {
  const Lanes d;
  Vector place[2] = {hn::Zero(d), hn::Zero(d)};
  for (int k = 0; k < 3; ++k) {
    const auto at = hn::ShiftLeft<1>(s.row[k]);
    for (int c = 0; c < 2; ++c) {
      const auto corner = hn::GatherIndex(d, mesh->texture.coordinates + c, at);
      place[c] = hn::MulAdd(s.weight[k], corner, place[c]);
    }
  }
  return IsSolid(mesh->texture, place[0], place[1]);
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

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
