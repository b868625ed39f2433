/// Models: layers put together, trained with `fit`, used with `predict`.
///
///     Sequential model({Input({28, 28, 1}), Flatten(), Dense(10, {.activation = "softmax"})});
///     model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
///     History history = model.fit(train, {.batch_size = 32, .epochs = 3, .validation_data = test});
///     double accuracy = model.evaluate(test)["accuracy"];
///     Tensor probabilities = model.predict(images);
///     model.save("model.keras");
///
/// A model is a layer: it can be called, and be a part of other models. Copies of the handle are the same model.
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hebb/data/dataset.h"
#include "hebb/nn/callbacks/callback.h"
#include "hebb/nn/history.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/nn/metrics/metric.h"
#include "hebb/nn/optimizers/optimizer.h"
#include "hebb/nn/symbolic.h"
#include "hebb/plan/plan.h"

namespace hebb {

/// One thing for all outputs, one for each in order, or by the outputs' names.
template <class T>
class PerOutput {
 public:
  PerOutput() = default;
  template <class U>
    requires(std::is_convertible_v<U, T>)
  PerOutput(U one) : list_{T(std::move(one))}, single_(true) {}
  PerOutput(std::initializer_list<T> list) : list_(list) {}
  PerOutput(std::vector<T> list) : list_(std::move(list)) {}
  PerOutput(std::map<std::string, T> by_name) : by_name_(std::move(by_name)) {}

  bool empty() const { return list_.empty() && by_name_.empty(); }
  bool is_single() const { return single_; }
  const std::vector<T>& list() const { return list_; }
  const std::map<std::string, T>& by_name() const { return by_name_; }

 private:
  std::vector<T> list_;
  std::map<std::string, T> by_name_;
  bool single_ = false;
};

/// Metrics: a flat list for a model of one output (for several: one for each output, in order), or lists by the
/// outputs' names or positions.
class MetricLists {
 public:
  MetricLists() = default;
  MetricLists(std::initializer_list<Metric> metrics) : all_(metrics) {}
  MetricLists(std::vector<Metric> metrics) : all_(std::move(metrics)) {}
  MetricLists(std::map<std::string, std::vector<Metric>> by_name) : by_name_(std::move(by_name)) {}

  /// A list for each output, in their order.
  static MetricLists by_position(std::vector<std::vector<Metric>> lists) {
    MetricLists out;
    out.by_position_ = std::move(lists);
    return out;
  }

  bool empty() const { return all_.empty() && by_name_.empty() && by_position_.empty(); }
  const std::vector<Metric>& all() const { return all_; }
  const std::map<std::string, std::vector<Metric>>& by_name() const { return by_name_; }
  const std::vector<std::vector<Metric>>& by_position() const { return by_position_; }

