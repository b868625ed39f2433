/// Class numbers as targets. Internal: what the losses that take them share.
#pragma once

#include <optional>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// Labels may stand in a column, as (batch, 1): their shape without it.
Shape label_shape(const Shape& y_true, const Shape& y_pred);

/// InvalidArgument, naming `name`, unless there is one label for each row of the predictions' last axis.
void check_label_shapes(const char* name, const Shape& y_true, const Shape& y_pred);

/// InvalidArgument for a label that is no class and not the one to be ignored; of labels that are not concrete nothing
/// is known.
void check_labels(const char* name, const Tensor& labels, int64_t classes, const std::optional<int64_t>& ignored = {});

/// Labels of any type as int32 or int64, (batch, ...).
Tensor as_labels(const Tensor& y_true, const Shape& y_pred);

}  // namespace hebb
