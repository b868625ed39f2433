/// What losses and metrics that compare predictions with targets number by number share. Internal.
#pragma once

#include "hebb/tensor/tensor.h"

namespace hebb {

/// InvalidArgument, naming `name`, unless the shapes are equal after `same_rank`; unknown axes fit any.
void check_comparable(const char* name, const Shape& y_true, const Shape& y_pred);

struct Compared {
  Tensor targets, predictions;  ///< of one rank and one floating type
};
/// Both sides as they are compared; InvalidArgument as above.
Compared compared(const char* name, const Tensor& y_true, const Tensor& y_pred);

/// The mean over the last axis; a scalar as it is.
Tensor mean_of_last(const Tensor& x);

/// Numbers kept between `low` and `high`. Unlike `clip`, the gradient passes whole where a number is a bound.
Tensor kept_within(const Tensor& x, double low, double high);

/// Vectors along an axis divided by their lengths, as Keras's `normalize`: a vector shorter than 1e-7 is multiplied by
/// 1e7.
Tensor normalized(const Tensor& x, int64_t axis);

}  // namespace hebb
