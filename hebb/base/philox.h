/// Philox4x32-10: random numbers as a pure function of a counter and a key.
///
/// There is no state to carry along: the numbers that belong to (seed, layer, step, position) are computed where they
/// are needed, in any order and on any number of threads, and are always the same (Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", 2011).
///
///     std::array<uint32_t, 4> bits = philox4x32({position, 0, step, layer}, {seed_low, seed_high});
///
///     PhiloxStream random(seed, /*stream=*/image);     // where a sequence reads better than a counter
///     float x = random.uniform(), y = random.normal();
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace hebb {

/// Four random words from a counter of 128 bits and a key of 64.
constexpr std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53u} * counter[0];
    const uint64_t product1 = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
    key[0] += 0x9E3779B9u;  // the golden ratio
    key[1] += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return counter;
}

/// The upper 24 bits of a word as a float in [0, 1).
constexpr float uniform_from_bits(uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }

/// A sequence of numbers that belongs to (seed, stream): the words of counters (0, 0, stream), (1, 0, stream), ...
class PhiloxStream {
 public:
  constexpr explicit PhiloxStream(uint64_t seed, uint64_t stream = 0)
      : counter_{0, 0, static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)},
        key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)} {}

  /// The next 32 random bits.
  constexpr uint32_t bits() {
    if (left_ == 0) {
      words_ = philox4x32(counter_, key_);
      if (++counter_[0] == 0) ++counter_[1];
      left_ = 4;
    }
    return words_[static_cast<size_t>(4 - left_--)];
  }

  /// Uniform in [0, 1), 24 bits.
  constexpr float uniform() { return uniform_from_bits(bits()); }
  /// Uniform in [low, high).
  constexpr float uniform(float low, float high) { return low + (high - low) * uniform(); }
  /// Uniform in [0, 1), 53 bits.
  constexpr double uniform_double() {
    const uint64_t high = bits();
    return static_cast<double>((high << 21) | (bits() >> 11)) * 0x1p-53;
  }
  /// An integer in [0, bound), every one equally likely to 2^-32 (bound at most 2^32).
  constexpr uint32_t below(uint64_t bound) {
    const uint64_t low = bits(), high = bits();
    // The upper half of a product with 64 random bits: ((high:low) * bound) >> 64.
    return static_cast<uint32_t>((high * bound + ((low * bound) >> 32)) >> 32);
  }

  /// Normal with mean 0 and deviation 1 (Box and Muller, 1958; the two of a pair one after the other).
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform_double()));
    const double angle = 6.283185307179586 * uniform_double();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

 private:
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> words_{};
  int left_ = 0;
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace hebb
