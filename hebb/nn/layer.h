/// Layers: what models are made of.
///
///     Tensor y = Dense(10, {.activation = "softmax"})(x);         // a factory makes a layer, a call applies it
///
///     struct Swish : LayerBase {                                  // a layer of one's own
///       Tensor beta;
///       void build(const Shape& input) override { beta = add_weight("beta", {input.back()}, "ones"); }
///       Tensor call(const Tensor& x) override { return x * sigmoid(beta * x); }
///     };
///     auto layer = make_layer<Swish>();
///
/// A `Layer` is a handle: copies are the same layer with the same weights. Called on a symbolic tensor (`Input`), a layer
/// builds itself and returns what its output will look like; called on values it computes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/regularizers.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// How a layer is called.
struct CallOptions {
  bool training = false;  ///< dropout drops, batch normalisation uses the batch's moments
};

struct WeightOptions {
  bool trainable = true;
  Regularizer regularizer = {};
  DType dtype = DType::float32;
};

/// The base of all layers. Override `build` to make weights and one of the `call`s to compute.
class LayerBase : public std::enable_shared_from_this<LayerBase> {
 public:
  virtual ~LayerBase() = default;

  /// Keras's class name, such as "Dense"; what `summary()`, files and errors show.
  virtual std::string class_name() const;

  /// Makes the weights, once, when the shape of the first input (batch axis included, unknown there) is known.
  virtual void build(const Shape& input);
  /// The same for a layer with several inputs.
  virtual void build(const std::vector<Shape>& inputs);

  /// Computes. Override the simplest that serves: one input; one input and the mode; several inputs; several outputs.
  virtual Tensor call(const Tensor& x);
  virtual Tensor call(const Tensor& x, const CallOptions& options);
  virtual Tensor call(const Tensors& xs, const CallOptions& options);
  virtual Tensors call_many(const Tensors& xs, const CallOptions& options);

  /// The options in Keras's form, enough for `from_config` to make the same layer. The base gives name, trainable, dtype.
  virtual Json config() const;

  /// A new weight, initialised at once. Weights are saved and counted in the order in which they are added.
  Tensor add_weight(const std::string& name, const Shape& shape, const Initializer& initializer = "glorot_uniform",
                    const WeightOptions& options = {});
  /// A part that is a layer itself; its weights count as this layer's. `attribute` names it in files.
  template <class L>
  L add_layer(const std::string& attribute, L layer) {
    add_sublayer(attribute, layer.shared());
    return layer;
  }
  /// Adds a scalar to the loss that training minimises. To be called inside `call`.
  void add_loss(const Tensor& loss);
  /// The state {seed, counter} for a random operation of this call; advances the counter.
  Tensor next_random_state();

  const std::string& name() const { return name_; }
  /// Only before the layer is part of a model.
  void set_name(const std::string& name) { name_ = name; }
  bool trainable() const { return trainable_; }
  void set_trainable(bool trainable);
  bool is_built() const { return built_; }

  /// All weights, those of sublayers included: trainable ones first, then the others, as Keras orders them.
  Tensors weights() const;
  virtual Tensors trainable_weights() const;
  virtual Tensors non_trainable_weights() const;
  /// The layer's own, in the order they were added.
  const Tensors& own_weights() const { return own_weights_; }
  const std::vector<std::pair<std::string, std::shared_ptr<LayerBase>>>& sublayers() const { return sublayers_; }
  /// Number of elements in all weights.
  int64_t count_params() const;
  /// Losses of the latest call: regularizers of all weights, activity losses. In ops.
  virtual Tensors losses() const;

  /// What a file says about how the layer was built; null when not built.
  virtual Json build_config() const;

  /// Applies the layer: checks, builds if needed, casts inputs to the layer's dtype, calls. Used by `Layer::operator()`.
  Tensors apply_to(const Tensors& inputs, const CallOptions& options);
  void build_for(const std::vector<Shape>& inputs);
  /// Starts `InvalidArgument` texts: "layer 'dense_1' (Dense): ".
  std::string where() const;

