#include "hebb/nn/layers/multi_head_attention.h"

#include <algorithm>
#include <cmath>

#include "hebb/nn/layers/activation_layers.h"
#include "hebb/nn/layers/attention_scores.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/einsum_dense.h"
#include "hebb/nn/layers/regularization.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/masking.h"
#include "hebb/ops/attention.h"
#include "hebb/ops/einsum.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

/// Letters for axes: "abc" from the `first` on.
std::string letters(int first, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out.push_back(static_cast<char>('a' + first + i));
  return out;
}

/// Query, value and key of a call, and what their masks say.
struct Inputs {
  Tensor query, value, key;
  AttentionMasks masks;
};

/// What both layers do: they project, attend, and project back.
template <class Derived, class Arguments>
class HeadsLayer : public ConfiguredLayer<Derived, Arguments> {
 public:
  static constexpr bool supports_masks = true;

  explicit HeadsLayer(Arguments given) : ConfiguredLayer<Derived, Arguments>(std::move(given)) {
    const auto& a = this->arguments();
    this->autocast_ = false;  // masks stay what they are
    this->require(a.dropout >= 0 && a.dropout <= 1, message("expected a dropout from 0 to 1, got ", a.dropout,
                                                            ". Give the share of the scores that is dropped."));
    this->require(!a.sliding_window || *a.sliding_window > 0,
                  message("expected a sliding_window of at least 1, got ", a.sliding_window.value_or(0),
                          ". Leave it out to look at all steps."));
    this->require(!(a.flash_attention.value_or(false) && a.dropout > 0),
                  message("expected no dropout with flash_attention, got ", a.dropout, ". Leave one of them out."));
  }

