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
  std::shared_ptr<LayerBase> layer;
  Tensors inputs;            // symbolic; empty for an InputLayer
  std::vector<Spec> outputs;
  int index = 0;             // the how-manieth call of this layer (Keras's node index)
  uint64_t sequence = 0;     // increases with every call: a topological order
  CallOptions options;
};

/// Where a symbolic tensor comes from.
struct LayerSymbol : Symbol {
  std::shared_ptr<LayerCall> call;
  int output = 0;
};

/// The call behind a symbolic tensor; null for any other tensor.
const LayerSymbol* symbol_of(const Tensor& tensor);

/// Applies a layer to symbolic inputs: builds it, infers the outputs' specs by tracing it on placeholders of two batch
/// sizes (an axis that differs is unknown), and records the call.
Tensors call_symbolically(const std::shared_ptr<LayerBase>& layer, const Tensors& inputs, const CallOptions& options);

struct InputOptions {
  DType dtype = DType::float32;
  std::string name = {};
  std::optional<int64_t> batch_size = {};
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
