// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The light that textures show; included once for each instruction set.
//
// Sketch of the limit: the eight texels of a pixel are 16 gathers, its place on the texture and how
// far the next pixels' places are from it 6 more and 60 operations: 150 cycles for 8 pixels where
// the texture lies in L1. What is seen is looked up at the level whose texels are as large as
// pixels are, so texels that lie next to each other are read together, however far the surface is.

#if defined(DIORAMA_KERNELS_TEXTURE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef DIORAMA_KERNELS_TEXTURE_INL_H
#undef DIORAMA_KERNELS_TEXTURE_INL_H
#else
#define DIORAMA_KERNELS_TEXTURE_INL_H
#endif

#include <stdint.h>

#include <hwy/highway.h>
// After highway.h: it takes the target from there.
#include <hwy/contrib/math/math-inl.h>

#include "include/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using TextureLanes = hn::CappedTag<float, KERNELS_BLOCK>;
using TextureIntegers = hn::RebindToSigned<TextureLanes>;
using TextureVector = hn::Vec<TextureLanes>;
using TextureIndex = hn::Vec<TextureIntegers>;

// Where pixels look at a texture, and over how wide a part of it.
struct TextureSight {
  TextureVector u, v;
  TextureVector spread;  // how far apart the next pixels' places are, texels, squared
};

// A coordinate within one picture: 0...1.
HWY_INLINE TextureVector Wrapped(TextureVector value, uint32_t wrap) {
  const TextureLanes d;
  const auto zero = hn::Zero(d), one = hn::Set(d, 1.0f), half = hn::Set(d, 0.5f);
  // What is so far away that no texel can be told, or NaN, is 0.
  const auto known = hn::IfThenElseZero(hn::Lt(hn::Abs(value), hn::Set(d, 1e9f)), value);
  if (wrap == KERNELS_CLAMPED) return hn::Min(hn::Max(known, zero), one);
  if (wrap == KERNELS_REPEATED) return hn::Sub(known, hn::Floor(known));
  // The distance to the nearest even number.
  const auto pairs = hn::Floor(hn::MulAdd(known, half, half));
  return hn::Abs(hn::NegMulAdd(hn::Set(d, 2.0f), pairs, known));
}

// A row or column of `size`, up to one of which `at` is outside.
HWY_INLINE TextureIndex WrappedTexel(TextureIndex at, TextureIndex size, uint32_t wrap) {
  const TextureIntegers di;
  const auto zero = hn::Zero(di);
  if (wrap == KERNELS_REPEATED) {
    at = hn::IfThenElse(hn::Lt(at, zero), hn::Add(at, size), at);
    at = hn::IfThenElse(hn::Lt(at, size), at, hn::Sub(at, size));
  }
  return hn::Min(hn::Max(at, zero), hn::Sub(size, hn::Set(di, 1)));
}

// A texture's size on a level.
HWY_INLINE TextureIndex SizeOfLevel(int32_t size, TextureIndex level) {
  const TextureIntegers di;
  return hn::Max(hn::Shr(hn::Set(di, size), level), hn::Set(di, 1));
}

// The four texels around points on a level: upper left and right, lower left and right.
struct TexelsAround {
  TextureIndex at[4];       // of their first words
  TextureVector share[4];   // of each; their sum is the weight
};

HWY_INLINE TexelsAround TexelsAt(const kernels_texture& t, TextureVector u, TextureVector v,
                                 TextureIndex level, TextureVector weight) {
  const TextureLanes d;
  const TextureIntegers di;
  const auto one = hn::Set(d, 1.0f), half = hn::Set(d, 0.5f);
  const auto width = SizeOfLevel(t.width, level), height = SizeOfLevel(t.height, level);
  const auto x = hn::MulSub(u, hn::ConvertTo(d, width), half);
  const auto y = hn::MulSub(v, hn::ConvertTo(d, height), half);
  const auto left = hn::Floor(x), top = hn::Floor(y);
  const auto across = hn::Sub(x, left), down = hn::Sub(y, top);
  const auto first = hn::GatherIndex(di, t.first_texels, level);
  const auto column = hn::ConvertTo(di, left), row = hn::ConvertTo(di, top);
  TexelsAround around;
  for (int k = 0; k < 4; ++k) {
    const auto step = [di](int32_t by) { return hn::Set(di, by); };
    const auto texel_x = WrappedTexel(hn::Add(column, step(k & 1)), width, t.wrap_u);
    const auto texel_y = WrappedTexel(hn::Add(row, step(k >> 1)), height, t.wrap_v);
    around.at[k] =
        hn::ShiftLeft<1>(hn::Add(first, hn::Add(hn::Mul(texel_y, width), texel_x)));
    around.share[k] = hn::Mul(k & 1 ? across : hn::Sub(one, across),
                              hn::Mul(k >> 1 ? down : hn::Sub(one, down), weight));
  }
  return around;
}

