#include "hebb/ops/random.h"

#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

std::string_view Random::name() const {
  switch (kind_) {
    case Kind::uniform: return "random_uniform";
    case Kind::normal: return "random_normal";
    case Kind::bernoulli: break;
  }
  return "random_bernoulli";
}

Attributes Random::attributes() const {
  if (kind_ == Kind::bernoulli) return {{"shape", shape_.to_vector()}, {"probability", probability_}};
  return {{"shape", shape_.to_vector()}};
}

std::vector<Spec> Random::infer(std::span<const Spec> inputs) const {
  const Spec expected{{2}, DType::int64};
  if (inputs[0] != expected) {
    throw InvalidArgument(message(name(), ": expected a state ", expected, " {seed, counter}, got ", inputs[0], "."));
  }
  if (!(probability_ >= 0 && probability_ <= 1)) {
    throw InvalidArgument(message(name(), ": expected a probability from 0 to 1, got ", probability_, "."));
  }
  return {Spec{shape_, kind_ == Kind::bernoulli ? DType::boolean : DType::float32}};
}

Tensor random_uniform(const Tensor& state, const Shape& shape) {
  return apply_one(std::make_shared<Random>(Random::Kind::uniform, shape), {state});
}

Tensor random_normal(const Tensor& state, const Shape& shape) {
  return apply_one(std::make_shared<Random>(Random::Kind::normal, shape), {state});
}

Tensor random_bernoulli(const Tensor& state, const Shape& shape, double probability) {
  return apply_one(std::make_shared<Random>(Random::Kind::bernoulli, shape, probability), {state});
}

Tensor random_state(int64_t seed, int64_t counter) { return Tensor::from(std::vector<int64_t>{seed, counter}); }

namespace random {

Tensor normal(const Shape& shape, const NormalOptions& options) {
  const WithRecorder at_once(nullptr);
  return random_normal(random_state(options.seed), shape) * options.stddev + options.mean;
}

Tensor uniform(const Shape& shape, const UniformOptions& options) {
  const WithRecorder at_once(nullptr);
  return random_uniform(random_state(options.seed), shape) * (options.high - options.low) + options.low;
}

Tensor permutation(int64_t count, int64_t seed, int64_t counter) {
  if (count < 0) throw InvalidArgument(message("permutation: expected a count of at least 0, got ", count, "."));
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  const auto key = static_cast<uint64_t>(seed);
  for (int64_t i = count - 1; i > 0; --i) {
    // 64 random bits onto i + 1 places: the bias is below 2^-32 for every count that fits into memory.
    const auto block = philox4x32({static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32),
                                   static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32)},
                                  {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)});
    const uint64_t bits = (static_cast<uint64_t>(block[0]) << 32) | block[1];
    const auto place =
        static_cast<int64_t>((static_cast<unsigned __int128>(bits) * static_cast<uint64_t>(i + 1)) >> 64);
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(place)]);
  }
  return Tensor::from(order);
}

}  // namespace random

}  // namespace hebb
