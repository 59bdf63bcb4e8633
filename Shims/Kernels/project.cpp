// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Projection of packed splats to records, 4, 8 or 16 at a time.
//
// Sketch of the limit, one splat with SH degree 3: 52 + 180 bytes in, 64 out, about 150 + 90 + 90
// FLOP. One AVX-512 core at 200 GFLOP/s and 10 GB/s needs 1.7 ns for the arithmetic and 30 ns for
// the bytes: projection is bound by memory, so culled blocks must not be read, colours are read
// only where a splat is visible, and columns lie in blocks so that a splat's bytes come as streams.

#include <stddef.h>
#include <string.h>

#include "include/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "project.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_BLOCK>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;
using Mask = hn::Mask<Lanes>;

constexpr float kBlur = 0.3f;                 // pixel^2 added to the covariance (3DGS)
constexpr float kLog2E = 1.44269504089f;      // log2(e)
constexpr float kLog2Of255 = 7.99435343686f;  // alpha below 1/255 is not drawn
constexpr float kExtentSlack = 1e-3f;         // extents grow so that only alpha decides a pixel
constexpr float kSlopeFloor = 0.01f;          // pixel^2 added where the covariance is inverted,
constexpr float kSlopeRelativeFloor = 1e-5f;  // and of its trace: an edge-on splat has a slope
constexpr float kDepthReach = 5.0f;           // deviations that a depth may leave the centre's,
constexpr float kRelativeReach = 0.5f;        // and the part of the centre's depth
constexpr float kNearestSlack = 1e-5f;        // bounds yield to the blending's rounding

struct Colour {
  Vector r, g, b;
};

