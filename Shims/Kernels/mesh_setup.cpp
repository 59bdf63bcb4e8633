// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Meshes up to the tiles: clusters culled, vertices onto the image, triangles snapped and culled.
//
// Sketch of the limit, a robot as shipped: 390 k triangles and 290 k rows in 3 k clusters, of which
// one in eight turns away as a whole. A row costs 20 operations in 16 lanes, a triangle three
// gathers from L1 and some 40 operations: 130 cycles for 16 of them, so 1.5 ms a view on one core.
// Seen at 640 x 480 most triangles cover no pixel's centre, and nothing else is worked out for
// them; the others, some 35 k, cost 15 ns each to be written.

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <algorithm>

#include "include/kernels.h"
#include "mesh.h"
#include "mesh_clip.h"
#include "tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mesh_setup.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_BLOCK>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;
using IntVector = hn::Vec<IntLanes>;

constexpr int kMostRows = 256;       // of a cluster: its corners are bytes
constexpr int kNarrow = 64;          // a cluster up to this wide, in pixels, needs 32 bits

// The rows of one cluster on the image.
struct Rows {
  HWY_ALIGN float image[3][kMostRows];     // x times w, y times w (pixels), depth
  HWY_ALIGN float nearness[kMostRows];
  HWY_ALIGN int32_t x[kMostRows];          // 1/256 pixel; 0 when outside
  HWY_ALIGN int32_t y[kMostRows];
  HWY_ALIGN uint32_t packed[kMostRows];    // from the cluster's least x and y: x | y << 16
  HWY_ALIGN uint8_t outside[kMostRows];    // 1: before the near plane or beyond the guard band
};

// What all triangles of one cluster share, and where they go.
struct Output {
  uint32_t placement_index;
  const kernels_placement* placement;
  const kernels_mesh_view* view;
  const uint32_t* range;  // of the cluster, see kernels_mesh.ranges
  kernels_triangle* triangles;
  kernels_box* boxes;
  int32_t count;
  uint32_t flags;  // of all of them
};

// The box of a cluster's rows, 1/256 pixel.
struct Extent {
  int32_t x0, x1, y0, y1;
  bool cut;  // some row is outside
};

// Moves the rows of a cluster onto the image.
static Extent TransformRows(const Output& out, Rows* rows) {
  const Lanes d;
  const IntLanes di;
  const kernels_mesh_view* view = out.view;
  const float* m = out.placement->image_from_mesh;
  const float* positions = out.placement->mesh->positions + size_t(out.range[0]) * 3;
  const auto guard = hn::Set(d, kGuard), near = hn::Set(d, view->near);
  const auto one = hn::Set(d, 1.0f), units = hn::Set(d, float(kSubpixels));
  auto x0 = hn::Set(di, INT32_MAX), x1 = hn::Set(di, INT32_MIN), y0 = x0, y1 = x1;
  auto all_inside = hn::FirstN(d, hn::Lanes(d));
  for (uint32_t row = 0; row < out.range[1]; row += uint32_t(hn::Lanes(d))) {
    const float* p = positions + row / KERNELS_BLOCK * KERNELS_BLOCK * 3 + row % KERNELS_BLOCK;
    const auto px = hn::LoadU(d, p), py = hn::LoadU(d, p + KERNELS_BLOCK);
    const auto pz = hn::LoadU(d, p + 2 * KERNELS_BLOCK);
    Vector image[3];
    for (int k = 0; k < 3; ++k) {
      const float* r = m + k * 4;
      image[k] = hn::MulAdd(
          hn::Set(d, r[0]), px,
          hn::MulAdd(hn::Set(d, r[1]), py, hn::MulAdd(hn::Set(d, r[2]), pz, hn::Set(d, r[3]))));
      hn::Store(image[k], d, rows->image[k] + row);
    }
    const auto w = view->parallel ? one : image[2];
    const auto reach = hn::Mul(guard, w);
    auto inside = hn::And(hn::Le(hn::Abs(image[0]), reach), hn::Le(hn::Abs(image[1]), reach));
    if (!view->parallel) inside = hn::And(inside, hn::Ge(w, near));
    const auto inverse = hn::Div(one, w);
    const auto nearness = view->parallel ? hn::Sub(hn::Set(d, view->far), image[2]) : inverse;
    const auto half = hn::Set(d, 0.5f);
    const auto fx = hn::Floor(hn::MulAdd(hn::Mul(image[0], inverse), units, half));
    const auto fy = hn::Floor(hn::MulAdd(hn::Mul(image[1], inverse), units, half));
    const auto x = hn::ConvertTo(di, hn::IfThenElseZero(inside, fx));
    const auto y = hn::ConvertTo(di, hn::IfThenElseZero(inside, fy));
    hn::Store(nearness, d, rows->nearness + row);
    hn::Store(x, di, rows->x + row);
    hn::Store(y, di, rows->y + row);
    x0 = hn::Min(x0, x), x1 = hn::Max(x1, x);
    y0 = hn::Min(y0, y), y1 = hn::Max(y1, y);
    all_inside = hn::And(all_inside, inside);
    const hn::Rebind<uint8_t, Lanes> db;
    const auto flags = hn::IfThenElseZero(hn::Not(hn::RebindMask(di, inside)), hn::Set(di, 1));
    hn::StoreU(hn::DemoteTo(db, flags), db, rows->outside + row);
  }
  const auto least = [di](IntVector v) { return hn::GetLane(hn::MinOfLanes(di, v)); };
  const auto most = [di](IntVector v) { return hn::GetLane(hn::MaxOfLanes(di, v)); };
  return Extent{least(x0), most(x1), least(y0), most(y1), !hn::AllTrue(d, all_inside)};
}

