// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Pages of a scene file into blocks that can be drawn.
//
// Sketch of the limit, one splat: 17 bytes in, 64 out, some 70 operations and four look-ups in
// tables of 1 KiB. One AVX2 core needs 2 ns for the arithmetic and 8 ns for writing to memory that
// is in no cache at 8 GB/s: the writing decides, so blocks are written once, front to back.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/levels.h"
#include "include/pages.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unpack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

using IntLanes = hn::RebindToSigned<Lanes>;

constexpr int kScaleColumn = 6, kRotationColumn = 9, kOpacityColumn = 13, kColourColumn = 14;
constexpr int kColumns = 17;
constexpr int kOpacity = 12;                // the column of log2 opacity in a block
constexpr float kPaddingLog2 = -1000.0f;    // far below any opacity that is drawn
constexpr float kRootHalf = 0.70710678119f;
constexpr double kThickness2 = 1e-6;        // as `Blob.thickness2`
constexpr double kFourPi = 12.566370614359172;

// The bytes of a column as whole numbers.
HWY_INLINE hn::Vec<IntLanes> Bytes(const uint8_t* column) {
  const hn::Rebind<uint8_t, Lanes> bytes;
  return hn::PromoteTo(IntLanes(), hn::LoadU(bytes, column));
}

HWY_INLINE Vector Floats(hn::Vec<IntLanes> whole) { return hn::ConvertTo(Lanes(), whole); }

// The extent of the splats of a group so far.
struct Extent {
  Vector low[3], high[3], deviation;

  void Clear() {
    for (int i = 0; i < 3; ++i) {
      low[i] = Constant(3.4e38f);
      high[i] = Constant(-3.4e38f);
    }
    deviation = Constant(0);
  }

  void Write(float* out) const {
    const Lanes d;
    for (int i = 0; i < 3; ++i) {
      out[i] = hn::GetLane(hn::MinOfLanes(d, low[i]));
      out[3 + i] = hn::GetLane(hn::MaxOfLanes(d, high[i]));
    }
    out[6] = hn::GetLane(hn::MaxOfLanes(d, deviation));
  }
};

// The rotation of a word with the largest part of the quaternion left out, as a matrix.
HWY_INLINE void Rotate(hn::Vec<IntLanes> word, Vector* m) {
  const Lanes d;
  const IntLanes di;
  const auto largest = hn::ShiftRight<30>(hn::BitCast(hn::RebindToUnsigned<Lanes>(), word));
  const auto which = hn::BitCast(di, largest);
  const auto mask = hn::Set(di, 1023);
  // The share of 1023 goes from -1 to 1 over sqrt(2).
  const auto part = [&](hn::Vec<IntLanes> bits) HWY_ATTR {
    return hn::MulAdd(Floats(hn::And(bits, mask)), Constant(2 * kRootHalf / 1023),
                      Constant(-kRootHalf));
  };
  const auto a = part(hn::ShiftRight<20>(word)), b = part(hn::ShiftRight<10>(word));
  const auto c = part(word);
  const auto sum = hn::MulAdd(a, a, hn::MulAdd(b, b, hn::Mul(c, c)));
  const auto top = hn::Sqrt(hn::Max(hn::Sub(Constant(1), sum), hn::Zero(d)));
  const auto is = [&](int i) HWY_ATTR {
    return hn::RebindMask(d, hn::Eq(which, hn::Set(di, i)));
  };
  const auto is_w = is(0), is_x = is(1), is_z = is(3);
  const auto from_front = hn::RebindMask(d, hn::Lt(which, hn::Set(di, 2)));
  const auto w = hn::IfThenElse(is_w, top, a);
  const auto x = hn::IfThenElse(is_w, a, hn::IfThenElse(is_x, top, b));
  const auto y = hn::IfThenElse(from_front, b, hn::IfThenElse(is_z, c, top));
  const auto z = hn::IfThenElse(is_z, top, c);
  // Of three parts whose squares add up to more than 1 the length is not 1.
  const auto two = hn::Div(Constant(2), hn::Max(sum, Constant(1)));
  const auto sx = hn::Mul(two, x), sy = hn::Mul(two, y), sz = hn::Mul(two, z);
  const auto wx = hn::Mul(w, sx), wy = hn::Mul(w, sy), wz = hn::Mul(w, sz);
  const auto xx = hn::Mul(x, sx), xy = hn::Mul(x, sy), xz = hn::Mul(x, sz);
  const auto yy = hn::Mul(y, sy), yz = hn::Mul(y, sz), zz = hn::Mul(z, sz);
  const auto one = Constant(1);
  m[0] = hn::Sub(one, hn::Add(yy, zz));
  m[1] = hn::Add(xy, wz);
  m[2] = hn::Sub(xz, wy);
  m[3] = hn::Sub(xy, wz);
  m[4] = hn::Sub(one, hn::Add(xx, zz));
  m[5] = hn::Add(yz, wx);
  m[6] = hn::Add(xz, wy);
  m[7] = hn::Sub(yz, wx);
  m[8] = hn::Sub(one, hn::Add(xx, yy));
}

