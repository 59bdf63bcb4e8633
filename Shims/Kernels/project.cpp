// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0
// Long because what the stages of the projection hand on are vectors, which no other file can see.

// Projection of packed splats to records, 4, 8 or 16 at a time.
//
// Sketch of the limit, one splat with SH degree 3: 64 + 180 bytes in, 80 out, about 150 + 90 + 120
// FLOP. One AVX-512 core at 200 GFLOP/s and 10 GB/s needs 1.8 ns for the arithmetic and 32 ns for
// the bytes: projection is bound by memory, so culled blocks must not be read, colours are read
// only where a splat is visible, and columns lie in blocks so that a splat's bytes come as streams.
//
// Splats are stored as the matrix M = R diag(s), whose square is the covariance. The determinant on
// the image is then a sum of squares; from the covariance itself it would be a difference in which
// the short axis of a long thin splat is lost (1 m x 1 mm: two digits are left of seven).

#include <stddef.h>
#include <string.h>

#include "include/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "project.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include "harmonics-inl.h"
#include "share-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

using IntLanes = hn::RebindToSigned<Lanes>;
using Mask = hn::Mask<Lanes>;

constexpr float kBlur = 0.3f;                 // pixel^2 added to the covariance (3DGS)
constexpr float kLog2E = 1.44269504089f;      // log2(e)
constexpr float kLog2Of255 = 7.99435343686f;  // alpha below 1/255 is not drawn
constexpr float kExtentSlack = 1e-3f;         // extents grow so that only alpha decides a pixel
constexpr float kSlopeFloor = 0.01f;          // pixel^2 added where the covariance is inverted,
constexpr float kSlopeRelativeFloor = 1e-5f;  // and of its trace: an edge-on splat has a slope
constexpr float kDepthReach = 5.0f;           // deviations that a depth may leave the centre's,
constexpr float kRelativeReach = 0.5f;        // and the part of the centre's depth
constexpr int kBlocksAcrossTile = 4;
constexpr int kWindowRows = 2 * kBlocksAcrossTile;
constexpr float kNearestSlack = 1e-5f;        // bounds yield to the blending's rounding

// What the projection of a vector of splats leaves for the records.
struct Ellipses {
  Vector mean_x, mean_y;           // pixels
  Vector cov_xx, cov_xy, cov_yy;   // pixel^2, blurred
  Vector sharp_determinant;        // pixel^4, before the blur
  Vector determinant;              // pixel^4
  Vector half_width, half_height;  // pixels, to where alpha = 1/255
  Vector inverse_yy;               // 1/pixel^2, of the blurred covariance
  Vector row_width;                // half width of a row of pixels, per root of log2 units, pixels
  Vector depth_x, depth_y;         // covariance of relative depth and image, pixel
  Vector depth_variance;           // of relative depth
  Vector minor_x, minor_y;         // (depth_x, depth_y) times the sharp covariance's adjugate
};

// How depth grows across a splat, as a record holds it.
struct Slope {
  Vector x, y;     // 1/pixel
  Vector nearest;  // metres
};

// The pixel ranges a splat may touch, clamped to the image.
struct Ranges {
  Vector x0, x1, y0, y1;
};

// The dot product of a matrix row and a vector, plus an offset.
HWY_INLINE Vector Affine(const float* row, Vector x, Vector y, Vector z, float offset) {
  auto sum = hn::MulAdd(Constant(row[2]), z, Constant(offset));
  sum = hn::MulAdd(Constant(row[1]), y, sum);
  return hn::MulAdd(Constant(row[0]), x, sum);
}

// A row vector times M, whose nine columns lie behind each other.
HWY_INLINE Vector3 TimesAxes(const Vector* row, const float* axes) {
  const Lanes d;
  const auto entry = [&](int i) HWY_ATTR { return hn::LoadU(d, axes + i * KERNELS_BLOCK); };
  const auto along = [&](int k) HWY_ATTR {
    const auto sum = hn::MulAdd(row[1], entry(k + 1), hn::Mul(row[2], entry(k + 2)));
    return hn::MulAdd(row[0], entry(k), sum);
  };
  return Vector3{along(0), along(3), along(6)};
}

