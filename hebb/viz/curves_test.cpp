#include "hebb/viz/curves.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hebb::viz {
namespace {

History history(int64_t epochs) {
  History out;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    Logs logs;
    for (const char* name : {"accuracy", "learning_rate", "loss", "mean_squared_error", "val_accuracy", "val_loss"}) {
      logs.set(name, 1 / (1.0 + static_cast<double>(epoch)));
    }
    out.add(epoch, logs);
  }
  return out;
}

TEST(LearningCurves, TheLossComesFirst) {
  EXPECT_EQ(curve_names(history(2)),
            (std::vector<std::string>{"loss", "accuracy", "mean_squared_error", "learning_rate"}));
  EXPECT_TRUE(curve_names(History()).empty());
}

TEST(LearningCurves, ThePageGrowsWithTheCurves) {
  const Picture four = learning_curves(history(5)),
                two = learning_curves(history(5), {.metrics = {"loss", "accuracy"}});
  EXPECT_GT(four.width(), two.width());    // three columns
  EXPECT_GT(four.height(), two.height());  // two rows
  EXPECT_FALSE(four.encode("svg").empty());
}

TEST(LearningCurves, AnyHistoryCanBeDrawn) {
  for (const int64_t epochs : {0, 1, 2, 300})
    EXPECT_FALSE(learning_curves(history(epochs), {.title = "t"}).encode("png").empty());
  EXPECT_FALSE(learning_curves(history(3), {.metrics = {"no such thing"}}).encode("png").empty());
  History diverged;
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    Logs logs;
    logs.set("loss", epoch == 0 ? 1 : std::nan(""));
    logs.set("val_loss", std::nan(""));
    diverged.add(epoch, logs);
  }
  EXPECT_FALSE(learning_curves(diverged).encode("png").empty());
}

}  // namespace
}  // namespace hebb::viz
