// Products of a row with weights that stay: one row is bound by reading the weights. They are packed in a phase of its
// own, which a plan runs once, into strips of columns that a piece reads from one end to the other, in whole cache
// lines: where they lie row by row it takes about twice as long, and a row that is no whole number of cache lines costs
// two of them for each vector.
//
// A word holds a weight of float32, or two weights of bfloat16 that stand below each other: widening either of them
// takes one instruction, a shift or a mask.
#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/matmul_packed.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "hebb/backend/cpu/simd/matmul_finish.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/ops/bfloat16_matmul.h"
#include "hebb/ops/matmul.h"

#ifndef HEBB_BACKEND_CPU_SIMD_PACKED_STRIPS_
#define HEBB_BACKEND_CPU_SIMD_PACKED_STRIPS_
namespace hebb::simd {
/// Columns of a block; a strip has up to four of them.
inline constexpr int64_t packed_block = 16, blocks_in_strip = 4;

/// sums[0 .. 16 blocks) = x (terms) times a strip of so many blocks.
using PackedStrip = void (*)(const float* x, int64_t terms, const void* strip, int64_t blocks, float* sums);
struct PackedStrips {
  PackedStrip float32, bfloat16;
};
}  // namespace hebb::simd
#endif

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <int blocks>
void bfloat16_strip(const float* x, int64_t terms, const void* strip, float* sums) {
  const hn::CappedTag<float, packed_block> d;
  const hn::RebindToUnsigned<decltype(d)> words;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t lanes = hn::MaxLanes(d);
  constexpr int vectors = static_cast<int>(blocks * packed_block / lanes);
  const auto upper = hn::Set(words, 0xFFFF0000u);
  const auto* pairs = static_cast<const uint32_t*>(strip);
  V even[vectors], odd[vectors];
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) even[v] = odd[v] = hn::Zero(d);
  const auto add = [&](const V first, const V second) HWY_ATTR {
#pragma GCC unroll 64
    for (int v = 0; v < vectors; ++v) {
      const auto both = hn::LoadU(words, pairs + v * lanes);
      even[v] = hn::MulAdd(first, hn::BitCast(d, hn::ShiftLeft<16>(both)), even[v]);
      odd[v] = hn::MulAdd(second, hn::BitCast(d, hn::And(both, upper)), odd[v]);
    }
    pairs += blocks * packed_block;
  };
  int64_t k = 0;
  for (; k + 2 <= terms; k += 2) add(hn::Set(d, x[k]), hn::Set(d, x[k + 1]));
  if (k < terms) add(hn::Set(d, x[k]), hn::Zero(d));
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) hn::StoreU(hn::Add(even[v], odd[v]), d, sums + v * lanes);
}

template <int blocks>
void float32_strip(const float* x, int64_t terms, const void* strip, float* sums) {
  const hn::CappedTag<float, packed_block> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t lanes = hn::MaxLanes(d);
  constexpr int vectors = static_cast<int>(blocks * packed_block / lanes);
  // Eight sums at a time keep the multipliers busy: a sum waits four cycles for its next term.
  constexpr int chains = std::max(1, 8 / vectors);
  const auto* weights = static_cast<const float*>(strip);
  V sum[chains][vectors];
#pragma GCC unroll 8
  for (int chain = 0; chain < chains; ++chain) {
#pragma GCC unroll 64
    for (int v = 0; v < vectors; ++v) sum[chain][v] = hn::Zero(d);
  }
  const auto add = [&](const float* term, V* to) HWY_ATTR {
    const V value = hn::Set(d, *term);
#pragma GCC unroll 64
    for (int v = 0; v < vectors; ++v) to[v] = hn::MulAdd(value, hn::LoadU(d, weights + v * lanes), to[v]);
    weights += blocks * packed_block;
  };
  int64_t k = 0;
  for (; k + chains <= terms; k += chains) {
#pragma GCC unroll 8
    for (int chain = 0; chain < chains; ++chain) add(x + k + chain, sum[chain]);
  }
  for (; k < terms; ++k) add(x + k, sum[0]);
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) {
    V all = sum[0][v];
#pragma GCC unroll 8
    for (int chain = 1; chain < chains; ++chain) all = hn::Add(all, sum[chain][v]);
    hn::StoreU(all, d, sums + v * lanes);
  }
}

/// [blocks - 1]
using Strips = void (*const[])(const float*, int64_t, const void*, float*);
constexpr Strips float32_strips = {float32_strip<1>, float32_strip<2>, float32_strip<3>, float32_strip<4>};
constexpr Strips bfloat16_strips = {bfloat16_strip<1>, bfloat16_strip<2>, bfloat16_strip<3>, bfloat16_strip<4>};

template <const auto& strips>
void any_strip(const float* x, int64_t terms, const void* strip, int64_t blocks, float* sums) {
  strips[blocks - 1](x, terms, strip, sums);
}

