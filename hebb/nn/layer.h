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
/// A `Layer` is a handle: copies are the same layer with the same weights. Called on a symbolic tensor (`Input`), a
/// layer builds itself and returns what its output will look like; called on values it computes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/constraints.h"
#include "hebb/nn/dtype_policy.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/regularizers.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// A bool that may be left open.
class OpenFlag {
 public:
  constexpr OpenFlag() = default;
  constexpr OpenFlag(bool value) : value_(value), set_(true) {}
  constexpr operator bool() const { return value_; }
  constexpr bool is_set() const { return set_; }

 private:
  bool value_ = false;
  bool set_ = false;
};

/// How a layer is called.
struct CallOptions {
  /// Whether dropout drops and batch normalisation uses the batch's moments. Left open: as in the call that this one is
  /// a part of, and false in the outermost. In a call that makes a functional model: what holds when the model is
  /// called with it left open; as in Keras 3, what the model's call says goes before, and `fit` says true, `evaluate`
  /// and `predict` false. (`set_trainable(false)` keeps a batch normalisation's moments in `fit`.)
  OpenFlag training = {};
  /// For each input which of its steps count, (batch, steps) of booleans; undefined for all. Empty: what the inputs
  /// carry (nn/masking.h).
  Tensors masks = {};
  /// The last inputs are no inputs but masks, one for each number here: of the input with that number. As files say it
  /// where a call was given its mask as a tensor; unlike `masks` it is a part of the call in a functional model.
  std::vector<size_t> given_masks = {};
  /// What the inputs are, by Keras's names of the arguments of `call`, in their order: {"query", "value",
  /// "attention_mask"}, or "" for those in front that need no name. Empty: the first ones. Only for layers whose inputs
  /// have names (`LayerBase::input_argument_names`).
  std::vector<std::string> inputs = {};
  /// Attention: whether a step sees only itself and the steps before it.
  OpenFlag use_causal_mask = {};
  /// Attention: whether the scores are a second output.
  OpenFlag return_attention_scores = {};
  /// ReversibleEmbedding: whether vectors become scores of words, instead of words vectors.
  OpenFlag reverse = {};

  /// The mask of an input; undefined where there is none.
  Tensor mask(size_t input = 0) const { return input < masks.size() ? masks[input] : Tensor(); }
};

struct WeightOptions {
  bool trainable = true;
  Regularizer regularizer = {};
  Constraint constraint = {};
  std::optional<DType> dtype = {};  ///< unset: the layer's
};

/// While it lives, the calling thread's layers draw their random numbers from a state that is given, {seed, counter},
/// and leave their own alone: what they compute is then a function of its operands. Every draw takes the next counter.
class WithRandomState {
 public:
  explicit WithRandomState(const Tensor& state);
  ~WithRandomState();
  WithRandomState(const WithRandomState&) = delete;
  WithRandomState& operator=(const WithRandomState&) = delete;

 private:
  friend class LayerBase;
  Tensor next();

  Tensor state_;
  WithRandomState* outer_;
};

/// The base of all layers. Override `build` to make weights and one of the `call`s to compute.
class LayerBase : public std::enable_shared_from_this<LayerBase> {
 public:
  LayerBase();
  virtual ~LayerBase();
  LayerBase(const LayerBase&) = delete;
  LayerBase& operator=(const LayerBase&) = delete;

  /// Keras's class name, such as "Dense"; what `summary()`, files and errors show. For a class of one's own its C++
  /// name.
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

  /// The masks of the outputs, which later layers, losses and metrics see: one for each, undefined for none. `masks`:
  /// of the inputs. By default that of the first input. Only asked of layers that support masking.
  virtual Tensors compute_masks(const Tensors& inputs, const Tensors& masks, const Tensors& outputs);