// The first and the last pixel whose centres lie in a range of 1/256 pixels.
HWY_INLINE int32_t FirstPixel(int32_t low) { return (low + kHalf - 1) >> 8; }
HWY_INLINE int32_t LastPixel(int32_t high) { return (high - kHalf) >> 8; }

// A corner of a triangle on the image.
struct Corner {
  int32_t x, y;  // 1/256 pixel
  float nearness;
};

// Writes a triangle that covers a pixel's centre in each direction, its corners put clockwise.
HWY_INLINE void Emit(const Corner* c, const uint32_t* row, int64_t area, kernels_box box,
                     uint32_t flags, Output* out) {
  // Corners that wind counter-clockwise have a negative area, because y points down.
  const bool outside = (area < 0) != (out->placement->mirrored != 0);
  const int order[3] = {0, area < 0 ? 2 : 1, area < 0 ? 1 : 2};
  kernels_triangle& t = out->triangles[out->count];
  for (int k = 0; k < 3; ++k) {
    t.x[k] = c[order[k]].x;
    t.y[k] = c[order[k]].y;
    t.nearness[k] = c[order[k]].nearness;
    // What was cut is shaded by its original corners, in the mesh's order.
    t.row[k] = out->range[0] + row[flags & KERNELS_CUT ? k : order[k]];
  }
  t.placement = out->placement_index;
  const bool turned = area < 0 && !(flags & KERNELS_CUT);
  t.flags = flags | out->flags | (outside ? 0 : KERNELS_INSIDE) | (turned ? KERNELS_TURNED : 0);
  out->boxes[out->count] = box;
  ++out->count;
}

// Tests and writes one triangle of any size.
static void WriteWide(const Corner* c, const uint32_t* row, uint32_t flags, Output* out) {
  const kernels_mesh_view* view = out->view;
  const int32_t x0 = std::max(FirstPixel(std::min({c[0].x, c[1].x, c[2].x})), 0);
  const int32_t y0 = std::max(FirstPixel(std::min({c[0].y, c[1].y, c[2].y})), 0);
  const int32_t x1 = std::min(LastPixel(std::max({c[0].x, c[1].x, c[2].x})), view->width - 1);
  const int32_t y1 = std::min(LastPixel(std::max({c[0].y, c[1].y, c[2].y})), view->height - 1);
  if (x0 > x1 || y0 > y1) return;
  const int64_t area = (int64_t(c[1].x) - c[0].x) * (int64_t(c[2].y) - c[0].y) -
                       (int64_t(c[2].x) - c[0].x) * (int64_t(c[1].y) - c[0].y);
  const bool outside = (area < 0) != (out->placement->mirrored != 0);
  if (area == 0 || (out->placement->one_sided && !outside)) return;
  const kernels_box box{uint16_t(x0), uint16_t(x1), uint16_t(y0), uint16_t(y1)};
  Emit(c, row, area, box, flags | KERNELS_WIDE, out);
}

