#include "hebb/nn/layers/wrappers.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/other_options.h"
#include "hebb/nn/layers/recurrent_cell.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/old_names.h"
#include "hebb/nn/text_layer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

SequenceRunner& runner_of(const Layer& layer) { return layer.as<RecurrentLayer>()->runner(); }

/// The layer made anew under a name with a prefix, the masked steps of its sequences zero.
Layer direction_of(const Layer& layer, const std::string& prefix, bool turn) {
  Json json = layer_to_json(layer), config = layer->config();
  const std::string& name = layer.name();
  config.set("name", prefix + (name.starts_with(prefix) ? name.substr(prefix.size()) : name));
  const SequenceFlags& flags = runner_of(layer).flags();
  config.set("zero_output_for_mask", flags.return_sequences);
  if (turn) config.set("go_backwards", true);
  return layer_from_json(Json::object({{"class_name", json.at("class_name")}, {"config", config}}));
}

class BidirectionalLayer final : public LayerBase {
 public:
  BidirectionalLayer(const Layer& layer, const BidirectionalOptions& options) : merge_mode_(options.merge_mode) {
    set_name(options.name.empty() ? unique_layer_name("Bidirectional") : options.name);
    set_dtype(options.dtype);
    const std::vector<std::string> modes = {"concat", "sum", "ave", "mul", ""};
    if (std::find(modes.begin(), modes.end(), merge_mode_) == modes.end())
      throw InvalidArgument(where() + unknown_name("merge_mode", merge_mode_, modes));
    for (const Layer& each : {layer, options.backward_layer ? options.backward_layer : layer}) {
      if (each && each.as<RecurrentLayer>()) continue;
      throw InvalidArgument(message(where(), "expected a recurrent layer, got ", each ? each.class_name() : "nothing",
                                    ". Give it LSTM(), GRU(), SimpleRNN() or RNN()."));
    }
    forward_ = add_layer("forward_layer", direction_of(layer, "forward_", false));
    const Layer& other = options.backward_layer ? options.backward_layer : layer;
    backward_ = add_layer("backward_layer",
                          direction_of(other, options.backward_layer ? "" : "backward_", !options.backward_layer));
    const SequenceFlags &a = runner_of(forward_).flags(), &b = runner_of(backward_).flags();
    if (a.go_backwards == b.go_backwards || a.return_sequences != b.return_sequences ||
        a.return_state != b.return_state || a.stateful != b.stateful) {
      throw InvalidArgument(where() +
                            "expected two layers that differ in go_backwards and agree in return_sequences, "
                            "return_state and stateful. Leave backward_layer out to have it made.");
    }
    supports_masking_ = true;
    if (!options.trainable) set_trainable(false);
  }

  std::string class_name() const override { return "Bidirectional"; }
  Json build_config() const override { return runner_of(forward_).with_batch(LayerBase::build_config()); }
  Json config() const override {
    Json json = LayerBase::config();
    json.set("merge_mode", merge_mode_.empty() ? Json() : Json(merge_mode_));
    json.set("layer", layer_to_json(forward_));
    json.set("backward_layer", layer_to_json(backward_));
    return json;
  }
  static Layer from_config(const Json& config) {
    refuse_unknown_options(config, "Bidirectional", "layer", {"backward_layer", "merge_mode"});
    BidirectionalOptions options{.name = config.get("name", "")};
    if (const Json* mode = config.find("merge_mode")) options.merge_mode = mode->is_null() ? "" : mode->as_string();
    if (const Json* other = config.find("backward_layer"); other && !other->is_null())
      options.backward_layer = layer_from_json(*other);
    auto layer = std::make_shared<BidirectionalLayer>(layer_from_json(config.at("layer")), options);
    layer->read_base_config(config);
    return Layer(layer);
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const size_t states = inputs.size() - 1;
    if (states % 2 != 0) {
      throw InvalidArgument(message(where(), "expected initial states for both directions, got ", states,
                                    ". Give those of the forward layer, then those of the backward layer."));
    }
  }
  using LayerBase::build;
  void build(const std::vector<Shape>& inputs) override {
    forward_->build_for({inputs.front()});
    backward_->build_for({inputs.front()});
  }

  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    const auto half = static_cast<std::ptrdiff_t>((xs.size() - 1) / 2);
    Tensors forth = {xs.front()}, back = {xs.front()};
    forth.insert(forth.end(), xs.begin() + 1, xs.begin() + 1 + half);
    back.insert(back.end(), xs.begin() + 1 + half, xs.end());
    const CallOptions inner{.masks = {options.mask()}};
    const Tensors y = forward_.call_many(forth, inner), z = backward_.call_many(back, inner);
    const Tensor &a = y.front(),
                 b = runner_of(backward_).flags().return_sequences ? reverse(z.front(), {1}) : z.front();
    Tensors out;
    if (merge_mode_ == "concat") out = {concatenate({a, b})};
    if (merge_mode_ == "sum") out = {a + b};
    if (merge_mode_ == "ave") out = {(a + b) / 2.0};
    if (merge_mode_ == "mul") out = {a * b};
    if (merge_mode_.empty()) out = {a, b};
    out.insert(out.end(), y.begin() + 1, y.end());
    out.insert(out.end(), z.begin() + 1, z.end());
    return out;
  }
  Tensors compute_masks(const Tensors&, const Tensors& masks, const Tensors&) override {
    if (masks.empty() || !runner_of(forward_).flags().return_sequences) return {};
    return Tensors(merge_mode_.empty() ? 2 : 1, masks.front());
  }
  std::vector<std::string> argument_names(size_t inputs) const override {
    std::vector<std::string> names(inputs, "initial_state");
    names.front() = "";
    return names;
  }

 private:
  std::string merge_mode_;
  Layer forward_, backward_;
};

