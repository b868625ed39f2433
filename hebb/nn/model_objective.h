/// A model's loss over a whole data set as a function of its weights: what optimizers of the whole set minimise.
/// Internal.
#pragma once

#include <memory>
#include <vector>

#include "hebb/data/feed.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/nn/trainer.h"

namespace hebb {

class ModelObjective : public Objective {
 public:
  /// The data must stay; `chunk` examples are computed at once.
  ModelObjective(Trainer& trainer, ModelBase& model, const data::Dataset& data, int64_t chunk);

  int64_t size() const override { return size_; }
  std::vector<double> weights() const override;
  /// The trainer's loss and metrics are those of the latest evaluation.
  double evaluate(std::vector<double>& weights, std::vector<double>& gradient) override;
  std::vector<double> curvature_times(const std::vector<double>& vector) override;
  std::vector<double> curvature() override;
  void require_least_squares() const override;

  /// How often loss and gradient were computed.
  int64_t evaluations() const { return evaluations_; }

 private:
  Tensors loss_and_gradient(const Tensors& parameters);
  /// Parameters: the data's, then a vector in the weights' shapes. J'J v, or J v.
  Tensors product(const Tensors& parameters, bool back);
  void write_weights(const std::vector<double>& weights);
  /// Runs a plan on all chunks; `use` gets its outputs and the number of examples. `more`: further parameters.
  void each_chunk(PlanCache& plans, const Tensors& more,
                  const std::function<void(const Tensors& outputs, int64_t count)>& use);
  Tensors as_weights(const std::vector<double>& vector) const;
  /// InvalidArgument when the evaluation changed anything but metrics: then the loss is another in every evaluation.
  void check_is_function() const;

  Trainer& trainer_;
  ModelBase& model_;
  data::Dataset data_;
  data::Feed feed_;
  Tensors variables_;
  int64_t size_ = 0, evaluations_ = 0;
  PlanCache evaluation_, products_, directions_;
};

}  // namespace hebb