PackedStrips find_strips() { return {any_strip<float32_strips>, any_strip<bfloat16_strips>}; }

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb {

namespace simd {
HEBB_EXPORT(find_strips);
PackedStrips packed_strips() { return HEBB_DISPATCH(find_strips)(); }
}  // namespace simd

namespace {

using simd::Finish;
using simd::packed_block;

constexpr int64_t widest = simd::blocks_in_strip * packed_block;

uint32_t word_of(const float* kernel, int64_t place, int64_t) { return std::bit_cast<uint32_t>(kernel[place]); }
uint32_t word_of(const Bfloat16* kernel, int64_t place, int64_t below) {
  return kernel[place].bits() | (below < 0 ? 0 : static_cast<uint32_t>(kernel[below].bits()) << 16);
}

/// Weight: float, or Bfloat16.
template <class Weight>
class PackedMatmul : public Kernel {
 public:
  PackedMatmul(const Call& call, const Finish& finish, simd::PackedStrip strip)
      : finish_(finish),
        strip_(strip),
        lasts_(call.lasts(1)),
        rows_(call.in[0].shape[0]),
        terms_(call.in[1].shape[0]),
        columns_(call.in[1].shape[1]) {
    constexpr int64_t least_bytes = 1 << 16, most_pieces = 32;
    strips_ = simd::divide_up(columns_, widest);
    pieces_ = std::clamp<int64_t>(scratch_bytes() / least_bytes, 1, std::min(strips_, most_pieces));
  }

  /// For weights of float32 there are other ones.
  std::string_view implementation() const override { return in_word == 1 ? "packed" : "simd"; }
  int phases() const override { return 2; }
  int lasting_phases() const override { return lasts_ ? 1 : 0; }
  int64_t pieces(int phase) const override { return phase == 0 ? strips_ : pieces_; }
  int64_t scratch_bytes() const override {
    return simd::rounded_up(columns_, packed_block) * word_rows() * static_cast<int64_t>(sizeof(uint32_t));
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* packed = reinterpret_cast<uint32_t*>(args.scratch);
    if (phase == 0) return pack(piece * widest, args.input<Weight>(1), packed + piece * widest * word_rows());
    const int64_t first = strips_ * piece / pieces_, end = strips_ * (piece + 1) / pieces_;
    for (int64_t strip = first; strip < end; ++strip) {
      const int64_t column = strip * widest;
      for (int64_t row = 0; row < rows_; ++row) {
        alignas(64) float sums[widest];
        strip_(args.input<float>(0) + row * terms_, terms_, packed + column * word_rows(), blocks_at(column), sums);
        finish(sums, row, column, args);
      }
    }
  }

 private:
  static constexpr int64_t in_word = sizeof(uint32_t) / sizeof(Weight);
  /// Rows of words: of terms, or of pairs of them.
  int64_t word_rows() const { return simd::divide_up(terms_, in_word); }
  /// Of the strip that begins at a column.
  int64_t blocks_at(int64_t column) const {
    return std::min(simd::blocks_in_strip, simd::divide_up(columns_ - column, packed_block));
  }

  void pack(int64_t column, const Weight* kernel, uint32_t* to) const {
    for (int64_t k = 0; k < terms_; k += in_word) {
      for (int64_t j = column; j < column + blocks_at(column) * packed_block; ++j)
        *to++ = j < columns_ ? word_of(kernel, k * columns_ + j, k + 1 < terms_ ? (k + 1) * columns_ + j : -1) : 0;
    }
  }

  void finish(const float* sums, int64_t row, int64_t column, const KernelArgs& args) const {
    float* out = args.output<float>() + row * columns_ + column;
    const float* bias = finish_.has_bias ? args.input<float>(2) + column : nullptr;
    const int64_t count = std::min(widest, columns_ - column);
    for (int64_t j = 0; j < count; ++j) {
      const float y = bias ? sums[j] + bias[j] : sums[j];
      out[j] = finish_.relu && y <= 0 ? 0 : y;
    }
    finish_.activate(out, count);
  }

  Finish finish_;
  simd::PackedStrip strip_;
  bool lasts_;
  int64_t rows_, terms_, columns_, strips_, pieces_;
};

std::unique_ptr<Kernel> make(const Call& call, const Matmul& op, const Finish& finish, Refusal& why) {
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  if (op.transpose_a() || op.transpose_b() || call.in[0].shape.rank() != 2 || call.in[1].shape.rank() != 2)
    return why("plain matrices only");
  if (call.in[0].shape[0] != 1) return why("one row only: with more, weights that were read serve again");
  if (!call.lasts(1) || !call.runs_often) return why("packing pays for weights that stay, in a plan that runs often");
  if (call.in[1].shape.elements() == 0) return why("nothing to compute");
  // More than the cores' own caches hold comes from far away in either order.
  constexpr int64_t most_bytes = int64_t{4} << 20;
  if (call.in[1].bytes() > most_bytes) return why("weights too large for the caches");
  return std::make_unique<PackedMatmul<float>>(call, finish, simd::packed_strips().float32);
}

}  // namespace

std::unique_ptr<Kernel> make_packed_matmul(const Call& call, Refusal& why) {
  return make(call, static_cast<const Matmul&>(call.op), {}, why);
}

std::unique_ptr<Kernel> make_packed_fused_matmul(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::optional<Finish> finish = simd::finish_of(op, call.in[0].dtype, why);
  return finish ? make(call, static_cast<const Matmul&>(op.product()), *finish, why) : nullptr;
}

std::unique_ptr<Kernel> make_simd_bfloat16_matmul(const Call& call, Refusal& why) {
  if (call.out[0].shape.elements() == 0) return why("nothing to compute");
  const auto& op = static_cast<const Bfloat16Matmul&>(call.op);
  return std::make_unique<PackedMatmul<Bfloat16>>(call, Finish{.has_bias = op.has_bias(), .relu = op.relu()},
                                                  simd::packed_strips().bfloat16);
}

}  // namespace hebb
#endif
