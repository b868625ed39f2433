/// Ensembles: several models that answer together, as one model.
///
///     Model committee = ensemble({first, second, third});                 // the mean of their answers
///     Model ballot = ensemble({first, second, third}, {.how = "vote"});   // a vote each
///     committee.evaluate(test);
///     committee.save("committee.keras");                                  // one file, which Keras opens
///
/// The mean of models that err independently errs less (Hansen and Salamon 1990). Members are nested whole, with their
/// weights, which they go on sharing with the models that were given.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"

namespace hebb {

struct EnsembleOptions {
  /// "average": the mean of the members' outputs. "vote": of several classes each member gives 1 to its likeliest, of
  /// one probability 0 or 1, and the output is the share of the votes. A vote is a softmax (sigmoid) of outputs scaled
  /// by a million, which files can hold: classes closer than 1e-5 share it.
  std::string how = "average";
  std::string name = {};  ///< of the model; empty: "ensemble"
};

/// A functional model of one input (or several) that all members take. It is compiled as the first member is, so that
/// `evaluate` works. Members of one name get numbers behind it. InvalidArgument unless there are at least two different
/// members, built, with inputs of the same shapes and one output of the same shape each.
Model ensemble(const std::vector<Model>& members, const EnsembleOptions& options = {});

}  // namespace hebb
