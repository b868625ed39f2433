/// The confusion matrix: which classes are taken for which.
///
///     viz::confusion_matrix(viz::judge(model.predict(test), test.y())).save("confusion.svg");
#pragma once

#include <string>
#include <vector>

#include "hebb/viz/canvas.h"
#include "hebb/viz/judgement.h"

namespace hebb::viz {

struct ConfusionOptions {
  std::string title = "confusion";
  std::vector<std::string> class_names = {};  ///< empty: 0, 1, 2, ...
};

/// A row for each true class, a column for each prediction. What is right is blue, what is wrong orange, the darker the
/// more; few mistakes among many right answers stay visible. Up to 15 classes have their counts written in.
Picture confusion_matrix(const Judgement& judgement, const ConfusionOptions& options = {});
void draw_confusion_matrix(Picture& picture, Rectangle area, const Judgement& judgement,
                           const ConfusionOptions& options = {});

/// The pairs of classes that are confused most often, as bars with captions ("4 → 9").
void draw_common_mistakes(Picture& picture, Rectangle area, const Judgement& judgement,
                          const ConfusionOptions& options = {});

/// "12,345".
std::string count_text(int64_t count);

}  // namespace hebb::viz
