#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

/// The text of the InvalidArgument that `call` throws.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

const Shape predictions_of_ten = {Shape::unknown, 10};

TEST(SparseCategoricalCrossentropy, SaysWhichLabelIsNoClass) {
  const Loss loss = "sparse_categorical_crossentropy";
  EXPECT_EQ(refusal([&] {
              loss->check_targets(Tensor::from(std::vector<int32_t>{3, 9, 12}), predictions_of_ten);
            }),
            "sparse_categorical_crossentropy: the label at position 2 is 12, but the predictions have the 10 classes "
            "from 0 to 9. Give the last "
            "layer as many units as there are classes.");
  EXPECT_EQ(refusal([&] {
              loss->check_targets(Tensor::from(std::vector<int64_t>{0, 0, 0, -1}, {2, 2}), {Shape::unknown, 2, 10});
            }),
            "sparse_categorical_crossentropy: the label at position (1, 1) is -1, but the predictions have the 10 "
            "classes from 0 to 9. If such "
            "labels are to be left out, set ignore_class.");
  EXPECT_EQ(refusal([&] {
              loss->check_targets(Tensor::from(std::vector<uint8_t>{1, 10, 2}), predictions_of_ten);
            }),
            "sparse_categorical_crossentropy: the label at position 1 is 10, but the predictions have the 10 classes "
            "from 0 to 9. The labels seem "
            "to count from 1: subtract 1.");
  EXPECT_EQ(refusal([&] {
              loss->check_targets(Tensor{1.f, 2.5f}, predictions_of_ten);
            }),
            "sparse_categorical_crossentropy: the label at position 1 is 2.5, but the predictions have the 10 classes "
            "from 0 to 9. Labels are whole "
            "numbers; for distributions over classes use categorical_crossentropy.");
  EXPECT_NO_THROW(loss->check_targets(Tensor{1.f, 9.f}, predictions_of_ten));
  const Loss ignoring = SparseCategoricalCrossentropy({.ignore_class = 255});
  EXPECT_NO_THROW(ignoring->check_targets(Tensor::from(std::vector<uint8_t>{1, 255}), predictions_of_ten));
}

TEST(SparseCategoricalCrossentropy, ChecksLabelsWhereTheyAreSeen) {
  const Tensor labels = Tensor::from(std::vector<int32_t>{0, 3}), logits = zeros({2, 3});
  EXPECT_THROW(sparse_categorical_crossentropy(labels, logits, {.from_logits = true}), InvalidArgument);
  auto planned = compiled(
      [](const Tensor& y, const Tensor& x) { return sparse_categorical_crossentropy(y, x, {.from_logits = true}); });
  EXPECT_EQ(planned(labels, logits).to_vector<float>()[1], 0.f);
}

TEST(SparseCategoricalCrossentropy, SaysWhatShapesAreFor) {
  const Loss loss = "sparse_categorical_crossentropy";
  EXPECT_EQ(refusal([&] {
              loss->check_targets(zeros({100, 10}), predictions_of_ten);
            }),
            "sparse_categorical_crossentropy: expected labels of shape (None,) for predictions of shape (None, 10), "
            "got (100, 10). These look like "
            "one-hot targets: use categorical_crossentropy, or argmax(targets) as labels.");
  EXPECT_EQ(refusal([&] {
              loss(zeros({4}), zeros({3, 10}));
            }),
            "sparse_categorical_crossentropy: expected labels of shape (3,) for predictions of shape (3, 10), got "
            "(4,). Give one class number for "
            "each example.");
  EXPECT_THROW(SparseCategoricalCrossentropy({.axis = 1})(zeros({2, 4}), zeros({2, 3, 4})), NotSupported);
}