// Where a vector of splats is seen.
struct SlopesAndDepth {
  Vector slope_x, slope_y;  // of the rays; metres along parallel ones
  Vector inverse_z, inverse_w;
};

// EWA splatting: the 2-D covariance J W Sigma W^T J^T of the 3-D one, blurred (3DGS, section 4).
//
// Along parallel rays, whose slopes are clamped to 0, places do not grow with depth: `inverse_w`
// is 1 there, and 1 / z else.
HWY_INLINE void ProjectCovariance(const kernels_camera* camera, const float* axes,
                                  const SlopesAndDepth& at, Ellipses* e) {
  const float* r = camera->rotation;
  const auto [slope_x, slope_y, inverse_z, inverse_w] = at;
  const auto kx = hn::Mul(Constant(camera->focal[0]), inverse_w);
  const auto ky = hn::Mul(Constant(camera->focal[1]), inverse_w);
  const auto tx = hn::Min(hn::Max(slope_x, Constant(camera->minimum_slope[0])),
                          Constant(camera->maximum_slope[0]));
  const auto ty = hn::Min(hn::Max(slope_y, Constant(camera->minimum_slope[1])),
                          Constant(camera->maximum_slope[1]));
  Vector u[3], v[3], w[3];  // the rows of J W, and of W / z for the relative depth
  for (int i = 0; i < 3; ++i) {
    u[i] = hn::Mul(kx, hn::NegMulAdd(tx, Constant(r[6 + i]), Constant(r[i])));
    v[i] = hn::Mul(ky, hn::NegMulAdd(ty, Constant(r[6 + i]), Constant(r[3 + i])));
    w[i] = hn::Mul(inverse_z, Constant(r[6 + i]));
  }
  const Vector3 p = TimesAxes(u, axes), q = TimesAxes(v, axes), z = TimesAxes(w, axes);
  const auto sharp_xx = Dot(p, p), sharp_yy = Dot(q, q);
  const auto blur = Constant(kBlur);
  e->cov_xx = hn::Add(sharp_xx, blur);
  e->cov_yy = hn::Add(sharp_yy, blur);
  e->cov_xy = Dot(p, q);
  e->depth_x = Dot(p, z);
  e->depth_y = Dot(q, z);
  e->depth_variance = Dot(z, z);
  // Lagrange's identities: |p|^2 |q|^2 - (p q)^2 = |p x q|^2, and the same for mixed products.
  const Vector3 normal = Cross(p, q);
  e->sharp_determinant = Dot(normal, normal);
  e->determinant = hn::MulAdd(blur, hn::Add(sharp_xx, hn::Add(sharp_yy, blur)),
                              e->sharp_determinant);
  e->minor_x = Dot(normal, Cross(z, q));
  e->minor_y = Dot(normal, Cross(p, z));
}

