/// Symbolic tensors: the inputs and outputs of layer calls from which a `Model` is made.
///
///     auto x = Input({28, 28, 1});
///     auto y = Dense(10)(Flatten()(x));
///     Model model(x, y);
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hebb/nn/layer.h"

namespace hebb {

/// One call of a layer on symbolic tensors.
struct LayerCall {
  LayerCall() = default;
  ~LayerCall();
  LayerCall(const LayerCall&) = delete;
  LayerCall& operator=(const LayerCall&) = delete;

  std::shared_ptr<LayerBase> layer;
  Tensors inputs;  // symbolic; empty for an InputLayer
  std::vector<Spec> outputs;
  int index = 0;          // the how-manieth call of this layer (Keras's node index)
  uint64_t sequence = 0;  // increases with every call: a topological order
  CallOptions options;
};

/// Where a symbolic tensor comes from.
struct LayerSymbol : Symbol {
  std::shared_ptr<LayerCall> call;
  int output = 0;
};

/// The call behind a symbolic tensor; null for any other tensor.
const LayerSymbol* symbol_of(const Tensor& tensor);

/// To what the values that it stands for are rounded (nn/dtype_policy.h).
Rounding rounding_of(const LayerSymbol& symbol);

/// Applies a layer to symbolic inputs: builds it, infers the outputs' specs by tracing it on placeholders of two batch
/// sizes (an axis that differs is unknown), and records the call.
Tensors call_symbolically(const std::shared_ptr<LayerBase>& layer, const Tensors& inputs, const CallOptions& options);

/// The same call on other symbolic tensors of the same specs.
Tensors repeat_call(const LayerCall& call, const Tensors& inputs);

struct InputOptions {
  std::optional<int64_t> batch_size = {};  ///< unset: any
  DType dtype = DType::float32;
  std::string name = {};  ///< empty: "input_layer", counted
};

/// The layer behind `Input`: it computes nothing, but says what a model takes.
class InputLayer : public LayerBase {
 public:
  /// `batch_shape`: with the batch axis, mostly unknown.
  explicit InputLayer(const Spec& batch_spec, const std::string& name = "");

  const Spec& batch_spec() const { return batch_spec_; }
  /// As files name it: hebb holds whole numbers of types that it has none of in a larger one, and float16 as float32.
  std::string_view dtype_name() const;
  /// The symbolic tensor: the same one for as long as somebody holds it.
  Tensor tensor();

  std::string class_name() const override { return "InputLayer"; }
  Json config() const override;
  Json build_config() const override { return nullptr; }
  static Layer from_config(const Json& config);
  using LayerBase::call;
  Tensor call(const Tensor& x) override { return x; }

 private:
  Spec batch_spec_;
  std::weak_ptr<LayerCall> call_;
  std::string kept_dtype_;  // of a file, where values are of another type
  bool optional_ = false;   // Keras's models may be called without it; kept for files alone
};

/// An `InputLayer` and its symbolic tensor in one: stands in a list of layers as well as in front of layer calls.
class InputTensor : public Tensor {
 public:
  InputTensor(Tensor tensor, Layer layer) : Tensor(std::move(tensor)), layer_(std::move(layer)) {}
  operator Layer() const { return layer_; }  // NOLINT: meant to be implicit

 private:
  Layer layer_;
};

/// A model's input; `shape` without the batch axis.
InputTensor Input(const Shape& shape, const InputOptions& options = {});

}  // namespace hebb