TEST(SparseCategoricalCrossentropy, ToleratesImpossibleClasses) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor x = variable(Tensor::from({1.f, -infinity, 1.f}, {1, 3}));
  const Tensor value =
      sum(sparse_categorical_crossentropy(Tensor::from(std::vector<int32_t>{0}), x, {.from_logits = true}));
  EXPECT_NEAR(value.item(), std::log(2.0), 1e-6);
  const std::vector<float> g = gradient(value, x).to_vector<float>();
  EXPECT_NEAR(g[0], -0.5, 1e-6);
  EXPECT_EQ(g[1], 0.f);
  EXPECT_NEAR(g[2], 0.5, 1e-6);
}

TEST(SparseCategoricalCrossentropy, KeepsItsGradientBehindSoftmaxWhenAClassIsIgnored) {
  const Tensor x = variable(Tensor::from({200.f, 0.f, 0.f, 200.f}, {2, 2}));
  const Loss loss = SparseCategoricalCrossentropy({.ignore_class = -1, .reduction = "sum"});
  const Tensor value = loss(Tensor::from(std::vector<int32_t>{1, -1}), softmax(x));
  EXPECT_EQ(value.item(), 200);
  EXPECT_EQ(gradient(value, x).to_vector<float>(), (std::vector<float>{1, -1, 0, 0}));
}

TEST(SparseCategoricalCrossentropy, TakesSoftmaxAlongTheClassesOnly) {
  const Tensor x = variable(Tensor::from({200.f, 0.f, 0.f, 200.f}, {2, 2}));
  const Tensor along_batch = sparse_categorical_crossentropy(Tensor::from(std::vector<int32_t>{1, 0}), softmax(x, 0));
  EXPECT_NEAR(max(along_batch).item(), 16.118, 1e-3);  // clipped at 1e-7
}

TEST(CategoricalCrossentropy, SaysWhatIntegerLabelsAreFor) {
  const Loss loss = "categorical_crossentropy";
  EXPECT_EQ(refusal([&] { loss->check_targets(zeros({100}), predictions_of_ten); }),
            "categorical_crossentropy: expected targets of the predictions' shape (None, 10), got (100,). For integer "
            "labels use "
            "sparse_categorical_crossentropy, or make them one-hot: to_categorical(labels, 10).");
  EXPECT_EQ(refusal([&] {
              loss->check_targets(zeros({100, 9}), predictions_of_ten);
            }),
            "categorical_crossentropy: expected targets of the predictions' shape (None, 10), got (100, 9). Give the "
            "last layer one unit for each "
            "class of the targets.");
  EXPECT_NE(refusal([&] {
              loss->check_targets(zeros({100, 1}), {Shape::unknown, 1});
            }).find("Use binary_crossentropy"),
            std::string::npos);
  EXPECT_THROW(CategoricalCrossentropy({.label_smoothing = 1.5}), InvalidArgument);
}

TEST(BinaryCrossentropy, SaysWhatClassLabelsAreFor) {
  EXPECT_EQ(refusal([&] {
              binary_crossentropy(zeros({4}), zeros({4, 3}));
            }),
            "binary_crossentropy: expected targets of the predictions' shape (4, 3), got (4,). For class labels use "
            "sparse_categorical_crossentropy; for one yes-or-no answer give the last layer 1 unit.");
}

/// Where float32's sigmoid is 1, its distance from 1 still counts.
TEST(BinaryCrossentropy, IsExactFarOut) {
  const Tensor x = variable(Tensor::from({30.f, -30.f}, {1, 2}));
  const Tensor value = sum(binary_crossentropy(Tensor::from({1.f, 0.f}, {1, 2}), sigmoid(x)));
  EXPECT_NEAR(value.item() / std::exp(-30.0), 1, 1e-5);
  const std::vector<float> g = gradient(value, x).to_vector<float>();
  EXPECT_NEAR(g[0] / std::exp(-30.0), -0.5, 1e-5);
  EXPECT_NEAR(g[1] / std::exp(-30.0), 0.5, 1e-5);
}

