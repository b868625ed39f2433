#include "hebb/nn/layers/low_rank.h"

#include "hebb/base/error.h"
#include "hebb/nn/layers/low_rank_adaptation.h"
#include "hebb/nn/layers/quantizable.h"
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

std::pair<Tensor, Tensor> LowRank::scaled_second_matrix() const {
  if (!has_product() || scale_ == 1) return {};
  const WithRecorder at_once(nullptr);
  const NoTape no_tape;
  return {b_, b_ * scale_};
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

void enable_lora(const Layer& layer, int64_t rank, std::optional<double> lora_alpha) {
  auto* low_rank = layer.as<LowRank>();
  if (!low_rank) {
    throw InvalidArgument(message(layer->where(),
                                  "enable_lora: expected a layer with a kernel that LoRA knows: Dense, ",
                                  "EinsumDense, Embedding, Conv1D, Conv2D or Conv3D."));
  }
  if (const auto* quantizable = layer.as<Quantizable>();
      quantizable && (quantizable->is_int8() || quantizable->is_bfloat16()))
    throw NotSupported(layer->where() + "enable_lora: it is quantised. Enable it before quantize().");
  low_rank->enable(rank, lora_alpha);
}

}  // namespace hebb
