/// Cross-validation: every example is tested once, by a model that was trained without it (Stone 1974).
///
///     double sum = 0;
///     for (const auto& [train, test] : data::k_fold(digits, {.folds = 5, .shuffle = true, .seed = 1})) {
///       Model model = make_model();
///       model.fit(train, {.epochs = 10});
///       sum += model.evaluate(test)["accuracy"];
///     }
///
/// The folds are those of scikit-learn's KFold and StratifiedKFold (the random numbers are hebb's own).
#pragma once

#include <cstdint>
#include <vector>

#include "hebb/data/dataset.h"
#include "hebb/data/train_test.h"

namespace hebb::data {

struct KFoldOptions {
  int64_t folds = 5;
  bool shuffle = false;   ///< false: each fold tests neighbours; data that stands sorted by class needs true
  int64_t seed = 0;       ///< of the shuffling
  bool stratify = false;  ///< each class in every fold as often as in the whole; targets then hold class numbers
};

/// Numbers of examples, in ascending order.
struct Fold {
  std::vector<int64_t> train, test;
};

/// The folds of so many examples. The first `examples` % `folds` test one more than the others. InvalidArgument unless
/// there are at least 2 folds and as many examples, and for `stratify`, which needs the targets.
std::vector<Fold> k_fold(int64_t examples, const KFoldOptions& options = {});
/// The folds of examples with these targets; to stratify, (examples,) or (examples, 1) class numbers. InvalidArgument
/// where every class has fewer examples than there are folds.
std::vector<Fold> k_fold(const Tensor& y, const KFoldOptions& options = {});
/// The folds as data sets, which share the examples' memory; to stratify, the first target is taken.
std::vector<TrainTest> k_fold(const Dataset& dataset, const KFoldOptions& options = {});

}  // namespace hebb::data