 private:
  std::vector<Metric> all_;
  std::map<std::string, std::vector<Metric>> by_name_;
  std::vector<std::vector<Metric>> by_position_;
};

struct CompileOptions {
  Optimizer optimizer = "rmsprop";
  PerOutput<Loss> loss = {};
  PerOutput<double> loss_weights = {};
  MetricLists metrics = {};
  MetricLists weighted_metrics = {};  ///< as metrics, but weighted with the sample weights
  /// Train in less memory and more time, with the same numbers: a part of the activations is computed a second time
  /// when the gradients need them (Keras: `RematScope(mode="full")` around the whole model). Not kept in files.
  bool remat = false;
  /// Under the policy "mixed_float16" of the model: whether the optimizer is put into a LossScaleOptimizer, so that
  /// small gradients do not round to zero.
  bool auto_scale_loss = true;
};

struct FitOptions {
  int64_t batch_size = 32;
  int64_t epochs = 1;  ///< the number of the epoch at which training ends (`initial_epoch` is where it starts)
  int verbose = -1;    ///< 0: silent; 1: a progress bar; 2: one line an epoch; -1: 1
  std::vector<Callback> callbacks = {};
  double validation_split = 0;  ///< the last part of the data, before shuffling
  data::Dataset validation_data = {};
  bool shuffle = true;
  std::map<int64_t, double> class_weight = {};  ///< of integer labels or one-hot targets; classes not named weigh 1
  /// (examples,), (examples, 1), or (examples, positions) for a loss of several positions. For several outputs: one for
  /// all, one for each, or by the outputs' names (those that are not named weigh 1).
  PerOutput<Tensor> sample_weight = {};
  int64_t initial_epoch = 0;
  /// The next epoch goes on behind the last one's steps, as in Keras; the one that comes to the end of the data is
  /// shorter, and the next begins anew (`Passes` in nn/resume.h). Unset: all.
  std::optional<int64_t> steps_per_epoch = {};
  std::optional<int64_t> validation_steps = {};
  std::optional<int64_t> validation_batch_size = {};
  int64_t validation_freq = 1;       ///< validate after every so many epochs
  std::optional<int64_t> seed = {};  ///< of the shuffling; unset: the next of the process's seeds
  /// So many steps of the first epoch lie behind: goes on in the middle of it, with the batches that follow.
  int64_t initial_step = 0;
};

struct EvaluateOptions {
  int64_t batch_size = 32;
  int verbose = 0;
  PerOutput<Tensor> sample_weight = {};
  std::optional<int64_t> steps = {};
};

struct PredictOptions {
  int64_t batch_size = 32;
  int verbose = 0;
};

struct QuantizeOptions {
  /// Examples like those the model will see; their targets do not matter. For "int8".
  data::Dataset calibration = {};
  int64_t calibration_samples = 1024;  ///< at most so many, evenly spread over the data
  int64_t batch_size = 32;             ///< of the calibration
};

struct FreezeOptions {
  int64_t batch_size = 1;  ///< for which predicting is planned ahead
};

struct LoadWeightsOptions {
  /// By the names of layers in place of their order: what the file has of other layers, and layers that it has not, are
  /// passed over. For files of Keras 2 (`.h5`) alone, as in Keras.
  bool by_name = false;
  bool skip_mismatch = false;  ///< passes over layers whose weights the file has in another number or shape
};

class ModelBase;

class Model : public Layer {
 public:
  Model() = default;
  /// A graph of layers from symbolic inputs to outputs. InvalidArgument when an output does not follow from the inputs.
  Model(const Tensor& input, const Tensor& output, const std::string& name = "");
  Model(const Tensors& inputs, const Tensor& output, const std::string& name = "");
  Model(const Tensor& input, const Tensors& outputs, const std::string& name = "");
  Model(const Tensors& inputs, const Tensors& outputs, const std::string& name = "");
  explicit Model(std::shared_ptr<ModelBase> base);

  /// Says how to train. The weights stay as they are. InvalidArgument for names that do not exist and lists that do not
  /// fit; for a model whose outputs are not known yet (no Input(), not called) those come with the first fit.
  void compile(const CompileOptions& options);

  /// Trains. InvalidArgument when the model is not compiled or the data does not fit it.
  History fit(const data::Dataset& data, const FitOptions& options = {});
  History fit(const Tensor& x, const Tensor& y, const FitOptions& options = {});
  History fit(const Tensors& x, const Tensors& y, const FitOptions& options = {});

  /// Loss and metrics.
  Logs evaluate(const data::Dataset& data, const EvaluateOptions& options = {});
  Logs evaluate(const Tensor& x, const Tensor& y, const EvaluateOptions& options = {});
  Logs evaluate(const Tensors& x, const Tensors& y, const EvaluateOptions& options = {});

  /// The model's (first) output for every example. Several threads may predict with one model at the same time, as
  /// long as none trains it or changes its weights.
  Tensor predict(const Tensor& x, const PredictOptions& options = {});
  Tensor predict(const Tensors& xs, const PredictOptions& options = {});
  template <std::same_as<data::Dataset> Data>  // a template, so that predict({a, b}) means two inputs
  Tensor predict(const Data& data, const PredictOptions& options = {}) {
    return predict_all(data, options).front();
  }
  /// The model's (first) output for one batch, as a whole: the quickest way to an answer.
  Tensor predict_on_batch(const Tensor& x);
  Tensor predict_on_batch(const Tensors& xs);
  /// All outputs.
  Tensors predict_all(const Tensors& xs, const PredictOptions& options = {});
  template <std::same_as<data::Dataset> Data>
  Tensors predict_all(const Data& data, const PredictOptions& options = {}) {
    return predict_dataset(data, options);
  }

  /// Makes the model smaller and quicker to predict with; docs/inference.md has figures. It can be evaluated and saved
  /// (`.keras`) as before, but not trained. Modes:
  ///  - "int8": kernels of Dense and Conv2D become int8, with a scale for each output channel, and so do their inputs,
  ///    with ranges that calibration finds. Without calibration a Dense finds the range of each example when it
  ///    predicts, as Keras does, and a Conv2D stays as it is, as does one of several groups;
  ///  - "bfloat16": kernels of Dense and Conv2D become bfloat16; activations and sums stay float32.
  /// InvalidArgument for another mode, a model that is not built, nothing to quantise, or calibration data that does
  /// not fit.
  void quantize(const std::string& mode, const QuantizeOptions& options = {});
  bool is_quantized() const;
  /// Makes the model ready to predict and nothing else: gives the optimizer's state back, plans for a batch size, so
  /// that the first prediction takes no longer than the others, and refuses to train from now on. InvalidArgument when
  /// the model is not built or leaves sizes of its inputs open.
  void freeze(const FreezeOptions& options = {});