// Adds the light of the four texels around points on a level, times a weight.
HWY_INLINE void AddLevel(const kernels_texture& t, TextureVector u, TextureVector v,
                         TextureIndex level, TextureVector weight, TextureVector* sum) {
  const TextureLanes d;
  const TextureIntegers di;
  const TexelsAround around = TexelsAt(t, u, v, level, weight);
  const auto* words = reinterpret_cast<const int32_t*>(t.texels);
  const auto low = hn::Set(di, 0xFFFF);
  for (int k = 0; k < 4; ++k) {
    const auto red_green = hn::GatherIndex(di, words, around.at[k]);
    const auto blue = hn::GatherIndex(di, words + 1, around.at[k]);
    const TextureIndex channels[3] = {hn::And(red_green, low),
                                      hn::And(hn::ShiftRight<16>(red_green), low),
                                      hn::And(blue, low)};
    for (int c = 0; c < 3; ++c) {
      sum[c] = hn::MulAdd(hn::ConvertTo(d, channels[c]), around.share[k], sum[c]);
    }
  }
}

// Where a texture that is cut out is solid: where alpha between the texels of the first level,
// however far away they are, is no less than the cutoff.
HWY_INLINE hn::Mask<TextureLanes> IsSolid(const kernels_texture& t, TextureVector u,
                                          TextureVector v) {
  const TextureLanes d;
  const TextureIntegers di;
  const TexelsAround around = TexelsAt(t, Wrapped(u, t.wrap_u), Wrapped(v, t.wrap_v),
                                       hn::Zero(di), hn::Set(d, 1.0f));
  const auto* words = reinterpret_cast<const int32_t*>(t.texels);
  auto sum = hn::Zero(d);
  for (int k = 0; k < 4; ++k) {
    const auto word = hn::GatherIndex(di, words + 1, around.at[k]);
    const auto alpha = hn::And(hn::ShiftRight<16>(word), hn::Set(di, 0xFFFF));
    sum = hn::MulAdd(hn::ConvertTo(d, alpha), around.share[k], sum);
  }
  return hn::Ge(sum, hn::Set(d, t.cutoff));
}

// The light of a texture, linear, 0...1: between the levels whose texels are just smaller and just
// larger than the spread, and between the texels on each.
HWY_INLINE void LookAt(const kernels_texture& t, const TextureSight& sight, TextureVector* light) {
  const TextureLanes d;
  const TextureIntegers di;
  const auto zero = hn::Zero(d);
  const auto last = hn::Set(d, float(t.level_count - 1));
  // Below one texel there is nothing finer to see; false for NaN too.
  const auto one = hn::Set(d, 1.0f);
  const auto spread = hn::IfThenElse(hn::Gt(sight.spread, one), sight.spread, one);
  const auto bounded = hn::Min(spread, hn::Set(d, 1e30f));
  const auto fine = hn::Mul(hn::CallLog2(d, bounded), hn::Set(d, 0.5f));
  const auto level = hn::Min(hn::Max(fine, zero), last);
  const auto lower = hn::Floor(level);
  const auto upper_share = hn::Sub(level, lower);
  const auto u = Wrapped(sight.u, t.wrap_u), v = Wrapped(sight.v, t.wrap_v);
  const auto scale = hn::Set(d, 1.0f / 65535);
  for (int c = 0; c < 3; ++c) light[c] = zero;
  const auto finer = hn::ConvertTo(di, lower);
  AddLevel(t, u, v, finer, hn::Mul(hn::Sub(one, upper_share), scale), light);
  // Fast path: near by, the largest level is all that counts.
  if (hn::AllTrue(d, hn::Eq(upper_share, zero))) return;
  const auto coarser = hn::Min(hn::Add(finer, hn::Set(di, 1)), hn::Set(di, t.level_count - 1));
  AddLevel(t, u, v, coarser, hn::Mul(upper_share, scale), light);
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#endif
