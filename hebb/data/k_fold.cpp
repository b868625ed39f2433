#include "hebb/data/k_fold.h"

#include <algorithm>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/random.h"

namespace hebb::data {

namespace {

void check_count(int64_t examples, const KFoldOptions& options) {
  if (options.folds < 2) {
    throw InvalidArgument(message("k_fold: expected at least 2 folds, got ", options.folds,
                                  ". One part alone is split off by train_test_split()."));
  }
  if (examples < options.folds) {
    throw InvalidArgument(message("k_fold: expected at least one example for each of ", options.folds, " folds, got ",
                                  examples, ". Take fewer folds."));
  }
}

/// The fold that tests each example, as the lists of both parts.
std::vector<Fold> folds_from(const std::vector<int64_t>& test_fold, int64_t folds) {
  std::vector<Fold> out(static_cast<size_t>(folds));
  for (size_t i = 0; i < test_fold.size(); ++i) {
    for (int64_t fold = 0; fold < folds; ++fold)
      (fold == test_fold[i] ? out[static_cast<size_t>(fold)].test : out[static_cast<size_t>(fold)].train)
          .push_back(static_cast<int64_t>(i));
  }
  return out;
}

/// Class numbers counted in the order in which the classes appear: ties between classes are broken so.
std::vector<int64_t> by_appearance(const std::vector<double>& labels, int64_t& classes) {
  std::vector<double> known;
  std::vector<int64_t> out;
  for (const double label : labels) {
    const auto at = std::find(known.begin(), known.end(), label);
    out.push_back(at - known.begin());
    if (at == known.end()) known.push_back(label);
  }
  classes = static_cast<int64_t>(known.size());
  return out;
}

/// scikit-learn's way: all examples sorted by class are dealt out in turn, which says how many of each class a fold
/// tests; then the examples of a class go to the folds in their order.
std::vector<Fold> stratified(const Tensor& y, const KFoldOptions& options) {
  const int64_t examples = y.shape().front();
  if (y.size() != examples) {
    throw InvalidArgument(message("k_fold: to stratify, expected one class number for each example, got y of ",
                                  y.spec(), ". Take argmax() of one-hot rows."));
  }
  int64_t classes = 0;
  const std::vector<int64_t> labels = by_appearance(y.to_vector<double>(), classes);
  std::vector<int64_t> sorted = labels;
  std::sort(sorted.begin(), sorted.end());
  const auto folds = static_cast<size_t>(options.folds);
  std::vector<std::vector<int64_t>> share(static_cast<size_t>(classes), std::vector<int64_t>(folds, 0));
  for (size_t i = 0; i < sorted.size(); ++i) ++share[static_cast<size_t>(sorted[i])][i % folds];
  int64_t largest = 0;
  std::vector<std::vector<int64_t>> turns;  // for each class the folds of its examples
  for (int64_t c = 0; c < classes; ++c) {
    std::vector<int64_t> turn;
    for (size_t fold = 0; fold < folds; ++fold)
      turn.insert(turn.end(), static_cast<size_t>(share[static_cast<size_t>(c)][fold]), static_cast<int64_t>(fold));
    largest = std::max(largest, static_cast<int64_t>(turn.size()));
    if (options.shuffle) {
      std::vector<int64_t> mixed;
      for (const int64_t i :
           random::permutation(static_cast<int64_t>(turn.size()), options.seed, c).to_vector<int64_t>())
        mixed.push_back(turn[static_cast<size_t>(i)]);
      turn = std::move(mixed);
    }
    turns.push_back(std::move(turn));
  }
  if (largest < options.folds) {
    throw InvalidArgument(message("k_fold: to stratify, expected a class with at least ", options.folds,
                                  " examples, one for each fold, but the largest has ", largest,
                                  ". Take fewer folds."));
  }
  std::vector<int64_t> test_fold, next(static_cast<size_t>(classes), 0);
  for (const int64_t label : labels) {
    const auto c = static_cast<size_t>(label);
    test_fold.push_back(turns[c][static_cast<size_t>(next[c]++)]);
  }
  return folds_from(test_fold, options.folds);
}

}  // namespace

std::vector<Fold> k_fold(int64_t examples, const KFoldOptions& options) {
  check_count(examples, options);
  if (options.stratify)
    throw InvalidArgument("k_fold: stratify needs the classes. Give the targets instead of a count.");
  std::vector<int64_t> order(static_cast<size_t>(examples));
  std::iota(order.begin(), order.end(), 0);
  if (options.shuffle) order = random::permutation(examples, options.seed).to_vector<int64_t>();
  std::vector<int64_t> test_fold(order.size());
  size_t at = 0;
  for (int64_t fold = 0; fold < options.folds; ++fold) {
    const int64_t count = examples / options.folds + (fold < examples % options.folds ? 1 : 0);
    for (int64_t i = 0; i < count; ++i) test_fold[static_cast<size_t>(order[at++])] = fold;
  }
  return folds_from(test_fold, options.folds);
}

std::vector<Fold> k_fold(const Tensor& y, const KFoldOptions& options) {
  if (y.rank() < 1)
    throw InvalidArgument(message("k_fold: expected targets with the examples along the first axis, got ", y.spec(),
                                  ". Give one for each example."));
  check_count(y.shape().front(), options);
  return options.stratify ? stratified(y, options) : k_fold(y.shape().front(), options);
}

std::vector<TrainTest> k_fold(const Dataset& dataset, const KFoldOptions& options) {
  std::vector<TrainTest> out;
  for (Fold& fold : options.stratify ? k_fold(dataset.y(), options) : k_fold(dataset.size(), options))
    out.push_back({dataset.select(std::move(fold.train)), dataset.select(std::move(fold.test))});
  return out;
}

}  // namespace hebb::data
