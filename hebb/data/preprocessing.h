/// What is done to arrays before a model sees them: splitting, one-hot classes, standardising.
///
///     auto split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 42});
///     data::StandardScaler scaler;
///     Tensor x_train = scaler.fit_transform(split.x_train);
///     Tensor x_test = scaler.transform(split.x_test);              // with the training data's mean and deviation
///     Tensor y_train = data::to_categorical(split.y_train, 10);
///
/// They work as scikit-learn's and Keras's functions of these names.
#pragma once

#include "hebb/data/train_test.h"
#include "hebb/tensor/tensor.h"

namespace hebb::data {

struct SplitOptions {
  /// A fraction between 0 and 1, of which the number of test examples is rounded up, or a whole number of examples.
  double test_size = 0.25;
  int64_t seed = 0;
  bool shuffle = true;  ///< false: the last examples are the test examples
  bool stratify =
      false;  ///< each class in both parts as often as in the whole; y then holds one class number an example
};

struct Split {
  Tensor x_train, x_test, y_train, y_test;  ///< scikit-learn's order
};

/// Divides examples at random into two parts, as scikit-learn's train_test_split does (the random numbers are hebb's
/// own). x and y have the examples along their first axis. InvalidArgument where a part would be empty, or, when
/// stratifying, where a class has a single example or a part has less room than there are classes.
Split train_test_split(const Tensor& x, const Tensor& y, const SplitOptions& options = {});
/// The same for a data set; to stratify, its first target is taken.
TrainTest train_test_split(const Dataset& dataset, const SplitOptions& options = {});

/// Class numbers (...,) or (..., 1) as rows with a single 1: float32(..., num_classes). `num_classes` 0: the largest
/// class and one. As Keras's to_categorical, negative classes count from behind (-1 is the last class, an index of
/// Python), and fractions are cut. InvalidArgument for a class outside [-num_classes, num_classes).
Tensor to_categorical(const Tensor& y, int64_t num_classes = 0);

struct StandardScalerOptions {
  bool with_mean = true;  ///< subtract the mean
  bool with_std = true;   ///< divide by the standard deviation (of the population: divided by n)
};

/// Brings each feature to mean 0 and deviation 1, as scikit-learn's StandardScaler.
///
/// Arrays are (examples, ...), and every position behind the batch axis is a feature: images are scaled pixel by pixel.
/// Sums are made in float64. float32 and float64 stay, other types become float32. A feature that does not vary has the
/// scale 1; NaNs are left out of the sums and stay NaN.
class StandardScaler {
 public:
  explicit StandardScaler(const StandardScalerOptions& options = {}) : options_(options) {}

  /// Learns mean and deviation of at least one example. Returns *this.
  StandardScaler& fit(const Tensor& x);
  /// (x - mean) / scale. InvalidArgument before `fit`, or when the features are not those of `fit`.
  Tensor transform(const Tensor& x) const;
  Tensor fit_transform(const Tensor& x) { return fit(x).transform(x); }
  /// x * scale + mean.
  Tensor inverse_transform(const Tensor& x) const;

  /// float64, the shape of one example.
  const Tensor& mean() const { return mean_; }
  const Tensor& variance() const { return variance_; }
  const Tensor& scale() const { return scale_; }  ///< the root of the variance; 1 for a constant feature

 private:
  void check(const char* what, const Tensor& x) const;

  StandardScalerOptions options_;
  Tensor mean_, variance_, scale_;
};

}  // namespace hebb::data