TEST(MeanSquaredError, DoesNotBroadcast) {
  EXPECT_EQ(refusal([&] {
              mean_squared_error(zeros({4, 1}), zeros({4, 3}));
            }),
            "mean_squared_error: expected targets of the predictions' shape (4, 3), got (4, 1). Reshape the targets, "
            "or give the last layer as many "
            "units as there are target columns.");
  EXPECT_EQ(mean_squared_error(zeros({4}), ones({4, 1})).shape(), Shape({4}));
}

TEST(Losses, SayWhatTheirOptionsAre) {
  EXPECT_THROW(Huber({.delta = 0}), InvalidArgument);
  EXPECT_THROW(CategoricalGeneralizedCrossEntropy({.q = 1}), InvalidArgument);
  EXPECT_THROW(BinaryFocalCrossentropy({.label_smoothing = -0.1}), InvalidArgument);
  EXPECT_THROW(circle(zeros({3}), zeros({4, 2})), InvalidArgument);
  EXPECT_THROW(dice(zeros({3, 1}), zeros({3, 2})), InvalidArgument);
}

TEST(Circle, WithoutPairsIsZero) {
  const Tensor x = variable(Tensor::from({1, 0, 0, 1}, {2, 2}));
  const Tensor value = sum(circle(Tensor{0.f, 1.f}, x));
  EXPECT_EQ(value.item(), 0);
  EXPECT_EQ(gradient(value, x).to_vector<float>(), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(Circle()(Tensor{0.f, 1.f}, x).item(), 0);
}

TEST(CTC, SaysWhatDoesNotFit) {
  const Loss loss = "ctc";
  EXPECT_EQ(refusal([&] {
              loss->check_targets(zeros({4}), {Shape::unknown, 6, 3});
            }),
            "ctc: expected labels of shape (batch, length) and logits of shape (batch, steps, classes), got (4,) and "
            "(None, 6, 3). Fill up labels that are shorter with 0, the blank.");
  EXPECT_NE(refusal([&] {
              loss->check_targets(Tensor::from({1, 3}, {1, 2}), {Shape::unknown, 6, 3});
            }).find("ctc: the label at position (0, 1) is 3"),
            std::string::npos);
}

/// Two equal labels need a step between them.
TEST(CTC, IsInfiniteWhereLabelsNeedMoreSteps) {
  const Tensor x = variable(zeros({1, 2, 3}));
  const Tensor value = ctc(Tensor::from({1, 1}, {1, 2}), x);
  EXPECT_TRUE(std::isinf(value.to_vector<float>()[0]));
  EXPECT_EQ(max(abs(gradient(sum(value), x))).item(), 0);
  EXPECT_NEAR(ctc(Tensor::from({1, 2}, {1, 2}), x).to_vector<float>()[0], std::log(9.0), 1e-6);
}

TEST(Losses, AScalarIsWeighedByEachWeight) {
  const Loss loss = Dice({.reduction = "sum"});
  const Tensor y = ones({2, 2}), p = zeros({2, 2});
  EXPECT_EQ(loss(y, p, Tensor{1.f, 3.f}).item(), 4);
}

TEST(Losses, SecondOrderInFloat64) {
  const Tensor logits = Tensor::from(std::vector<double>{0.5, -1, 2, 0, 0.25, -0.75}, {2, 3});
  const Tensor labels = Tensor::from(std::vector<int32_t>{2, 0});
  const auto value = [&](const Tensor& x) { return sum(sparse_categorical_crossentropy(labels, softmax(x))); };
  const Tensor x = variable(logits), direction = Tensor::from(std::vector<double>{1, 2, -1, 0.5, 0, 3}, {2, 3});
  const Tensor curvature = gradient(sum(gradient(value(x), x) * direction), x);
  const double step = 1e-5;
  const Tensor ahead = variable(logits + direction * step), behind = variable(logits - direction * step);
  const Tensor expected = (gradient(value(ahead), ahead) - gradient(value(behind), behind)) / (2 * step);
  const std::vector<double> a = curvature.to_vector<double>(), b = expected.to_vector<double>();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-9);
}

