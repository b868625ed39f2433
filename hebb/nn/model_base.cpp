#include "hebb/nn/model_base.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/recurrent_cell.h"
#include "hebb/nn/masking.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/text_layer.h"
#include "hebb/nn/text_stage.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/rounding.h"
#include "hebb/ops/shaping.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

bool is_input_layer(const LayerBase& layer) { return dynamic_cast<const InputLayer*>(&layer) != nullptr; }

/// Whether values of this shape fit a symbolic tensor's shape.
bool fits(const Shape& shape, const Shape& symbolic) {
  if (shape.rank() != symbolic.rank()) return false;
  // Not the batch: Keras writes the size of the first one that a model was built on, and takes any.
  for (int i = 1; i < shape.rank(); ++i) {
    if (symbolic[i] != Shape::unknown && shape[i] != Shape::unknown && symbolic[i] != shape[i]) return false;
  }
  return true;
}

using SymbolKey = std::pair<const LayerCall*, int>;

SymbolKey key_of(const Tensor& symbolic) {
  const LayerSymbol* symbol = symbol_of(symbolic);
  return {symbol->call.get(), symbol->output};
}

/// The calls that tensors follow from, by a search in depth.
struct Search {
  std::vector<std::shared_ptr<LayerCall>> found;  ///< as the search came to them
  std::vector<std::shared_ptr<LayerCall>> done;   ///< each behind all that it needs
};

/// Without recursion, and each call once: a graph may have 2^60 paths. Goes no further than the tensors in `ends`.
Search search_behind(const Tensors& outputs, const std::set<SymbolKey>& ends = {}) {
  struct Visit {
    std::shared_ptr<LayerCall> call;
    size_t next_input = 0;
  };
  Search search;
  std::set<const LayerCall*> seen;
  std::vector<Visit> open;
  auto reach = [&](const Tensor& tensor) {
    if (ends.contains(key_of(tensor))) return;
    const std::shared_ptr<LayerCall>& call = symbol_of(tensor)->call;
    if (!seen.insert(call.get()).second) return;
    search.found.push_back(call);
    open.push_back({call});
  };
  for (const Tensor& output : outputs) {
    reach(output);
    while (!open.empty()) {
      Visit& visit = open.back();
      if (visit.next_input == visit.call->inputs.size()) {
        search.done.push_back(std::move(visit.call));
        open.pop_back();
      } else {
        const Tensor next = visit.call->inputs[visit.next_input++];
        reach(next);
      }
    }
  }
  return search;
}

/// What Keras makes of a graph (keras/src/ops/function.py, map_graph). The further from the outputs the earlier; of the
/// equally far
struct Order {
  /// those first that a search in depth finds first. It is also the order of weights in files and of an optimizer's
  /// slots.
  std::vector<std::shared_ptr<LayerBase>> layers;
  /// those first that were met first on the way back from the outputs. It matters to layers that are called several
  /// times and change with every call: `SpectralNormalization`, the moving means of a `BatchNormalization`.
  std::vector<std::shared_ptr<LayerCall>> calls;
};