// The slope of E[depth | pixel] = Sigma_zu Sigma_uu^-1, of the covariance without the blur: the
// blur only widens what a pixel gathers, and would flatten the slope of splats as small as it.
// Where the slope would lead further from the centre than the splat reaches, it is reduced.
HWY_INLINE Slope SlopeOf(const Ellipses& e, Vector depth, Vector q) {
  const Lanes d;
  const auto one = Constant(1.0f);
  const auto trace = hn::Add(e.cov_xx, e.cov_yy);
  const auto floor =
      hn::MulAdd(trace, Constant(kSlopeRelativeFloor), Constant(kSlopeFloor));
  const auto sharp_trace = hn::Sub(trace, Constant(2 * kBlur));
  const auto inverse = hn::Div(
      one, hn::MulAdd(floor, hn::Add(sharp_trace, floor), e.sharp_determinant));
  const auto x = hn::Mul(hn::MulAdd(floor, e.depth_x, e.minor_x), inverse);
  const auto y = hn::Mul(hn::MulAdd(floor, e.depth_y, e.minor_y), inverse);
  // The largest change on the ellipse of alpha = 1/255 is sqrt(q g^T Sigma g).
  const auto along_x = hn::MulAdd(e.cov_xx, x, hn::Mul(e.cov_xy, y));
  const auto along_y = hn::MulAdd(e.cov_xy, x, hn::Mul(e.cov_yy, y));
  const auto form = hn::MulAdd(x, along_x, hn::Mul(y, along_y));
  const auto change = hn::Sqrt(hn::Mul(q, form));
  const auto deviation = hn::Sqrt(e.depth_variance);
  const auto limit =
      hn::Min(Constant(kRelativeReach), hn::Mul(Constant(kDepthReach), deviation));
  // Of a splat too large for floats the slope is NaN or infinite, and counts as none.
  const auto usable =
      hn::And(hn::Ge(e.depth_variance, hn::Zero(d)), hn::Lt(change, Constant(1e18f)));
  const auto kept = hn::IfThenElse(hn::Le(change, limit), one, hn::Div(limit, change));
  const auto reach = hn::IfThenElseZero(usable, hn::Min(change, limit));
  // 1 + s + s^2 grows with s where s > -1/2.
  const auto least = hn::Sub(hn::MulAdd(reach, reach, one), reach);
  return Slope{hn::IfThenElseZero(usable, hn::Mul(x, kept)),
               hn::IfThenElseZero(usable, hn::Mul(y, kept)),
               hn::Mul(depth, hn::Sub(least, Constant(kNearestSlack)))};
}

// The pixels whose centres lie in the box of alpha >= 1/255, or nothing: x0 > x1 or y0 > y1.
HWY_INLINE Ranges PixelRanges(const kernels_camera* camera, const Ellipses& e) {
  const auto zero = hn::Zero(Lanes()), half = Constant(0.5f);
  const auto width = Constant(float(camera->width - 1));
  const auto height = Constant(float(camera->height - 1));
  const auto left = hn::Sub(hn::Sub(e.mean_x, e.half_width), half);
  const auto right = hn::Sub(hn::Add(e.mean_x, e.half_width), half);
  const auto top = hn::Sub(hn::Sub(e.mean_y, e.half_height), half);
  const auto bottom = hn::Sub(hn::Add(e.mean_y, e.half_height), half);
  return Ranges{hn::Max(hn::Ceil(left), zero), hn::Min(hn::Floor(right), width),
                hn::Max(hn::Ceil(top), zero), hn::Min(hn::Floor(bottom), height)};
}

// INRIA's forward.cu and auxiliary.h, getRect: whole tiles that a 3-sigma square touches, where
// pixel centres lie at whole numbers.
HWY_INLINE void CutToSquare(const Ellipses& e, Ranges* ranges) {
  const auto half = Constant(0.5f), tile = Constant(float(KERNELS_TILE));
  const auto middle = hn::Mul(half, hn::Add(e.cov_xx, e.cov_yy));
  const auto spread = hn::Max(Constant(0.1f), hn::MulSub(middle, middle, e.determinant));
  const auto radius =
      hn::Ceil(hn::Mul(Constant(3.0f), hn::Sqrt(hn::Add(middle, hn::Sqrt(spread)))));
  const auto x = hn::Sub(e.mean_x, half), y = hn::Sub(e.mean_y, half);
  const auto per_tile = Constant(1.0f / KERNELS_TILE), last = Constant(KERNELS_TILE - 1.0f);
  const auto floor_tile = [&](Vector v) HWY_ATTR {
    return hn::Mul(tile, hn::Floor(hn::Mul(v, per_tile)));
  };
  const auto one = Constant(1.0f);
  ranges->x0 = hn::Max(ranges->x0, floor_tile(hn::Sub(x, radius)));
  ranges->y0 = hn::Max(ranges->y0, floor_tile(hn::Sub(y, radius)));
  ranges->x1 =
      hn::Min(ranges->x1, hn::Sub(floor_tile(hn::Add(hn::Add(x, radius), last)), one));
  ranges->y1 =
      hn::Min(ranges->y1, hn::Sub(floor_tile(hn::Add(hn::Add(y, radius), last)), one));
}

// The blocks of 4 x 4 pixels that an ellipse touches in a window of 2 x 2 tiles.
struct Window {
  hn::Vec<IntLanes> left, right;  // the window's halves: bit 4 * row + column, rows 0 to 7
};

