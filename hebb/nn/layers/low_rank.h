/// LoRA: a weight that does not train, and beside it a product of two thin matrices that does (Hu et al. 2021). What
/// layers with the options lora_rank and lora_alpha share. Internal.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/ops/op.h"

namespace hebb {

/// A layer that can have such a product, seen from models and files.
class LowRank {
 public:
  virtual ~LowRank() = default;
  bool has_product() const { return a_.defined(); }
  /// Gives a built layer a product: `Layer::enable_lora`.
  virtual void enable(int64_t rank, std::optional<double> alpha) = 0;
  /// The second matrix, and the value with which the product is the same where a reader takes its rank for its alpha;
  /// undefined where that is its own.
  virtual std::pair<Tensor, Tensor> second_matrix_without_alpha() const = 0;

 protected:
  /// Makes the two matrices, trained in the weight's place: a (..., rank), b (rank, last axis).
  void make_product(LayerBase& layer, const Tensor& weight, const std::string& name, int64_t rank, double alpha,
                    const Regularizer& regularizer);
  /// weight + alpha / rank * a b; the weight where there is no product.
  Tensor with_product(const Tensor& weight) const;
  /// Takes the product away, as one that has not begun to train.
  void forget_product();
  /// `second_matrix_without_alpha` of a layer that reads no alpha.
  std::pair<Tensor, Tensor> scaled_second_matrix() const;

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
  explicit LowRankLayer(Arguments arguments, bool alpha_counts)
      : Base(with_alpha(std::move(arguments), alpha_counts)),
        rank_(this->arguments().lora_rank),
        alpha_(this->arguments().lora_alpha),
        alpha_counts_(alpha_counts) {
    if (rank_) check_rank(*rank_);
  }

  Json config() const override {
    Json json = Base::config();
    if (!rank_) return json;
    json.set("lora_rank", *rank_);
    json.set("lora_alpha", *alpha_);
    return json;
  }

  void enable(int64_t rank, std::optional<double> alpha) override {
    check_rank(rank);
    this->require(weight_.defined(), "enable_lora: the layer is not built. Put it into a model with Input() first.");
    this->require(!has_product(), "enable_lora: it has a lora_rank already. Once for each layer is all.");
    check_unconstrained();
    rank_ = rank;
    alpha_ = alpha.value_or(static_cast<double>(rank));
    add_product();
  }
  std::pair<Tensor, Tensor> second_matrix_without_alpha() const override {
    return alpha_counts_ ? std::pair<Tensor, Tensor>() : scaled_second_matrix();
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
    weight_ = weight;
    weight_name_ = name;
    regularizer_ = regularizer;
    constrained_ = static_cast<bool>(constraint);
    if (!rank_) return;
    check_unconstrained();
    add_product();
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
  void check_rank(int64_t rank) const {
    this->require(rank > 0, message("expected a lora_rank of at least 1, got ", rank,
                                    ". Leave it out to train the weight itself."));
  }
  void check_unconstrained() const {
    this->require(!constrained_, "lora_rank does not go with a constraint of the weight. Leave one of them out.");
  }
  void add_product() { LowRank::make_product(*this, weight_, weight_name_, *rank_, *alpha_, regularizer_); }

  std::optional<int64_t> rank_;
  std::optional<double> alpha_;
  bool alpha_counts_, constrained_ = false;
  Tensor weight_;  // beside which the product stands
  std::string weight_name_;
  Regularizer regularizer_;
};

}  // namespace hebb