Order order_of_keras(const Search& search, const Tensors& inputs) {
  struct Place {
    std::shared_ptr<LayerBase> layer;
    int64_t depth = 0, found = 0;
  };
  std::vector<Place> places;
  std::unordered_map<const LayerBase*, size_t> index;
  auto add = [&](const std::shared_ptr<LayerBase>& layer, int64_t found) {
    if (index.emplace(layer.get(), places.size()).second) places.push_back({layer, 0, found});
  };
  for (const auto& call : search.found) add(call->layer, static_cast<int64_t>(places.size()));
  Order order;
  std::unordered_map<const LayerCall*, int64_t> depths;
  auto depth_of = [&](const std::shared_ptr<LayerCall>& call) -> int64_t& {
    const auto [at, fresh] = depths.try_emplace(call.get(), 0);
    if (fresh) order.calls.push_back(call);
    return at->second;
  };
  for (auto at = search.done.rbegin(); at != search.done.rend(); ++at) {
    Place& place = places[index.at((*at)->layer.get())];
    int64_t& own = depth_of(*at);
    own = place.depth = std::max(place.depth, own);  // of a layer that is called several times the largest so far
    for (const Tensor& input : (*at)->inputs) {
      int64_t& depth = depth_of(symbol_of(input)->call);
      depth = std::max(depth, place.depth + 1);
    }
  }
  for (const Tensor& input : inputs) add(symbol_of(input)->call->layer, -1);  // inputs that no output needs
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.depth != b.depth ? a.depth > b.depth : a.found < b.found;
  });
  std::stable_sort(order.calls.begin(), order.calls.end(),
                   [&](const auto& a, const auto& b) { return depths.at(a.get()) > depths.at(b.get()); });
  for (Place& place : places) order.layers.push_back(std::move(place.layer));
  return order;
}

/// Where an input is the result of a layer, makes the calls behind it anew with an `Input` in its place, as Keras does.
void start_at_inputs(Tensors& inputs, Tensors& outputs) {
  auto is_plain = [](const Tensor& input) { return is_input_layer(*symbol_of(input)->call->layer); };
  if (std::all_of(inputs.begin(), inputs.end(), is_plain)) return;
  std::map<SymbolKey, Tensor> anew;
  std::set<SymbolKey> ends;
  for (Tensor& input : inputs) {
    const SymbolKey key = key_of(input);
    ends.insert(key);
    if (!is_plain(input)) input = make_layer<InputLayer>(input.spec()).as<InputLayer>()->tensor();
    anew.emplace(key, input);
  }
  for (const std::shared_ptr<LayerCall>& call : search_behind(outputs, ends).done) {
    if (call->inputs.empty()) {
      throw InvalidArgument(message("Model: an output depends on the input '", call->layer->name(),
                                    "', which is not among the model's inputs. Add it to the inputs."));
    }
    Tensors given;
    for (const Tensor& input : call->inputs) given.push_back(anew.at(key_of(input)));
    const Tensors results = repeat_call(*call, given);
    for (size_t i = 0; i < results.size(); ++i) anew.emplace(SymbolKey{call.get(), static_cast<int>(i)}, results[i]);
  }
  for (Tensor& output : outputs) output = anew.at(key_of(output));
}

}  // namespace

ModelBase::ModelBase(Kind kind) : kind_(kind) {
  autocast_ = false;
  rounded_ = {false, false, false};
}

ModelBase::~ModelBase() = default;

Rounding ModelBase::output_rounding(size_t output) const {
  return output < outputs_.size() ? rounding_of(*symbol_of(outputs_[output])) : Rounding::none;
}

void ModelBase::connect(const Tensors& inputs, const Tensors& outputs) {
  auto check = [&](const Tensors& tensors, const char* what) {
    if (tensors.empty())
      throw InvalidArgument(
          message("Model: expected at least one ", what, ", got none. Give it one that Input() led to."));
    for (const Tensor& tensor : tensors) {
      if (!symbol_of(tensor)) {
        throw InvalidArgument(message("Model: expected ", what,
                                      "s made by Input() and layer calls, got a tensor of values. Call the "
                                      "layers on Input(...)."));
      }
    }
  };
  check(inputs, "input");
  check(outputs, "output");
  inputs_ = inputs;
  outputs_ = outputs;
  start_at_inputs(inputs_, outputs_);
  const Search search = search_behind(outputs_);
  std::set<const LayerCall*> given;
  for (const Tensor& input : inputs_) given.insert(symbol_of(input)->call.get());
  for (const std::shared_ptr<LayerCall>& call : search.done) {
    if (!call->inputs.empty() || given.contains(call.get())) continue;
    throw InvalidArgument(message("Model: an output depends on the input '", call->layer->name(),
                                  "', which is not among the model's inputs. Add it to the inputs."));
  }
  Order order = order_of_keras(search, inputs_);
  layers_ = std::move(order.layers);
  run_order_ = std::move(order.calls);
  std::set<std::string> names;
  for (const std::shared_ptr<LayerBase>& layer : layers_) {
    if (!names.insert(layer->name()).second) {
      throw InvalidArgument(
          message("Model: two layers have the name '", layer->name(), "'. Give each a name of its own."));
    }
    add_sublayer(layer->name(), layer);
  }
  calls_ = search.done;
  std::set<const LayerCall*> needed;
  for (const std::shared_ptr<LayerCall>& call : calls_) needed.insert(call.get());
  for (const Tensor& input : inputs_) {
    const std::shared_ptr<LayerCall>& call = symbol_of(input)->call;
    if (needed.insert(call.get()).second) calls_.push_back(call);
  }
  std::sort(calls_.begin(), calls_.end(), [](const auto& a, const auto& b) { return a->sequence < b->sequence; });
  built_ = true;
}