// What is the same for every row of blocks of an ellipse's window.
struct Outline {
  Vector shear;        // how far the middle of a row of pixels moves a row, pixels
  Vector width_scale;  // half width of the middle row, per root of the form
  Vector slope;        // squared c of the factored form, 1/pixel^2
  Vector level;        // where alpha = 1/255
  Vector tip;          // the rightmost point's height above the mean, pixels
};

// The columns of blocks, relative to `first_column`, that the ellipse touches between two heights
// above its mean; bit k of a lane stands for column k.
HWY_INLINE hn::Vec<IntLanes> RowOfBlocks(const Outline& o, const Ranges& ranges, Vector mean_x,
                                         Vector low, Vector high, hn::Vec<IntLanes> first_column) {
  const Lanes d;
  const IntLanes di;
  const auto zero = hn::Zero(d), slack = Constant(kExtentSlack), half = Constant(0.5f);
  // x = shear y +- width sqrt(level - slope y^2) is widest at the tip, or next to it.
  const auto right_y = hn::Min(hn::Max(o.tip, low), high);
  const auto left_y = hn::Min(hn::Max(hn::Neg(o.tip), low), high);
  const auto width = [&](Vector y) HWY_ATTR {
    const auto rest = hn::NegMulAdd(hn::Mul(o.slope, y), y, o.level);
    return hn::MulAdd(o.width_scale, hn::Sqrt(hn::Max(rest, zero)), slack);
  };
  const auto right = hn::Add(hn::MulAdd(o.shear, right_y, mean_x), width(right_y));
  const auto left = hn::Sub(hn::MulAdd(o.shear, left_y, mean_x), width(left_y));
  const auto first_x = hn::Max(hn::Ceil(hn::Sub(left, half)), ranges.x0);
  const auto last_x = hn::Min(hn::Floor(hn::Sub(right, half)), ranges.x1);
  const auto first =
      hn::Sub(hn::ShiftRight<2>(hn::ConvertTo(di, first_x)), first_column);
  const auto last = hn::Sub(hn::ShiftRight<2>(hn::ConvertTo(di, last_x)), first_column);
  const auto power = [&](hn::Vec<IntLanes> exponent) HWY_ATTR {  // a window has columns 0 to 7
    const hn::RebindToUnsigned<Lanes> du;
    const auto shift = hn::BitCast(du, hn::Min(exponent, hn::Set(di, 7)));
    return hn::BitCast(di, hn::Shl(hn::Set(du, 1u), shift));
  };
  const auto last_bit = power(last);
  const auto bits = hn::Sub(hn::Add(last_bit, last_bit), power(first));
  return hn::IfThenElseZero(hn::RebindMask(di, hn::Le(first_x, last_x)), bits);
}

