// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Meshes up to the tiles, for rays: clusters and triangles held against the planes of cells.
//
// Sketch of the limit: a triangle is held against the four planes of 16 tiles and of the 16 blocks
// of a tile, 60 vector operations of 8 lanes each, and set up with three cross products: by count
// 300 cycles for one that is seen, 100 for one that turns away, and so some 12 ms of one core for a
// robot of 390 k triangles, eight times what a still pinhole asks, which needs no planes.

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "include/rays.h"
#include "mesh.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mesh_ray_setup.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_BLOCK>;
using Mask = hn::Mask<Lanes>;

constexpr int kMostRows = 256;      // of a cluster: its corners are bytes
constexpr int kBundleTiles = 4;     // tiles across a bundle
// For the rounding of a point's height over a plane, whose slope is at most 20: relative to the sum
// of the point's coordinates.
constexpr float kSlack = 4e-5f;
// A triangle that turns away by less, relative, is left to the rays.
constexpr float kEdgeOn = 1e-5f;

// A cluster on its way into the tiles.
struct Cluster {
  const kernels_placement* placement;
  uint32_t placement_index;
  const uint32_t* range;  // see kernels_mesh.ranges
  const kernels_rays* rays;
  const kernels_ray_rules* rules;
  HWY_ALIGN float rows[3][kMostRows];  // in the view's frame, metres
};

struct Point {
  float x, y, z;

  HWY_INLINE Point operator-(const Point& o) const { return Point{x - o.x, y - o.y, z - o.z}; }
  HWY_INLINE float Sum() const { return fabsf(x) + fabsf(y) + fabsf(z); }
  // Whether the point comes first in the order of coordinates.
  HWY_INLINE bool operator<(const Point& o) const {
    return x != o.x ? x < o.x : y != o.y ? y < o.y : z < o.z;
  }
};

