/// Operations in Keras's functional models: `x + 1`, `x[:, -1]` or `keras.ops.mean(x, axis=1)` on symbolic tensors is
/// written as a node of an operation, not of a layer, with whatever it was called with. So are the masks of a model
/// that has some: `keras.ops.not_equal(words, 0)`.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/layer.h"

namespace hebb::detail {

/// Whether an entry of a functional model's "layers" is an operation (Keras 3: a module below keras.src.ops, which
/// `.h5` files leave out; Keras 2: the class TFOpLambda).
bool is_operation(const Json& entry);

/// A model's configuration with the modules of its operations, which `.h5` files leave out. There every layer says its
/// dtype or whether it trains and operations do not, so that "Multiply" can be told from the layer of that name.
Json with_modules_of_operations(const Json& model);

/// Whether it is one of Keras 2, which has no place for what it was called with.
bool is_old_operation(const Json& entry);

/// What an operation is called with: `args` and `kwargs` as files hold them, tensors in their places.
class OperationArguments {
 public:
  OperationArguments() = default;
  explicit OperationArguments(const Json& node);

  /// The places of tensors, {"class_name": "__keras_tensor__", ...}, in order.
  const std::vector<Json>& places() const { return places_; }
  /// The node again, with these in the places of tensors.
  Json with(const Json::Array& tensors) const;

  /// An argument by its position or its name; null where it is not there.
  const Json* find(size_t position, const std::string& name) const;
  /// The number of the tensor in this place; -1 where it is none.
  static int64_t tensor_at(const Json& place);

 private:
  std::vector<Json> places_;                             // first: the others are made with it
  Json args_ = Json::array(), kwargs_ = Json::object();  // a tensor is {"class_name": "__hebb_tensor__", "index": 0}
};

/// A layer that computes an operation of Keras 3, and is written as that again.
class OperationLayer : public LayerBase {
 public:
  /// NotSupported, naming the operation, where hebb has none of this name or not with these arguments.
  explicit OperationLayer(const Json& entry);

  std::string class_name() const override { return class_name_; }
  std::string module() const override { return module_; }
  Json config() const override;
  Json build_config() const override { return nullptr; }

  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override;

  /// As in Keras an operation has no policy: its results are of its operands' type, unless it is a cast.
  void follow(Rounding operands);

  const OperationArguments& arguments() const { return arguments_; }

 private:
  std::string class_name_, module_;
  Json config_;
  OperationArguments arguments_;
};

}  // namespace hebb::detail