  /// The names by which Keras's `call` takes so many inputs, for files: "" for those in front, else a name; equal names
  /// in a row are a list, with "/0", "/1" behind them lists in a list. Empty: one input as it is, several as one list.
  virtual std::vector<std::string> argument_names(size_t inputs) const;
  /// Keras's names of the tensors that `call` takes each under a name of its own, in Keras's order: {"query", "value",
  /// "key", "attention_mask"}; a call may leave out those behind the first. Those that end in "mask" or "weights" do
  /// not count when the layer is built. Empty: inputs have no names.
  virtual std::vector<std::string> input_argument_names() const;
  /// The names of so many inputs of a call: those that the options say, or the first of `input_argument_names`.
  /// InvalidArgument when they are not the layer's, not in its order, or not as many.
  std::vector<std::string> names_of_inputs(size_t inputs, const CallOptions& options) const;

  /// The options in Keras's form, enough for `from_config` to make the same layer. The base gives name, trainable,
  /// dtype.
  virtual Json config() const;
  /// Takes over what the base's `config` wrote (name, trainable, dtype, activity_regularizer), where it is there: for
  /// the `from_config` of a layer of one's own.
  void read_base_config(const Json& config);
  /// Keras's module, for files: "keras.layers"; empty for what Keras has not.
  virtual std::string module() const;

  /// A new weight, initialised at once. Trainable weights are saved and counted before the others, each kind in the
  /// order in which they are added. InvalidArgument when an axis of the shape is unknown.
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
  /// The variable with the latest state; undefined before the first. It is no weight: neither counted nor trained.
  const Tensor& random_state() const { return random_state_; }
  /// Goes on from another state, such as one from a file.
  void set_random_state(int64_t seed, int64_t counter);

  const std::string& name() const { return name_; }
  /// Only before the layer is part of a model.
  void set_name(const std::string& name) { name_ = name; }
  bool trainable() const { return trainable_; }
  /// Also of the sublayers.
  void set_trainable(bool trainable);
  /// Of this layer alone: what its sublayers say of themselves stays. A layer's own weights are trained when it is
  /// trainable and so is the model that is trained; what lies between them does not matter.
  void set_own_trainable(bool trainable) { trainable_ = trainable; }
  /// The type of the weights, to which inputs are converted.
  DType dtype() const { return dtype_policy_.variable_dtype(); }
  /// What it computes in, too.
  const DTypePolicy& dtype_policy() const { return dtype_policy_; }
  /// Only before the layer is built. NotSupported unless the type is float32 or float64.
  void set_dtype(const DTypePolicy& policy);
  bool is_built() const { return built_; }

  /// All weights, in Keras's order: the layer's own, trainable ones first, then those of each sublayer. A weight that
  /// is reached twice stands once.
  virtual Tensors weights() const;
  /// Those of `weights()` that training changes; none when the layer is not trainable.
  virtual Tensors trainable_weights() const;
  virtual Tensors non_trainable_weights() const;
  /// The layer's own: trainable ones first, each kind in the order they were added.
  const Tensors& own_weights() const { return own_weights_; }
  const std::vector<std::pair<std::string, std::shared_ptr<LayerBase>>>& sublayers() const { return sublayers_; }
  /// Number of elements in all weights; 0 before the layer is built.
  int64_t count_params() const;
  /// Losses of the latest call, sublayers included: what `add_loss` added, activity regularizers, then the regularizers
  /// of the trainable weights.
  virtual Tensors losses() const;

  /// What files hold as the layer's own weights: those that a format has no place for in another form.
  virtual Tensors weights_for_files() const { return own_weights_; }
  /// The values that files get of them: another form, where what is not kept goes into it.
  virtual Tensors values_for_files() const { return weights_for_files(); }
  /// Called when those were read from a file.
  virtual void weights_were_read() {}

  /// What a file says about how the layer was built, {"input_shape": [null, 784]}; null when not built.
  virtual Json build_config() const;

  /// To what the layer rounds one of its outputs: as its policy says, or as the layers do that it is made of.
  virtual Rounding output_rounding(size_t output) const;

  /// Applies the layer to tensors that are not symbolic: checks, builds if needed, converts the inputs to the layer's
  /// dtype, calls. Used by `Layer::operator()`.
  Tensors apply_to(const Tensors& inputs, const CallOptions& options);
  /// Checks the inputs and builds, unless that was done.
  void build_for(const std::vector<Shape>& inputs);
  /// Starts `InvalidArgument` texts: "layer 'dense_1' (Dense): ".
  std::string where() const;