  std::vector<std::string> input_argument_names() const override {
    return {"query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    this->require(inputs.size() == 2 || inputs.size() == 3,
                  message("expected query and value, or query, value and key, got ", inputs.size(),
                          " inputs. Call it with {x, x} for attention within x."));
    for (const Shape& shape : inputs) {
      this->require(shape.rank() >= 3, message("expected inputs of rank 3 or more (batch, steps, features), got ",
                                               shape, ". Add Reshape() before it."));
    }
    const Shape &value = inputs[1], &key = inputs.back();
    this->require(value.rank() == key.rank(),
                  message("expected value and key of one rank, got ", value, " and ", key, ". Reshape() them first."));
    for (int axis = 1; axis + 1 < value.rank(); ++axis) {
      this->require(value[axis] == key[axis] || value[axis] == Shape::unknown || key[axis] == Shape::unknown,
                    message("expected a key for each value, got ", value, " and ", key, ". Give them the same steps."));
    }
  }

  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    Inputs in = inputs_of(xs, options);
    const auto& a = this->arguments();
    const bool wants_scores = options.return_attention_scores;
    this->require(!(wants_scores && a.flash_attention.value_or(false)),
                  "expected no return_attention_scores with flash_attention, got both. Leave one of them out.");
    const Tensor gate = gate_ ? gate_(in.query) : Tensor();
    const int64_t steps = in.query.shape()[1], sources = in.value.shape()[1];
    // Tensors that are the same share a call, so that no mask comes along.
    const Tensor query = query_(in.query), key = key_(in.key), value = value_(in.value);
    const bool only_causal = in.masks.is_only_causal();
    const Tensor mask = only_causal ? Tensor() : in.masks.merged(steps, sources);
    Tensor y, scores;
    if (a.dropout > 0 || wants_scores || query.rank() != 4) {
      const Tensor counts = only_causal ? causal_mask(steps, sources) : mask;
      scores = masked_softmax(scores_of(query * scale(), key), with_heads(counts, score_axes()), normalized_axes());
      y = combined(a.dropout > 0 ? dropout_(scores) : scores, value);
    } else if (a.flash_attention.value_or(true)) {
      y = attention(query, key, value, {.scale = scale(), .causal = only_causal}, with_heads(mask, 4));
    } else {
      y = composed_attention(query, key, value, scale(), only_causal, with_heads(mask, 4));
    }
    y = output_(gate.defined() ? y * gate : y);
    return wants_scores ? Tensors{y, scores} : Tensors{y};
  }

 protected:
  /// The projections' activity regularizer; Keras names it among the layer's own options.
  EinsumDenseOptions projection_options(const char* name, const std::string& bias_axes) const {
    const auto& a = this->arguments();
    EinsumDenseOptions options{.kernel_initializer = a.kernel_initializer,
                               .bias_initializer = a.bias_initializer,
                               .kernel_regularizer = a.kernel_regularizer,
                               .bias_regularizer = a.bias_regularizer,
                               .activity_regularizer = a.activity_regularizer,
                               .kernel_constraint = a.kernel_constraint,
                               .bias_constraint = a.bias_constraint,
                               .dtype = this->dtype_policy(),
                               .name = name};
    if (a.use_bias) options.bias_axes = bias_axes;
    return options;
  }

  /// A projection of the last axis of (batch, ..., features) to heads.
  Layer to_heads(const char* attribute, const char* name, const Shape& input, int64_t heads, int64_t size,
                 const char* activation = "linear") {
    const int free = input.rank() - 1;
    const std::string front = letters(0, free), feature = letters(free, 1), out = letters(free + 1, 2);
    std::vector<int64_t> shape(static_cast<size_t>(free - 1), Shape::unknown);
    shape.insert(shape.end(), {heads, size});
    EinsumDenseOptions options = projection_options(name, out);
    options.activation = activation;
    const Layer made = this->add_layer(
        attribute, EinsumDense(message(front, feature, ",", feature, out, "->", front, out), shape, options));
    made->build_for({input});
    return made;
  }

  /// The projection of what the heads found, (batch, ..., heads, size), to the last axes of the result.
  void make_output(const char* attribute, const Shape& query, int64_t heads, int64_t size,
                   const std::vector<int64_t>& output_shape) {
    const int free = query.rank() - 1, count = static_cast<int>(output_shape.size());
    const std::string front = letters(0, free), bound = letters(free, 2), out = letters(free + 2, count);
    std::vector<int64_t> shape(static_cast<size_t>(free - 1), Shape::unknown);
    shape.insert(shape.end(), output_shape.begin(), output_shape.end());
    output_ = this->add_layer(attribute, EinsumDense(message(front, bound, ",", bound, out, "->", front, out), shape,
                                                     projection_options("attention_output", out)));
    output_->build_for({query.without(query.rank() - 1).with_back(heads).with_back(size)});
  }

  void make_scores(const std::vector<int64_t>& axes) {
    const auto& a = this->arguments();
    this->add_layer("_softmax", Softmax({.axis = axes, .dtype = this->dtype_policy()}));
    dropout_ = this->add_layer("_dropout_layer", Dropout(a.dropout, {.seed = a.seed, .dtype = this->dtype_policy()}));
  }

  virtual double scale() const = 0;
  /// Of scores (batch, ..., heads, steps..., sources...): the rank, and over which axes their softmax goes.
  virtual int score_axes() const = 0;
  virtual std::vector<int64_t> normalized_axes() const = 0;
  virtual Tensor scores_of(const Tensor& query, const Tensor& key) const = 0;
  virtual Tensor combined(const Tensor& scores, const Tensor& value) const = 0;
  /// Whether a mask that is given for the query counts; the one that the query carries counts always.
  virtual bool takes_query_mask() const = 0;

  /// A mask with axes of size 1 where the heads stand.
  Tensor with_heads(const Tensor& mask, int rank) const {
    if (!mask.defined()) return mask;
    return lifted_at(mask, rank, -2 * static_cast<int>(normalized_axes().size()) - 1);
  }

  Layer query_, key_, value_, gate_, output_, dropout_;

 private:
  Inputs inputs_of(const Tensors& xs, const CallOptions& options) const {
    const std::vector<std::string> names = this->names_of_inputs(xs.size(), options);
    Inputs in;
    Tensor query_mask;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string& name = names[i];
      const Tensor mask = options.mask(i);
      if (name == "query") in.query = xs[i], in.masks.query = mask;
      if (name == "value") in.value = xs[i], in.masks.value = mask;
      if (name == "key") in.key = xs[i], in.masks.key = mask;
      if (name == "query_mask") query_mask = xs[i];
      if (name == "value_mask") in.masks.value = xs[i];
      if (name == "key_mask") in.masks.key = xs[i];
      if (name == "attention_mask") in.masks.attention = xs[i];
    }
    if (query_mask.defined() && takes_query_mask()) in.masks.query = query_mask;
    if (!in.key.defined()) in.key = in.value;
    in.masks.causal = options.use_causal_mask;
    in.masks.sliding_window = this->arguments().sliding_window;
    return in;
  }
};

struct MultiHeadAttentionArguments : MultiHeadAttentionOptions {
  int64_t num_heads = 1, key_dim = 1;
};