class TimeDistributedLayer final : public LayerBase, public TakesWholeNumbers {
 public:
  TimeDistributedLayer(const Layer& layer, const LayerOptions& options) {
    set_name(options.name.empty() ? unique_layer_name("TimeDistributed") : options.name);
    set_dtype(options.dtype);
    if (!layer) throw InvalidArgument(where() + "expected a layer, got nothing. Give it Dense(10) for example.");
    layer_ = add_layer("layer", layer);
    supports_masking_ = true;
    rounded_.outputs = false;
    input_rule_ = {.min_rank = 3, .axes = "(batch, steps, ...)"};
    if (!options.trainable) set_trainable(false);
  }

  std::string class_name() const override { return "TimeDistributed"; }
  Json config() const override {
    Json json = LayerBase::config();
    json.set("layer", layer_to_json(layer_));
    return json;
  }
  static Layer from_config(const Json& config) {
    refuse_unknown_options(config, "TimeDistributed", "layer", {all_steps_at_once});
    auto layer = std::make_shared<TimeDistributedLayer>(layer_from_json(config.at("layer")),
                                                        LayerOptions{.name = config.get("name", "")});
    layer->read_base_config(config);
    layer->at_once_ = config.get(all_steps_at_once, false);
    return Layer(layer);
  }

  using LayerBase::build;
  void build(const Shape& input) override { layer_->build_for({input.without(1)}); }

  using LayerBase::call;
  Tensor call(const Tensor& given, const CallOptions& options) override {
    // The layer inside is called without what converts its inputs.
    const Tensor x = is_floating(given.dtype()) || takes_whole_numbers() ? given : cast(given, dtype());
    const int64_t batch = x.shape()[0], steps = x.shape()[1];
    const bool differs = (options.training && learns_from_batches()) || (steps > 0 && adds_losses(*layer_.shared()));
    // What a stateful layer keeps fits one step's batch, at which it goes on with the next step.
    if ((differs && !at_once_) || is_stateful(*layer_.shared())) return step_by_step(x, options);
    CallOptions inner;
    inner.training = options.training;
    inner.masks = {Tensor()};
    if (const Tensor mask = options.mask(); mask.defined() && mask.rank() > 2)
      inner.masks = {reshape(mask, mask.shape().without(0).without(0).with(0, batch * steps))};
    const Tensor all = reshape(x, x.shape().without(0).without(0).with(0, batch * steps));
    const Tensor y = layer_->call_many({all}, inner).front();
    return reshape(y, y.shape().without(0).with(0, steps).with(0, batch));
  }

 private:
  bool takes_whole_numbers() const {
    const LayerBase* inside = layer_.shared().get();
    return dynamic_cast<const TakesWholeNumbers*>(inside) || dynamic_cast<const TextLayer*>(inside) ||
           dynamic_cast<const ModelBase*>(inside);
  }

  /// Whether calls change what later ones compute, as those of a BatchNormalization do.
  bool learns_from_batches() const {
    const Tensors weights = layer_->non_trainable_weights();
    return std::any_of(weights.begin(), weights.end(), [](const Tensor& weight) { return !weight.body()->trainable; });
  }

  /// Whether layers inside add losses of what they compute, of which the loss has the sum over all steps. Keras calls
  /// the layer's computation alone, so that an activity regularizer of the layer itself has no say here.
  static bool adds_losses(const LayerBase& layer) {
    return std::any_of(layer.sublayers().begin(), layer.sublayers().end(), [](const auto& sublayer) {
      return sublayer.second->LayerBase::config().contains("activity_regularizer") || adds_losses(*sublayer.second);
    });
  }

  /// A call for each step, as Keras has it, where one for all would not be the same.
  Tensor step_by_step(const Tensor& x, const CallOptions& options) {
    const Tensor mask = options.mask();
    Tensors out;
    for (int64_t step = 0; step < x.shape()[1]; ++step) {
      CallOptions inner;
      inner.training = options.training;
      inner.masks = {mask.defined() ? step_of(mask, step) : Tensor()};
      out.push_back(expand_dims(layer_->call_many({step_of(x, step)}, inner).front(), 1));
    }
    return concatenate(out, 1);
  }

  static Tensor step_of(const Tensor& x, int64_t step) {
    std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
    begin[1] = step;
    end[1] = step + 1;
    return squeeze(slice(x, begin, end), 1);
  }

  bool at_once_ = false;  // as Keras 2 has it; files of Keras 3, which are what hebb writes, do not say so
  Layer layer_;
};

}  // namespace

Layer Bidirectional(const Layer& layer, const BidirectionalOptions& options) {
  return make_layer<BidirectionalLayer>(layer, options);
}
Layer TimeDistributed(const Layer& layer, const LayerOptions& options) {
  return make_layer<TimeDistributedLayer>(layer, options);
}

Layer detail::bidirectional_from_config(const Json& config) { return BidirectionalLayer::from_config(config); }
Layer detail::time_distributed_from_config(const Json& config) { return TimeDistributedLayer::from_config(config); }

}  // namespace hebb
