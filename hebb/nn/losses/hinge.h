/// Losses with a margin, as support vector machines have them.
///
///     model.compile({.loss = "hinge"});                       // one unit, linear or tanh; targets -1 and 1, or 0 and 1
///     model.compile({.loss = "categorical_hinge"});           // one unit for each class; one-hot targets
///
/// Every function takes (batch, ..., n), (batch, ..., n) -> (batch, ...); InvalidArgument for shapes that differ.
#pragma once

#include <string>

#include "hebb/nn/losses/loss.h"

namespace hebb {

struct HingeOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "hinge";
};
/// The mean of max(1 - target * prediction, 0) over the last axis. Targets are -1 and 1; where all of a batch are 0 or
/// 1, the zeros count as -1.
Loss Hinge(const HingeOptions& options = {});
Tensor hinge(const Tensor& y_true, const Tensor& y_pred);

struct SquaredHingeOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "squared_hinge";
};
/// The mean of max(1 - target * prediction, 0)^2 over the last axis, with targets as for the hinge.
Loss SquaredHinge(const SquaredHingeOptions& options = {});
Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred);

struct CategoricalHingeOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_hinge";
};
/// max(1 + the largest prediction of another class - that of the target's class, 0), with one-hot targets.
Loss CategoricalHinge(const CategoricalHingeOptions& options = {});
Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred);

}  // namespace hebb