HWY_INLINE float Dot(const Point& a, const Point& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

// Every edge's product comes of the same roundings, whichever corner it is opposite to.
HWY_INLINE Point Cross(const Point& a, const Point& b) {
#pragma clang fp contract(off)
  return Point{a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

// The sphere around a cluster, in the view's frame, rounding included.
struct Sphere {
  Point center;
  float radius;
};

static Sphere SphereOf(const kernels_placement& placement, uint32_t cluster) {
  const float* s = placement.mesh->spheres + size_t(cluster) * 4;
  const float* m = placement.image_from_mesh;
  float c[3];
  for (int k = 0; k < 3; ++k) {
    c[k] = m[4 * k] * s[0] + m[4 * k + 1] * s[1] + m[4 * k + 2] * s[2] + m[4 * k + 3];
  }
  const Point center{c[0], c[1], c[2]};
  const float radius = s[3] * placement.radius_scale;
  return Sphere{center, radius + kSlack * (center.Sum() + radius)};
}

HWY_INLINE bool MayShow(const kernels_ray_planes& planes, const Sphere& s) {
  if (!planes.used) return false;
  for (int plane = 0; plane < 4; ++plane) {
    const float* n = planes.normal[plane];
    const float height = Dot(Point{n[0], n[1], n[2]}, s.center) + planes.behind[plane];
    if (height + s.radius < 0) return false;
  }
  return true;
}

static void TransformRows(Cluster* cluster) {
  const Lanes d;
  const float* m = cluster->placement->image_from_mesh;
  const float* positions = cluster->placement->mesh->positions + size_t(cluster->range[0]) * 3;
  for (uint32_t row = 0; row < cluster->range[1]; row += uint32_t(hn::Lanes(d))) {
    const float* p = positions + row / KERNELS_BLOCK * KERNELS_BLOCK * 3 + row % KERNELS_BLOCK;
    const auto px = hn::LoadU(d, p), py = hn::LoadU(d, p + KERNELS_BLOCK);
    const auto pz = hn::LoadU(d, p + 2 * KERNELS_BLOCK);
    for (int k = 0; k < 3; ++k) {
      const float* r = m + k * 4;
      const auto value = hn::MulAdd(
          hn::Set(d, r[0]), px,
          hn::MulAdd(hn::Set(d, r[1]), py, hn::MulAdd(hn::Set(d, r[2]), pz, hn::Set(d, r[3]))));
      hn::Store(value, d, cluster->rows[k] + row);
    }
  }
}

// The cells that a triangle may be seen by, as bits; `size` is the largest sum of a corner.
HWY_INLINE uint32_t CellsOf(const kernels_ray_cells& cells, const Point* corners, float size) {
  const Lanes d;
  const float* f = cells.frame;
  float u[3], v[3], w[3];
  for (int k = 0; k < 3; ++k) {
    u[k] = Dot(Point{f[0], f[1], f[2]}, corners[k]);
    v[k] = Dot(Point{f[3], f[4], f[5]}, corners[k]);
    w[k] = Dot(Point{f[6], f[7], f[8]}, corners[k]);
  }
  const auto slack = hn::Set(d, -kSlack * size);
  // The greatest height over a plane: of `sign * (across - slope * w)`.
  const auto is_above = [&](const float* across, const float* slopes, float sign,
                            const float* behind) HWY_ATTR {
    const auto slope = hn::Mul(hn::Set(d, -sign), hn::LoadU(d, slopes));
    const auto height = [&](int k) HWY_ATTR {
      return hn::MulAdd(slope, hn::Set(d, w[k]), hn::Set(d, sign * across[k]));
    };
    const auto most = hn::Max(height(0), hn::Max(height(1), height(2)));
    return hn::Ge(hn::Add(most, hn::LoadU(d, behind)), slack);
  };
  uint32_t seen = 0;
  for (int first = 0; first < KERNELS_CELLS; first += int(hn::Lanes(d))) {
    auto above = is_above(u, cells.low_u + first, 1, cells.behind[0] + first);
    above = hn::And(above, is_above(u, cells.high_u + first, -1, cells.behind[1] + first));
    above = hn::And(above, is_above(v, cells.low_v + first, 1, cells.behind[2] + first));
    above = hn::And(above, is_above(v, cells.high_v + first, -1, cells.behind[3] + first));
    uint8_t bits[8] = {};
    hn::StoreMaskBits(d, above, bits);
    const uint32_t lanes = uint32_t(bits[0]) | uint32_t(bits[1]) << 8;
    seen |= (lanes & ((1u << hn::Lanes(d)) - 1)) << first;
  }
  return (seen | cells.open) & cells.used;
}

// The product of the ends of the edge from one corner to another, and whether its points are its
// triangle's.
struct Edge {
  Point across;
  bool owns;
};

HWY_INLINE Edge EdgeOf(const Point& from, const Point& to) {
  const bool forth = from < to;
  const Point& low = forth ? from : to;
  const Point& high = forth ? to : from;
  // Low x high, but without the digits that would cancel.
  const Point across = Cross(low, high - low);
  return Edge{forth ? across : Point{-across.x, -across.y, -across.z}, forth};
}

// Sets a triangle up but for where it is; false where only its inside can be seen, which is not
// drawn.
HWY_INLINE bool SetUp(const Cluster& cluster, const Point* c, kernels_ray_triangle* t) {
  const kernels_placement& placement = *cluster.placement;
  t->owns = 0;
  for (int k = 0; k < 3; ++k) {
    const int after = (k + 1) % 3, before = (k + 2) % 3;
    const Edge edge =
        placement.mirrored ? EdgeOf(c[after], c[before]) : EdgeOf(c[before], c[after]);
    t->across[k][0] = edge.across.x;
    t->across[k][1] = edge.across.y;
    t->across[k][2] = edge.across.z;
    t->owns |= uint32_t(edge.owns) << k;
    t->corners[k][0] = c[k].x;
    t->corners[k][1] = c[k].y;
    t->corners[k][2] = c[k].z;
  }
  t->one_sided = uint32_t(placement.one_sided);
  t->cut_out = placement.mesh->texture.cutoff > 0;
  t->mirrored = uint32_t(placement.mirrored);
  t->placement = cluster.placement_index;
  t->motion = placement.motion;
  t->nearest = 0;
  if (cluster.rays->lines) return true;
  if (cluster.rules->axial_depth) {
    t->nearest = std::min({c[0].z, c[1].z, c[2].z});
  } else {
    const float reach = std::max((c[1] - c[0]).Sum(), (c[2] - c[0]).Sum());
    t->nearest = sqrtf(Dot(c[0], c[0])) - reach;
  }
  t->nearest -= kSlack * fabsf(t->nearest);
  const Point across{t->across[0][0], t->across[0][1], t->across[0][2]};
  return !placement.one_sided || Dot(across, c[0]) >= -kEdgeOn * across.Sum() * c[0].Sum();
}

// The corners of a triangle, and the largest sum of one; infinite or NaN beyond floats.
HWY_INLINE float LoadCorners(const Cluster& cluster, uint32_t triangle, uint32_t* row, Point* c) {
  const uint8_t* block = cluster.placement->mesh->corners +
                         size_t(cluster.range[2] + triangle / KERNELS_BLOCK) * 3 * KERNELS_BLOCK;
  float size = 0;
  for (int k = 0; k < 3; ++k) {
    row[k] = block[k * KERNELS_BLOCK + triangle % KERNELS_BLOCK];
    c[k] = Point{cluster.rows[0][row[k]], cluster.rows[1][row[k]], cluster.rows[2][row[k]]};
    size += c[k].Sum();
  }
  return size;
}

HWY_INLINE void Add(uint32_t tile, uint32_t triangle, uint32_t blocks, kernels_ray_meshes* out) {
  if (out->entry_count < out->entry_room) {
    out->entries[out->entry_count] = kernels_ray_entry{tile, triangle, blocks};
  }
  ++out->entry_count;
}

// Lists the tiles of a bundle that may see a triangle; returns whether there are any.
HWY_INLINE bool ListTiles(const Cluster& cluster, int32_t bundle, const Point* c, float size,
                          uint32_t triangle, kernels_ray_meshes* out) {
  const kernels_rays* rays = cluster.rays;
  const int32_t left = bundle % rays->bundle_columns * kBundleTiles;
  const int32_t top = bundle / rays->bundle_columns * kBundleTiles;
  bool seen = false;
  for (uint32_t tiles = CellsOf(rays->bundles[bundle], c, size); tiles != 0; tiles &= tiles - 1) {
    const int i = __builtin_ctz(tiles);
    const int32_t tile =
        (top + i / kBundleTiles) * rays->tile_columns + left + i % kBundleTiles;
    const uint32_t blocks = CellsOf(rays->tiles[tile], c, size);
    if (blocks == 0) continue;
    Add(uint32_t(tile), triangle, blocks, out);
    seen = true;
  }
  return seen;
}

constexpr int kMostBundles = 64;  // that are listed for a cluster; what more see is seen by all

// Sets up the triangles of a cluster; `count` are there already.
static int32_t SetUpCluster(Cluster* cluster, uint32_t index, int32_t first, int32_t count,
                            kernels_ray_meshes* out) {
  const kernels_rays* rays = cluster->rays;
  const Sphere sphere = SphereOf(*cluster->placement, index);
  int32_t bundles[kMostBundles];
  int32_t bundle_count = 0;
  bool all = false;
  for (int32_t i = 0; i < rays->bundle_count && !all; ++i) {
    if (!MayShow(rays->bundle_planes[i], sphere)) continue;
    all = bundle_count == kMostBundles;
    if (!all) bundles[bundle_count++] = i;
  }
  if (bundle_count == 0) return count;
  if (all) bundle_count = rays->bundle_count;
  TransformRows(cluster);
  for (uint32_t i = 0; i < cluster->range[3]; ++i) {
    uint32_t row[3];
    Point c[3];
    const float size = LoadCorners(*cluster, i, row, c);
    if (!(size < FLT_MAX)) continue;
    kernels_ray_triangle& t = out->ray_triangles[count];
    if (!SetUp(*cluster, c, &t)) continue;
    bool seen = false;
    for (int32_t k = 0; k < bundle_count; ++k) {
      const int32_t bundle = all ? k : bundles[k];
      seen |= ListTiles(*cluster, bundle, c, size, uint32_t(first + count), out);
    }
    if (!seen) continue;
    kernels_triangle& known = out->triangles[count++];
    for (int k = 0; k < 3; ++k) known.row[k] = cluster->range[0] + row[k];
    known.placement = cluster->placement_index;
    known.flags = 0;
  }
  return count;
}

static int32_t SetUpClusters(const kernels_work* work, int32_t work_count,
                             const kernels_placement* placements, const kernels_rays* rays,
                             const kernels_ray_rules* rules, int32_t first,
                             kernels_ray_meshes* out) {
  int32_t count = 0;
  out->entry_count = 0;
  Cluster cluster;
  for (int32_t i = 0; i < work_count; ++i) {
    cluster.placement = placements + work[i].placement;
    cluster.placement_index = work[i].placement;
    cluster.range = cluster.placement->mesh->ranges + size_t(work[i].cluster) * 4;
    cluster.rays = rays + cluster.placement->motion;
    cluster.rules = rules;
    count = SetUpCluster(&cluster, work[i].cluster, first, count, out);
  }
  return count;
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(SetUpClusters);
}  // namespace diorama

extern "C" int32_t kernels_set_up_ray_clusters(const kernels_work* work, int32_t count,
                                               const kernels_placement* placements,
                                               const kernels_rays* rays,
                                               const kernels_ray_rules* rules,
                                               int32_t first_triangle,
                                               kernels_ray_meshes* output) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(SetUpClusters)(work, count, placements, rays, rules, first_triangle,
                                             output);
}

extern "C" void kernels_count_ray_entries(const kernels_ray_entry* entries, int32_t count,
                                          uint32_t* counts) {
  for (int32_t i = 0; i < count; ++i) ++counts[entries[i].tile];
}

extern "C" void kernels_scatter_ray_entries(const kernels_ray_entry* entries, int32_t count,
                                            uint32_t* cursors, kernels_entry* lists) {
  for (int32_t i = 0; i < count; ++i) {
    const kernels_ray_entry& e = entries[i];
    lists[cursors[e.tile]++] = kernels_entry{e.triangle, e.blocks};
  }
}
#endif
