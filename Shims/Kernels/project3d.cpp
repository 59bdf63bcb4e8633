// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Projection of splats for rays: in which blocks of pixels they are seen, and as what.
//
// A splat is drawn along a line that meets its ellipsoid of alpha = 1/255. The ellipsoid lies
// outside of a plane n . p + b >= 0 when n . mu + b < 0 and (n . mu + b)^2 > q n^T Sigma n, and is
// then not met by any ray inside. So no block is missed whose pixels see the splat, whatever the
// lens: the unscented transform of 3DGUT (Wu et al., 2025), which this takes the place of,
// promises that only for small splats. It is also what costs least, as all planes of 16 cells share
// one frame: with mu and M turned into it, a plane takes nine operations, two of them multiplying.
//
// Sketch of the limit: bundles are chosen once for a group of 256 splats. A splat takes some 250
// operations in 16 lanes, 60 ns in cache misses as in project.cpp, and then one by one some three
// sets of 16 cells of 60 cycles: 80 ns together on an AVX-512 core.

#include <math.h>
#include <stddef.h>
#include <string.h>

#include <algorithm>

#include "include/rays.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "project3d.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "harmonics-inl.h"
#include "share-inl.h"
#include "touch-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

using Mask = hn::Mask<Lanes>;

constexpr float kLog2E = 1.44269504089f;      // log2(e)
constexpr float kLog2Of255 = 7.99435343686f;  // alpha below 1/255 is not drawn
constexpr float kExtentSlack = 1e-3f;         // ellipsoids grow so that only alpha decides a pixel
constexpr float kWidest = 3.4f;               // a little more than sqrt(2 ln 255) deviations
constexpr int kMostBundles = 1024;            // that a group may have a list of

// The product of a row-major matrix and a vector.
HWY_INLINE Vector3 Turned(const float* m, const Vector3& v) {
  const auto row = [&](const float* r) HWY_ATTR {
    return Dot(Vector3{Constant(r[0]), Constant(r[1]), Constant(r[2])}, v);
  };
  return Vector3{row(m), row(m + 3), row(m + 6)};
}

// A vector of splats in the view.
struct Splats {
  Vector3 mean;       // metres
  Vector3 axes[3];    // the columns of M, blurred, metres
  Vector3 along[3];   // the rows of the adjugate of M / size
  Vector size;        // the longest column, metres
  Vector distance;    // of the mean, metres
  Vector log2_opacity;
  Vector q;           // alpha = 1/255 at this many squared deviations
  Vector radius;      // of a sphere around the ellipsoid, metres
};

HWY_INLINE void SetAdjugate(Splats* s) {
  auto largest = Dot(s->axes[0], s->axes[0]);
  for (int k = 1; k < 3; ++k) largest = hn::Max(largest, Dot(s->axes[k], s->axes[k]));
  s->size = hn::Sqrt(largest);
  const auto inverse = hn::Div(Constant(1), s->size);
  Vector3 unit[3];
  for (int k = 0; k < 3; ++k) unit[k] = Scaled(s->axes[k], inverse);
  for (int k = 0; k < 3; ++k) s->along[k] = Cross(unit[(k + 1) % 3], unit[(k + 2) % 3]);
}

// What of a splat is seen from the front, as an area: |adj(M) mu|, in any unit.
HWY_INLINE Vector FrontOf(const Splats& s) {
  auto sum = hn::Zero(Lanes());
  for (int k = 0; k < 3; ++k) {
    const auto part = Dot(s.along[k], s.mean);
    sum = hn::MulAdd(part, part, sum);
  }
  return hn::Mul(hn::Sqrt(sum), hn::Mul(s.size, s.size));
}

// Adds the blur to the variances along the splat's own axes; it is the same in all directions.
HWY_INLINE void Blur(Vector deviation, Splats* s) {
  const auto variance = hn::Mul(deviation, deviation);
  for (int k = 0; k < 3; ++k) {
    const auto square = Dot(s->axes[k], s->axes[k]);
    s->axes[k] = Scaled(s->axes[k], hn::Sqrt(hn::Div(hn::Add(square, variance), square)));
  }
}