// The window starts at the tile of the box's first pixel. A box of more than 2 x 2 tiles has none;
// its lanes hold any value.
HWY_INLINE Window WindowOf(const Ellipses& e, Vector log2_opacity, Vector q,
                           const Ranges& ranges, hn::Mask<Lanes> visible) {
  const Lanes d;
  const IntLanes di;
  const hn::RebindToUnsigned<Lanes> du;
  Outline o;
  o.shear = hn::Mul(e.cov_xy, e.inverse_yy);
  o.slope = hn::Mul(Constant(0.5f * kLog2E), e.inverse_yy);
  o.width_scale = e.row_width;
  const auto level = hn::Add(log2_opacity, Constant(kLog2Of255));
  o.level = hn::MulAdd(level, Constant(kExtentSlack), level);
  o.tip = hn::Div(hn::Mul(e.cov_xy, q), e.half_width);  // half_width is sqrt(q xx)
  const auto tile_mask = hn::Set(di, ~(kBlocksAcrossTile - 1));
  const auto first_column =
      hn::And(hn::ShiftRight<2>(hn::ConvertTo(di, ranges.x0)), tile_mask);
  const auto first_row = hn::ShiftRight<2>(hn::ConvertTo(di, ranges.y0));
  const auto last_row = hn::ShiftRight<2>(hn::ConvertTo(di, ranges.y1));
  const auto visible_rows = hn::IfThenElseZero(hn::RebindMask(di, visible),
                                               hn::Sub(last_row, first_row));
  const int rows = HWY_MIN(hn::GetLane(hn::MaxOfLanes(di, visible_rows)), kWindowRows - 1);
  // Heights of pixel centres above the mean; outside of the box's rows there is nothing.
  const auto half = Constant(0.5f);
  const auto bottom = hn::Sub(hn::Add(ranges.y0, half), e.mean_y);
  const auto top = hn::Sub(hn::Add(ranges.y1, half), e.mean_y);
  auto low = hn::Sub(hn::Add(hn::ConvertTo(d, hn::ShiftLeft<2>(first_row)), half), e.mean_y);
  auto shift = hn::ShiftLeft<2>(hn::Sub(first_row, hn::And(first_row, tile_mask)));
  Window window{hn::Zero(di), hn::Zero(di)};
  for (int row = 0; row <= rows; ++row) {
    const auto high = hn::Min(hn::Add(low, Constant(3.0f)), top);
    const auto is_there = hn::RebindMask(di, hn::Le(low, top));
    const auto touched = hn::IfThenElseZero(
        is_there,
        RowOfBlocks(o, ranges, e.mean_x, hn::Max(low, bottom), high, first_column));
    const auto place = hn::BitCast(du, hn::Min(shift, hn::Set(di, 28)));
    const auto left = hn::BitCast(du, hn::And(touched, hn::Set(di, 0xF)));
    const auto right = hn::BitCast(du, hn::ShiftRight<4>(touched));
    window.left = hn::Or(window.left, hn::BitCast(di, hn::Shl(left, place)));
    window.right = hn::Or(window.right, hn::BitCast(di, hn::Shl(right, place)));
    low = hn::Add(low, Constant(4.0f));
    shift = hn::Add(shift, hn::Set(di, 4));
  }
  return window;
}

// A vector of records before those that are not seen are left out, each in four parts.
struct Staging {
  HWY_ALIGN float words[4][4 * KERNELS_BLOCK];
  HWY_ALIGN int32_t boxes[4 * KERNELS_BLOCK];
  HWY_ALIGN int32_t windows[2 * KERNELS_BLOCK];
};

// The exponent's quadratic form as two squares: with the conic (yy, -xy, xx) / determinant it is
// (a dx + b dy)^2 + (c dy)^2, which no rounding makes negative.
HWY_INLINE void StageShape(const Ellipses& e, Vector log2_opacity, const Colour& colour,
                           Staging* staging) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const auto a = hn::Div(Constant(1.0f), e.row_width);
  const auto b = hn::Neg(hn::Mul(a, hn::Mul(e.cov_xy, e.inverse_yy)));
  const auto c = hn::Sqrt(hn::Mul(Constant(0.5f * kLog2E), e.inverse_yy));
  hn::StoreInterleaved4(e.mean_x, e.mean_y, a, b, d, staging->words[0]);
  hn::StoreInterleaved4(c, log2_opacity, hn::Max(colour.r, zero), hn::Max(colour.g, zero), d,
                        staging->words[1]);
}

HWY_INLINE void StageDepth(Vector depth, const Slope& slope, const Colour& colour,
                           const kernels_splats* splats, size_t splat, Staging* staging) {
  const Lanes d;
  const hn::RebindToUnsigned<Lanes> du;
  const auto blue = hn::Max(colour.b, hn::Zero(d));
  const auto indices = splats->source_indices ? hn::LoadU(du, splats->source_indices + splat)
                                              : hn::Iota(du, uint32_t(splat));
  const auto sources = hn::BitCast(d, hn::Add(indices, hn::Set(du, splats->first_index)));
  const auto instances =
      splats->instances ? hn::BitCast(d, hn::LoadU(du, splats->instances + splat)) : hn::Zero(d);
  const auto places = hn::BitCast(d, hn::Iota(du, uint32_t(splat)));
  hn::StoreInterleaved4(blue, depth, slope.x, slope.y, d, staging->words[2]);
  hn::StoreInterleaved4(slope.nearest, sources, instances, places, d, staging->words[3]);
}

