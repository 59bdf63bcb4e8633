// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Splats into the bytes of a page of a scene file.
//
// Sketch of the limit, one splat: 56 bytes in, 17 out, some 90 operations, 14 gathers from L2; the
// curve costs six rounds of a radix sort. 15 ns on one AVX2 core, of which the sort is half.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <algorithm>

#include "include/pages.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

using IntLanes = hn::RebindToSigned<Lanes>;
using Whole = hn::Vec<IntLanes>;

constexpr float kRootTwo = 1.41421356237f;

// Rounds to a whole number from 0 to a largest one.
HWY_INLINE Whole Round(Vector value, float largest) {
  const auto rounded = hn::Floor(hn::Add(value, Constant(0.5f)));
  return hn::ConvertTo(IntLanes(),
                       hn::Max(hn::Zero(Lanes()), hn::Min(Constant(largest), rounded)));
}

HWY_INLINE Whole Steps(Vector value, float low, float step, float largest) {
  return Round(hn::Div(hn::Sub(value, Constant(low)), Constant(step)), largest);
}

// A rotation without its largest part.
HWY_INLINE Whole Word(Vector w, Vector x, Vector y, Vector z) {
  const Lanes d;
  const IntLanes di;
  const auto square =
      hn::MulAdd(w, w, hn::MulAdd(x, x, hn::MulAdd(y, y, hn::Mul(z, z))));
  const auto scale = hn::Div(Constant(1), hn::Sqrt(square));
  Vector parts[4] = {hn::Mul(w, scale), hn::Mul(x, scale), hn::Mul(y, scale), hn::Mul(z, scale)};
  auto top = hn::Abs(parts[0]), value = parts[0];
  auto largest = hn::Zero(di);
  for (int i = 1; i < 4; ++i) {
    const auto is_larger = hn::Gt(hn::Abs(parts[i]), top);
    top = hn::IfThenElse(is_larger, hn::Abs(parts[i]), top);
    value = hn::IfThenElse(is_larger, parts[i], value);
    largest = hn::IfThenElse(hn::RebindMask(di, is_larger), hn::Set(di, i), largest);
  }
  const auto sign = hn::CopySign(Constant(1), value);
  const auto share = [&](Vector part) HWY_ATTR {
    const auto half = hn::Mul(hn::Add(hn::Mul(hn::Mul(sign, part), Constant(kRootTwo)),
                                      Constant(1)), Constant(0.5f));
    return Round(hn::Mul(half, Constant(1023)), 1023);
  };
  const auto before = [&](int i) HWY_ATTR {
    return hn::RebindMask(d, hn::Lt(largest, hn::Set(di, i)));
  };
  const auto a = share(hn::IfThenElse(before(1), parts[1], parts[0]));
  const auto b = share(hn::IfThenElse(before(2), parts[2], parts[1]));
  const auto c = share(hn::IfThenElse(before(3), parts[3], parts[2]));
  return hn::Or(hn::Or(hn::ShiftLeft<30>(largest), hn::ShiftLeft<20>(a)),
                hn::Or(hn::ShiftLeft<10>(b), c));
}

static void PackPage(const float* columns, int32_t count, const kernels_page_steps* steps,
                     const uint32_t* order, uint8_t* bytes) {
  const Lanes d;
  const IntLanes di;
  const hn::Rebind<uint8_t, Lanes> narrow;
  const size_t lanes = hn::Lanes(d), n = size_t(count);
  for (size_t first = 0; first < n; first += lanes) {
    const size_t left = HWY_MIN(n - first, lanes);
    HWY_ALIGN int32_t places[KERNELS_BLOCK];
    for (size_t i = 0; i < lanes; ++i) places[i] = int32_t(order[first + HWY_MIN(i, left - 1)]);
    const auto index = hn::Load(di, places);
    const auto column = [&](size_t k) HWY_ATTR {
      return hn::GatherIndex(d, columns + k * n, index);
    };
    const auto put = [&](int k, Whole value) HWY_ATTR {
      const auto byte = hn::DemoteTo(narrow, hn::And(value, hn::Set(di, 255)));
      uint8_t* target = bytes + size_t(k) * n + first;
      if (left == lanes) {
        hn::StoreU(byte, narrow, target);
      } else {
        HWY_ALIGN uint8_t tail[KERNELS_BLOCK];
        hn::StoreU(byte, narrow, tail);
        memcpy(target, tail, left);
      }
    };
    for (int i = 0; i < 3; ++i) {
      const auto place = Steps(column(size_t(i)), steps->position_low[i],
                               steps->position_step[i], 65535);
      put(2 * i, place);
      put(2 * i + 1, hn::ShiftRight<8>(place));
      put(6 + i, Steps(column(size_t(3 + i)), steps->log_scale_low, steps->log_scale_step, 255));
      put(14 + i, Steps(column(size_t(11 + i)), steps->colour_low[i], steps->colour_step[i], 255));
    }
    const auto word = Word(column(6), column(7), column(8), column(9));
    put(9, word);
    put(10, hn::ShiftRight<8>(word));
    put(11, hn::ShiftRight<16>(word));
    put(12, hn::ShiftRight<24>(word));
    put(13, Round(hn::Mul(column(10), Constant(255)), 255));
  }
}

static void ColumnRanges(const float* columns, int32_t count, float* least, float* largest) {
  const Lanes d;
  const size_t lanes = hn::Lanes(d), n = size_t(count);
  for (size_t k = 0; k < KERNELS_SPLAT_COLUMNS; ++k) {
    const float* column = columns + k * n;
    auto low = Constant(column[0]), high = low;
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      const auto value = hn::LoadU(d, column + i);
      low = hn::Min(low, value);
      high = hn::Max(high, value);
    }
    least[k] = hn::GetLane(hn::MinOfLanes(d, low));
    largest[k] = hn::GetLane(hn::MaxOfLanes(d, high));
    for (; i < n; ++i) {
      least[k] = HWY_MIN(least[k], column[i]);
      largest[k] = HWY_MAX(largest[k], column[i]);
    }
  }
}