HWY_INLINE Splats LoadSplats(const kernels_splats* splats, const kernels_camera* camera,
                             const kernels_ray_rules* rules, size_t block, int lane) {
  const Lanes d;
  const float* column = splats->geometry + block * KERNELS_COLUMNS * KERNELS_BLOCK + lane;
  const auto load = [&](int i) HWY_ATTR { return hn::LoadU(d, column + i * KERNELS_BLOCK); };
  const float* t = camera->translation;
  Splats s;
  s.mean = Turned(camera->rotation, Vector3{load(0), load(1), load(2)});
  s.mean = Vector3{hn::Add(s.mean.x, Constant(t[0])), hn::Add(s.mean.y, Constant(t[1])),
                   hn::Add(s.mean.z, Constant(t[2]))};
  for (int k = 0; k < 3; ++k) {
    s.axes[k] = Turned(camera->rotation,
                       Vector3{load(3 + 3 * k), load(4 + 3 * k), load(5 + 3 * k)});
  }
  s.distance = hn::Sqrt(Dot(s.mean, s.mean));
  s.log2_opacity = load(12);
  if (splats->share < 1) s.log2_opacity = Log2OfShare(s.log2_opacity, splats->share);
  SetAdjugate(&s);
  if (rules->blur > 0) {
    const auto sharp = FrontOf(s);
    const auto depth = rules->axial_depth ? hn::Max(s.mean.z, hn::Zero(d)) : s.distance;
    Blur(hn::Mul(depth, Constant(rules->blur)), &s);
    SetAdjugate(&s);
    if (camera->antialiased) {
      const auto ratio = hn::Max(hn::Div(sharp, FrontOf(s)), Constant(0.005f));
      s.log2_opacity = hn::Add(s.log2_opacity, hn::Log2(d, ratio));
    }
  }
  s.q = hn::Mul(hn::Add(s.log2_opacity, Constant(kLog2Of255)), Constant(2.0f / kLog2E));
  auto trace = hn::Zero(d);
  for (int k = 0; k < 3; ++k) trace = hn::Add(trace, Dot(s.axes[k], s.axes[k]));
  const auto slack = Constant(kExtentSlack);
  const auto grown = hn::MulAdd(s.q, slack, hn::Add(s.q, slack));
  s.radius = hn::Sqrt(hn::Mul(grown, trace));
  return s;
}

// The bundles that some of a group's splats may be seen by.
struct Bundles {
  int32_t count;
  bool all;  // more than the list can hold: every bundle is asked
  uint32_t list[kMostBundles];
};

// A sphere lies outside of a bundle when it lies outside of one of its planes.
static bool MayShow(const kernels_ray_planes& planes, const float* center, float radius) {
  if (!planes.used) return false;
  for (int plane = 0; plane < 4; ++plane) {
    const float* n = planes.normal[plane];
    const float height = n[0] * center[0] + n[1] * center[1] + n[2] * center[2];
    if (height + planes.behind[plane] + radius < 0) return false;
  }
  return true;
}

static void ListBundles(const kernels_camera* camera, const kernels_rays* rays,
                        const kernels_ray_rules* rules, const kernels_ray_group* group,
                        Bundles* bundles) {
  float center[3], distance = 0, half = 0;
  for (int i = 0; i < 3; ++i) {
    const float* row = camera->rotation + 3 * i;
    center[i] = row[0] * group->center[0] + row[1] * group->center[1] +
                row[2] * group->center[2] + camera->translation[i];
    distance += center[i] * center[i];
    half += group->half_size[i] * group->half_size[i];
  }
  distance = sqrtf(distance);
  half = sqrtf(half);
  const float deviation = group->deviation + rules->blur * (distance + half);
  const float radius = half + kWidest * deviation + kSlack * (distance + half);
  bundles->count = 0;
  bundles->all = false;
  for (int32_t i = 0; i < rays->bundle_count; ++i) {
    if (!MayShow(rays->bundle_planes[i], center, radius)) continue;
    if (bundles->count == kMostBundles) {
      bundles->all = true;
      return;
    }
    bundles->list[bundles->count++] = uint32_t(i);
  }
}

// Which lanes' spheres may be seen by a bundle.
HWY_INLINE Mask MayShow(const kernels_ray_planes& planes, const Splats& s, Mask lanes) {
  const auto reach = hn::MulAdd(s.distance, Constant(kSlack), s.radius);
  for (int plane = 0; plane < 4; ++plane) {
    const float* n = planes.normal[plane];
    const auto height =
        Dot(Vector3{Constant(n[0]), Constant(n[1]), Constant(n[2])}, s.mean);
    const auto above = hn::Add(hn::Add(height, reach), Constant(planes.behind[plane]));
    lanes = hn::AndNot(hn::Lt(above, hn::Zero(Lanes())), lanes);
  }
  return lanes;
}

// A vector of splats, one after the other in memory.
struct Staging {
  HWY_ALIGN float mean[3][KERNELS_BLOCK];
  HWY_ALIGN float axes[3][3][KERNELS_BLOCK];
  HWY_ALIGN float q[KERNELS_BLOCK];
  HWY_ALIGN float slack[KERNELS_BLOCK];
};

