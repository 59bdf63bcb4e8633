// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The derivative of one 16 x 16 tile of splats: from the pixels' gradients to the records'.
//
// With g_i what splat i would add to the loss of a pixel that it fills, a_i its alpha, T_i the
// light that reaches it, and R_i what lies behind it in the same measure, dL/da_i = T_i (g_i - R_i)
// and R_(i-1) = R_i + a_i (g_i - R_i), from the background to the eye. Light is known front to
// back, so a block of pixels is walked twice: towards the back, leaving a_i and T_i a_i in L1 or
// L2, and back again. No division, nothing kept from the picture, and no sum that cancels.
//
// Per splat and block the sums over pixels of the exponent's gradient p, of p u, of their products
// with pixel coordinates and of the colours' are needed, nine in all: everything else follows from
// them once for the tile. Rows of four pixels are added by transposing, rows of a tile by scalars.
//
// Sketch of the limit, per block and splat: 20 operations on the way in (blend.cpp has 28), 22 and
// 15 for the rows and 16 quarter vectors for the sums on the way back: three times the blending. An
// entry leaves 48 bytes, and the records' are read again by `kernels_project_backward`: at two
// million entries 200 MB, 20 ms at 10 GB/s.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/kernels.h"
#include "queue.h"
#include "tile.h"
#include "tile_loss.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend_backward.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "exp2-inl.h"

HWY_BEFORE_NAMESPACE();
namespace diorama {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, KERNELS_TILE>;
using IntLanes = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;
using Quarter = hn::Full128<float>;

constexpr float kLn2 = 0.693147180560f;
constexpr float kSolid = 0.5f;        // depth is given where alpha is at least this
constexpr int kSplatsPerCheck = 8;    // how often pixels are asked whether they have finished
constexpr int kSpan = 128;            // entries that are looked through at a time
constexpr int kRow = kBlock;          // the pixels of a block's row fill a quarter vector
constexpr float kMiddle = 0.5f * KERNELS_TILE;

// A tile's work and its scratch memory.
struct Work {
  const kernels_record* records;
  const kernels_camera* camera;
  const float* background;
  int tile_x, tile_y;
  int32_t count;      // of the tile's list: its own splats and the wide ones of its region
  uint32_t* list;     // [count] the records, near to far
  uint32_t* slots;    // [count]
  uint32_t* blocks;  // [count + 16] the blocks that an entry touches, padded with none
  uint32_t* places;  // [count + 16] the entries that touch a block, in order
  float* history;    // [count + 16][2][16] alpha and weight of those, for a vector of pixels
  float* sums;       // [count][kSums]
};

// A vector of pixels of one block.
struct Pixels {
  Vector x, y;               // centres on the image, pixels
  Vector tile_x, tile_y;     // the same, relative to the tile's middle
  float first_row;           // the y of the first row, relative to the tile's middle
  Vector red, green, blue;   // the gradients of the loss with what the pixel shows,
  Vector depth;              // with the sum of weight times depth,
  Vector behind;             // and what the light that is left would add to it
};

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

// Appends the entries [first, end) that touch a block to its places, which have room for a vector
// more; returns how many there are. `first` is a multiple of 16.
HWY_INLINE int32_t AppendPlaces(const uint32_t* blocks, int32_t first, int32_t end, int block,
                                uint32_t* places, int32_t count) {
  const hn::RebindToUnsigned<Lanes> du;
  const auto bit = hn::Set(du, 1u << block);
  for (int32_t i = first; i < end; i += int32_t(hn::Lanes(du))) {
    const auto touches = hn::TestBit(hn::Load(du, blocks + i), bit);
    // Not CompressStore, which is microcode on Zen 4.
    hn::StoreU(hn::Compress(hn::Iota(du, uint32_t(i)), touches), du, places + count);
    count += int32_t(hn::CountTrue(du, touches));
  }
  return count;
}

// Where a vector of pixels ended.
struct Ends {
  Vector transmittance;
  Vector depth;  // the sum of weight times depth, metres
};

// The offset of pixels from a splat's mean, and u of the exponent's -u^2 - v^2.
struct Offset {
  Vector dx, dy, u;

