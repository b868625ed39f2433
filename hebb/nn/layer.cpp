#include "hebb/nn/layer.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <typeinfo>
#include <unordered_set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/nn/masking.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/symbolic.h"
#include "hebb/nn/weights_from_file.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/rounding.h"

namespace hebb {

namespace {

/// What a layer's call hands down to the calls that it makes.
struct CallContext {
  int depth = 0;
  OpenFlag training;
};
thread_local CallContext context;

class CallScope {
 public:
  explicit CallScope(const CallOptions& options) : outer_(context) {
    ++context.depth;
    if (options.training.is_set()) context.training = options.training;
  }
  ~CallScope() { context = outer_; }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  bool is_outermost() const { return outer_.depth == 0; }
  OpenFlag training() const { return context.training; }

 private:
  CallContext outer_;
};

/// A layer and all layers in it, each once, a layer before its parts.
template <class Base, class Visit>
void for_each_layer(Base& root, Visit&& visit) {
  std::unordered_set<const LayerBase*> seen;
  auto walk = [&](auto&& self, Base& layer) -> void {
    if (!seen.insert(&layer).second) return;
    visit(layer);
    for (const auto& [attribute, sublayer] : layer.sublayers()) self(self, *sublayer);
  };
  walk(walk, root);
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  if (shapes.size() == 1) return shapes.front().to_string();
  std::string out = "[";
  for (size_t i = 0; i < shapes.size(); ++i) out += (i ? ", " : "") + shapes[i].to_string();
  return out + "]";
}

/// What to do about an input of another rank, for a layer that says nothing better.
std::string remedy_of_rank(int expected, int got) {
  if (got < expected) return "Add Reshape() before it, to give its input the axes that are missing.";
  return "Add Reshape() before it, to take its input's axes together.";
}

/// Runs `body`; an InvalidArgument that does not yet say which layer it comes from is told.
template <class Body>
auto naming_the_layer(const LayerBase& layer, Body&& body) {
  try {
    return body();
  } catch (const InvalidArgument& error) {
    if (std::strncmp(error.what(), "layer '", 7) == 0) throw;
    throw InvalidArgument(layer.where() + error.what());
  }
}

}  // namespace

LayerBase::LayerBase() : seed_(next_seed()) {}

LayerBase::~LayerBase() = default;

std::string LayerBase::class_name() const {
  int status = 0;
  char* demangled = abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status);
  std::string name = status == 0 ? demangled : typeid(*this).name();
  std::free(demangled);
  const size_t template_arguments = name.find('<');
  const size_t scope = name.rfind("::", template_arguments);
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

std::string LayerBase::where() const { return message("layer '", name_, "' (", class_name(), "): "); }

void LayerBase::set_dtype(const DTypePolicy& policy) {
  if (!is_floating(policy.variable_dtype())) {
    throw NotSupported(message(where(), "expected a dtype of float32 or float64, got ", policy.variable_dtype(),
                               ". Convert the results with cast() instead."));
  }
  dtype_policy_ = policy;
}

void LayerBase::set_trainable(bool trainable) {
  trainable_ = trainable;
  for (const auto& [attribute, layer] : sublayers_) layer->set_trainable(trainable);
}

// -------------------------------------------------------------------------------------------------------------
// building

void LayerBase::build(const Shape&) {}

void LayerBase::build(const std::vector<Shape>& inputs) {
  if (!inputs.empty()) build(inputs.front());
}

void LayerBase::build_for(const std::vector<Shape>& inputs) {
  check_inputs(inputs);
  if (built_) return;
  // Building happens outside of every trace and tape: weights are made of values, even when the first call is traced.
  const WithRecorder at_once(nullptr);
  const NoTape no_tape;
  const size_t sublayers_before = sublayers_.size();
  const Tensors weights_before = own_weights_;
  const std::vector<Regularizer> regularizers_before = weight_regularizers_;
  std::vector<Shape> shapes = inputs;
  for (Shape& shape : shapes) {
    if (!shape.empty()) shape[0] = Shape::unknown;
  }
  try {
    naming_the_layer(*this, [&] { build(shapes); });
  } catch (...) {  // so that a second try does not find half of a first
    sublayers_.resize(sublayers_before);
    own_weights_ = weights_before;
    weight_regularizers_ = regularizers_before;
    throw;
  }
  built_ = true;
  built_for_ = std::move(shapes);
  if (input_rule_.size) check_inputs(inputs);
}

void LayerBase::check_inputs(const std::vector<Shape>& inputs) const {
  for (const Shape& shape : inputs) {
    const int rank = shape.rank();
    auto refuse_rank = [&](const std::string& expected) {
      const int wanted = input_rule_.rank ? *input_rule_.rank : *input_rule_.min_rank;
      throw InvalidArgument(message(where(), "expected an input of ", expected, input_rule_.axes.empty() ? "" : " ",
                                    input_rule_.axes, ", got ", shapes_text(inputs), ". ",
                                    input_rule_.remedy.empty() ? remedy_of_rank(wanted, rank) : input_rule_.remedy));
    };
    if (input_rule_.rank && rank != *input_rule_.rank) refuse_rank(message("rank ", *input_rule_.rank));
    if (input_rule_.min_rank && rank < *input_rule_.min_rank)
      refuse_rank(message("rank ", *input_rule_.min_rank, " or more"));
    if (!input_rule_.size) continue;
    const int64_t size = shape[input_rule_.axis];
    if (size == Shape::unknown || size == *input_rule_.size) continue;
    const Shape sample = shape.sub(1, rank);
    const bool flat_would_do = input_rule_.axis == -1 && sample.is_known() && sample.elements() == *input_rule_.size;
    throw InvalidArgument(
        message(where(), "expected ", input_rule_.axis == -1 ? "the last axis" : message("axis ", input_rule_.axis),
                " of its input to be ", *input_rule_.size, ", got ", shapes_text(inputs), ". ",
                flat_would_do ? std::string("Add Flatten() before it.")
                              : message("Its weights were made for ", *input_rule_.size,
                                        ": give it such an input, or make a new layer for inputs of ", size, ".")));
  }
  naming_the_layer(*this, [&] { check_shapes(inputs); });
}

void LayerBase::check_shapes(const std::vector<Shape>&) const {}

Tensor LayerBase::add_weight(const std::string& name, const Shape& shape, const Initializer& initializer,
                             const WeightOptions& options) {
  if (!shape.is_known()) {
    throw InvalidArgument(message(where(), "the shape of its weight '", name, "' must be known, got ", shape,
                                  ". Give Input() the sizes of all axes that weights depend on."));
  }
  const WithRecorder at_once(nullptr);
  const NoTape no_tape;
  const DType dtype = options.dtype.value_or(this->dtype());
  Tensor weight = naming_the_layer(*this, [&] {
    return WeightsFromFile::make({shape, dtype}, name, options.trainable);
  });
  if (!weight.defined()) {
    const Initializer chosen = initializer ? initializer : Initializer("glorot_uniform");
    const int64_t seed = derive_seed(seed_, own_weights_.size() + 1);
    Tensor value = naming_the_layer(*this, [&] { return chosen->make(shape, seed); });
    if (value.shape() != shape) {
      throw InvalidArgument(message(where(), "the initializer ", chosen->class_name(), " of weight '", name,
                                    "' was expected to make ", shape, ", got ", value.shape(),
                                    ". Let it return a tensor of the shape that it is given."));
    }
    if (value.dtype() != dtype) value = cast(value, dtype);
    weight = variable(value, name, options.trainable);
  }
  options.constraint.attach_to(weight);
  auto place = own_weights_.end();
  if (options.trainable) {
    place =
        std::find_if(own_weights_.begin(), own_weights_.end(), [](const Tensor& w) { return !w.body()->trainable; });
  }
  weight_regularizers_.insert(weight_regularizers_.begin() + (place - own_weights_.begin()), options.regularizer);
  own_weights_.insert(place, weight);
  return weight;
}

void LayerBase::add_sublayer(const std::string& attribute, std::shared_ptr<LayerBase> layer) {
  if (!layer)
    throw InvalidArgument(
        message(where(), "the layer for '", attribute, "' was never set. Make it first, with Dense(10) for example."));
  if (!trainable_) layer->set_trainable(false);
  sublayers_.emplace_back(attribute, std::move(layer));
}

// --------------------------------------------------------------------------------------------------------------
// calling

Tensor LayerBase::call(const Tensor&) { throw NotSupported(where() + "has no call(). Override one of them."); }

Tensor LayerBase::call(const Tensor& x, const CallOptions&) { return call(x); }

Tensor LayerBase::call(const Tensors& xs, const CallOptions& options) {
  if (xs.size() != 1) {
    throw InvalidArgument(
        message(where(), "expected one input, got ", xs.size(), ". Join them first, with Concatenate() or Add()."));
  }
  return call(xs.front(), options);
}

Tensors LayerBase::call_many(const Tensors& xs, const CallOptions& options) { return {call(xs, options)}; }

namespace {

/// Results to the type of the policy, their masks with them.
void round_outputs(Tensors& outputs, Rounding to) {
  for (Tensor& output : outputs) {
    const Tensor mask = mask_of(output);
    output = rounded(output, to);
    set_mask(output, mask);
  }
}

/// What a layer that casts its inputs casts them to.
DType dtype_of_inputs(const LayerBase& layer, const Tensors& inputs) {
  const auto is_whole = [](const Tensor& input) {
    const DType dtype = input.dtype();
    return !is_floating(dtype) && !is_stored_type(dtype) && dtype != DType::string;
  };
  if (inputs.empty() || !std::all_of(inputs.begin(), inputs.end(), is_whole) ||
      !dynamic_cast<const TakesWholeNumbers*>(&layer))
    return layer.dtype();
  DType dtype = inputs.front().dtype();
  for (const Tensor& input : inputs) dtype = promote(dtype, input.dtype());
  return dtype;
}

}  // namespace

Tensors LayerBase::apply_to(const Tensors& inputs, const CallOptions& options) {
  if (!options.given_masks.empty()) {
    const auto first_mask = inputs.end() - static_cast<std::ptrdiff_t>(options.given_masks.size());
    CallOptions with_masks = options;
    with_masks.given_masks.clear();
    with_masks.masks.assign(inputs.size() - options.given_masks.size(), Tensor());
    for (size_t i = 0; i < options.given_masks.size(); ++i)
      with_masks.masks.at(options.given_masks[i]) = first_mask[static_cast<std::ptrdiff_t>(i)];
    return apply_to(Tensors(inputs.begin(), first_mask), with_masks);
  }
  std::vector<Shape> shapes;
  Tensors xs;
  for (const Tensor& input : inputs) {
    if (!input.defined()) {
      throw InvalidArgument(message(where(), "expected tensors, but input ", shapes.size(),
                                    " was never set. Give it one of Input(), of another layer or of values."));
    }
    shapes.push_back(input.shape());
  }
  build_for(shapes_that_count(shapes, options));

  const CallScope scope(options);
  if (scope.is_outermost()) clear_losses();
  CallOptions inner = options;
  inner.training = scope.training();
  const Rounding rounding = dtype_policy_.rounding();
  const DType as_taken = dtype_of_inputs(*this, inputs);
  for (const Tensor& input : inputs) {
    xs.push_back(autocast_ && input.dtype() != as_taken ? cast(input, as_taken) : input);
    if (autocast_ && rounded_.inputs) xs.back() = rounded(xs.back(), rounding);
    if (options.masks.empty()) inner.masks.push_back(mask_of(input));
    if (xs.back().body() != input.body()) set_mask(xs.back(), inner.masks.back());
  }
  const Tensors carried = inner.masks;
  // As in Keras: beside initial states a recurrent layer looks at no mask that it was not given.
  const std::vector<std::string> names = argument_names(inputs.size());
  if (options.masks.empty() && names.size() > 1 && names[1].starts_with("initial_state"))
    inner.masks.assign(inputs.size(), {});
  Tensors outputs = naming_the_layer(*this, [&] {
    const AutocastScope reads(rounded_.weights ? rounding : Rounding::none);
    return call_many(xs, inner);
  });
  if (rounded_.outputs) round_outputs(outputs, rounding);
  if (supports_masking_) {
    const Tensors masks = naming_the_layer(*this, [&] { return compute_masks(xs, carried, outputs); });
    for (size_t i = 0; i < masks.size() && i < outputs.size(); ++i) set_mask(outputs[i], masks[i]);
  }
  if (activity_regularizer_) {
    for (const Tensor& output : outputs) {
      // For each sample, so that the strength does not depend on the size of the batch.
      const Tensor penalty = activity_regularizer_->penalty(output);
      const int64_t samples = output.rank() > 0 ? output.shape().front() : 1;
      add_loss(samples > 1 ? penalty / static_cast<double>(samples) : penalty);
    }
  }
  return outputs;
}

Rounding LayerBase::output_rounding(size_t output) const {
  if (rounded_.outputs) return dtype_policy_.rounding();
  return sublayers_.empty() ? Rounding::none : sublayers_.back().second->output_rounding(output);
}

Tensors LayerBase::compute_masks(const Tensors&, const Tensors& masks, const Tensors&) {
  return masks.empty() ? Tensors() : Tensors{masks.front()};
}

void LayerBase::add_loss(const Tensor& loss) {
  if (loss.rank() != 0) {
    throw InvalidArgument(
        message(where(), "add_loss: expected a scalar, got ", loss.spec(), ". Reduce it with sum() or mean()."));
  }
  call_losses_.push_back(loss);
}

void LayerBase::clear_losses() {
  for_each_layer(*this, [](LayerBase& layer) { layer.call_losses_.clear(); });
}

Tensors LayerBase::losses() const {
  Tensors out;
  for_each_layer(*this, [&](const LayerBase& layer) {
    out.insert(out.end(), layer.call_losses_.begin(), layer.call_losses_.end());
  });
  for_each_layer(*this, [&](const LayerBase& layer) {
    if (!layer.trainable_) return;
    for (size_t i = 0; i < layer.own_weights_.size(); ++i) {
      const Regularizer& regularizer = layer.weight_regularizers_[i];
      if (regularizer && layer.own_weights_[i].body()->trainable)
        out.push_back(regularizer->penalty(layer.own_weights_[i]));
    }
  });
  return out;
}

// --------------------------------------------------------------------------------------------------------------
// weights

Tensors LayerBase::weights() const {
  Tensors out;
  std::unordered_set<const TensorBody*> seen;
  const auto add = [&](const Tensors& weights) {
    for (const Tensor& weight : weights) {
      if (seen.insert(weight.body().get()).second) out.push_back(weight);
    }
  };
  add(own_weights_);
  for (const auto& [attribute, sublayer] : sublayers()) add(sublayer->weights());  // which may have an order of its own
  return out;
}

Tensors LayerBase::trainable_weights() const {
  Tensors out;
  if (!trainable_) return out;
  std::unordered_set<const TensorBody*> seen;
  for_each_layer(*this, [&](const LayerBase& layer) {
    if (!layer.trainable_) return;
    for (const Tensor& weight : layer.own_weights_) {
      if (weight.body()->trainable && seen.insert(weight.body().get()).second) out.push_back(weight);
    }
  });
  return out;
}

Tensors LayerBase::non_trainable_weights() const {
  std::unordered_set<const TensorBody*> trained;
  for (const Tensor& weight : trainable_weights()) trained.insert(weight.body().get());
  Tensors out = weights();
  std::erase_if(out, [&](const Tensor& weight) { return trained.contains(weight.body().get()); });
  return out;
}

int64_t LayerBase::count_params() const {
  int64_t count = 0;
  for (const Tensor& weight : weights()) count += weight.size();
  return count;
}

// ---------------------------------------------------------------------------------------------------------------
// handle

Layer::Layer(std::shared_ptr<LayerBase> base) : base_(std::move(base)) {
  if (base_ && base_->name_.empty()) base_->name_ = unique_layer_name(base_->class_name());
}

Tensor Layer::operator()(const Tensor& x, const CallOptions& options) const { return (*this)(Tensors{x}, options); }

Tensor Layer::operator()(const Tensors& xs, const CallOptions& options) const {
  Tensors outputs = call_many(xs, options);
  if (outputs.size() != 1) {
    throw InvalidArgument(message(base_->where(), "it has ", outputs.size(), " outputs. Call it with call_many()."));
  }
  return std::move(outputs.front());
}

Tensors Layer::call_many(const Tensors& xs, const CallOptions& options) const {
  if (!base_) throw InvalidArgument("a layer is called that was never set. Make it first, with Dense(10) for example.");
  if (xs.empty())
    throw InvalidArgument(message(base_->where(), "expected at least one input, got none. Call it with a tensor."));
  const bool symbolic = std::any_of(xs.begin(), xs.end(), [](const Tensor& x) { return x.is_symbolic(); });
  return symbolic ? call_symbolically(base_, xs, options) : base_->apply_to(xs, options);
}

Tensors Layer::get_weights() const {
  Tensors out;
  for (const Tensor& weight : weights()) {
    Tensor copy = Tensor::empty(weight.spec());
    std::memcpy(copy.mutable_raw(), weight.raw(), static_cast<size_t>(weight.spec().bytes()));
    out.push_back(std::move(copy));
  }
  return out;
}

void Layer::set_weights(const Tensors& values) const {
  const Tensors targets = weights();
  if (values.size() != targets.size()) {
    throw InvalidArgument(message(base_->where(), "set_weights: expected ", targets.size(), " tensors, got ",
                                  values.size(), ". ",
                                  base_->is_built() ? "Give one for each of weights(), in that order."
                                                    : "Build the layer first, by calling it."));
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (values[i].shape() == targets[i].shape()) continue;
    throw InvalidArgument(message(base_->where(), "set_weights: expected ", targets[i].shape(), " for weight ", i,
                                  " ('", targets[i].name(), "'), got ", values[i].shape(),
                                  ". Give them in the order of weights(), from a layer of the same options."));
  }
  const NoTape no_tape;
  for (size_t i = 0; i < targets.size(); ++i) {
    const bool same = values[i].dtype() == targets[i].dtype();
    write_variable(targets[i], same ? values[i] : cast(values[i], targets[i].dtype()));
  }
}

}  // namespace hebb
