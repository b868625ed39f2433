#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/random.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "hebb/backend/cpu/simd/block_loop-inl.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/philox.h"
#include "hebb/ops/random.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

// Elements come in groups of 64: word 0 of 16 blocks, word 1 of the same blocks, and so on (ops/random.h), so that
// words of neighbouring lanes are stored as they are.
constexpr int64_t blocks_in_group = 16, group_size = 64;

#if HWY_TARGET == HWY_SCALAR

/// Calls `body(element, words)` for the vectors of a group, each word of one block.
template <class Body>
HWY_INLINE void for_group(int64_t group, uint64_t seed, uint64_t counter, Body body) {
  const hn::ScalableTag<uint32_t> d;
  for (int64_t b = 0; b < blocks_in_group; ++b) {
    const auto block = static_cast<uint64_t>(group * blocks_in_group + b);
    const auto words = philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                                   static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32)},
                                  {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    for (int64_t w = 0; w < 4; ++w) body(w * blocks_in_group + b, hn::Set(d, words[static_cast<size_t>(w)]));
  }
}

#else

using D = hn::ScalableTag<uint32_t>;
using V = hn::Vec<D>;

/// The upper and the lower halves of products.
HWY_INLINE void multiply(V a, V b, V& high, V& low) {
  const D d;
  const hn::Repartition<uint64_t, D> d64;
  const auto even = hn::MulEven(a, b);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, a))), b);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

template <class Body>
HWY_INLINE void for_group(int64_t group, uint64_t seed, uint64_t counter, Body body) {
  const D d;
  constexpr int64_t lanes = hn::MaxLanes(d);
  for (int64_t b = 0; b < blocks_in_group; b += lanes) {
    const auto first =
        static_cast<uint64_t>(group * blocks_in_group + b);  // a multiple of the lanes: no carry among them
    V word0 = hn::Add(hn::Set(d, static_cast<uint32_t>(first)), hn::Iota(d, 0));
    V word1 = hn::Set(d, static_cast<uint32_t>(first >> 32));
    V word2 = hn::Set(d, static_cast<uint32_t>(counter)), word3 = hn::Set(d, static_cast<uint32_t>(counter >> 32));
    auto key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      V high0, low0, high2, low2;
      multiply(word0, hn::Set(d, 0xD2511F53u), high0, low0);
      multiply(word2, hn::Set(d, 0xCD9E8D57u), high2, low2);
      word0 = hn::Xor(hn::Xor(high2, word1), hn::Set(d, key0));
      word1 = low2;
      word2 = hn::Xor(hn::Xor(high0, word3), hn::Set(d, key1));
      word3 = low0;
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    body(b, word0);
    body(blocks_in_group + b, word1);
    body(2 * blocks_in_group + b, word2);
    body(3 * blocks_in_group + b, word3);
  }
}

#endif

void uniform_group(int64_t group, uint64_t seed, uint64_t counter, uint32_t, void* out) {
  const hn::ScalableTag<float> df;
  const hn::ScalableTag<int32_t> di;
  auto* to = static_cast<float*>(out);
  for_group(group, seed, counter, [&](int64_t at, auto word) HWY_ATTR {
    const auto bits = hn::BitCast(di, hn::ShiftRight<8>(word));
    hn::StoreU(hn::Mul(hn::ConvertTo(df, bits), hn::Set(df, 0x1p-24f)), df, to + at);
  });
}

void bernoulli_group(int64_t group, uint64_t seed, uint64_t counter, uint32_t threshold, void* out) {
  const hn::ScalableTag<float> df;
  const hn::ScalableTag<int32_t> di;
  auto* to = static_cast<bool*>(out);
  const auto bound = hn::Set(di, static_cast<int32_t>(threshold));
  for_group(group, seed, counter, [&](int64_t at, auto word) HWY_ATTR {
    const auto less = hn::Lt(hn::BitCast(di, hn::ShiftRight<8>(word)), bound);
    store_mask<AllLanes>(hn::RebindMask(df, less), df, to + at, hn::MaxLanes(df));
  });
}