// What the projection of a vector of splats leaves for the records.
struct Ellipses {
  Vector mean_x, mean_y;           // pixels
  Vector cov_xx, cov_xy, cov_yy;   // pixel^2, blurred
  Vector determinant;              // pixel^4
  Vector half_width, half_height;  // pixels, to where alpha = 1/255
  Vector depth_x, depth_y;         // covariance of relative depth and image, pixel
  Vector depth_variance;           // of relative depth
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

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

// The dot product of a matrix row and a vector, plus an offset.
HWY_INLINE Vector Affine(const float* row, Vector x, Vector y, Vector z, float offset) {
  auto sum = hn::MulAdd(Constant(row[2]), z, Constant(offset));
  sum = hn::MulAdd(Constant(row[1]), y, sum);
  return hn::MulAdd(Constant(row[0]), x, sum);
}

// The basis of Sloan, "Efficient spherical harmonic evaluation", JCGT 2013, without degree 0.
HWY_INLINE int ShBasis(Vector x, Vector y, Vector z, int count, Vector* basis) {
  const auto xx = hn::Mul(x, x), yy = hn::Mul(y, y), zz = hn::Mul(z, z);
  basis[0] = hn::Mul(Constant(-0.48860251190292f), y);
  basis[1] = hn::Mul(Constant(0.48860251190292f), z);
  basis[2] = hn::Mul(Constant(-0.48860251190292f), x);
  if (count < 8) return 3;
  const auto xy = hn::Mul(x, y), yz = hn::Mul(y, z), xz = hn::Mul(x, z);
  const auto difference = hn::Sub(xx, yy);
  basis[3] = hn::Mul(Constant(1.092548430592079f), xy);
  basis[4] = hn::Mul(Constant(-1.092548430592079f), yz);
  basis[5] = hn::MulAdd(Constant(0.9461746957575601f), zz, Constant(-0.3153915652525201f));
  basis[6] = hn::Mul(Constant(-1.092548430592079f), xz);
  basis[7] = hn::Mul(Constant(0.5462742152960395f), difference);
  if (count < 15) return 8;
  const auto three = Constant(3.0f);
  const auto band1 = hn::MulAdd(Constant(-2.285228997322329f), zz, Constant(0.4570457994644658f));
  basis[8] = hn::Mul(Constant(-0.5900435899266435f),
                     hn::Mul(y, hn::Sub(hn::Mul(three, xx), yy)));
  basis[9] = hn::Mul(Constant(2.890611442640554f), hn::Mul(xy, z));
  basis[10] = hn::Mul(band1, y);
  basis[11] = hn::Mul(z, hn::MulAdd(Constant(1.865881662950577f), zz,
                                    Constant(-1.119528997770346f)));
  basis[12] = hn::Mul(band1, x);
  basis[13] = hn::Mul(Constant(1.445305721320277f), hn::Mul(z, difference));
  basis[14] = hn::Mul(Constant(-0.5900435899266435f),
                      hn::Mul(x, hn::Sub(xx, hn::Mul(three, yy))));
  return 15;
}

HWY_INLINE Colour AddSh(const kernels_camera* camera, Vector x, Vector y, Vector z,
                        const float* rest, int count, Colour colour) {
  const Lanes d;
  x = hn::Sub(x, Constant(camera->eye[0]));
  y = hn::Sub(y, Constant(camera->eye[1]));
  z = hn::Sub(z, Constant(camera->eye[2]));
  const auto squared = hn::MulAdd(x, x, hn::MulAdd(y, y, hn::Mul(z, z)));
  const auto inverse = hn::Div(Constant(1.0f), hn::Sqrt(squared));
  Vector basis[15];
  const int used =
      ShBasis(hn::Mul(x, inverse), hn::Mul(y, inverse), hn::Mul(z, inverse), count, basis);
  for (int k = 0; k < used; ++k, rest += 3 * KERNELS_BLOCK) {
    colour.r = hn::MulAdd(basis[k], hn::LoadU(d, rest), colour.r);
    colour.g = hn::MulAdd(basis[k], hn::LoadU(d, rest + KERNELS_BLOCK), colour.g);
    colour.b = hn::MulAdd(basis[k], hn::LoadU(d, rest + 2 * KERNELS_BLOCK), colour.b);
  }
  return colour;
}

// EWA splatting: the 2-D covariance J W Sigma W^T J^T of the 3-D one, blurred (3DGS, section 4).
HWY_INLINE void ProjectCovariance(const kernels_camera* camera, const float* sigma,
                                  Vector slope_x, Vector slope_y, Vector inverse_z,
                                  Ellipses* e) {
  const Lanes d;
  const float* r = camera->rotation;
  const auto kx = hn::Mul(Constant(camera->focal[0]), inverse_z);
  const auto ky = hn::Mul(Constant(camera->focal[1]), inverse_z);
  const auto tx = hn::Min(hn::Max(slope_x, Constant(camera->minimum_slope[0])),
                          Constant(camera->maximum_slope[0]));
  const auto ty = hn::Min(hn::Max(slope_y, Constant(camera->minimum_slope[1])),
                          Constant(camera->maximum_slope[1]));
  Vector u[3], v[3];  // the rows of J W
  for (int i = 0; i < 3; ++i) {
    u[i] = hn::Mul(kx, hn::NegMulAdd(tx, Constant(r[6 + i]), Constant(r[i])));
    v[i] = hn::Mul(ky, hn::NegMulAdd(ty, Constant(r[6 + i]), Constant(r[3 + i])));
  }
  const auto xx = hn::LoadU(d, sigma), xy = hn::LoadU(d, sigma + KERNELS_BLOCK);
  const auto xz = hn::LoadU(d, sigma + 2 * KERNELS_BLOCK);
  const auto yy = hn::LoadU(d, sigma + 3 * KERNELS_BLOCK);
  const auto yz = hn::LoadU(d, sigma + 4 * KERNELS_BLOCK);
  const auto zz = hn::LoadU(d, sigma + 5 * KERNELS_BLOCK);
  const auto a0 = hn::MulAdd(xx, u[0], hn::MulAdd(xy, u[1], hn::Mul(xz, u[2])));
  const auto a1 = hn::MulAdd(xy, u[0], hn::MulAdd(yy, u[1], hn::Mul(yz, u[2])));
  const auto a2 = hn::MulAdd(xz, u[0], hn::MulAdd(yz, u[1], hn::Mul(zz, u[2])));
  const auto b0 = hn::MulAdd(xx, v[0], hn::MulAdd(xy, v[1], hn::Mul(xz, v[2])));
  const auto b1 = hn::MulAdd(xy, v[0], hn::MulAdd(yy, v[1], hn::Mul(yz, v[2])));
  const auto b2 = hn::MulAdd(xz, v[0], hn::MulAdd(yz, v[1], hn::Mul(zz, v[2])));
  const auto sharp_xx = hn::MulAdd(u[0], a0, hn::MulAdd(u[1], a1, hn::Mul(u[2], a2)));
  const auto sharp_yy = hn::MulAdd(v[0], b0, hn::MulAdd(v[1], b1, hn::Mul(v[2], b2)));
  e->cov_xx = hn::Add(sharp_xx, Constant(kBlur));
  e->cov_yy = hn::Add(sharp_yy, Constant(kBlur));
  e->cov_xy = hn::MulAdd(v[0], a0, hn::MulAdd(v[1], a1, hn::Mul(v[2], a2)));
  e->determinant = hn::NegMulAdd(e->cov_xy, e->cov_xy, hn::Mul(e->cov_xx, e->cov_yy));
  Vector w[3];  // the row of W that gives the depth, relative to the centre's
  for (int i = 0; i < 3; ++i) w[i] = hn::Mul(inverse_z, Constant(r[6 + i]));
  const auto c0 = hn::MulAdd(xx, w[0], hn::MulAdd(xy, w[1], hn::Mul(xz, w[2])));
  const auto c1 = hn::MulAdd(xy, w[0], hn::MulAdd(yy, w[1], hn::Mul(yz, w[2])));
  const auto c2 = hn::MulAdd(xz, w[0], hn::MulAdd(yz, w[1], hn::Mul(zz, w[2])));
  e->depth_x = hn::MulAdd(u[0], c0, hn::MulAdd(u[1], c1, hn::Mul(u[2], c2)));
  e->depth_y = hn::MulAdd(v[0], c0, hn::MulAdd(v[1], c1, hn::Mul(v[2], c2)));
  e->depth_variance = hn::MulAdd(w[0], c0, hn::MulAdd(w[1], c1, hn::Mul(w[2], c2)));
}

// The slope of E[depth | pixel] = Sigma_zu Sigma_uu^-1, of the covariance without the blur: the
// blur only widens what a pixel gathers, and would flatten the slope of splats as small as it.
// Where the slope would lead further from the centre than the splat reaches, it is reduced.
HWY_INLINE Slope SlopeOf(const Ellipses& e, Vector depth, Vector q) {
  const Lanes d;
  const auto one = Constant(1.0f);
  const auto trace = hn::Add(e.cov_xx, e.cov_yy);
  const auto floor =
      hn::MulAdd(trace, Constant(kSlopeRelativeFloor), Constant(kSlopeFloor - kBlur));
  const auto xx = hn::Add(e.cov_xx, floor), yy = hn::Add(e.cov_yy, floor);
  const auto inverse = hn::Div(one, hn::NegMulAdd(e.cov_xy, e.cov_xy, hn::Mul(xx, yy)));
  const auto x = hn::Mul(hn::MulSub(e.depth_x, yy, hn::Mul(e.depth_y, e.cov_xy)), inverse);
  const auto y = hn::Mul(hn::MulSub(e.depth_y, xx, hn::Mul(e.depth_x, e.cov_xy)), inverse);
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

constexpr int kStagedFloats = 13;  // the words of a record from mean to nearest

// The columns of a vector of records before they are cut into records.
struct Staging {
  HWY_ALIGN float floats[kStagedFloats][KERNELS_BLOCK];
  HWY_ALIGN int32_t ranges[4][KERNELS_BLOCK];
};

HWY_INLINE void StageDepth(Vector depth, const Slope& slope, Staging* staging) {
  const Lanes d;
  hn::Store(depth, d, staging->floats[9]);
  hn::Store(slope.x, d, staging->floats[10]);
  hn::Store(slope.y, d, staging->floats[11]);
  hn::Store(slope.nearest, d, staging->floats[12]);
}

HWY_INLINE void StageShape(const Ellipses& e, Vector log2_opacity, const Ranges& ranges,
                           Staging* staging) {
  const Lanes d;
  const IntLanes di;
  const auto inverse = hn::Div(Constant(1.0f), e.determinant);
  const auto scale = hn::Mul(Constant(-0.5f * kLog2E), inverse);
  hn::Store(e.mean_x, d, staging->floats[0]);
  hn::Store(e.mean_y, d, staging->floats[1]);
  hn::Store(hn::Mul(scale, e.cov_yy), d, staging->floats[2]);
  hn::Store(hn::Mul(hn::Mul(Constant(kLog2E), inverse), e.cov_xy), d, staging->floats[3]);
  hn::Store(hn::Mul(scale, e.cov_xx), d, staging->floats[4]);
  hn::Store(log2_opacity, d, staging->floats[5]);
  hn::Store(hn::ConvertTo(di, ranges.x0), di, staging->ranges[0]);
  hn::Store(hn::ConvertTo(di, ranges.x1), di, staging->ranges[1]);
  hn::Store(hn::ConvertTo(di, ranges.y0), di, staging->ranges[2]);
  hn::Store(hn::ConvertTo(di, ranges.y1), di, staging->ranges[3]);
}

HWY_INLINE void StageColour(const Colour& colour, Staging* staging) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  hn::Store(hn::Max(colour.r, zero), d, staging->floats[6]);
  hn::Store(hn::Max(colour.g, zero), d, staging->floats[7]);
  hn::Store(hn::Max(colour.b, zero), d, staging->floats[8]);
}

HWY_INLINE void WriteRecord(const kernels_splats* splats, const Staging& staging, int lane,
                            int splat, kernels_record* record, kernels_box* box) {
  float* out = reinterpret_cast<float*>(record);
  for (int word = 0; word < kStagedFloats; ++word) out[word] = staging.floats[word][lane];
  record->source_index = splats->source_indices[splat];
  record->instance = splats->instances ? splats->instances[splat] : 0;
  box->x0 = uint16_t(staging.ranges[0][lane]);
  box->x1 = uint16_t(staging.ranges[1][lane]);
  box->y0 = uint16_t(staging.ranges[2][lane]);
  box->y1 = uint16_t(staging.ranges[3][lane]);
}

// Projects one vector of splats of a block and returns how many records it wrote.
HWY_INLINE int ProjectLanes(const kernels_splats* splats, const kernels_camera* camera,
                            int block, int lane, kernels_record* records,
                            kernels_box* boxes) {
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
  const auto slope_x = hn::Mul(Affine(r, x, y, z, t[0]), inverse_z);
  const auto slope_y = hn::Mul(Affine(r + 3, x, y, z, t[1]), inverse_z);
  e.mean_x = hn::MulAdd(Constant(camera->focal[0]), slope_x, Constant(camera->principal[0]));
  e.mean_y = hn::MulAdd(Constant(camera->focal[1]), slope_y, Constant(camera->principal[1]));
  ProjectCovariance(camera, column + 3 * KERNELS_BLOCK, slope_x, slope_y, inverse_z, &e);

  // alpha = opacity * exp(-q / 2) falls to 1/255 where q = 2 ln(255 * opacity).
  const auto log2_opacity = load(9);
  const auto q =
      hn::Mul(hn::Add(log2_opacity, Constant(kLog2Of255)), Constant(2.0f / kLog2E));
  const auto zero = hn::Zero(d), slack = Constant(kExtentSlack);
  const auto grown = hn::MulAdd(q, slack, q);
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

  Staging staging;
  StageShape(e, log2_opacity, ranges, &staging);
  StageDepth(depth, SlopeOf(e, depth, q), &staging);
  Colour colour{load(10), load(11), load(12)};
  if (splats->rest_count > 0) {
    const float* rest =
        splats->rest + size_t(block) * 3 * splats->rest_count * KERNELS_BLOCK + lane;
    colour = AddSh(camera, x, y, z, rest, splats->rest_count, colour);
  }
  StageColour(colour, &staging);
  int written = 0;
  for (; bits != 0; bits &= bits - 1) {
    const int i = __builtin_ctzll(bits);
    WriteRecord(splats, staging, i, block * KERNELS_BLOCK + lane + i, records + written,
                boxes + written);
    ++written;
  }
  return written;
}

static int32_t Project(const kernels_splats* splats, const kernels_camera* camera,
                       int32_t first_block, int32_t end_block, int32_t first,
                       kernels_record* records, kernels_box* boxes, uint64_t* keys) {
  const int step = int(hn::Lanes(Lanes()));
  int32_t end = first;
  for (int32_t block = first_block; block < end_block; ++block) {
    for (int lane = 0; lane < KERNELS_BLOCK; lane += step) {
      end += ProjectLanes(splats, camera, block, lane, records + end, boxes + end);
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
                                   kernels_record* records, kernels_box* boxes,
                                   uint64_t* keys) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(Project)(splats, camera, first_block, end_block, first, records,
                                       boxes, keys);
}

extern "C" const char* kernels_target_name(void) {
  using namespace diorama;
  return HWY_DYNAMIC_DISPATCH(TargetName)();
}
#endif
