/// ROC and precision-recall: what a classifier's answers are worth at every threshold.
///
///     viz::roc(model.predict(test), test.y()).save("roc.svg");
///     viz::ThresholdCurve curve = viz::roc_curve(scores, truth);
///     curve.area;                                    // the area under it
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct ThresholdCurve {
  std::vector<Point> points;  ///< from the highest threshold to the lowest
  double area = 0;            ///< under the ROC; the average precision of a precision-recall curve
};

/// False against true positive rate. `truth[i]` says whether the example is of the class, `scores[i]` how much the
/// model thinks so; equal scores are passed together. The area is that of the trapezoids: the probability that a
/// positive example has a higher score than a negative one, ties counting half (Hanley and McNeil, 1982).
/// InvalidArgument when the lists are not as long, a score is NaN, or one kind of examples is missing.
ThresholdCurve roc_curve(const std::vector<double>& scores, const std::vector<bool>& truth);

/// Recall against precision; the area is the average precision, sum (R_i - R_{i-1}) P_i, which does not interpolate.
/// Errors as for `roc_curve`, but negative examples may be missing.
ThresholdCurve precision_recall_curve(const std::vector<double>& scores, const std::vector<bool>& truth);

struct ThresholdOptions {
  std::string title = {};                     ///< empty: what is shown, with the mean of the areas
  std::vector<std::string> class_names = {};  ///< empty: 0, 1, 2, ...
  double width = 620, height = 520;
};

/// A curve for each class against all others (of two classes: the second), with its area in the legend. Outputs and
/// truth as `judge` takes them. More than 10 classes are shown as thin lines, the worst three named. Classes without
/// examples are left out.
Picture roc(const Tensor& outputs, const Tensor& truth, const ThresholdOptions& options = {});
Picture precision_recall(const Tensor& outputs, const Tensor& truth, const ThresholdOptions& options = {});

}  // namespace hebb::viz