void ModelBase::append(const Layer& layer) {
  if (!layer)
    throw InvalidArgument(
        message(where(), "expected a layer, got an empty handle. Make it first, with Dense(10) for example."));
  const std::shared_ptr<LayerBase>& base = layer.shared();
  const bool is_taken =
      std::any_of(layers_.begin(), layers_.end(), [&](const auto& known) { return known->name() == base->name(); }) ||
      (is_connected() && symbol_of(inputs_[0])->call->layer->name() == base->name());
  if (is_taken) {
    throw InvalidArgument(
        message(where(), "two layers have the name '", base->name(), "'. Give each a name of its own."));
  }
  if (is_input_layer(*base)) {
    if (is_connected())
      throw InvalidArgument(
          message(where(), "expected Input() as the first layer, got it behind others. Put it in front."));
    inputs_ = outputs_ = {static_cast<InputLayer&>(*base).tensor()};
    run_order_ = calls_ = {symbol_of(inputs_[0])->call};
    // Layers that were added before it.
    const auto waiting = std::exchange(layers_, {});
    for (const auto& earlier : waiting) append(Layer(earlier));
    return;
  }
  layers_.push_back(base);
  if (std::none_of(sublayers().begin(), sublayers().end(), [&](const auto& known) { return known.second == base; })) {
    add_sublayer(base->name(), base);
  }
  if (!is_connected()) return;
  outputs_ = call_symbolically(base, outputs_, {});
  calls_.push_back(symbol_of(outputs_[0])->call);
  run_order_ = calls_;
  built_ = true;
  trainer_.reset();
}

void ModelBase::build(const std::vector<Shape>& inputs) {
  if (is_connected()) return;
  if (inputs.size() != 1)
    throw InvalidArgument(
        message(where(), "expected one input, got ", inputs.size(), ". Make a Model of Input()s for several."));
  std::unique_ptr<Trainer> trainer = std::move(trainer_);
  const auto* first = layers_.empty() ? nullptr : dynamic_cast<const TextLayer*>(layers_.front().get());
  const bool texts = first && first->takes_texts_alone();
  append(Input(inputs[0].without(0), {.dtype = texts ? DType::string : DType::float32}));
  trainer_ = std::move(trainer);
}

std::vector<std::string> ModelBase::input_names() const {
  std::vector<std::string> names;
  for (const Tensor& input : inputs_) names.push_back(symbol_of(input)->call->layer->name());
  return names;
}

void ModelBase::set_keys(std::vector<std::string> inputs, std::vector<std::string> outputs) {
  input_keys_ = std::move(inputs);
  output_keys_ = std::move(outputs);
}

void ModelBase::set_structures(Json inputs, Json outputs) {
  input_structure_ = std::move(inputs);
  output_structure_ = std::move(outputs);
}

std::vector<std::string> ModelBase::output_names() const {
  if (!output_keys_.empty()) return output_keys_;
  std::vector<std::string> names;
  for (const Tensor& output : outputs_) names.push_back(symbol_of(output)->call->layer->name());
  return names;
}

