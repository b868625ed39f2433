#include "hebb/viz/report.h"

#include <gtest/gtest.h>

#include <limits>

#include "hebb/base/error.h"
#include "hebb/data/digits.h"
#include "hebb/data/synthetic.h"
#include "hebb/viz/image_grid.h"
#include "hebb/viz/regions.h"

namespace hebb::viz {
namespace {

/// Outputs of a classifier that is wrong about every fifth.
Tensor outputs_for(const Tensor& labels) {
  const std::vector<int64_t> truth = labels.to_vector<int64_t>();
  Tensor out = full({labels.size(), 10}, 0.02);
  for (size_t i = 0; i < truth.size(); ++i) {
    const int64_t said = i % 5 == 0 ? (truth[i] + 1) % 10 : truth[i];
    out.mutable_data<float>()[static_cast<int64_t>(i) * 10 + said] = 0.82f;
  }
  return out;
}

History short_history() {
  History history;
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    Logs logs;
    logs.set("loss", 1.0 / static_cast<double>(epoch + 1));
    logs.set("accuracy", 0.9);
    history.add(epoch, logs);
  }
  return history;
}

TEST(TrainReport, ShowsWhatIsGiven) {
  const auto [train, test] = data::digits({.train = 0, .test = 200});
  const Tensor outputs = outputs_for(test.y());
  const Picture whole = train_report(
      {.title = "t", .history = short_history(), .images = test.x(), .truth = test.y(), .outputs = outputs});
  EXPECT_EQ(whole.width(), 1600);
  EXPECT_EQ(whole.height(), 900);
  const std::string with_images = whole.encode("png");
  const std::string without =
      train_report({.title = "t", .history = short_history(), .truth = test.y(), .outputs = outputs}).encode("png");
  EXPECT_NE(with_images, without);
  EXPECT_FALSE(train_report({.history = short_history()}).encode("png").empty());
  EXPECT_FALSE(train_report({}).encode("png").empty());
}

TEST(TrainReport, DrawsWhatDiverged) {
  const auto [train, test] = data::digits({.train = 0, .test = 40});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  History history;
  for (const double loss : {1.0, std::numeric_limits<double>::infinity(), nan}) {
    Logs logs;
    logs.set("loss", loss);
    history.add(static_cast<int64_t>(history.epochs().size()), logs);
  }
  const Tensor outputs = full({40, 10}, nan);
  const Picture picture = train_report({.history = history, .images = test.x(), .truth = test.y(), .outputs = outputs});
  EXPECT_FALSE(picture.encode("png").empty());
}

/// Equal headings make equal pictures.
std::string drawn(const ReportOptions& options) { return train_report(options).encode("png"); }

TEST(TrainReport, SaysWhichPartIsJudged) {
  const auto [train, test] = data::digits({.train = 0, .test = 20});
  const Tensor outputs = outputs_for(test.y());
  auto report = [&](const std::string& part, const std::string& subtitle) {
    return drawn({.subtitle = subtitle, .part = part, .truth = test.y(), .outputs = outputs});
  };
  EXPECT_EQ(report("test", ""), report("test", "80.0 % of 20 test examples right, 4 wrong"));
  EXPECT_EQ(report("validation", ""), report("validation", "80.0 % of 20 validation examples right, 4 wrong"));
  EXPECT_EQ(report("training", ""), report("training", "80.0 % of 20 examples of the training data right, 4 wrong"));
}

TEST(TrainReport, HeadsARegressionWithItsLastNumbers) {
  History history = short_history();
  EXPECT_EQ(drawn({.history = history}),
            drawn({.subtitle = "training loss 0.333, accuracy 0.9 after 3 epochs", .history = history}));
}

TEST(TrainReport, AFewImagesAreEnough) {
  const auto [train, test] = data::digits({.train = 0, .test = 3});
  EXPECT_FALSE(
      train_report({.images = test.x(), .truth = test.y(), .outputs = outputs_for(test.y())}).encode("png").empty());
}

TEST(TrainReport, SaysWhatDoesNotGoTogether) {
  const auto [train, test] = data::digits({.train = 4, .test = 5});
  EXPECT_THROW(train_report({.images = train.x(), .truth = test.y(), .outputs = outputs_for(test.y())}),
               InvalidArgument);
  EXPECT_THROW(train_report({.images = test.x(), .truth = test.y(), .outputs = outputs_for(train.y())}),
               InvalidArgument);
}

TEST(ImageGrid, TakesEveryKindOfImage) {
  for (const Shape& shape : {Shape{3, 28, 28}, Shape{3, 28, 28, 1}, Shape{3, 8, 20, 3}, Shape{3, 20, 8, 4},
                             Shape{0, 28, 28, 1}, Shape{1, 1, 1}}) {
    for (const DType dtype : {DType::uint8, DType::float32, DType::float64, DType::boolean}) {
      EXPECT_FALSE(
          image_grid(zeros(shape, dtype), {.title = "t", .captions = {"7", "4 → 9 (97 %)"}, .wrong = {false, true}})
              .encode("png")
              .empty());
    }
  }
}

TEST(ImageGrid, ScalesNumbersToGreys) {
  auto grid = [](const std::vector<float>& values) {
    return image_grid(Tensor::from(values, {1, 1, 2})).encode("png");
  };
  EXPECT_EQ(grid({0, 1}), grid({0, 255}));
  EXPECT_EQ(grid({-3, 5}), grid({0, 1}));
  EXPECT_EQ(grid({0, 1}), image_grid(Tensor::from(std::vector<uint8_t>{0, 255}, {1, 1, 2})).encode("png"));
  EXPECT_NE(grid({0, 1}), grid({0, 0.5f}));
}

TEST(ImageGrid, RefusesWhatIsNoImage) {
  EXPECT_THROW(image_grid(zeros({3, 784})), InvalidArgument);
  EXPECT_THROW(image_grid(zeros({3, 28, 28, 2})), InvalidArgument);
  EXPECT_THROW(image_grid(zeros({3, 0, 28})), InvalidArgument);
  EXPECT_THROW(image_grid(Tensor::scalar(1)), InvalidArgument);
}

TEST(DecisionRegions, AskTheModelForEveryPointOfTheGrid) {
  const auto [x, y] = data::moons({.samples = 50});
  int64_t asked = 0;
  auto predict = [&](const Tensor& points) {
    asked += points.shape()[0];
    Tensor out = Tensor::empty({points.shape()[0], 1});
    for (int64_t i = 0; i < points.shape()[0]; ++i)
      out.mutable_data<float>()[i] = points.data<float>()[2 * i + 1] < 0.25f;
    return out;
  };
  EXPECT_FALSE(decision_regions(predict, x, y, {.resolution = 40}).encode("png").empty());
  EXPECT_GT(asked, 50 + 40 * 20);
  // And along the border of answers without a middle: two sides of each cell that it crosses, halved six times.
  EXPECT_LE(asked, 50 + 40 * 40 + 6 * 2 * 2 * 40);
}

TEST(DecisionRegions, FindTheBorderOfAnswersWithoutAMiddle) {
  const auto [x, y] = data::moons({.samples = 50});
  const auto side = [](const float* point) { return point[0] + 0.37f * point[1] - 0.5f; };
  std::vector<float> last;
  int64_t count = 0;
  const auto predict = [&](const Tensor& points) {
    count = points.shape()[0];
    last.assign(points.data<float>(), points.data<float>() + 2 * count);
    Tensor out = Tensor::empty({count});
    for (int64_t i = 0; i < count; ++i) out.mutable_data<float>()[i] = side(&last[static_cast<size_t>(2 * i)]) >= 0;
    return out;
  };
  decision_regions(predict, x, y, {.resolution = 40});
  // The last points asked lie on the border, nearer than a cell of the grid, which is about 0.1 wide.
  ASSERT_GT(count, 40);
  for (int64_t i = 0; i < count; ++i) EXPECT_LT(std::abs(side(&last[static_cast<size_t>(2 * i)])), 0.004) << i;
}

TEST(DecisionRegions, TakeSeveralClassesAndLogits) {
  const auto [x, y] = data::blobs({.samples = 30, .centers = 3});
  auto predict = [](const Tensor& points) {
    Tensor out = zeros({points.shape()[0], 3});
    for (int64_t i = 0; i < points.shape()[0]; ++i)
      out.mutable_data<float>()[3 * i + i % 3] = points.data<float>()[2 * i];
    return out;
  };
  EXPECT_FALSE(
      decision_regions(predict, x, y, {.title = "t", .class_names = {"a"}, .resolution = 20}).encode("svg").empty());
}

TEST(DecisionRegions, SayWhatIsWrong) {
  auto constant = [](const Tensor& points) { return zeros({points.shape()[0], 2}); };
  auto too_few = [](const Tensor&) { return zeros({1, 2}); };
  EXPECT_THROW(decision_regions(constant, zeros({3, 3}), zeros({3})), InvalidArgument);
  EXPECT_THROW(decision_regions(constant, zeros({3, 2}), zeros({2})), InvalidArgument);
  EXPECT_THROW(decision_regions(too_few, zeros({1, 2}), zeros({1})), InvalidArgument);
  EXPECT_THROW(decision_regions(constant, zeros({3, 2}), zeros({3}), {.resolution = 1}), InvalidArgument);
  EXPECT_FALSE(decision_regions(constant, zeros({1, 2}), zeros({1}), {.resolution = 9}).encode("png").empty());
}

}  // namespace
}  // namespace hebb::viz