  HWY_INLINE Offset(const kernels_record& r, const Pixels& pixels) {
    dx = hn::Sub(pixels.x, Constant(r.mean[0]));
    dy = hn::Sub(pixels.y, Constant(r.mean[1]));
    u = hn::MulAdd(Constant(r.factor[0]), dx, hn::Mul(Constant(r.factor[1]), dy));
  }
};

// 1 + s + s^2, the factor of a splat's depth, and s.
HWY_INLINE Vector DepthFactor(const kernels_record& r, const Offset& at, Vector* s) {
  *s = hn::MulAdd(Constant(r.slope[0]), at.dx, hn::Mul(Constant(r.slope[1]), at.dy));
  return hn::MulAdd(hn::Add(*s, Constant(1.0f)), *s, Constant(1.0f));
}

// Goes through a block's splats front to back as blend.cpp does, and leaves alphas and weights.
//
// Returns how many splats some pixel has come to; `furthest` becomes the entry behind the last.
template <bool kDepth>
HWY_INLINE int32_t WalkIn(const Work& work, int block, const Pixels& pixels, int32_t* furthest,
                          Ends* ends) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const auto maximum_alpha = Constant(work.camera->maximum_alpha);
  const auto minimum_transmittance = Constant(work.camera->minimum_transmittance);
  const auto minimum_log2 = Constant(kMinimumLog2Alpha);
  auto t = Constant(1.0f);
  ends->depth = zero;
  int32_t count = 0, k = 0;
  bool is_open = true;
  for (int32_t first = 0; first < work.count && is_open; first += kSpan) {
    const int32_t end = HWY_MIN(first + kSpan, work.count);
    count = AppendPlaces(work.blocks, first, end, block, work.places, count);
    for (; k < count; ++k) {
      if (k % kSplatsPerCheck == 0 && hn::AllFalse(d, hn::Ge(t, zero))) {
        is_open = false;
        break;
      }
      const kernels_record& r = work.records[work.list[work.places[k]]];
      const Offset at(r, pixels);
      const auto v = hn::Mul(Constant(r.factor[2]), at.dy);
      const auto exponent =
          hn::NegMulAdd(at.u, at.u, hn::NegMulAdd(v, v, Constant(r.log2_opacity)));
      const auto drawn = hn::Ge(exponent, minimum_log2);
      const auto alpha = hn::IfThenElseZero(drawn, hn::Min(Exp2(exponent), maximum_alpha));
      const auto hidden = hn::Mul(alpha, t);
      const auto left = hn::Sub(t, hidden);
      const auto open = hn::Ge(left, minimum_transmittance);
      const auto weight = hn::IfThenElseZero(open, hidden);
      float* past = work.history + size_t(k) * 2 * kBlockPixels;
      hn::Store(hn::IfThenElseZero(open, alpha), d, past);
      hn::Store(weight, d, past + kBlockPixels);
      if (kDepth) {
        Vector s;
        const auto z = hn::Mul(DepthFactor(r, at, &s), Constant(r.depth));
        ends->depth = hn::MulAdd(weight, z, ends->depth);
      }
      t = hn::IfThenElse(open, left, hn::Or(t, hn::SignBit(d)));
    }
  }
  ends->transmittance = hn::Abs(t);
  if (k > 0) *furthest = HWY_MAX(*furthest, int32_t(work.places[k - 1]) + 1);
  return k;
}

// Adds rows of four pixels: lane 4 i + j of the result is the sum of a row's lanes 4 i to 4 i + 3
// of the j-th vector.
HWY_INLINE Vector AddInRows(Vector a, Vector b, Vector c, Vector e) {
  const Lanes d;
  const hn::RepartitionToWide<Lanes> wide;
  const auto ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
  const auto ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
  const auto ab_wide = hn::BitCast(wide, ab), ce_wide = hn::BitCast(wide, ce);
  return hn::Add(hn::BitCast(d, hn::InterleaveLower(wide, ab_wide, ce_wide)),
                 hn::BitCast(d, hn::InterleaveUpper(wide, ab_wide, ce_wide)));
}