 protected:
  /// The axes that an input of this layer needs; checked before `build` and `call`. Unset: anything goes.
  struct InputRule {
    std::optional<int> rank = {}, min_rank = {};
    std::optional<int64_t> last_axis = {};  ///< set in build: the size that the weights were made for
    std::string remedy = {};                ///< "Add Flatten() before it."
  };
  InputRule input_rule_;
  /// Whether inputs are converted to float32 first (an embedding keeps its integers).
  bool autocast_ = true;
  Regularizer activity_regularizer_;

 private:
  friend class ModelBase;
  void add_sublayer(const std::string& attribute, std::shared_ptr<LayerBase> layer);
  void check_inputs(const std::vector<Shape>& inputs) const;

  std::string name_;
  bool trainable_ = true;
  bool built_ = false;
  std::vector<Shape> built_for_;
  Tensors own_weights_;
  std::vector<Regularizer> weight_regularizers_;  // one for each of own_weights_
  std::vector<std::pair<std::string, std::shared_ptr<LayerBase>>> sublayers_;
  Tensors call_losses_;
  Tensor random_state_;
};

/// A handle of a layer.
class Layer {
 public:
  Layer() = default;
  Layer(std::shared_ptr<LayerBase> base) : base_(std::move(base)) {}

  /// Applies the layer to a tensor: symbolic (the result is symbolic) or of values (the result is computed).
  Tensor operator()(const Tensor& x, const CallOptions& options = {}) const;
  Tensor operator()(const Tensors& xs, const CallOptions& options = {}) const;
  /// For a layer with several outputs.
  Tensors call_many(const Tensors& xs, const CallOptions& options = {}) const;

  const std::string& name() const { return base_->name(); }
  std::string class_name() const { return base_->class_name(); }
  Tensors weights() const { return base_->weights(); }
  Tensors trainable_weights() const { return base_->trainable_weights(); }
  Tensors non_trainable_weights() const { return base_->non_trainable_weights(); }
  /// Copies of the weights' values / sets them; InvalidArgument when count or shapes differ.
  Tensors get_weights() const;
  void set_weights(const Tensors& values) const;
  int64_t count_params() const { return base_->count_params(); }
  void set_trainable(bool trainable) const { base_->set_trainable(trainable); }

  explicit operator bool() const { return base_ != nullptr; }
  LayerBase* operator->() const { return base_.get(); }
  const std::shared_ptr<LayerBase>& shared() const { return base_; }
  /// The object as its class, or null.
  template <class L>
  L* as() const {
    return dynamic_cast<L*>(base_.get());
  }

 protected:
  std::shared_ptr<LayerBase> base_;
};

/// A layer of one's own class as a handle.
template <class L, class... Arguments>
  requires std::is_base_of_v<LayerBase, L>
Layer make_layer(Arguments&&... arguments) {
  return Layer(std::make_shared<L>(std::forward<Arguments>(arguments)...));
}

/// Gives a layer the name that Keras gives when there is none: "dense", "dense_1", ... counted in this process.
std::string unique_layer_name(const std::string& class_name);

/// Starts the counts of `unique_layer_name` anew (Keras's `clear_session`).
void clear_session();

/// One row of the table of layers: what `from_config` needs.
struct LayerRecord {
  std::string class_name;
  Layer (*from_config)(const Json& config);
  std::string doc;
};

/// All built-in layers; the table is nn/layers/table.cpp.
const std::vector<LayerRecord>& layer_records();

/// Makes files with layers of one's own class loadable: `register_layer("Swish", ...)`. The name may carry a package as
/// Keras writes it: "my_package>Swish".
void register_layer(const std::string& registered_name, Layer (*from_config)(const Json& config));

/// A layer from Keras's serialized form {"class_name", "config", ...}; InvalidArgument, with the nearest name, for an
/// unknown class.
Layer layer_from_json(const Json& json);
/// Keras's serialized form of a layer.
Json layer_to_json(const Layer& layer);

}  // namespace hebb