HWY_INLINE Corner Project(const Point& p, const Rows& rows, const kernels_mesh_view* view) {
  if (p.row >= 0) return Corner{rows.x[p.row], rows.y[p.row], rows.nearness[p.row]};
  const double w = view->parallel ? 1 : p.z;
  return Corner{int32_t(floor(p.x / w * kSubpixels + 0.5)),
                int32_t(floor(p.y / w * kSubpixels + 0.5)),
                float(view->parallel ? double(view->far) - p.z : 1 / p.z)};
}

// Cuts a triangle and writes what is left of it as a fan.
static void WriteCut(const Rows& rows, const uint32_t* row, Output* out) {
  Polygon polygon;
  polygon.count = 3;
  for (int k = 0; k < 3; ++k) {
    const uint32_t r = row[k];
    polygon.points[k] = Point{rows.image[0][r], rows.image[1][r], rows.image[2][r], int32_t(r)};
  }
  ClipToAll(*out->view, &polygon);
  for (int k = 1; k + 1 < polygon.count; ++k) {
    const Corner fan[3] = {Project(polygon.points[0], rows, out->view),
                           Project(polygon.points[k], rows, out->view),
                           Project(polygon.points[k + 1], rows, out->view)};
    WriteWide(fan, row, KERNELS_CUT, out);
  }
}

HWY_INLINE void LoadCorners(const Output& out, const Rows& rows, uint32_t triangle,
                            uint32_t* row, Corner* c) {
  const uint8_t* block = out.placement->mesh->corners +
                         size_t(out.range[2] + triangle / KERNELS_BLOCK) * 3 * KERNELS_BLOCK;
  for (int k = 0; k < 3; ++k) {
    const uint32_t r = block[k * KERNELS_BLOCK + triangle % KERNELS_BLOCK];
    row[k] = r;
    c[k] = Corner{rows.x[r], rows.y[r], rows.nearness[r]};
  }
}

// Writes the triangles of a cluster that is cut or wide, one by one.
static void WriteOneByOne(const Rows& rows, Output* out) {
  for (uint32_t i = 0; i < out->range[3]; ++i) {
    uint32_t row[3];
    Corner c[3];
    LoadCorners(*out, rows, i, row, c);
    if (rows.outside[row[0]] | rows.outside[row[1]] | rows.outside[row[2]]) {
      WriteCut(rows, row, out);
    } else {
      WriteWide(c, row, 0, out);
    }
  }
}

HWY_INLINE IntVector Difference(IntVector ax, IntVector by, IntVector bx, IntVector ay) {
  return hn::Sub(hn::Mul(ax, by), hn::Mul(bx, ay));
}

// Corners of a vector of triangles, from the cluster's least x and y, 1/256 pixel.
struct Corners {
  IntVector x[3], y[3];
};

HWY_INLINE Corners GatherCorners(const uint8_t* block, const Rows& rows) {
  const IntLanes di;
  const hn::Rebind<uint8_t, Lanes> db;
  Corners c;
  for (int k = 0; k < 3; ++k) {
    const auto row = hn::PromoteTo(di, hn::LoadU(db, block + k * KERNELS_BLOCK));
    const auto packed =
        hn::GatherIndex(di, reinterpret_cast<const int32_t*>(rows.packed), row);
    c.x[k] = hn::And(packed, hn::Set(di, 0xFFFF));
    c.y[k] = hn::ShiftRight<16>(packed);
  }
  return c;
}