HWY_INLINE void Store3(const Vector3& v, float (*column)[KERNELS_BLOCK]) {
  const Lanes d;
  hn::Store(v.x, d, column[0]);
  hn::Store(v.y, d, column[1]);
  hn::Store(v.z, d, column[2]);
}

HWY_INLINE Ellipsoid EllipsoidOf(const Staging& staging, int lane) {
  Ellipsoid e;
  for (int i = 0; i < 3; ++i) {
    e.mean[i] = staging.mean[i][lane];
    for (int k = 0; k < 3; ++k) e.axes[k][i] = staging.axes[k][i][lane];
  }
  e.q = staging.q[lane];
  e.slack = staging.slack[lane];
  return e;
}

// Which of some splats the bundles see; returns their bits and what they touch.
static uint32_t TouchAll(const kernels_rays* rays, const Bundles& bundles, const Splats& s,
                         Mask visible, Touches* touches) {
  const Lanes d;
  Staging staging;
  Store3(s.mean, staging.mean);
  for (int k = 0; k < 3; ++k) Store3(s.axes[k], staging.axes[k]);
  hn::Store(hn::MulAdd(s.q, Constant(kExtentSlack), hn::Add(s.q, Constant(kExtentSlack))), d,
            staging.q);
  hn::Store(hn::Mul(s.distance, Constant(kSlack)), d, staging.slack);
  uint32_t seen = 0;
  const int32_t count = bundles.all ? rays->bundle_count : bundles.count;
  for (int32_t i = 0; i < count; ++i) {
    const uint32_t bundle = bundles.all ? uint32_t(i) : bundles.list[i];
    const kernels_ray_planes& planes = rays->bundle_planes[bundle];
    if (!planes.used) continue;
    uint8_t bits[8] = {};
    hn::StoreMaskBits(d, MayShow(planes, s, visible), bits);
    uint32_t lanes = (uint32_t(bits[0]) | uint32_t(bits[1]) << 8) & ((1u << hn::Lanes(d)) - 1);
    for (; lanes != 0; lanes &= lanes - 1) {
      const int lane = __builtin_ctz(lanes);
      Touch(rays, bundle, EllipsoidOf(staging, lane), touches + lane);
      if (touches[lane].count > 0) seen |= 1u << lane;
    }
  }
  return seen;
}

constexpr int kStagedWords = 34;  // the columns of Columns::floats

// The columns of records and ray splats.
struct Columns {
  HWY_ALIGN float floats[kStagedWords][KERNELS_BLOCK];
};

HWY_INLINE void StageSplats(const Splats& s, Columns* columns) {
  const Lanes d;
  const auto inverse = hn::Div(Constant(1), s.size);
  // exp(-x / 2) is 2^(-x log2(e) / 2); the scale goes in twice.
  const auto scale = hn::Mul(inverse, Constant(sqrtf(0.5f * kLog2E)));
  const auto put = [&](int word, const Vector3& v) HWY_ATTR {
    hn::Store(v.x, d, columns->floats[word]);
    hn::Store(v.y, d, columns->floats[word + 1]);
    hn::Store(v.z, d, columns->floats[word + 2]);
  };
  for (int k = 0; k < 3; ++k) {
    const Vector3 unit = Scaled(s.axes[k], inverse);
    put(3 * k, Scaled(Cross(s.mean, unit), scale));
    put(9 + 3 * k, s.along[k]);
    put(18 + 3 * k, Scaled(unit, scale));
    hn::Store(Dot(s.along[k], s.mean), d, columns->floats[27 + k]);
  }
  hn::Store(s.log2_opacity, d, columns->floats[30]);
  hn::Store(s.distance, d, columns->floats[31]);
  hn::Store(s.radius, d, columns->floats[32]);
  hn::Store(s.mean.z, d, columns->floats[33]);
}

HWY_INLINE void StageColour(const kernels_splats* splats, const kernels_camera* camera,
                            size_t block, int lane, float (*rgb)[KERNELS_BLOCK]) {
  const Lanes d;
  const float* column = splats->geometry + block * KERNELS_COLUMNS * KERNELS_BLOCK + lane;
  const auto load = [&](int i) HWY_ATTR { return hn::LoadU(d, column + i * KERNELS_BLOCK); };
  Colour colour{load(13), load(14), load(15)};
  if (splats->rest_count > 0) {
    const float* rest =
        splats->rest + block * 3 * size_t(splats->rest_count) * KERNELS_BLOCK + lane;
    colour = AddSh(camera, load(0), load(1), load(2), rest, splats->rest_count, colour);
  }
  const auto zero = hn::Zero(d);
  hn::Store(hn::Max(colour.r, zero), d, rgb[0]);
  hn::Store(hn::Max(colour.g, zero), d, rgb[1]);
  hn::Store(hn::Max(colour.b, zero), d, rgb[2]);
}