/// As the reference, in double and with its functions, so that the bits are the same: what is gained is that a block's
/// words are computed once, and radius and angle once for the two numbers that share them.
void normal_group(int64_t group, uint64_t seed, uint64_t counter, uint32_t, void* out) {
  alignas(64) float share[group_size];
  uniform_group(group, seed, counter, 0, share);
  auto* to = static_cast<float*>(out);
  for (int64_t pair = 0; pair < 2; ++pair) {
    for (int64_t b = 0; b < blocks_in_group; ++b) {
      const int64_t first = 2 * pair * blocks_in_group + b, second = first + blocks_in_group;
      const double radius = std::sqrt(-2 * std::log(1.0 - static_cast<double>(share[first])));
      const double angle = 2 * std::numbers::pi * static_cast<double>(share[second]);
      to[first] = static_cast<float>(radius * std::cos(angle));
      to[second] = static_cast<float>(radius * std::sin(angle));
    }
  }
}

template <class T, void (*group_function)(int64_t, uint64_t, uint64_t, uint32_t, void*)>
void fill(int64_t begin, int64_t end, uint64_t seed, uint64_t counter, uint32_t threshold, void* out) {
  T* to = static_cast<T*>(out);
  for (int64_t i = begin; i < end; i += group_size) {
    if (end - i >= group_size) {
      group_function(i / group_size, seed, counter, threshold, to + i);
    } else {
      alignas(64) T last[group_size];
      group_function(i / group_size, seed, counter, threshold, last);
      std::memcpy(to + i, last, static_cast<size_t>(end - i) * sizeof(T));
    }
  }
}

}  // namespace

/// Writes elements [begin, end), begin a multiple of 64; booleans are true where 24 random bits are below the
/// threshold.
using Fill = void (*)(int64_t begin, int64_t end, uint64_t seed, uint64_t counter, uint32_t threshold, void* out);

Fill get_uniform() { return fill<float, uniform_group>; }
Fill get_normal() { return fill<float, normal_group>; }
Fill get_bernoulli() { return fill<bool, bernoulli_group>; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(get_uniform);
HEBB_EXPORT(get_normal);
HEBB_EXPORT(get_bernoulli);

namespace {

class FillRandom : public Kernel {
 public:
  using Fill = void (*)(int64_t begin, int64_t end, uint64_t seed, uint64_t counter, uint32_t threshold, void* out);

  FillRandom(Fill fill, int64_t count, uint32_t threshold) : fill_(fill), count_(count), threshold_(threshold) {}
  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return (count_ + piece_size - 1) / piece_size; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const auto* state = args.input<int64_t>(0);
    const int64_t begin = piece * piece_size;
    fill_(begin, std::min(count_, begin + piece_size), static_cast<uint64_t>(state[0]), static_cast<uint64_t>(state[1]),
          threshold_, args.out[0]);
  }

 private:
  static constexpr int64_t piece_size = 16384;
  Fill fill_;
  int64_t count_;
  uint32_t threshold_;
};

}  // namespace
}  // namespace hebb::simd

namespace hebb {

std::unique_ptr<Kernel> make_simd_random(const Call& call, Refusal&) {
  const auto& op = static_cast<const Random&>(call.op);
  const int64_t count = call.out[0].shape.elements();
  switch (op.kind()) {
    case Random::Kind::uniform: return std::make_unique<simd::FillRandom>(HEBB_DISPATCH(simd::get_uniform)(), count, 0);
    case Random::Kind::bernoulli: {
      // bits / 2^24 < p for whole bits means bits < ceil(p 2^24).
      const auto threshold = static_cast<uint32_t>(std::ceil(op.probability() * 0x1p24));
      return std::make_unique<simd::FillRandom>(HEBB_DISPATCH(simd::get_bernoulli)(), count, threshold);
    }
    case Random::Kind::normal: break;
  }
  return std::make_unique<simd::FillRandom>(HEBB_DISPATCH(simd::get_normal)(), count, 0);
}

}  // namespace hebb
#endif