HWY_INLINE void StageBox(const Ranges& ranges, const Window& window, Staging* staging) {
  const IntLanes di;
  hn::StoreInterleaved4(hn::ConvertTo(di, ranges.x0), hn::ConvertTo(di, ranges.x1),
                        hn::ConvertTo(di, ranges.y0), hn::ConvertTo(di, ranges.y1), di,
                        staging->boxes);
  hn::StoreInterleaved2(window.left, window.right, di, staging->windows);
}

HWY_INLINE void WriteRecord(const Staging& staging, int lane, kernels_record* record,
                            kernels_footprint* footprint) {
  const hn::Full128<float> quarter;
  float* out = reinterpret_cast<float*>(record);
  for (int part = 0; part < 4; ++part) {
    hn::Store(hn::Load(quarter, staging.words[part] + 4 * lane), quarter, out + 4 * part);
  }
  const int32_t* box = staging.boxes + 4 * lane;
  footprint->box =
      kernels_box{uint16_t(box[0]), uint16_t(box[1]), uint16_t(box[2]), uint16_t(box[3])};
  footprint->window[0] = uint32_t(staging.windows[2 * lane]);
  footprint->window[1] = uint32_t(staging.windows[2 * lane + 1]);
}

// log2 of the factor by which antialiasing dims a splat that the blur has widened (Yu et al.,
// "Mip-Splatting", 2024, as gsplat does it).
HWY_INLINE Vector Log2Compensation(const Ellipses& e) {
  const Lanes d;
  const auto ratio = hn::Max(hn::Div(e.sharp_determinant, e.determinant), Constant(2.5e-5f));
  return hn::Mul(Constant(0.5f), hn::Log2(d, ratio));
}

// Projects one vector of splats of a block and returns how many records it wrote.
HWY_INLINE int ProjectLanes(const kernels_splats* splats, const kernels_camera* camera,
                            int block, int lane, kernels_record* records,
                            kernels_footprint* footprints) {
  const Lanes d;
  const float* column =
      splats->geometry + size_t(block) * KERNELS_COLUMNS * KERNELS_BLOCK + lane;
  const auto load = [&](int i) HWY_ATTR { return hn::LoadU(d, column + i * KERNELS_BLOCK); };
  const auto x = load(0), y = load(1), z = load(2);
  const float *r = camera->rotation, *t = camera->translation;
  const auto depth = Affine(r + 6, x, y, z, t[2]);
  auto visible = hn::And(hn::Ge(depth, Constant(camera->near)),
                         hn::Le(depth, Constant(camera->far)));
  if (hn::AllFalse(d, visible)) return 0;

  Ellipses e;
  const auto inverse_z = hn::Div(Constant(1.0f), depth);
  const auto inverse_w = camera->parallel ? Constant(1.0f) : inverse_z;
  const auto slope_x = hn::Mul(Affine(r, x, y, z, t[0]), inverse_w);
  const auto slope_y = hn::Mul(Affine(r + 3, x, y, z, t[1]), inverse_w);
  e.mean_x = hn::MulAdd(Constant(camera->focal[0]), slope_x, Constant(camera->principal[0]));
  e.mean_y = hn::MulAdd(Constant(camera->focal[1]), slope_y, Constant(camera->principal[1]));
  ProjectCovariance(camera, column + 3 * KERNELS_BLOCK,
                    SlopesAndDepth{slope_x, slope_y, inverse_z, inverse_w}, &e);

  // alpha = opacity * exp(-q / 2) falls to 1/255 where q = 2 ln(255 * opacity).
  auto log2_opacity = load(12);
  if (splats->share < 1) log2_opacity = Log2OfShare(log2_opacity, splats->share);
  if (camera->antialiased) log2_opacity = hn::Add(log2_opacity, Log2Compensation(e));
  const auto q =
      hn::Mul(hn::Add(log2_opacity, Constant(kLog2Of255)), Constant(2.0f / kLog2E));
  const auto zero = hn::Zero(d), slack = Constant(kExtentSlack);
  const auto grown = hn::MulAdd(q, slack, q);
  e.inverse_yy = hn::Div(Constant(1.0f), e.cov_yy);
  e.row_width = hn::Sqrt(
      hn::Mul(hn::Mul(e.determinant, e.inverse_yy), Constant(2.0f / kLog2E)));
  e.half_width = hn::Add(hn::Sqrt(hn::Mul(grown, e.cov_xx)), slack);
  e.half_height = hn::Add(hn::Sqrt(hn::Mul(grown, e.cov_yy)), slack);
  // Huge splats overflow to infinity or NaN and fail the first or the second test.
  visible = hn::And(visible, hn::And(hn::Gt(e.determinant, zero), hn::Ge(q, zero)));
  visible = hn::And(visible, hn::Lt(e.determinant, Constant(3.4e38f)));
  auto ranges = PixelRanges(camera, e);
  if (camera->square_extent) CutToSquare(e, &ranges);
  visible = hn::And(visible, hn::And(hn::Le(ranges.x0, ranges.x1),
                                     hn::Le(ranges.y0, ranges.y1)));
  uint64_t bits = 0;
  hn::StoreMaskBits(d, visible, reinterpret_cast<uint8_t*>(&bits));
  bits &= (uint64_t(1) << hn::Lanes(d)) - 1;
  if (bits == 0) return 0;

  Colour colour{load(13), load(14), load(15)};
  if (splats->rest_count > 0) {
    const float* rest =
        splats->rest + size_t(block) * 3 * splats->rest_count * KERNELS_BLOCK + lane;
    colour = AddSh(camera, x, y, z, rest, splats->rest_count, colour);
  }
  Staging staging;
  StageShape(e, log2_opacity, colour, &staging);
  StageDepth(depth, SlopeOf(e, depth, q), colour, splats, size_t(block) * KERNELS_BLOCK + lane,
             &staging);
  StageBox(ranges, WindowOf(e, log2_opacity, q, ranges, visible), &staging);
  int written = 0;
  for (; bits != 0; bits &= bits - 1) {
    const int i = __builtin_ctzll(bits);
    WriteRecord(staging, i, records + written, footprints + written);
    ++written;
  }
  return written;
}