// Whether the pixel at (x, y) is covered: its centre lies inside all edges, or on a top or a left
// one. `turn` is all ones where the corners wind counter-clockwise.
HWY_INLINE hn::Mask<IntLanes> CoversPixel(const Corners& c, IntVector x, IntVector y,
                                          IntVector turn) {
  const IntLanes di;
  const auto zero = hn::Zero(di);
  const auto px = hn::Add(hn::ShiftLeft<8>(x), hn::Set(di, kHalf));
  const auto py = hn::Add(hn::ShiftLeft<8>(y), hn::Set(di, kHalf));
  auto signs = zero;
  for (int k = 0; k < 3; ++k) {
    const int a = (k + 1) % 3, b = (k + 2) % 3;
    // A turned triangle's edges run the other way.
    const auto flip = [turn](IntVector v) { return hn::Sub(hn::Xor(v, turn), turn); };
    const auto dx = flip(hn::Sub(c.x[b], c.x[a])), dy = flip(hn::Sub(c.y[b], c.y[a]));
    const auto value = Difference(dx, hn::Sub(py, c.y[a]), dy, hn::Sub(px, c.x[a]));
    const auto owns = hn::Or(hn::Lt(dy, zero), hn::And(hn::Eq(dy, zero), hn::Gt(dx, zero)));
    // 1 less where the edge does not own its points, so that 0 becomes negative.
    signs = hn::Or(signs, hn::Add(value, hn::IfThenZeroElse(owns, hn::Set(di, -1))));
  }
  return hn::Not(hn::Lt(signs, zero));
}

// Writes the triangles of a cluster at most kNarrow pixels wide and high, a vector at a time.
static void WriteNarrow(const Rows& rows, const Extent& extent, Output* out) {
  const IntLanes di;
  const auto zero = hn::Zero(di);
  // On a pixel's corner, so that whole pixels stay whole.
  const int32_t left = extent.x0 >> 8, top = extent.y0 >> 8;
  const auto half = hn::Set(di, kHalf), up = hn::Set(di, kHalf - 1);
  const auto limit = [di](int32_t v) { return hn::Set(di, v); };
  const uint8_t* blocks =
      out->placement->mesh->corners + size_t(out->range[2]) * 3 * KERNELS_BLOCK;
  HWY_ALIGN int32_t area_of[KERNELS_BLOCK], box_of[4][KERNELS_BLOCK];
  for (uint32_t i = 0; i < out->range[3]; i += uint32_t(hn::Lanes(di))) {
    const uint8_t* block = blocks + i / KERNELS_BLOCK * KERNELS_BLOCK * 3 + i % KERNELS_BLOCK;
    const Corners c = GatherCorners(block, rows);
    const auto area = Difference(hn::Sub(c.x[1], c.x[0]), hn::Sub(c.y[2], c.y[0]),
                                 hn::Sub(c.x[2], c.x[0]), hn::Sub(c.y[1], c.y[0]));
    auto kept = out->placement->mirrored ? hn::Gt(area, zero) : hn::Lt(area, zero);
    if (!out->placement->one_sided) kept = hn::Ne(area, zero);
    const auto low = [](const IntVector* v) { return hn::Min(v[0], hn::Min(v[1], v[2])); };
    const auto high = [](const IntVector* v) { return hn::Max(v[0], hn::Max(v[1], v[2])); };
    const auto x0 = hn::Max(hn::ShiftRight<8>(hn::Add(low(c.x), up)), limit(-left));
    const auto y0 = hn::Max(hn::ShiftRight<8>(hn::Add(low(c.y), up)), limit(-top));
    const auto x1 =
        hn::Min(hn::ShiftRight<8>(hn::Sub(high(c.x), half)), limit(out->view->width - 1 - left));
    const auto y1 =
        hn::Min(hn::ShiftRight<8>(hn::Sub(high(c.y), half)), limit(out->view->height - 1 - top));
    kept = hn::AndNot(hn::Or(hn::Gt(x0, x1), hn::Gt(y0, y1)), kept);
    if (hn::AllFalse(di, kept)) continue;
    const auto one_pixel = hn::And(hn::Eq(x0, x1), hn::Eq(y0, y1));
    const auto turn = hn::BroadcastSignBit(area);
    kept = hn::And(kept, hn::Or(hn::Not(one_pixel), CoversPixel(c, x0, y0, turn)));
    uint8_t bits[8] = {};
    hn::StoreMaskBits(di, kept, bits);
    uint32_t left_over = uint32_t(bits[0]) | uint32_t(bits[1]) << 8;
    if (left_over == 0) continue;
    hn::Store(area, di, area_of);
    const IntVector edges[4] = {x0, x1, y0, y1};
    for (int k = 0; k < 4; ++k) hn::Store(edges[k], di, box_of[k]);
    for (; left_over != 0; left_over &= left_over - 1) {
      const int lane = __builtin_ctz(left_over);
      if (i + uint32_t(lane) >= out->range[3]) break;
      uint32_t row[3];
      Corner corners[3];
      LoadCorners(*out, rows, i + uint32_t(lane), row, corners);
      const kernels_box box{uint16_t(box_of[0][lane] + left), uint16_t(box_of[1][lane] + left),
                            uint16_t(box_of[2][lane] + top), uint16_t(box_of[3][lane] + top)};
      Emit(corners, row, area_of[lane], box, 0, out);
    }
  }
}