// Adds a vector of pixels to the sums of an entry, row after row.
template <bool kDepth>
HWY_INLINE void AddRows(Vector quads, Vector others, Vector depths, float first_row,
                        float* sums) {
  const Lanes d;
  const Quarter q;
  HWY_ALIGN float rows[3][kBlockPixels];
  hn::Store(quads, d, rows[0]);
  hn::Store(others, d, rows[1]);
  if (kDepth) hn::Store(depths, d, rows[2]);
  auto plain = hn::Load(q, sums), by_y = hn::Load(q, sums + 4), by_yy = hn::Load(q, sums + 8);
  auto other = hn::Load(q, sums + 12), depth = hn::Load(q, sums + 16);
  for (int at = 0; at < int(hn::Lanes(d)); at += kRow) {
    const float y = first_row + float(at / kRow);
    const auto values = hn::Load(q, rows[0] + at);
    plain = hn::Add(plain, values);
    by_y = hn::MulAdd(hn::Set(q, y), values, by_y);
    by_yy = hn::MulAdd(hn::Set(q, y * y), values, by_yy);
    other = hn::Add(other, hn::Load(q, rows[1] + at));
    if (kDepth) depth = hn::Add(depth, hn::Load(q, rows[2] + at));
  }
  hn::Store(plain, q, sums);
  hn::Store(by_y, q, sums + 4);
  hn::Store(by_yy, q, sums + 8);
  hn::Store(other, q, sums + 12);
  if (kDepth) hn::Store(depth, q, sums + 16);
}

// Goes through the first `count` splats of a block back to front and adds to their sums.
template <bool kDepth>
HWY_INLINE void WalkBack(const Work& work, const Pixels& pixels, int32_t count) {
  const Lanes d;
  const auto zero = hn::Zero(d);
  const auto maximum_alpha = Constant(work.camera->maximum_alpha);
  auto behind = pixels.behind;
  for (int32_t k = count; k-- > 0;) {
    const uint32_t place = work.places[k];
    const kernels_record& r = work.records[work.list[place]];
    const float* past = work.history + size_t(k) * 2 * kBlockPixels;
    const auto alpha = hn::Load(d, past), weight = hn::Load(d, past + kBlockPixels);
    const Offset at(r, pixels);
    auto own = hn::Mul(Constant(r.colour[0]), pixels.red);
    own = hn::MulAdd(Constant(r.colour[1]), pixels.green, own);
    own = hn::MulAdd(Constant(r.colour[2]), pixels.blue, own);
    auto q = zero, qx = zero, depths = zero;
    if (kDepth) {
      Vector s;
      const auto factor = DepthFactor(r, at, &s);
      const auto z = hn::Mul(factor, Constant(r.depth));
      own = hn::MulAdd(z, pixels.depth, own);
      const auto share = hn::Mul(weight, pixels.depth);
      const auto twice = hn::Add(s, s);
      q = hn::Mul(hn::MulAdd(twice, Constant(r.depth), Constant(r.depth)), share);
      qx = hn::Mul(q, pixels.tile_x);
      depths = AddInRows(hn::Mul(share, factor), hn::Mul(q, pixels.tile_y), zero, zero);
    }
    const auto difference = hn::Sub(own, behind);
    behind = hn::MulAdd(alpha, difference, behind);
    // An alpha that has been cut to the largest does not change with the splat.
    const auto p =
        hn::IfThenElseZero(hn::Lt(alpha, maximum_alpha), hn::Mul(weight, difference));
    const auto pu = hn::Mul(p, at.u);
    const auto quads =
        AddInRows(p, pu, hn::Mul(weight, pixels.red), hn::Mul(weight, pixels.green));
    const auto others =
        AddInRows(hn::Mul(weight, pixels.blue), hn::Mul(pu, pixels.tile_x), q, qx);
    AddRows<kDepth>(quads, others, depths, pixels.first_row, work.sums + size_t(place) * kSums);
  }
}

