#include "hebb/nn/layers/attention.h"

#include "hebb/nn/layers/attention_scores.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/regularization.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// tanh(factor (query + key)) for each pair of steps: (batch, steps, sources, features).
Tensor tanh_of_pairs(const Tensor& query, const Tensor& key, const Tensor& factor) {
  const Tensor sums = expand_dims(query, -2) + expand_dims(key, -3);
  return tanh(factor.defined() ? sums * factor : sums);
}

/// Both layers but for their scores.
template <class Derived, class Arguments>
class ScoresLayer : public ConfiguredLayer<Derived, Arguments> {
 public:
  static constexpr bool supports_masks = true;

  explicit ScoresLayer(Arguments given) : ConfiguredLayer<Derived, Arguments>(std::move(given)) {
    const auto& a = this->arguments();
    this->require(a.dropout >= 0 && a.dropout <= 1, message("expected a dropout from 0 to 1, got ", a.dropout,
                                                            ". Give the share of the scores that is dropped."));
    this->random_seed_ = a.seed;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    this->require(inputs.size() == 2 || inputs.size() == 3,
                  message("expected two or three inputs, [query, value] or [query, value, key], got ", inputs.size(),
                          ". Call it with {x, x} for attention within x."));
    for (const Shape& shape : inputs) {
      this->require(shape.rank() == 3,
                    message("expected inputs (batch, steps, features), got ", shape, ". Add Reshape() before it."));
    }
    const Shape &query = inputs[0], &key = inputs.back();
    this->require(query[2] == key[2], message("expected a query and a key of as many features, got ", query, " and ",
                                              key, ". Bring them to one size with Dense()."));
  }

  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    const Tensor &query = xs[0], &value = xs[1], &key = xs.back();
    Tensor scores = static_cast<Derived*>(this)->scores_of(query, key);
    Tensor counts = options.mask(1);
    if (counts.defined()) counts = expand_dims(as_boolean(counts), -2);
    if (options.use_causal_mask) {
      const Tensor causal = causal_mask(query.shape()[1], key.shape()[1]);
      counts = counts.defined() ? logical_and(counts, causal) : causal;
    }
    if (counts.defined()) scores = select(counts, scores, scores - 1e9);
    Tensor shares = softmax(scores);
    const double rate = this->arguments().dropout;
    if (options.training && rate > 0) {
      shares = rate < 1 ? dropped_out(shares, shares.shape(), rate, this->next_random_state()) : zeros_like(shares);
    }
    Tensor y = matmul(shares, value);
    if (const Tensor mask = options.mask(0); mask.defined()) y = select(expand_dims(as_boolean(mask), -1), y, 0.0);
    return options.return_attention_scores ? Tensors{y, shares} : Tensors{y};
  }
};

class AttentionLayer final : public ScoresLayer<AttentionLayer, AttentionLayerOptions> {
 public:
  static constexpr const char* keras_name = "Attention";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("use_scale", a.use_scale);
    visit("score_mode", a.score_mode);
    visit("dropout", a.dropout);
    visit("seed", a.seed);
  }

  explicit AttentionLayer(AttentionLayerOptions given) : ScoresLayer(std::move(given)) {
    const std::vector<std::string> known = {"dot", "concat"};
    if (arguments().score_mode != "dot" && arguments().score_mode != "concat")
      throw InvalidArgument(where() + unknown_name("score_mode", arguments().score_mode, known));
  }

  using LayerBase::build;
  void build(const std::vector<Shape>&) override {
    if (arguments().use_scale) scale_ = add_weight("scale", Shape{}, "ones");
    if (arguments().score_mode == "concat") concat_ = add_weight("concat_score_weight", Shape{}, "ones");
  }

  Tensor scores_of(const Tensor& query, const Tensor& key) const {
    if (concat_.defined()) return concat_ * sum(tanh_of_pairs(query, key, scale_), {.axes = {-1}});
    const Tensor scores = matmul(query, key, {.transpose_b = true});
    return scale_.defined() ? scores * scale_ : scores;
  }

 private:
  Tensor scale_, concat_;
};

class AdditiveAttentionLayer final : public ScoresLayer<AdditiveAttentionLayer, AdditiveAttentionOptions> {
 public:
  static constexpr const char* keras_name = "AdditiveAttention";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("use_scale", a.use_scale);
    visit("dropout", a.dropout);
    visit("seed", a.seed);
  }

  using ScoresLayer::ScoresLayer;

  using LayerBase::build;
  void build(const std::vector<Shape>& inputs) override {
    if (arguments().use_scale) scale_ = add_weight("scale", {inputs[0].back()}, "glorot_uniform");
  }

  Tensor scores_of(const Tensor& query, const Tensor& key) const {
    const Tensor terms = tanh_of_pairs(query, key, {});
    return sum(scale_.defined() ? terms * scale_ : terms, {.axes = {-1}});
  }

 private:
  Tensor scale_;
};

}  // namespace

Layer Attention(const AttentionLayerOptions& options) { return make_layer<AttentionLayer>(options); }
Layer AdditiveAttention(const AdditiveAttentionOptions& options) { return make_layer<AdditiveAttentionLayer>(options); }

Layer detail::attention_from_config(const Json& config) { return AttentionLayer::from_config(config); }
Layer detail::additive_attention_from_config(const Json& config) { return AdditiveAttentionLayer::from_config(config); }

}  // namespace hebb