// The least depth at which any ray can see a splat, metres.
HWY_INLINE float NearestOf(const Columns& c, int lane, const kernels_ray_rules* rules) {
  if (rules->moving) return 0;
  const float center = c.floats[rules->axial_depth ? 33 : 31][lane];
  return center - c.floats[32][lane] - kSlack * c.floats[31][lane];
}

static void WriteSplat(const Columns& c, const float (*rgb)[KERNELS_BLOCK], int lane,
                       const kernels_ray_rules* rules, kernels_record* record,
                       kernels_ray_splat* out) {
  *record = kernels_record{};
  record->log2_opacity = c.floats[30][lane];
  for (int i = 0; i < 3; ++i) record->colour[i] = rgb[i][lane];
  record->depth = c.floats[31][lane];
  record->nearest = NearestOf(c, lane, rules);
  for (int k = 0; k < 3; ++k) {
    for (int i = 0; i < 3; ++i) {
      out->across[k][i] = c.floats[3 * k + i][lane];
      out->along[k][i] = c.floats[9 + 3 * k + i][lane];
      out->axes[k][i] = c.floats[18 + 3 * k + i][lane];
    }
    out->depth[k] = c.floats[27 + k][lane];
  }
}

// Projects one vector of splats of a block and returns how many it wrote.
static int ProjectLanes(const kernels_splats* splats, const kernels_camera* camera,
                        const kernels_rays* rays, const kernels_ray_rules* rules,
                        const Bundles& bundles, size_t block, int lane, int32_t end,
                        const kernels_ray_output* output) {
  const Lanes d;
  const Splats s = LoadSplats(splats, camera, rules, block, lane);
  // Huge splats overflow to infinity or NaN and fail a test.
  const auto visible =
      hn::And(hn::And(hn::Ge(s.q, hn::Zero(d)), hn::Lt(s.radius, Constant(1e18f))),
              hn::Lt(s.distance, Constant(1e18f)));
  if (hn::AllFalse(d, visible)) return 0;
  Touches touches[KERNELS_BLOCK];
  uint32_t seen = TouchAll(rays, bundles, s, visible, touches);
  if (seen == 0) return 0;
  Columns columns;
  StageSplats(s, &columns);
  HWY_ALIGN float rgb[3][KERNELS_BLOCK];
  StageColour(splats, camera, block, lane, rgb);
  int written = 0;
  for (; seen != 0; seen &= seen - 1, ++written) {
    const int i = __builtin_ctz(seen);
    const size_t splat = block * KERNELS_BLOCK + size_t(lane + i);
    kernels_record* record = output->records + end + written;
    WriteSplat(columns, rgb, i, rules, record, output->splats + end + written);
    record->source_index = splats->first_index + (splats->source_indices
                                                      ? splats->source_indices[splat]
                                                      : uint32_t(splat));
    record->instance = splats->instances ? splats->instances[splat] : 0;
    output->footprints[end + written] = touches[i].Footprint(camera);
  }
  return written;
}

static int32_t ProjectRays(const kernels_splats* splats, const kernels_camera* camera,
                           const kernels_rays* rays, const kernels_ray_rules* rules,
                           const kernels_ray_group* group, int32_t first_block,
                           int32_t end_block, int32_t first, const kernels_ray_output* output) {
  Bundles bundles;
  ListBundles(camera, rays, rules, group, &bundles);
  if (bundles.count == 0) return 0;
  int32_t end = first;
  for (int32_t block = first_block; block < end_block; ++block) {
    for (int lane = 0; lane < KERNELS_BLOCK; lane += int(hn::Lanes(Lanes()))) {
      end += ProjectLanes(splats, camera, rays, rules, bundles, size_t(block), lane, end, output);
    }
  }
  for (int32_t i = first; i < end; ++i) {
    uint32_t depth_bits;  // positive floats sort as their bits do
    memcpy(&depth_bits, &output->records[i].depth, sizeof(depth_bits));
    output->keys[i] = uint64_t(depth_bits) << 32 | uint32_t(i);
  }
  return end - first;
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(ProjectRays);
}  // namespace diorama

extern "C" int32_t kernels_project_rays(const kernels_splats* splats, const kernels_camera* camera,
                                        const kernels_rays* rays, const kernels_ray_rules* rules,
                                        const kernels_ray_group* group, int32_t first_block,
                                        int32_t end_block, int32_t first,
                                        const kernels_ray_output* output) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(ProjectRays)(splats, camera, rays, rules, group, first_block,
                                           end_block, first, output);
}
#endif