// Puts two zero bits between the 16 bits of a coordinate.
HWY_INLINE uint64_t Spread(uint64_t bits) {
  bits = (bits | bits << 16) & 0x0000FF0000FF;
  bits = (bits | bits << 8) & 0x00F00F00F00F;
  bits = (bits | bits << 4) & 0x0C30C30C30C3;
  return (bits | bits << 2) & 0x249249249249;
}

// The places of splats on the curve.
static void CurveCodes(const float* columns, int32_t count, const kernels_page_steps* steps,
                       uint64_t* codes) {
  const Lanes d;
  const IntLanes di;
  const size_t lanes = hn::Lanes(d), n = size_t(count);
  for (size_t first = 0; first < n; first += lanes) {
    const size_t left = HWY_MIN(n - first, lanes);
    HWY_ALIGN int32_t places[3][KERNELS_BLOCK];
    for (int i = 0; i < 3; ++i) {
      const float* column = columns + size_t(i) * n + first;
      HWY_ALIGN float tail[KERNELS_BLOCK] = {};
      if (left < lanes) memcpy(tail, column, left * sizeof(float));
      const auto value = hn::LoadU(d, left < lanes ? tail : column);
      hn::Store(Steps(value, steps->position_low[i], steps->position_step[i], 65535), di,
                places[i]);
    }
    for (size_t i = 0; i < left; ++i) {
      codes[first + i] = Spread(uint64_t(places[0][i])) | Spread(uint64_t(places[1][i])) << 1 |
                         Spread(uint64_t(places[2][i])) << 2;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(PackPage);
HWY_EXPORT(ColumnRanges);
HWY_EXPORT(CurveCodes);

namespace {

// Sorts keys by their upper 48 bits, least digit first, those that are equal in their order.
void SortCodes(uint64_t* keys, uint64_t* other, size_t count) {
  constexpr int kDigits = 6;
  uint32_t places[kDigits][256] = {};
  for (size_t i = 0; i < count; ++i) {
    for (int k = 0; k < kDigits; ++k) ++places[k][keys[i] >> (16 + 8 * k) & 255];
  }
  uint64_t* const home = keys;
  for (int k = 0; k < kDigits; ++k) {
    const int shift = 16 + 8 * k;
    // Fast path: a digit that all share moves none.
    if (places[k][keys[0] >> shift & 255] == count) continue;
    uint32_t sum = 0;
    for (uint32_t& place : places[k]) {
      const uint32_t number = place;
      place = sum;
      sum += number;
    }
    for (size_t i = 0; i < count; ++i) other[places[k][keys[i] >> shift & 255]++] = keys[i];
    std::swap(keys, other);
  }
  if (keys != home) memcpy(home, keys, count * sizeof(uint64_t));
}

}  // namespace
}  // namespace diorama

extern "C" void kernels_column_ranges(const float* columns, int32_t count, float* least,
                                      float* largest) {
  HWY_DYNAMIC_DISPATCH(diorama::ColumnRanges)(columns, count, least, largest);
}

extern "C" void kernels_curve_order(const float* columns, int32_t count,
                                    const kernels_page_steps* steps, uint64_t* scratch,
                                    uint32_t* order) {
  HWY_DYNAMIC_DISPATCH(diorama::CurveCodes)(columns, count, steps, scratch);
  const size_t n = size_t(count);
  if (n <= 65536) {
    for (size_t i = 0; i < n; ++i) scratch[i] = scratch[i] << 16 | i;
    diorama::SortCodes(scratch, scratch + n, n);
    for (size_t i = 0; i < n; ++i) order[i] = uint32_t(scratch[i] & 65535);
    return;
  }
  for (size_t i = 0; i < n; ++i) order[i] = uint32_t(i);
  std::sort(order, order + n, [scratch](uint32_t a, uint32_t b) {
    return scratch[a] != scratch[b] ? scratch[a] < scratch[b] : a < b;
  });
}

extern "C" void kernels_pack_page(const float* columns, int32_t count,
                                  const kernels_page_steps* steps, const uint32_t* order,
                                  uint8_t* bytes) {
  HWY_DYNAMIC_DISPATCH(diorama::PackPage)(columns, count, steps, order, bytes);
}

extern "C" void kernels_page_reach(const kernels_page* page, const double* extents, double half,
                                   double* reach) {
  const size_t n = size_t(page->count);
  const uint8_t* bytes = page->columns;
  // A product and a sum, not one fused operation: what a reader finds is the same to the bit.
  const auto position = [&](int axis, size_t i) {
    const float steps = float(bytes[2 * size_t(axis) * n + i] |
                              bytes[(2 * size_t(axis) + 1) * n + i] << 8);
    const float product = page->position_step[axis] * steps;
    return double(page->position_low[axis] + product);
  };
  double bottom = 1e300, top = -1e300, margin = 0;
  for (size_t i = 0; i < n; ++i) {
    const uint8_t scale =
        std::max(bytes[6 * n + i], std::max(bytes[7 * n + i], bytes[8 * n + i]));
    const double extent = extents[scale], z = position(2, i);
    bottom = std::min(bottom, z - extent);
    top = std::max(top, z + extent);
    const double side = std::max(std::abs(position(0, i)), std::abs(position(1, i)));
    margin = std::max(margin, side + extent - half);
  }
  reach[0] = bottom;
  reach[1] = top;
  reach[2] = margin;
}
#endif