// What the last light and the sums of a pixel mean for the loss.
//
// With V the gradients, the loss has the terms V_colour . T background + V_alpha (1 - T), and where
// depth is given V_depth (sum w z) / (1 - T): a constant gradient with the sum of w z, and one with
// T that adds to that of alpha.
template <bool kDepth>
HWY_INLINE void SetBehind(const Work& work, Vector alpha_loss, Vector depth_loss, const Ends& ends,
                          Pixels* pixels) {
  const Lanes d;
  auto behind = hn::Mul(Constant(work.background[0]), pixels->red);
  behind = hn::MulAdd(Constant(work.background[1]), pixels->green, behind);
  behind = hn::MulAdd(Constant(work.background[2]), pixels->blue, behind);
  behind = hn::Sub(behind, alpha_loss);
  pixels->depth = hn::Zero(d);
  if (kDepth) {
    const auto alpha = hn::Sub(Constant(1.0f), ends.transmittance);
    const auto solid = hn::Ge(alpha, Constant(kSolid));
    const auto inverse = hn::Div(Constant(1.0f), hn::Max(alpha, Constant(kSolid)));
    pixels->depth = hn::IfThenElseZero(solid, hn::Mul(depth_loss, inverse));
    const auto mean = hn::Mul(ends.depth, inverse);
    behind = hn::MulAdd(pixels->depth, mean, behind);
  }
  pixels->behind = behind;
}

template <bool kDepth>
static int32_t WalkTile(const Work& work, const TileLoss& loss) {
  const Lanes d;
  const IntLanes di;
  int32_t furthest = 0;
  for (int first = 0; first < kTilePixels; first += int(hn::Lanes(d))) {
    const int block = first / kBlockPixels, lane = first % kBlockPixels;
    const auto index = hn::Iota(di, lane);
    const float x = float(block % kBlocksAcross * kBlock) + 0.5f - kMiddle;
    const float y = float(block / kBlocksAcross * kBlock) + 0.5f - kMiddle;
    Pixels pixels;
    pixels.tile_x =
        hn::Add(hn::ConvertTo(d, hn::And(index, hn::Set(di, kBlock - 1))), Constant(x));
    pixels.tile_y = hn::Add(hn::ConvertTo(d, hn::ShiftRight<2>(index)), Constant(y));
    pixels.x = hn::Add(pixels.tile_x, Constant(float(work.tile_x) + kMiddle));
    pixels.y = hn::Add(pixels.tile_y, Constant(float(work.tile_y) + kMiddle));
    pixels.first_row = y + float(lane / kRow);
    pixels.red = hn::Load(d, loss.colour[0] + first);
    pixels.green = hn::Load(d, loss.colour[1] + first);
    pixels.blue = hn::Load(d, loss.colour[2] + first);
    Ends ends;
    const int32_t count = WalkIn<kDepth>(work, block, pixels, &furthest, &ends);
    SetBehind<kDepth>(work, hn::Load(d, loss.alpha + first), hn::Load(d, loss.depth + first),
                      ends, &pixels);
    WalkBack<kDepth>(work, pixels, count);
  }
  return furthest;
}

