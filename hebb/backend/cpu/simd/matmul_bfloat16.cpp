// Products with bfloat16 weights, row by row. Weights are packed in a phase of their own, which a plan runs once:
// blocks of 16 columns, in a block two rows at a time, so that a 32-bit lane holds two weights of one column. Widening
// either of them takes one instruction: a shift, or a mask.
#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/matmul_bfloat16.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cstdint>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/ops/bfloat16_matmul.h"

#ifndef HEBB_BACKEND_CPU_SIMD_BFLOAT16_STRIP_
#define HEBB_BACKEND_CPU_SIMD_BFLOAT16_STRIP_
namespace hebb::simd {
inline constexpr int64_t bfloat16_block = 16;
/// sums[0 .. 16 blocks) = x (terms) times packed weights; `blocks` is 1 to 4.
using Bfloat16Strip = void (*)(const float* x, int64_t terms, const uint32_t* packed, int64_t blocks, float* sums);
}  // namespace hebb::simd
#endif

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <int blocks>
void strip(const float* x, int64_t terms, const uint32_t* packed, float* sums) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToUnsigned<decltype(d)> words;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t lanes = hn::MaxLanes(d);
  constexpr int in_block = static_cast<int>(bfloat16_block / lanes), vectors = blocks * in_block;
  const int64_t pairs = (terms + 1) / 2, block = pairs * bfloat16_block;
  const auto upper = hn::Set(words, 0xFFFF0000u);
  V even[vectors], odd[vectors];
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) even[v] = odd[v] = hn::Zero(d);
  for (int64_t k = 0; k < pairs; ++k) {
    const V first = hn::Set(d, x[2 * k]), second = hn::Set(d, 2 * k + 1 < terms ? x[2 * k + 1] : 0.f);
#pragma GCC unroll 64
    for (int v = 0; v < vectors; ++v) {
      const auto both = hn::LoadU(words, packed + v / in_block * block + k * bfloat16_block + v % in_block * lanes);
      even[v] = hn::MulAdd(first, hn::BitCast(d, hn::ShiftLeft<16>(both)), even[v]);
      odd[v] = hn::MulAdd(second, hn::BitCast(d, hn::And(both, upper)), odd[v]);
    }
  }
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) hn::StoreU(hn::Add(even[v], odd[v]), d, sums + v * lanes);
}

void any_strip(const float* x, int64_t terms, const uint32_t* packed, int64_t blocks, float* sums) {
  switch (blocks) {
    case 4: return strip<4>(x, terms, packed, sums);
    case 3: return strip<3>(x, terms, packed, sums);
    case 2: return strip<2>(x, terms, packed, sums);
    default: return strip<1>(x, terms, packed, sums);
  }
}

Bfloat16Strip find_strip() { return any_strip; }

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb {

namespace simd {
HEBB_EXPORT(find_strip);
Bfloat16Strip bfloat16_strip() { return HEBB_DISPATCH(find_strip)(); }
}  // namespace simd

namespace {

class SimdBfloat16Matmul : public Kernel {
 public:
  explicit SimdBfloat16Matmul(const Call& call)
      : strip_(simd::bfloat16_strip()),
        lasts_(call.lasts(1)),
        rows_(call.in[0].shape[0]),
        terms_(call.in[1].shape[0]),
        columns_(call.in[1].shape[1]) {
    const auto& op = static_cast<const Bfloat16Matmul&>(call.op);
    has_bias_ = op.has_bias();
    relu_ = op.relu();
    constexpr int64_t least_weights = 1 << 16, most_parts = 32;
    parts_ = std::clamp<int64_t>(terms_ * columns_ / least_weights, 1, std::clamp<int64_t>(blocks(), 1, most_parts));
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return 2; }
  int lasting_phases() const override { return lasts_ ? 1 : 0; }
  int64_t pieces(int phase) const override { return phase == 0 ? blocks() : parts_; }
  int64_t scratch_bytes() const override { return blocks() * block_words() * static_cast<int64_t>(sizeof(uint32_t)); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* packed = reinterpret_cast<uint32_t*>(args.scratch);
    if (phase == 0) return pack(piece, args.input<Bfloat16>(1), packed + piece * block_words());
    const int64_t first = blocks() * piece / parts_, end = blocks() * (piece + 1) / parts_;
    for (int64_t block = first; block < end; block += together) {
      const int64_t count = std::min(together, end - block);
      for (int64_t row = 0; row < rows_; ++row) {
        alignas(64) float sums[together * simd::bfloat16_block];
        strip_(args.input<float>(0) + row * terms_, terms_, packed + block * block_words(), count, sums);
        finish(sums, row, block * simd::bfloat16_block, count * simd::bfloat16_block, args);
      }
    }
  }

 private:
  static constexpr int64_t together = 4;  ///< blocks
  int64_t blocks() const { return (columns_ + simd::bfloat16_block - 1) / simd::bfloat16_block; }
  int64_t block_words() const { return (terms_ + 1) / 2 * simd::bfloat16_block; }

  void pack(int64_t block, const Bfloat16* kernel, uint32_t* to) const {
    const int64_t first = block * simd::bfloat16_block;
    const auto weight = [&](int64_t term, int64_t column) -> uint32_t {
      return term < terms_ && column < columns_ ? kernel[term * columns_ + column].bits() : 0;
    };
    for (int64_t k = 0; k < terms_; k += 2) {
      for (int64_t j = 0; j < simd::bfloat16_block; ++j) *to++ = weight(k, first + j) | weight(k + 1, first + j) << 16;
    }
  }

  void finish(const float* sums, int64_t row, int64_t column, int64_t count, const KernelArgs& args) const {
    float* out = args.output<float>() + row * columns_ + column;
    const float* bias = has_bias_ ? args.input<float>(2) + column : nullptr;
    for (int64_t j = 0; j < std::min(count, columns_ - column); ++j) {
      const float y = bias ? sums[j] + bias[j] : sums[j];
      out[j] = relu_ && y <= 0 ? 0 : y;
    }
  }

  simd::Bfloat16Strip strip_;
  bool lasts_, has_bias_ = false, relu_ = false;
  int64_t rows_, terms_, columns_, parts_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_simd_bfloat16_matmul(const Call& call, Refusal& why) {
  if (call.out[0].shape.elements() == 0) return why("nothing to compute");
  return std::make_unique<SimdBfloat16Matmul>(call);
}

}  // namespace hebb
#endif
