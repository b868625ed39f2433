/// LoRA: a weight that does not train, and beside it a product of two thin matrices that does (Hu et al. 2021). What
/// layers with the options lora_rank and lora_alpha share. Internal.
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/ops/op.h"

namespace hebb {

/// For models that are quantised: whether a layer has such a product.
class LowRank {
 public:
  virtual ~LowRank() = default;
  bool has_product() const { return a_.defined(); }

 protected:
  /// Makes the two matrices, trained in the weight's place: a (..., rank), b (rank, last axis).
  void make_product(LayerBase& layer, const Tensor& weight, const std::string& name, int64_t rank, double alpha,
                    const Regularizer& regularizer);
  /// weight + alpha / rank * a b; the weight where there is no product.
  Tensor with_product(const Tensor& weight) const;
  /// Takes the product away, as one that has not begun to train.
  void forget_product();

 private:
  Tensor a_, b_;
  double scale_ = 1;
};

template <class Derived, class Arguments>
class LowRankLayer : public ConfiguredLayer<Derived, Arguments>, public LowRank {
  using Base = ConfiguredLayer<Derived, Arguments>;

 public:
  /// `alpha_counts`: Keras passes lora_alpha on where it builds convolutions and EinsumDense; in Dense and Embedding
  /// it takes lora_rank instead.
  explicit LowRankLayer(Arguments arguments, bool alpha_counts) : Base(with_alpha(std::move(arguments), alpha_counts)) {
    if (const auto& rank = this->arguments().lora_rank; rank) {
      this->require(*rank > 0, message("expected a lora_rank of at least 1, got ", *rank,
                                       ". Leave it out to train the weight itself."));
    }
  }

  Json config() const override {
    Json json = Base::config();
    const auto& a = this->arguments();
    if (!a.lora_rank) return json;
    json.set("lora_rank", *a.lora_rank);
    json.set("lora_alpha", *a.lora_alpha);
    return json;
  }

  /// What a file is read into: the weight and what else there is but the product; and as Keras writes it, the product
  /// in the weight.
  Tensors weights_for_files() const override {
    Tensors weights = Base::weights_for_files();
    if (has_product()) weights.resize(weights.size() - 2);
    return weights;
  }
  Tensors values_for_files() const override {
    Tensors weights = this->weights_for_files();
    if (!has_product()) return weights;
    const WithRecorder at_once(nullptr);
    const NoTape no_tape;
    weights.front() = variable(with_product(weights.front()), weights.front().name());
    return weights;
  }
  void weights_were_read() override {
    if (has_product()) forget_product();
  }

 protected:
  /// For `build`, behind all other weights.
  void make_product(const Tensor& weight, const std::string& name, const Regularizer& regularizer,
                    const Constraint& constraint) {
    const auto& a = this->arguments();
    if (!a.lora_rank) return;
    this->require(!constraint, "lora_rank does not go with a constraint of the weight. Leave one of them out.");
    LowRank::make_product(*this, weight, name, *a.lora_rank, *a.lora_alpha, regularizer);
  }

  template <class Visitor, class A>
  static void read_lora(Visitor& visit, A& a) {
    visit.only_read("lora_rank", a.lora_rank);
    visit.only_read("lora_alpha", a.lora_alpha);
  }

 private:
  static Arguments with_alpha(Arguments a, bool counts) {
    if (a.lora_rank && (!counts || !a.lora_alpha)) a.lora_alpha = static_cast<double>(*a.lora_rank);
    return a;
  }
};

}  // namespace hebb