static int32_t Project(const kernels_splats* splats, const kernels_camera* camera,
                       int32_t first_block, int32_t end_block, int32_t first,
                       kernels_record* records, kernels_footprint* footprints,
                       uint64_t* keys) {
  const int step = int(hn::Lanes(Lanes()));
  int32_t end = first;
  for (int32_t block = first_block; block < end_block; ++block) {
    for (int lane = 0; lane < KERNELS_BLOCK; lane += step) {
      end += ProjectLanes(splats, camera, block, lane, records + end, footprints + end);
    }
  }
  for (int32_t i = first; i < end; ++i) {
    uint32_t depth_bits;  // positive floats sort as their bits do
    memcpy(&depth_bits, &records[i].depth, sizeof(depth_bits));
    keys[i] = uint64_t(depth_bits) << 32 | uint32_t(i);
  }
  return end - first;
}

static const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(Project);
HWY_EXPORT(TargetName);
}  // namespace diorama

extern "C" int32_t kernels_project(const kernels_splats* splats, const kernels_camera* camera,
                                   int32_t first_block, int32_t end_block, int32_t first,
                                   kernels_record* records, kernels_footprint* footprints,
                                   uint64_t* keys) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(Project)(splats, camera, first_block, end_block, first, records,
                                       footprints, keys);
}

extern "C" const char* kernels_target_name(void) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(TargetName)();
}

extern "C" int32_t kernels_use_target(const char* name) {
  // Better instruction sets are lower bits.
  for (int64_t target = 1; target != 0 && target < HWY_STATIC_TARGET * 2; target *= 2) {
    if ((hwy::SupportedTargets() & target) == 0) continue;
    if (strcmp(name, hwy::TargetName(target)) != 0) continue;
    hwy::DisableTargets(target - 1);
    hwy::GetChosenTarget().DeInit();
    return 1;
  }
  return 0;
}
#endif
