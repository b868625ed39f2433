/// What targets are, told from their numbers: which last layer and which loss learn them.
///
///     zoo::MakeOptions options = zoo::options_for(train);          // of class numbers, one-hot rows, real numbers
///     Model model = zoo::make("mlp", options);
///
/// The rules are those that people of scikit-learn and Keras expect: whole numbers from 0 on are class numbers, rows of
/// 0 and 1 with a single 1 are one-hot, other rows of 0 and 1 are yes-or-no answers, and everything else is regression.
#pragma once

#include <cstdint>
#include <string>

#include "hebb/data/dataset.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/zoo/zoo.h"

namespace hebb::zoo {

struct TargetKind {
  Head head = Head::labels;
  int64_t units = 0;  ///< of the last layer
};

/// What targets (n,) or (n, k) are. A loss, where one is given, decides: `mse` makes regression of whole numbers too.
/// InvalidArgument for targets that no built-in architecture learns: NaN, negative class numbers, more classes than
/// examples can teach.
TargetKind kind_of_targets(const Tensor& targets, const Loss& loss = {});

/// What makes an architecture fit for this data: its input's shape and type, and its targets' kind.
MakeOptions options_for(const data::Dataset& data, const Loss& loss = {});

/// The name of the loss that goes with an output of this shape and these targets.
std::string suggested_loss(const Shape& output, const Tensor& targets);
/// The same for a target of a data set; one that is not in memory is read in pieces.
std::string suggested_loss(const Shape& output, const data::Dataset& data, int64_t target = 0);

}  // namespace hebb::zoo
