/// What a `Model` handle points to: the graph of layers, and what training needs. For files, command line and tests;
/// programs use nn/model.h.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hebb/nn/model.h"
#include "hebb/plan/compiled.h"

namespace hebb {

class Trainer;

class ModelBase : public LayerBase {
 public:
  enum class Kind { functional, sequential };
  explicit ModelBase(Kind kind);
  ~ModelBase() override;

  std::string class_name() const override { return kind_ == Kind::sequential ? "Sequential" : "Functional"; }
  Kind kind() const { return kind_; }

  /// A functional model's graph; a sequential one's follows from its layers.
  void connect(const Tensors& inputs, const Tensors& outputs);
  /// Appends to a sequential model.
  void append(const Layer& layer);

  /// Whether inputs and outputs are known.
  bool is_connected() const { return !outputs_.empty(); }
  const Tensors& inputs() const { return inputs_; }    ///< symbolic
  const Tensors& outputs() const { return outputs_; }  ///< symbolic
  /// Where Keras made the model with a dict of inputs (outputs): its keys, in the order of inputs() (outputs()). Files
  /// keep them. Else empty.
  const std::vector<std::string>& input_keys() const { return input_keys_; }
  const std::vector<std::string>& output_keys() const { return output_keys_; }
  void set_keys(std::vector<std::string> inputs, std::vector<std::string> outputs);
  /// Where Keras made the model with lists or dicts in each other: as a file has it under "input_layers"
  /// ("output_layers"), each place [layer, call, output] for the next of inputs() (outputs()), those of a dict by the
  /// alphabet. Files keep it. Else null.
  const Json& input_structure() const { return input_structure_; }
  const Json& output_structure() const { return output_structure_; }
  void set_structures(Json inputs, Json outputs);
  /// Names for compile, logs and messages: of the layers that give the inputs (outputs); the keys of outputs that have
  /// some, as in Keras.
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  /// Each layer once, in the order of computation; a Sequential's without its input layer.
  const std::vector<std::shared_ptr<LayerBase>>& layers() const { return layers_; }
  /// The calls of layers between inputs and outputs, in the order in which they were made.
  const std::vector<std::shared_ptr<LayerCall>>& calls() const { return calls_; }

  /// InvalidArgument unless the i-th input may have this shape; an axis of size 1 may be missing or more at its end.
  void check_input(size_t i, const Shape& shape) const;
  /// The i-th input as the graph wants it: with or without a last axis of one, as Keras mends it. InvalidArgument as
  /// `check_input`.
  Tensor fitted_input(size_t i, const Tensor& x) const;

  void build(const std::vector<Shape>& inputs) override;
  using LayerBase::build;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override;
  using LayerBase::call_many;
  Json config() const override;
  Rounding output_rounding(size_t output) const override;

  /// What programs keep with the model: see nn/notes.h.
  Json notes = Json::object();

  Trainer& trainer();
  const Trainer* trainer_if_any() const { return trainer_.get(); }

 private:
  Tensors fitted_inputs(const Tensors& xs) const;
  struct Values;
  void start_behind_texts(const Tensors& plan_inputs, Values& values) const;

  Kind kind_;
  Tensors inputs_, outputs_;
  std::vector<std::string> input_keys_, output_keys_;
  Json input_structure_, output_structure_;
  std::vector<std::shared_ptr<LayerBase>> layers_;
  std::vector<std::shared_ptr<LayerCall>> calls_;
  std::vector<std::shared_ptr<LayerCall>> run_order_;  // those that outputs need, as Keras runs them
  std::unique_ptr<Trainer> trainer_;
  std::mutex trainer_mutex_;
};

}  // namespace hebb
