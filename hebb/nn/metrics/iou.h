/// Intersection over union: how well predicted areas of classes fit, for segmentation.
///
///     model.compile({.metrics = {MeanIoU({.num_classes = 21, .ignore_class = 0, .sparse_y_pred = false})}});
///
/// Every position counts; a confusion matrix is kept over batches. As in Keras it holds integers unless `dtype` says
/// otherwise, so that sample weights lose what is behind the point.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/metrics/metric.h"

namespace hebb {

struct IoUOptions {
  int64_t num_classes = 0;                     ///< has to be given
  std::vector<int64_t> target_class_ids = {};  ///< whose mean is taken; has to be given
  std::string name = "io_u";
  DType dtype =
      DType::int32;  ///< of the confusion matrix: int32 (Keras's "int" on JAX), int64 (on TensorFlow), float32
  std::optional<int64_t> ignore_class = {};  ///< positions with this label do not count
  bool sparse_y_true = true;                 ///< targets are class numbers; false: their arg max along the axis is
  bool sparse_y_pred = true;                 ///< the same of predictions
  int64_t axis = -1;                         ///< of the classes, where they are not sparse
};
/// The mean over some classes of intersection / union; classes that neither side has do not count.
Metric IoU(const IoUOptions& options);

struct BinaryIoUOptions {
  std::vector<int64_t> target_class_ids = {0, 1};
  double threshold = 0.5;  ///< predictions from it on mean 1
  std::string name = "binary_io_u";
  DType dtype = DType::int32;
};
/// The same for yes-or-no answers.
Metric BinaryIoU(const BinaryIoUOptions& options = {});

struct MeanIoUOptions {
  int64_t num_classes = 0;  ///< has to be given
  std::string name = "mean_io_u";
  DType dtype = DType::int32;
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int64_t axis = -1;
};
/// The mean over all classes.
Metric MeanIoU(const MeanIoUOptions& options);

struct OneHotIoUOptions {
  int64_t num_classes = 0;                     ///< has to be given
  std::vector<int64_t> target_class_ids = {};  ///< has to be given
  std::string name = "one_hot_io_u";
  DType dtype = DType::int32;
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int64_t axis = -1;
};
/// For one-hot targets.
Metric OneHotIoU(const OneHotIoUOptions& options);

struct OneHotMeanIoUOptions {
  int64_t num_classes = 0;  ///< has to be given
  std::string name = "one_hot_mean_io_u";
  DType dtype = DType::int32;
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int64_t axis = -1;
};
/// For one-hot targets, over all classes.
Metric OneHotMeanIoU(const OneHotMeanIoUOptions& options);

}  // namespace hebb
