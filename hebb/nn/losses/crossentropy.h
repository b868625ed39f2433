/// What the crossentropies share. Internal: users find them in losses.h.
#pragma once

#include <string>
#include <string_view>

#include "hebb/nn/losses/loss.h"

namespace hebb {

/// What went into the softmax (along this axis) or the sigmoid that `y_pred` came out of; undefined when it came out of
/// anything else, or nothing was recorded.
Tensor logits_before_softmax(const Tensor& y_pred, int64_t axis);
Tensor logits_before_sigmoid(const Tensor& y_pred);

/// Probabilities kept 1e-7 away from 0 and 1 (Keras's epsilon). The gradient passes within and at these bounds.
Tensor clip_probabilities(const Tensor& p);

/// InvalidArgument unless 0 <= label_smoothing <= 1.
void check_label_smoothing(const char* name, double label_smoothing);

/// InvalidArgument, ending with the remedy, unless the shapes are equal after `same_rank`; unknown axes fit any. They
/// may be those of a batch or, with an unknown batch axis in the prediction, of all data.
void check_same_shapes(const char* name, const Shape& y_true, const Shape& y_pred, const std::string& remedy);

/// Whether it is one of Keras's names for "the crossentropy that fits": crossentropy, ce, in any case of letters.
bool is_open_crossentropy(const std::string& name);
/// The loss that chooses by the shapes, at each call.
Loss open_crossentropy(const std::string& name);

/// Which of binary, sparse or categorical Keras chooses for these shapes, for "accuracy" and "crossentropy".
enum class TargetKind { binary, sparse, categorical };
TargetKind kind_of_targets(const Shape& y_true, const Shape& y_pred);

}  // namespace hebb
