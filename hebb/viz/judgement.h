/// What a classifier said, against what was true: classes, confidences, the confusion matrix.
///
///     viz::Judgement judgement = viz::judge(model.predict(test), test.y());
///     judgement.accuracy();            // 0.991
///     judgement.confusion[4][9];       // how many 4s were taken for a 9
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::viz {

struct Judgement {
  int64_t classes = 0;
  std::vector<int64_t> truth, predicted;
  std::vector<double> confidence;               ///< the probability of the predicted class; never NaN
  std::vector<std::vector<int64_t>> confusion;  ///< [truth][predicted]: how many

  int64_t size() const { return static_cast<int64_t>(truth.size()); }
  bool is_right(size_t i) const { return truth[i] == predicted[i]; }
  int64_t right() const;
  /// The share that is right; 0 of none.
  double accuracy() const;
  /// The wrong ones, the most confident first.
  std::vector<int64_t> mistakes() const;
};

/// What a model's output says: (n, classes), or (n, 1) and (n,) for two classes. Outputs that are no probabilities
/// (below 0 or above 1) count as logits. NaN never wins, and an example with nothing else has confidence 0. Only
/// `predicted`, `confidence` and `classes` are set.
Judgement judge(const Tensor& outputs);

/// The same against the truth: class numbers (n,) or (n, 1), or one-hot rows (n, classes). InvalidArgument when there
/// are not as many, or a class number is not a class.
Judgement judge(const Tensor& outputs, const Tensor& truth);

/// The class numbers of targets: as they are, or the places of the largest values of one-hot rows.
std::vector<int64_t> class_numbers(const Tensor& targets);

}  // namespace hebb::viz