// Writes a block whose columns of bytes are `stride` apart.
HWY_INLINE void UnpackBlock(const kernels_page* page, const uint8_t* columns, size_t stride,
                            float* block, Extent* extent) {
  const Lanes d;
  const IntLanes di;
  for (size_t lane = 0; lane < KERNELS_BLOCK; lane += hn::Lanes(d)) {
    const auto bytes = [&](int column) HWY_ATTR {
      return Bytes(columns + size_t(column) * stride + lane);
    };
    const auto put = [&](int column, Vector value) HWY_ATTR {
      hn::Store(value, d, block + column * KERNELS_BLOCK + lane);
    };
    for (int i = 0; i < 3; ++i) {
      const auto place = hn::Or(bytes(2 * i), hn::ShiftLeft<8>(bytes(2 * i + 1)));
      const auto position = hn::MulAdd(Floats(place), Constant(page->position_step[i]),
                                       Constant(page->position_low[i]));
      extent->low[i] = hn::Min(extent->low[i], position);
      extent->high[i] = hn::Max(extent->high[i], position);
      put(i, position);
    }
    auto word = bytes(kRotationColumn);
    word = hn::Or(word, hn::ShiftLeft<8>(bytes(kRotationColumn + 1)));
    word = hn::Or(word, hn::ShiftLeft<16>(bytes(kRotationColumn + 2)));
    word = hn::Or(word, hn::ShiftLeft<24>(bytes(kRotationColumn + 3)));
    Vector m[9];
    Rotate(word, m);
    for (int k = 0; k < 3; ++k) {
      const auto deviation = hn::GatherIndex(d, page->deviations, bytes(kScaleColumn + k));
      extent->deviation = hn::Max(extent->deviation, deviation);
      for (int i = 0; i < 3; ++i) put(3 + 3 * k + i, hn::Mul(m[3 * k + i], deviation));
    }
    put(kOpacity, hn::GatherIndex(d, page->log2_opacities, bytes(kOpacityColumn)));
    for (int i = 0; i < 3; ++i) {
      put(kOpacity + 1 + i,
          hn::MulAdd(Floats(bytes(kColourColumn + i)), Constant(page->colour_step[i]),
                     Constant(page->colour_low[i])));
    }
  }
}

// Writes a block of the coefficients above degree 0.
HWY_INLINE void UnpackRest(const kernels_page* page, const int8_t* columns, size_t stride,
                           float* block) {
  const Lanes d;
  const hn::Rebind<int8_t, Lanes> bytes;
  for (int column = 0; column < 3 * page->rest_count; ++column) {
    const int degree = column < 9 ? 0 : column < 24 ? 1 : 2;
    const auto step = Constant(page->rest_step[degree]);
    for (size_t lane = 0; lane < KERNELS_BLOCK; lane += hn::Lanes(d)) {
      const auto whole = hn::PromoteTo(
          IntLanes(), hn::LoadU(bytes, columns + size_t(column) * stride + lane));
      hn::Store(hn::Mul(Floats(whole), step), d, block + column * KERNELS_BLOCK + lane);
    }
  }
}

// Brings the last splats of some columns, fewer than a block, into a block of bytes that ends with
// copies of the last one.
template <class Byte>
HWY_INLINE void CopyTail(const Byte* columns, size_t stride, int column_count, int count,
                         Byte* tail) {
  for (int column = 0; column < column_count; ++column) {
    const Byte* from = columns + size_t(column) * stride;
    for (int i = 0; i < KERNELS_BLOCK; ++i) {
      tail[column * KERNELS_BLOCK + i] = from[HWY_MIN(i, count - 1)];
    }
  }
}

static void UnpackPage(const kernels_page* page, float* geometry, float* rest, float* extents) {
  constexpr int kMostRest = 3 * 15;
  const size_t count = size_t(page->count), stride = count;
  Extent extent;
  extent.Clear();
  for (size_t first = 0; first < count; first += KERNELS_BLOCK) {
    float* block = geometry + first * KERNELS_COLUMNS;
    float* rest_block = rest + first * 3 * size_t(page->rest_count);
    const int left = int(HWY_MIN(count - first, size_t(KERNELS_BLOCK)));
    if (left == KERNELS_BLOCK) {
      UnpackBlock(page, page->columns + first, stride, block, &extent);
      if (page->rest_count > 0) UnpackRest(page, page->rest + first, stride, rest_block);
    } else {
      uint8_t tail[kColumns * KERNELS_BLOCK];
      CopyTail(page->columns + first, stride, kColumns, left, tail);
      UnpackBlock(page, tail, KERNELS_BLOCK, block, &extent);
      for (int i = left; i < KERNELS_BLOCK; ++i) {
        block[kOpacity * KERNELS_BLOCK + i] = kPaddingLog2;
      }
      if (page->rest_count > 0) {
        int8_t rest_tail[kMostRest * KERNELS_BLOCK];
        CopyTail(page->rest + first, stride, 3 * page->rest_count, left, rest_tail);
        UnpackRest(page, rest_tail, KERNELS_BLOCK, rest_block);
      }
    }
    const size_t end = first + KERNELS_BLOCK;
    if (end % KERNELS_GROUP == 0 || end >= count) {
      extent.Write(extents + first / KERNELS_GROUP * KERNELS_EXTENT);
      extent.Clear();
    }
  }
}

