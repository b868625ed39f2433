/// Random numbers that are functions of a state: the same state gives the same numbers, on any number of threads, at
/// once or in a plan.
///
///     Tensor x = random::normal({100, 3}, {.seed = 1});
///
/// The operations take a state, int64 of shape (2,): {seed, counter}. Whoever draws repeatedly advances the counter
/// (nn/seed_generator.h). Element i is word (i / 16) % 4 of the Philox block (i / 64) * 16 + i % 16 (base/philox.h,
/// Salmon et al. 2011) under the key `seed`; the order lets a vector of blocks be stored without shuffling.
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// `random_uniform`: state -> float32 in [0, 1), 24 random bits each. `random_normal`: mean 0, deviation 1, by Box and
/// Muller's transform (1958): words 0, 1 and 2, 3 of a block pair up. `random_bernoulli`: bool, true with
/// `probability`.
class Random : public Op {
 public:
  enum class Kind { uniform, normal, bernoulli };
  Random(Kind kind, const Shape& shape, double probability = 0)
      : kind_(kind), shape_(shape), probability_(probability) {}
  Kind kind() const { return kind_; }
  const Shape& shape() const { return shape_; }
  double probability() const { return probability_; }
  std::string_view name() const override;
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override { return Tensors(args.inputs.size()); }

 private:
  Kind kind_;
  Shape shape_;
  double probability_;
};

/// From a state, see above.
Tensor random_uniform(const Tensor& state, const Shape& shape);
Tensor random_normal(const Tensor& state, const Shape& shape);
Tensor random_bernoulli(const Tensor& state, const Shape& shape, double probability);
/// The state {seed, counter} as a tensor.
Tensor random_state(int64_t seed, int64_t counter = 0);

namespace random {

struct NormalOptions {
  double mean = 0, stddev = 1;
  int64_t seed = 0;
};
struct UniformOptions {
  double low = 0, high = 1;
  int64_t seed = 0;
};

/// float32, concrete (also inside a trace, where it is a constant).
Tensor normal(const Shape& shape, const NormalOptions& options = {});
Tensor uniform(const Shape& shape, const UniformOptions& options = {});
/// The numbers 0 to count - 1 in random order (Fisher and Yates), int64.
Tensor permutation(int64_t count, int64_t seed, int64_t counter = 0);

}  // namespace random

}  // namespace hebb