class MultiHeadAttentionLayer final : public HeadsLayer<MultiHeadAttentionLayer, MultiHeadAttentionArguments> {
 public:
  static constexpr const char* keras_name = "MultiHeadAttention";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("num_heads", a.num_heads);
    visit.required("key_dim", a.key_dim);
    visit("value_dim", a.value_dim);
    visit("dropout", a.dropout);
    visit("use_bias", a.use_bias);
    visit("use_gate", a.use_gate);
    visit("output_shape", a.output_shape);
    visit("attention_axes", a.attention_axes);
    visit("sliding_window", a.sliding_window);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("kernel_constraint", a.kernel_constraint);
    visit("bias_constraint", a.bias_constraint);
    visit("seed", a.seed);
  }

  /// Of one size Keras 2 writes the number.
  static Layer from_config(const Json& config) {
    Json lists = config;
    for (const char* key : {"output_shape", "attention_axes"}) {
      if (const Json* size = config.find(key); size != nullptr && size->is_int()) lists.set(key, Json::array({*size}));
    }
    return HeadsLayer::from_config(lists);
  }

  explicit MultiHeadAttentionLayer(MultiHeadAttentionArguments given) : HeadsLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.num_heads > 0 && a.key_dim > 0 && a.value_dim.value_or(1) > 0,
            message("expected num_heads, key_dim and value_dim of at least 1, got ", a.num_heads, ", ", a.key_dim,
                    " and ", value_dim(), ". Divide the features among the heads: MultiHeadAttention(4, 32) for 128."));
  }

  /// What Keras leaves open until it is built it writes as it came out.
  Json config() const override {
    Json json = HeadsLayer::config();
    json.set("value_dim", value_dim());
    if (is_built()) json.set("attention_axes", Json(axes_));
    return json;
  }

  using LayerBase::build;
  void build(const std::vector<Shape>& inputs) override {
    const auto& a = arguments();
    const Shape &query = inputs[0], &value = inputs[1], &key = inputs.back();
    activity_regularizer_ = {};  // the projections'
    query_ = to_heads("query_dense", "query", query, a.num_heads, a.key_dim);
    key_ = to_heads("key_dense", "key", key, a.num_heads, a.key_dim);
    if (a.use_gate) gate_ = to_heads("_gate_dense", "gate", query, a.num_heads, value_dim(), "sigmoid");
    value_ = to_heads("value_dense", "value", value, a.num_heads, value_dim());
    name_axes(value.rank() + 1);
    make_scores(normalized_axes());
    make_output("output_dense", query, a.num_heads, value_dim(),
                a.output_shape.empty() ? std::vector<int64_t>{query.back()} : a.output_shape);
  }

  /// As Keras's layer does, it takes their masks from the tensors that it has looked at: what reads these later, such
  /// as the addition around a block, sees none.
  using HeadsLayer::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    Tensors outputs = HeadsLayer::call_many(xs, options);
    const std::vector<std::string> names = names_of_inputs(xs.size(), options);
    for (size_t i = 0; i < xs.size(); ++i) {
      if (!names[i].ends_with("mask")) remove_mask(xs[i]);
    }
    return outputs;
  }

 protected:
  double scale() const override { return 1 / std::sqrt(static_cast<double>(arguments().key_dim)); }
  int score_axes() const override { return static_cast<int>(scores_axes_.size()); }
  std::vector<int64_t> normalized_axes() const override {
    std::vector<int64_t> out;
    const auto rank = static_cast<int64_t>(scores_axes_.size()), count = static_cast<int64_t>(axes_.size());
    for (int64_t i = rank - count; i < rank; ++i) out.push_back(i);
    return out;
  }
  Tensor scores_of(const Tensor& query, const Tensor& key) const override {
    return einsum(message(query_axes_, ",", key_axes_, "->", scores_axes_), query, key);
  }
  Tensor combined(const Tensor& scores, const Tensor& value) const override {
    return einsum(message(scores_axes_, ",", key_axes_, "->", query_axes_), scores, value);
  }
  bool takes_query_mask() const override { return false; }  // nor does Keras's

 private:
  int64_t value_dim() const { return arguments().value_dim.value_or(arguments().key_dim); }

  /// Letters for the axes of projections of `rank` axes: queries and keys share those over which attention does not go.
  void name_axes(int rank) {
    axes_.clear();
    for (const int64_t axis : arguments().attention_axes) axes_.push_back(axis >= 0 ? axis : rank - 1 + axis);
    for (int64_t axis = 1; arguments().attention_axes.empty() && axis < rank - 2; ++axis) axes_.push_back(axis);
    const auto attends = [&](int64_t axis) { return std::find(axes_.begin(), axes_.end(), axis) != axes_.end(); };
    for (const int64_t axis : axes_) {
      require(axis > 0 && axis < rank - 2, message("expected attention_axes from 1 to ", rank - 3, ", got ", axis,
                                                   ". Give axes of the query between batch and features."));
    }
    query_axes_ = letters(0, rank);
    key_axes_ = query_axes_;
    int next = rank;
    for (int64_t axis = 0; axis < rank - 1; ++axis) {
      if (attends(axis)) key_axes_[static_cast<size_t>(axis)] = letters(next++, 1).front();
    }
    scores_axes_.clear();
    for (int64_t axis = 0; axis < rank - 1; ++axis) {
      if (!attends(axis)) scores_axes_.push_back(query_axes_[static_cast<size_t>(axis)]);
    }
    for (const std::string& axes : {query_axes_, key_axes_}) {
      for (const int64_t axis : axes_) scores_axes_.push_back(axes[static_cast<size_t>(axis)]);
    }
  }

  std::vector<int64_t> axes_;
  std::string query_axes_, key_axes_, scores_axes_;
};