 protected:
  /// What every input of this layer needs; checked before `build` and `call`. Unset: anything goes.
  struct InputRule {
    std::optional<int> rank = {}, min_rank = {};
    int axis = -1;                     ///< the axis of which `size` speaks
    std::optional<int64_t> size = {};  ///< set in build: what the weights were made for
    std::string axes = {};             ///< what the axes mean: "(batch, height, width, channels)"
    std::string remedy = {};           ///< "Add Flatten() before it."
  };
  InputRule input_rule_;
  /// For a rule that goes further: throws InvalidArgument when inputs of these shapes (axes may be unknown) do not fit.
  virtual void check_shapes(const std::vector<Shape>& inputs) const;
  /// For a layer that a file has quantised, with Keras's mode such as "int8", before it is built. NotSupported unless
  /// the layer knows it.
  virtual void start_quantized(const std::string& mode);
  /// Whether inputs are converted to the layer's dtype first (an embedding keeps its integers).
  bool autocast_ = true;
  /// What a policy of mixed precision rounds: what Keras casts. A layer that computes in float32 whatever its policy
  /// says, as normalisations do, reads its inputs, its weights or both as they are; of what is made of layers the parts
  /// round their results themselves.
  struct Rounded {
    bool inputs = true, weights = true, outputs = true;
  };
  Rounded rounded_;
  /// Whether outputs have masks; without, masks end here, as Keras's do where `supports_masking` is not set.
  bool supports_masking_ = false;
  Regularizer activity_regularizer_;
  /// The seed of the layer's random operations. Unset: from the process's sequence (`set_random_seed`).
  std::optional<int64_t> random_seed_;

 private:
  friend class ModelBase;
  friend class Layer;
  friend Tensors call_symbolically(const std::shared_ptr<LayerBase>& layer, const Tensors& inputs,
                                   const CallOptions& options);
  void add_sublayer(const std::string& attribute, std::shared_ptr<LayerBase> layer);
  void check_inputs(const std::vector<Shape>& inputs) const;
  std::vector<Shape> shapes_that_count(const std::vector<Shape>& inputs, const CallOptions& options) const;
  void clear_losses();

  std::string name_;
  bool trainable_ = true;
  DTypePolicy dtype_policy_;
  bool built_ = false;
  int64_t seed_;            // of the process's sequence, taken when the layer was made
  int symbolic_calls_ = 0;  // Keras's node index
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
  /// Gives the layer a name when it has none.
  Layer(std::shared_ptr<LayerBase> base);

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
  requires(std::is_base_of_v<LayerBase, L>)
Layer make_layer(Arguments&&... arguments) { return Layer(std::make_shared<L>(std::forward<Arguments>(arguments)...)); }

/// Gives a layer the name that Keras gives when there is none: "dense", "dense_1", ... counted in this process.
std::string unique_layer_name(const std::string& class_name);

/// Starts the counts of `unique_layer_name` anew (Keras's `clear_session`).
void clear_session();

/// One row of the table of layers: what `from_config` needs.
struct LayerRecord {
  std::string class_name;
  Layer (*from_config)(const Json& config);
  std::string doc;
  std::string module = "keras.layers";  ///< Keras's, for files; empty: hebb's own, which Keras does not load
};

/// All built-in layers; the table is nn/layers/table.cpp.
const std::vector<LayerRecord>& layer_records();

/// Loads layers of a class of one's own from files: `register_layer("Swish", ...)`; a package as Keras has it,
/// "my_package>Swish", else "Custom>Swish". A layer of Python code (Lambda, ...) is taken by its own name in the model.
void register_layer(const std::string& registered_name, Layer (*from_config)(const Json& config));

/// A layer from Keras's serialized form {"class_name", "config", "build_config", ...}, built if that was;
/// InvalidArgument, with the nearest name, for an unknown class. The module's path is ignored, as are options that hebb
/// does not know.
Layer layer_from_json(const Json& json);
/// Keras's serialized form of a layer.
Json layer_to_json(const Layer& layer);

}  // namespace hebb