/// Inputs as the graph wants them: ranks that lack or have a last axis of one are mended as Keras does.
Tensors ModelBase::fitted_inputs(const Tensors& xs) const {
  if (xs.size() != inputs_.size()) {
    throw InvalidArgument(message(where(), "expected ", inputs_.size(), inputs_.size() == 1 ? " input" : " inputs",
                                  " (", join(input_names()), "), got ", xs.size(),
                                  ". Give one tensor for each, in that order."));
  }
  Tensors out;
  for (size_t i = 0; i < xs.size(); ++i) out.push_back(fitted_input(i, xs[i]));
  return out;
}

namespace {

/// With or without a last axis of one, as its rank is to be.
Tensor with_axes(const Tensor& x, int wanted) {
  if (x.rank() == wanted) return x;
  if (x.dtype() == DType::string)
    return reshaped_texts(x, x.rank() < wanted ? x.shape().with(x.rank(), 1) : x.shape().without(wanted));
  return x.rank() < wanted ? expand_dims(x, -1) : squeeze(x, -1);
}

/// A mask that the call was given goes before one that the tensor carries, for this model alone.
Tensor with_mask(const Tensor& x, const Tensor& mask) {
  const Tensor carried = mask_of(x);
  if (!mask.defined() || (carried.defined() && carried.body() == mask.body())) return x;
  const Tensor y = carried.defined() ? apply_one(std::make_shared<ReshapeOp>(x.shape()), {x}) : x;
  set_mask(y, mask);
  return y;
}

}  // namespace

Tensor ModelBase::fitted_input(size_t i, const Tensor& x) const {
  const int wanted = inputs_[i].rank();
  check_input(i, x.shape());
  if (wanted > 0 && x.rank() > 0) {
    const int64_t size = inputs_[i].shape().front(), given = x.shape().front();
    if (size != Shape::unknown && given != Shape::unknown && given != size && is_stateful(*this)) {
      throw InvalidArgument(message(where(), "expected a batch of ", size, " examples in '",
                                    symbol_of(inputs_[i])->call->layer->name(), "', as its Input() says, got ", given,
                                    ". It has a stateful layer, which keeps the states of as many: give batches of ",
                                    size, ", or make the model with another batch_size."));
    }
  }
  if (const auto* input = dynamic_cast<const InputLayer*>(symbol_of(inputs_[i])->call->layer.get());
      input && input->dtype_policy().rounding() != Rounding::none) {
    const Tensor y = with_axes(rounded(cast(x, DType::float32), input->dtype_policy().rounding()), wanted);
    set_mask(y, mask_of(x));
    return y;
  }
  // As Keras does, what is not whole loses its fraction where the Input() is of whole numbers, and these become real
  // where it is of real ones.
  const DType dtype = inputs_[i].dtype();
  const bool is_whole = dtype != DType::string && !is_floating(dtype);
  const bool becomes_real = is_floating(dtype) && !is_floating(x.dtype());
  if ((!is_whole && !becomes_real) || x.dtype() == dtype || x.dtype() == DType::string) return with_axes(x, wanted);
  const Tensor y = with_axes(dtype == DType::boolean ? not_equal(x, 0.0) : cast(x, dtype), wanted);
  set_mask(y, mask_of(x));
  return y;
}

void ModelBase::check_input(size_t i, const Shape& shape) const {
  const Shape& wanted = inputs_[i].shape();
  Shape given = shape;
  if (given.rank() == wanted.rank() - 1 && wanted.back() == 1) given = given.with(given.rank(), 1);
  if (given.rank() == wanted.rank() + 1 && given.back() == 1) given = given.without(given.rank() - 1);
  if (fits(given, wanted)) return;
  throw InvalidArgument(message(where(), "expected input '", symbol_of(inputs_[i])->call->layer->name(), "' of shape ",
                                wanted, ", got ", shape, ". Reshape the data or change Input()."));
}