// Puts the rows' coordinates into one word each, counted from the pixel at the box's corner.
HWY_INLINE void PackRows(const Extent& extent, uint32_t count, Rows* rows) {
  const IntLanes di;
  const auto left = hn::Set(di, extent.x0 & ~(kSubpixels - 1));
  const auto top = hn::Set(di, extent.y0 & ~(kSubpixels - 1));
  for (uint32_t row = 0; row < count; row += uint32_t(hn::Lanes(di))) {
    const auto x = hn::Sub(hn::Load(di, rows->x + row), left);
    const auto y = hn::Sub(hn::Load(di, rows->y + row), top);
    hn::Store(hn::Or(x, hn::ShiftLeft<16>(y)), di,
              reinterpret_cast<int32_t*>(rows->packed) + row);
  }
}

static int32_t SetUpCluster(const kernels_work& work, const kernels_placement* placements,
                            const kernels_mesh_view* view, kernels_triangle* triangles,
                            kernels_box* boxes) {
  const kernels_placement* placement = placements + work.placement;
  const uint32_t* range = placement->mesh->ranges + size_t(work.cluster) * 4;
  const uint32_t flags = placement->mesh->texture.cutoff > 0 ? KERNELS_CUT_OUT : 0;
  Output out{work.placement, placement, view, range, triangles, boxes, 0, flags};
  Rows rows;
  const Extent extent = TransformRows(out, &rows);
  if (extent.cut) {
    WriteOneByOne(rows, &out);
    return out.count;
  }
  const bool misses = FirstPixel(extent.x0) > HWY_MIN(LastPixel(extent.x1), view->width - 1) ||
                      FirstPixel(extent.y0) > HWY_MIN(LastPixel(extent.y1), view->height - 1) ||
                      LastPixel(extent.x1) < 0 || LastPixel(extent.y1) < 0;
  if (misses) return 0;
  if (extent.x1 - extent.x0 > kNarrow * kSubpixels ||
      extent.y1 - extent.y0 > kNarrow * kSubpixels) {
    WriteOneByOne(rows, &out);
  } else {
    PackRows(extent, out.range[1], &rows);
    WriteNarrow(rows, extent, &out);
  }
  return out.count;
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(SetUpCluster);
}  // namespace diorama

extern "C" int32_t kernels_set_up_clusters(const kernels_work* work, int32_t count,
                                           const kernels_placement* placements,
                                           const kernels_mesh_view* view,
                                           kernels_triangle* triangles, kernels_box* boxes) {
  using namespace diorama;
  const auto set_up = HWY_DYNAMIC_DISPATCH(SetUpCluster);
  int32_t written = 0;
  for (int32_t i = 0; i < count; ++i) {
    written += set_up(work[i], placements, view, triangles + written, boxes + written);
  }
  return written;
}
#endif