  /// One step on one batch; returns loss and metrics of that batch. Weights as in `FitOptions`.
  Logs train_on_batch(const Tensors& x, const Tensors& y, const PerOutput<Tensor>& sample_weight = {},
                      const std::map<int64_t, double>& class_weight = {});
  Logs train_on_batch(const Tensor& x, const Tensor& y, const PerOutput<Tensor>& sample_weight = {},
                      const std::map<int64_t, double>& class_weight = {});
  Logs test_on_batch(const Tensors& x, const Tensors& y, const PerOutput<Tensor>& sample_weight = {});
  Logs test_on_batch(const Tensor& x, const Tensor& y, const PerOutput<Tensor>& sample_weight = {});

  /// The table that Keras shows; `summary()` writes it to the console.
  std::string summary_text() const;
  void summary() const;

  /// The layers in the order in which they are computed, inputs included (not those of a Sequential, as in Keras).
  std::vector<Layer> layers() const;
  /// InvalidArgument, with the nearest name, when there is no such layer.
  Layer get_layer(const std::string& name) const;
  Layer get_layer(int64_t index) const;
  Tensors trainable_variables() const { return trainable_weights(); }
  Tensors variables() const { return weights(); }
  Shape input_shape() const;
  Shape output_shape() const;

  /// Writes the model, its optimizer's state included, to a file; the ending says the format (`.keras`). Atomic.
  /// IoError.
  void save(const std::string& path) const;
  /// Writes the weights alone: to a path that ends in `.weights.h5` with the optimizer's state, as Keras 3 does; to
  /// another that ends in `.h5` or `.hdf5` as Keras 2 did. Atomic. InvalidArgument when the model is not built,
  /// IoError.
  void save_weights(const std::string& path) const;
  /// Reads the weights of a model of the same layers from such a file, or from a whole model's. With the state of the
  /// optimizer, if the file has one and this model's optimizer has as many variables (it gets them in the first step).
  /// All or nothing: IoError, naming the layer, when something does not fit. Returns what it passed over, a sentence
  /// for each; nothing without options.
  std::vector<std::string> load_weights(const std::string& path, const LoadWeightsOptions& options = {});

  Optimizer optimizer() const;
  bool is_compiled() const;
  ModelBase& base() const;
  /// What the latest training step looked like: the plan's table, with times when profiling was on.
  std::string describe_step() const;
  /// The same as numbers: each kernel of the step, what it costs and, when profiling was on, took.
  std::vector<Plan::Timing> step_timings() const;
  void profile(bool on);

 private:
  Tensors predict_dataset(const data::Dataset& data, const PredictOptions& options);
};

class Sequential : public Model {
 public:
  /// A stack of layers. Without an `Input` in front it is built at the first call, when the input's shape is known.
  Sequential(std::initializer_list<Layer> layers, const std::string& name = "");
  explicit Sequential(const std::vector<Layer>& layers = {}, const std::string& name = "");
  void add(const Layer& layer);
};

struct LoadOptions {
  bool compile = true;  ///< as the file says: false leaves out optimizer, loss and metrics
  /// Called with the reason where the model can be had, but not be compiled as the file says, or not with the
  /// optimizer's state: as in Keras it then is not compiled, or its optimizer begins anew. Without: an error.
  std::function<void(const std::string& why)> on_bad_training = {};
  /// Called with what is passed over in a model that can be had and trained: an optimizer's state that is of other
  /// weights than are trained now. Without: nothing is said.
  std::function<void(const std::string& what)> on_warning = {};
};

/// A model from a file (`.keras`, `.h5`), which the ending tells apart; compiled, and with the optimizer's state, if it
/// was saved so: but for a loss or metric of one's own, which a file can only name; then `fit` asks for compile().
/// Never runs code from the file. IoError, or NotSupported for what hebb has not, says what, where and
/// what to do.
Model load_model(const std::string& path, const LoadOptions& options = {});

/// A model with fresh weights from the JSON that Keras's `model.to_json()` gives.
Model load_architecture(const std::string& path);

}  // namespace hebb