using Doubles = hn::CappedTag<double, 8>;
using Double = hn::Vec<Doubles>;

// The moments of the splats of a block of KERNELS_BLOCK: [KERNELS_JOINED_COLUMNS x KERNELS_BLOCK].
HWY_INLINE void BlockMoments(const float* block, double* moments) {
  const Doubles d;
  const hn::Rebind<float, Doubles> floats;
  const auto constant = [&](double value) HWY_ATTR { return hn::Set(d, value); };
  for (size_t lane = 0; lane < KERNELS_BLOCK; lane += hn::Lanes(d)) {
    const auto get = [&](int column) HWY_ATTR {
      return hn::PromoteTo(d, hn::LoadU(floats, block + column * KERNELS_BLOCK + lane));
    };
    const auto put = [&](int column, Double value) HWY_ATTR {
      hn::StoreU(value, d, moments + column * KERNELS_BLOCK + lane);
    };
    Double c[6];
    int place = 0;
    for (int i = 0; i < 3; ++i) {
      put(i, get(i));
      for (int j = i; j < 3; ++j) {
        auto sum = constant(i == j ? kThickness2 : 0);
        for (int k = 0; k < 3; ++k) sum = hn::MulAdd(get(3 + 3 * k + i), get(3 + 3 * k + j), sum);
        put(3 + place, sum);
        c[place++] = sum;
      }
    }
    const auto minor = [](Double p, Double q, Double r, Double s) HWY_ATTR {
      return hn::Sub(hn::Mul(p, q), hn::Mul(r, s));
    };
    const auto yy_zz = minor(c[3], c[5], c[4], c[4]);
    put(9, hn::MulAdd(c[0], yy_zz, hn::Sub(hn::Mul(c[2], minor(c[1], c[4], c[3], c[2])),
                                           hn::Mul(c[1], minor(c[1], c[5], c[4], c[2])))));
    const auto invariant = hn::Add(yy_zz, hn::Add(minor(c[0], c[3], c[1], c[1]),
                                                  minor(c[0], c[5], c[2], c[2])));
    const auto area = hn::Mul(
        constant(kFourPi),
        hn::Sqrt(hn::Mul(hn::Max(invariant, hn::Zero(d)), constant(1.0 / 3))));
    const auto opacity = get(kOpacity);
    put(10, opacity);
    for (int i = 0; i < 3; ++i) put(11 + i, get(kOpacity + 1 + i));
    put(14, hn::Max(hn::Mul(opacity, area), constant(2.2250738585072014e-308)));
    put(15, hn::Zero(d));
  }
}

static void PageMoments(const kernels_page* page, const float* offset, double* columns,
                        size_t stride) {
  const size_t count = size_t(page->count);
  Extent extent;
  extent.Clear();
  for (size_t first = 0; first < count; first += KERNELS_BLOCK) {
    const size_t left = HWY_MIN(count - first, size_t(KERNELS_BLOCK));
    HWY_ALIGN float block[KERNELS_COLUMNS * KERNELS_BLOCK];
    uint8_t tail[kColumns * KERNELS_BLOCK];
    const uint8_t* bytes = page->columns + first;
    size_t apart = count;
    if (left < KERNELS_BLOCK) {
      CopyTail(bytes, count, kColumns, int(left), tail);
      bytes = tail;
      apart = KERNELS_BLOCK;
    }
    UnpackBlock(page, bytes, apart, block, &extent);
    for (int i = 0; i < KERNELS_BLOCK; ++i) {
      block[kOpacity * KERNELS_BLOCK + i] =
          float(bytes[size_t(kOpacityColumn) * apart + size_t(i)]) / 255;
      for (int axis = 0; axis < 3; ++axis) block[axis * KERNELS_BLOCK + i] += offset[axis];
    }
    HWY_ALIGN double moments[KERNELS_JOINED_COLUMNS * KERNELS_BLOCK];
    BlockMoments(block, moments);
    for (size_t k = 0; k < KERNELS_JOINED_COLUMNS; ++k) {
      memcpy(columns + k * stride + first, moments + k * KERNELS_BLOCK, left * sizeof(double));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(UnpackPage);
HWY_EXPORT(PageMoments);
}  // namespace diorama

extern "C" void kernels_unpack_page(const kernels_page* page, float* geometry, float* rest,
                                    float* extents) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(UnpackPage)(page, geometry, rest, extents);
}

extern "C" void kernels_page_moments(const kernels_page* page, const float* offset,
                                     double* columns, size_t stride) {
  HWY_DYNAMIC_DISPATCH(diorama::PageMoments)(page, offset, columns, stride);
}
#endif