/// What calls gave.
struct ModelBase::Values {
  std::map<SymbolKey, Tensor> of_symbols;
  std::map<const LayerCall*, Tensors> of_models;  ///< what the text stages of models in the model made

  bool has(const LayerCall& call) const { return of_symbols.contains({&call, 0}); }
  const Tensor& of(const Tensor& symbol) const { return of_symbols.at(key_of(symbol)); }
  void set(const LayerCall& call, const Tensors& results) {
    for (size_t i = 0; i < results.size(); ++i) of_symbols[{&call, static_cast<int>(i)}] = results[i];
  }
};

/// Takes the inputs of a plan, in front of which the text stage was run (nn/text_stage.h).
void ModelBase::start_behind_texts(const Tensors& plan_inputs, Values& values) const {
  size_t numbers = 0;
  for (const Tensor& input : inputs_) numbers += input.dtype() != DType::string;
  if (plan_inputs.size() != numbers + text_results(*this)) {
    throw InvalidArgument(message(where(), "expected texts among its inputs (", join(input_names()), "), got ",
                                  plan_inputs.size(), " of numbers. Make them with texts({\"...\"})."));
  }
  auto next = plan_inputs.begin();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].dtype() != DType::string) values.of_symbols[key_of(inputs_[i])] = fitted_input(i, *next++);
  }
  for (const std::shared_ptr<LayerCall>& call : calls_) {
    if (!takes_texts(*call)) continue;
    const auto* nested = dynamic_cast<const ModelBase*>(call->layer.get());
    const auto end = next + static_cast<std::ptrdiff_t>(nested ? text_results(*nested) : call->outputs.size());
    const Tensors made(next, end);
    if (nested) {
      values.of_models[call.get()] = made;
    } else {
      values.set(*call, made);
    }
    next = end;
  }
}

Tensors ModelBase::call_many(const Tensors& xs, const CallOptions& options) {
  if (!is_connected()) {
    std::vector<Shape> shapes;
    for (const Tensor& x : xs) shapes.push_back(x.shape());
    build(shapes);
  }
  Values values;
  if (has_texts(*this) && !any_texts(xs)) {
    start_behind_texts(xs, values);
  } else {
    const Tensors given = fitted_inputs(xs);
    for (size_t i = 0; i < given.size(); ++i)
      values.of_symbols[key_of(inputs_[i])] = with_mask(given[i], options.mask(i));
  }
  for (const std::shared_ptr<LayerCall>& call : run_order_) {
    if (call->inputs.empty() || values.has(*call)) continue;
    const auto behind_texts = values.of_models.find(call.get());
    Tensors inputs;
    for (const Tensor& input : call->inputs) {
      if (behind_texts == values.of_models.end() || input.dtype() != DType::string) inputs.push_back(values.of(input));
    }
    if (behind_texts != values.of_models.end())
      inputs.insert(inputs.end(), behind_texts->second.begin(), behind_texts->second.end());
    // Texts are made behind a plan, which gives their indices.
    if (gives_texts(*call) && inputs.front().is_traced()) {
      values.set(*call, inputs);
      continue;
    }
    // What the call of the model says goes before what the graph's calls say, as in Keras: it writes training = false
    // for every Dropout, though nobody passed it.
    // Masks travel with the tensors: those of the model's own inputs are not the layer's.
    CallOptions inner = call->options;
    if (options.training.is_set()) inner.training = options.training;
    values.set(*call, call->layer->apply_to(inputs, inner));
  }
  Tensors out;
  for (const Tensor& output : outputs_) out.push_back(values.of(output));
  return out;
}

Json ModelBase::config() const { return model_config(*this); }

Trainer& ModelBase::trainer() {
  const std::lock_guard lock(trainer_mutex_);  // several threads may predict with a model that was never used
  if (!trainer_) trainer_ = std::make_unique<Trainer>(*this);
  return *trainer_;
}

}  // namespace hebb
