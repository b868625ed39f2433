/// Losses that measure how far two areas overlap, for segmentation.
///
///     model.compile({.loss = Dice({.axis = Axes{1, 2, 3}})});      // one for each image
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/layers/options.h"
#include "hebb/nn/losses/loss.h"

namespace hebb {

struct DiceOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "dice";
  std::optional<Axes> axis = {};  ///< over which areas are summed; unset: all, the batch too
};
/// 1 - 2 |A and B| / (|A| + |B|), with products for "and" and sums for sizes (Dice 1945).
Loss Dice(const DiceOptions& options = {});
/// Equal shapes -> the shape without the axes; a scalar without any. InvalidArgument for shapes that differ.
Tensor dice(const Tensor& y_true, const Tensor& y_pred, const std::optional<Axes>& axis = {});

struct TverskyOptions {
  double alpha = 0.5;  ///< the weight of what is in the target alone
  double beta = 0.5;   ///< the weight of what is in the prediction alone
  std::string reduction = "sum_over_batch_size";
  std::string name = "tversky";
  std::optional<Axes> axis = {};  ///< over which areas are summed; unset: all, the batch too
};
/// 1 - |A and B| / (|A and B| + alpha |A without B| + beta |B without A|), A the target (Tversky 1977). Keras calls
/// alpha the weight of false positives, and applies it, as here, to what the prediction misses.
Loss Tversky(const TverskyOptions& options = {});
/// Equal shapes -> the shape without the axes; a scalar without any. InvalidArgument for shapes that differ.
Tensor tversky(const Tensor& y_true, const Tensor& y_pred, double alpha = 0.5, double beta = 0.5,
               const std::optional<Axes>& axis = {});

}  // namespace hebb