// From the sums over a tile's pixels to the gradient with the record.
HWY_INLINE kernels_record_gradient Finish(const kernels_record& r, const Sums& sums,
                                          const Work& work) {
  const float a = r.factor[0], b = r.factor[1], c = r.factor[2];
  const float x = r.mean[0] - float(work.tile_x) - kMiddle;
  const float y = r.mean[1] - float(work.tile_y) - kMiddle;
  // The sums of p dy, p dy^2, p u dx and p u dy, with dx and dy from the mean.
  const float py = sums.py - y * sums.p;
  const float pyy = sums.pyy - y * (sums.py + py);
  const float pux = sums.pux - x * sums.pu, puy = sums.puy - y * sums.pu;
  const float qx = sums.qx - x * sums.q, qy = sums.qy - y * sums.q;
  kernels_record_gradient g;
  g.mean[0] = 2 * kLn2 * a * sums.pu - r.slope[0] * sums.q;
  g.mean[1] = 2 * kLn2 * (b * sums.pu + c * c * py) - r.slope[1] * sums.q;
  g.factor[0] = -2 * kLn2 * pux;
  g.factor[1] = -2 * kLn2 * puy;
  g.factor[2] = -2 * kLn2 * c * pyy;
  g.log2_opacity = kLn2 * sums.p;
  g.colour[0] = sums.red;
  g.colour[1] = sums.green;
  g.colour[2] = sums.blue;
  g.depth = sums.depth;
  g.slope[0] = qx;
  g.slope[1] = qy;
  return g;
}

// Lists the tile's splats and the wide ones of its region in one order.
HWY_INLINE void FillList(const kernels_scene* scene, const kernels_content* content,
                         const kernels_tile_gradients* out, size_t room, const Work& work) {
  Queue queue{content->splats, content->wide, work.tile_x, work.tile_y};
  for (int32_t i = 0; i < work.count; ++i) {
    const bool is_wide = queue.IsWideNext(scene);
    const kernels_entry* next = is_wide ? queue.wide.first : queue.splats.first;
    const kernels_entry entry = queue.Next(scene);
    work.list[i] = entry.record;
    work.blocks[i] = entry.blocks;
    work.slots[i] = out->slot_of_entry[next - out->entries];
    __builtin_prefetch(scene->records + entry.record);
  }
  for (size_t i = size_t(work.count); i < room; ++i) work.blocks[i] = 0;
}

static void TileBackward(const kernels_scene* scene, const kernels_camera* camera,
                         const kernels_content* content, int32_t tile_column, int32_t tile_row,
                         const kernels_image_gradients* pixels, float* scratch,
                         const kernels_tile_gradients* out) {
  Work work;
  work.count = content->splats.count + content->wide.count;
  if (work.count == 0) return;
  const size_t room = (size_t(work.count) + kBlockPixels) / kBlockPixels * kBlockPixels;
  work.records = scene->records;
  work.camera = camera;
  work.background = scene->background;
  work.tile_x = tile_column * KERNELS_TILE;
  work.tile_y = tile_row * KERNELS_TILE;
  work.history = scratch;  // first, for its vectors must be aligned
  work.sums = work.history + room * 2 * kBlockPixels;
  work.blocks = reinterpret_cast<uint32_t*>(work.sums + kSums * room);
  work.places = work.blocks + room;
  work.list = work.places + room;
  work.slots = work.list + room;
  TileLoss loss;
  LoadLoss(*camera, work.tile_x, work.tile_y, *pixels, scene->exposure, &loss);
  if (loss.is_zero) return;
  FillList(scene, content, out, room, work);
  memset(work.sums, 0, size_t(work.count) * sizeof(Sums));
  const int32_t furthest = pixels->depth ? WalkTile<true>(work, loss) : WalkTile<false>(work, loss);
  for (int32_t i = 0; i < furthest; ++i) {
    Sums sums;
    memcpy(&sums, work.sums + size_t(i) * kSums, sizeof(sums));
    Leave(Finish(scene->records[work.list[i]], sums, work), work.slots[i], out);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace diorama
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace diorama {
HWY_EXPORT(TileBackward);
}  // namespace diorama

extern "C" void kernels_tile_backward(const kernels_scene* scene, const kernels_camera* camera,
                                      const kernels_content* content, int32_t tile_column,
                                      int32_t tile_row, const kernels_image_gradients* pixels,
                                      float* scratch, const kernels_tile_gradients* out) {
  using namespace diorama;
  HWY_DYNAMIC_DISPATCH(TileBackward)(scene, camera, content, tile_column, tile_row, pixels,
                                     scratch, out);
}
#endif
