#include "hebb/nn/layers/low_rank.h"

#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/shaping.h"

namespace hebb {

void LowRank::make_product(LayerBase& layer, const Tensor& weight, const std::string& name, int64_t rank, double alpha,
                           const Regularizer& regularizer) {
  const int last = weight.rank() - 1;
  a_ = layer.add_weight(name + "_a", weight.shape().without(last).with_back(rank), "he_uniform",
                        {.regularizer = regularizer, .dtype = DType::float32});
  b_ = layer.add_weight(name + "_b", {rank, weight.shape().back()}, "zeros",
                        {.regularizer = regularizer, .dtype = DType::float32});
  weight.body()->trainable = false;
  scale_ = alpha / static_cast<double>(rank);
}

Tensor LowRank::with_product(const Tensor& weight) const {
  if (!has_product()) return weight;
  const Tensor rows = reshape(a_, {-1, a_.shape().back()});
  return weight + reshape(matmul(rows, b_), weight.shape()) * scale_;
}

void LowRank::forget_product() {
  const WithRecorder at_once(nullptr);
  write_variable(a_, Initializer("he_uniform")->make(a_.shape(), next_seed()));
  write_variable(b_, zeros(b_.shape()));
}

}  // namespace hebb