TEST(Losses, WeightsAreAlignedFromTheFront) {
  const Tensor y_pred = Tensor::from({1.f, 1.f, 2.f, 2.f}, {2, 2, 1}), y_true = zeros({2, 2, 1});
  const Loss loss = MeanSquaredError({.reduction = "none"});
  EXPECT_EQ(loss(y_true, y_pred, Tensor{1.f, 10.f}).to_vector<float>(), (std::vector<float>{1, 1, 40, 40}));
  EXPECT_NE(refusal([&] {
              loss(y_true, y_pred, Tensor{1.f, 2.f, 3.f});
            }).find("got weights of shape (3,)"),
            std::string::npos);
}

TEST(Losses, ReductionOfNothingIsZero) { EXPECT_EQ(Loss("mse")(zeros({0, 3}), zeros({0, 3})).item(), 0); }

TEST(Losses, UnknownNames) {
  EXPECT_EQ(refusal([] { Loss("mean_squared_eror"); }),
            "unknown loss 'mean_squared_eror'. Did you mean 'mean_squared_error'?");
  EXPECT_NE(refusal([] { MeanSquaredError({.reduction = "avg"}); }).find("unknown reduction 'avg'"), std::string::npos);
  EXPECT_EQ(refusal([] {
              Loss::from_config("BinaryCrossentropy", Json::object({{"from_logit", true}}));
            }),
            "BinaryCrossentropy: unknown option 'from_logit'. Did you mean 'from_logits'?");
}

TEST(Losses, ReadWhatKerasWrites) {
  EXPECT_EQ(Loss::from_json(
                Json::parse(R"({"module": "builtins", "class_name": "function", "config": "mean_squared_error"})"))
                ->class_name(),
            "MeanSquaredError");
  // What stood there as a function is written as one.
  const Json function = Json::parse(
      R"({"module": "builtins", "class_name": "function", "config": "mse", "registered_name": "function"})");
  EXPECT_EQ(Loss::from_json(function).to_json(), function);
  EXPECT_EQ(Metric::from_json(function).to_json(), function);
  EXPECT_EQ(Metric::from_json(function).clone().to_json(), function);
  const Loss old = Loss::from_json(Json::parse(
      R"({"class_name": "SparseCategoricalCrossentropy", "config": {"reduction": "auto", "name": "x", "from_logits": true, "fn": "sparse_categorical_crossentropy"}})"));
  EXPECT_EQ(old->reduction(), "sum_over_batch_size");
  EXPECT_EQ(old->name(), "x");
  EXPECT_EQ(
      Loss::from_json(Json::parse(R"({"class_name": "MeanSquaredError", "config": {"reduction": null}})"))->reduction(),
      "none");
  EXPECT_FALSE(Loss::from_json(Json()));
}

TEST(Losses, EmptyOnesSayIt) { EXPECT_THROW(Loss()(zeros({1}), zeros({1})), InvalidArgument); }

TEST(Losses, FunctionsOfOnesOwn) {
  const Loss loss = [](const Tensor& y_true, const Tensor& y_pred) {
    return mean(abs(y_true - y_pred), {.axes = {-1}});
  };
  EXPECT_EQ(loss(zeros({2, 2}), Tensor::from({1.f, -1.f, 3.f, -3.f}, {2, 2})).item(), 2);
  // As Keras writes a function; what comes back knows that it is none.
  const Json json = loss.to_json();
  EXPECT_EQ(json.at("class_name").as_string(), "function");
  EXPECT_EQ(json.at("config").as_string(), "custom_loss");
  EXPECT_EQ(loss.missing(), "");
  const Loss read = Loss::from_json(json);
  EXPECT_EQ(read.missing(), "custom_loss");
  EXPECT_EQ(read.to_json(), json);
  EXPECT_THROW(read(zeros({1, 1}), zeros({1, 1})), InvalidArgument);
  EXPECT_EQ(
      Loss::from_json(Json::parse(R"({"module": "builtins", "class_name": "function", "config": "mse"})")).missing(),
      "");
}

}  // namespace
}  // namespace hebb
