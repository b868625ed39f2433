/// A loss for sequences whose labels have no places, such as words in speech or writing.
///
///     model.compile({.loss = CTC()});     // outputs (batch, steps, classes) without softmax, labels (batch, length)
#pragma once

#include <string>

#include "hebb/nn/losses/loss.h"

namespace hebb {

struct CTCOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "ctc";
};
/// Minus the logarithm of the probability that the steps, with repeated classes joined and blanks removed, are the
/// labels (Graves et al. 2006). Class 0 is the blank, and fills up labels that are shorter. InvalidArgument for a label
/// that is no class. A loss is infinite, with a gradient of 0, where labels need more steps than there are.
Loss CTC(const CTCOptions& options = {});
/// Labels (batch, length) of any type, logits (batch, steps, classes) -> (batch,). InvalidArgument for other shapes.
Tensor ctc(const Tensor& y_true, const Tensor& y_pred);

}  // namespace hebb