struct GroupQueryAttentionArguments : GroupQueryAttentionOptions {
  int64_t head_dim = 1, num_query_heads = 1, num_key_value_heads = 1;
};

class GroupQueryAttentionLayer final : public HeadsLayer<GroupQueryAttentionLayer, GroupQueryAttentionArguments> {
 public:
  static constexpr const char* keras_name = "GroupQueryAttention";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("head_dim", a.head_dim);
    visit.required("num_query_heads", a.num_query_heads);
    visit.required("num_key_value_heads", a.num_key_value_heads);
    visit("use_bias", a.use_bias);
    visit("use_gate", a.use_gate);
    visit("sliding_window", a.sliding_window);
    visit("dropout", a.dropout);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("kernel_constraint", a.kernel_constraint);
    visit("bias_constraint", a.bias_constraint);
    visit("seed", a.seed);
  }

  explicit GroupQueryAttentionLayer(GroupQueryAttentionArguments given) : HeadsLayer(named(std::move(given))) {
    const auto& a = arguments();
    require(a.head_dim > 0 && a.num_query_heads > 0 && a.num_key_value_heads > 0 &&
                a.num_query_heads % a.num_key_value_heads == 0,
            message("expected a head_dim of at least 1 and num_query_heads a multiple of num_key_value_heads, got ",
                    a.head_dim, ", ", a.num_query_heads, " and ", a.num_key_value_heads,
                    ". Every head of keys serves as many heads of queries."));
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    HeadsLayer::check_shapes(inputs);
    for (const Shape& shape : inputs) {
      require(shape.rank() == 3,
              message("expected inputs (batch, steps, features), got ", shape, ". Add Reshape() before it."));
    }
  }

  using LayerBase::build;
  void build(const std::vector<Shape>& inputs) override {
    const auto& a = arguments();
    const Shape &query = inputs[0], &value = inputs[1], &key = inputs.back();
    query_ = to_heads("_query_dense", "query", query, a.num_query_heads, a.head_dim);
    key_ = to_heads("_key_dense", "key", key, a.num_key_value_heads, a.head_dim);
    if (a.use_gate) gate_ = to_heads("_gate_dense", "gate", query, a.num_query_heads, a.head_dim, "sigmoid");
    value_ = to_heads("_value_dense", "value", value, a.num_key_value_heads, a.head_dim);
    make_scores({-1});
    make_output("_output_dense", query, a.num_query_heads, a.head_dim, {query.back()});
  }

 protected:
  double scale() const override { return 1 / std::sqrt(static_cast<double>(arguments().head_dim)); }
  int score_axes() const override { return 4; }
  std::vector<int64_t> normalized_axes() const override { return {3}; }
  Tensor scores_of(const Tensor& query, const Tensor& key) const override {
    return einsum("bquh,bkuh->buqk", query, repeated_heads(key, repeats()));
  }
  Tensor combined(const Tensor& scores, const Tensor& value) const override {
    return einsum("buqk,bkuh->bquh", scores, repeated_heads(value, repeats()));
  }
  bool takes_query_mask() const override { return true; }

 private:
  /// Keras's class has another name in its code, from which it names layers.
  static GroupQueryAttentionArguments named(GroupQueryAttentionArguments given) {
    if (given.name.empty()) given.name = unique_layer_name("GroupedQueryAttention");
    return given;
  }

  int64_t repeats() const { return arguments().num_query_heads / arguments().num_key_value_heads; }
};

}  // namespace

Layer MultiHeadAttention(int64_t num_heads, int64_t key_dim, const MultiHeadAttentionOptions& options) {
  return make_layer<MultiHeadAttentionLayer>(MultiHeadAttentionArguments{options, num_heads, key_dim});
}

Layer GroupQueryAttention(int64_t head_dim, int64_t num_query_heads, int64_t num_key_value_heads,
                          const GroupQueryAttentionOptions& options) {
  return make_layer<GroupQueryAttentionLayer>(
      GroupQueryAttentionArguments{options, head_dim, num_query_heads, num_key_value_heads});
}

Layer detail::multi_head_attention_from_config(const Json& config) {
  return MultiHeadAttentionLayer::from_config(config);
}
Layer detail::group_query_attention_from_config(const Json& config) {
  return GroupQueryAttentionLayer::from_config(config);
}

}  // namespace hebb
