#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

double once(const Metric& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight = {}) {
  metric->reset();
  metric->update(y_true, y_pred, weight);
  return metric->result();
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Metric, KeepsItsStateThroughAPlan) {
  const Metric metric = BinaryAccuracy({.threshold = 0.25});
  auto step = compiled([&](const Tensor& y, const Tensor& p) {
    metric->update(y, p);
    return Tensors{};
  });
  step(Tensor{1.f, 0.f}, Tensor{0.5f, 0.5f});
  EXPECT_EQ(metric->result(), 0.5);
  step(Tensor{1.f, 0.f}, Tensor{0.5f, 0.f});
  EXPECT_EQ(metric->result(), 0.75);
  metric->reset();  // between two runs of the same plan
  EXPECT_EQ(metric->result(), 0);
  step(Tensor{1.f, 0.f}, Tensor{0.5f, 0.f});
  EXPECT_EQ(metric->result(), 1);
}

TEST(Metric, ShapesThatDoNotFit) {
  const Tensor p = zeros({4, 3});
  EXPECT_EQ(refusal([&] { once(SparseCategoricalAccuracy(), p, p); }),
            "sparse_categorical_accuracy: expected one label for each row of the predictions (4, 3), got targets of "
            "shape (4, 3). For one-hot targets "
            "use the categorical metric of that name.");
  EXPECT_EQ(refusal([&] { once(CategoricalAccuracy(), zeros({4}), p); }),
            "categorical_accuracy: expected one-hot targets of the predictions' shape (4, 3), got (4,). For integer "
            "labels use the sparse metric of "
            "that name.");
  EXPECT_THROW(once(BinaryAccuracy(), zeros({4}), p), InvalidArgument);
  EXPECT_THROW(once(Accuracy(), zeros({3}), p), InvalidArgument);
  EXPECT_THROW(once(metrics::MeanAbsoluteError(), zeros({4, 1}), p), InvalidArgument);
  EXPECT_THROW(once(metrics::MeanSquaredError(), p, p, zeros({3})), InvalidArgument);
  EXPECT_THROW(TopKCategoricalAccuracy({.k = 0}), InvalidArgument);
}

TEST(TopK, LabelsThatAreNoClassAreNotInside) {
  const Tensor p = Tensor::from({0.25f, -1.f, -2.f, 0.25f}, {2, 2});
  EXPECT_EQ(once(SparseTopKCategoricalAccuracy({.k = 2}), Tensor::from(std::vector<int32_t>{-1, 2}), p), 0);
  EXPECT_EQ(once(SparseTopKCategoricalAccuracy({.k = 9}), Tensor::from(std::vector<uint8_t>{0, 1}), p),
            1);  // more than there are classes
}

TEST(TopK, FromSortedIds) {
  const Metric metric = SparseTopKCategoricalAccuracy({.k = 2, .from_sorted_ids = true});
  const Tensor ids = Tensor::from(std::vector<int32_t>{4, 7, 1, 4, 7, 1, 4, 7, 1}, {3, 3});
  EXPECT_NEAR(once(metric, Tensor::from(std::vector<int32_t>{7, 1, 4}), ids), 2.0 / 3, 1e-7);
  EXPECT_TRUE(metric->config().at("from_sorted_ids").as_bool());
  EXPECT_TRUE(metric.clone()->config().at("from_sorted_ids").as_bool());
}

/// Keras leaves ignored labels out of the metric only where there are sample weights.
TEST(LossMetric, IgnoredClass) {
  const Metric metric = metrics::SparseCategoricalCrossentropy({.from_logits = true, .ignore_class = 2});
  const Tensor labels = Tensor::from(std::vector<int32_t>{0, 2}), logits = zeros({2, 2});
  EXPECT_NEAR(once(metric, labels, logits), 0.693147 / 2, 1e-6);
  EXPECT_NEAR(once(metric, labels, logits, ones({2})), 0.693147, 1e-6);
}

TEST(LossMetric, LooksThroughSoftmaxAsTheLossDoes) {
  const Metric metric = metrics::SparseCategoricalCrossentropy();
  auto step = compiled([&](const Tensor& y, const Tensor& x) {
    metric->update(y, softmax(x));
    return Tensors{};
  });
  step(Tensor::from(std::vector<int32_t>{1}), Tensor::from({200.f, 0.f}, {1, 2}));
  EXPECT_EQ(metric->result(), 200);
}

struct Largest : MetricBase {
  Largest() : MetricBase("largest") {}
  std::string class_name() const override { return "Largest"; }
  void update(const Tensor&, const Tensor& y_pred, const Tensor&) override {
    assign(state()[0], maximum(read(state()[0]), max(y_pred)));
  }
  double result() const override { return state()[0].item(); }
  Tensors make_state() const override { return {variable(zeros({}), "largest", false)}; }
};

TEST(Metric, OfOnesOwn) {
  const Metric metric = std::make_shared<Largest>();
  EXPECT_EQ(once(metric, zeros({2}), Tensor{3.f, 5.f}), 5);
  EXPECT_EQ(metric.missing(), "");
  const Metric read = Metric::from_json(metric.to_json());  // a file can name it, no more
  EXPECT_EQ(read.missing(), metric->class_name());
  EXPECT_EQ(read.to_json(), metric.to_json());
  EXPECT_THROW(metric.clone(), NotSupported);
}

TEST(Metric, NamesAndDirections) {
  EXPECT_EQ(refusal([] { Metric("acuracy"); }), "unknown metric 'acuracy'. Did you mean 'accuracy'?");
  EXPECT_TRUE(Metric("ACC").is_open());
  EXPECT_EQ(Metric("ce").resolved({Shape::unknown}, {Shape::unknown, 3})->class_name(),
            "SparseCategoricalCrossentropy");
  EXPECT_EQ(Metric("mse")->direction(), Direction::down);
  EXPECT_EQ(TopKCategoricalAccuracy()->direction(), Direction::up);
  EXPECT_EQ(Largest().direction(), Direction::unknown);
  EXPECT_EQ(metrics::CategoricalCrossentropy({.name = "ce"}).clone()->name(), "ce");
  const Metric given_by_name = Metric("mse").clone();
  EXPECT_EQ(given_by_name->name(), "mse");
  EXPECT_EQ(given_by_name.to_json(), Json("mse"));
}

TEST(Metric, ReadsWhatKeras2Wrote) {
  const Metric metric = Metric::from_json(Json::parse(
      R"({"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "dtype": "float32", "fn": "sparse_categorical_accuracy"}})"));
  EXPECT_EQ(metric->class_name(), "SparseCategoricalAccuracy");
  EXPECT_EQ(metric->name(), "accuracy");
  EXPECT_EQ(
      Metric::from_json(Json::parse(R"({"class_name": "function", "config": "mean_squared_error"})"))->class_name(),
      "MeanSquaredError");
}

TEST(Confusion, SaysWhatDoesNotFit) {
  const Tensor p = zeros({4, 3});
  EXPECT_EQ(refusal([&] { once(Precision(), zeros({4}), p); }),
            "precision: expected targets of the predictions' shape (4, 3), got (4,). For class labels make targets "
            "one-hot: to_categorical(labels, classes).");
  EXPECT_THROW(once(Recall({.class_id = 3}), p, p), InvalidArgument);
  EXPECT_THROW(once(AUC({.multi_label = true, .label_weights = {1, 2}}), p, p), InvalidArgument);
  EXPECT_THROW(Precision({.thresholds = 1.5}), InvalidArgument);
  EXPECT_THROW(Precision({.top_k = 0}), InvalidArgument);
  EXPECT_THROW(AUC({.curve = "RC"}), InvalidArgument);
  EXPECT_THROW(AUC({.num_thresholds = 1}), InvalidArgument);
  EXPECT_THROW(AUC({.num_labels = 2}), InvalidArgument);
  EXPECT_THROW(PrecisionAtRecall({}), InvalidArgument);  // a recall has to be given
  EXPECT_EQ(AUC({.curve = "pr"})->config().at("curve").as_string(), "PR");
}

TEST(Confusion, SeveralThresholdsGiveSeveralNumbers) {
  const Metric metric = TruePositives({.thresholds = Numbers{0.25, 0.75}});
  metric->update(Tensor{1.f, 1.f, 0.f}, Tensor{0.5f, 0.9f, 0.9f});
  EXPECT_EQ(metric->results(), (std::vector<double>{2, 1}));
  EXPECT_EQ(
      refusal([&] { metric->result(); }),
      "metric 'true_positives' (TruePositives): expected one number, got 2. Ask results() for all of them, or make "
      "a metric for each.");
}

TEST(FScore, KnowsItsClassesByTheFirstBatch) {
  const Metric metric = F1Score();
  EXPECT_TRUE(metric->results().empty());
  metric->update(Tensor::from({1, 0, 0, 1}, {2, 2}), Tensor::from({0.9f, 0.1f, 0.8f, 0.2f}, {2, 2}));
  EXPECT_EQ(metric->results().size(), 2u);
  EXPECT_THROW(metric->update(zeros({2, 3}), zeros({2, 3})), InvalidArgument);
  EXPECT_THROW(F1Score({.average = "mean"}), InvalidArgument);
  EXPECT_THROW(F1Score({.threshold = 0.0}), InvalidArgument);
  EXPECT_THROW(FBetaScore({.beta = 0}), InvalidArgument);
}

TEST(IoU, SaysWhatDoesNotFit) {
  EXPECT_THROW(MeanIoU({}), InvalidArgument);
  EXPECT_THROW(IoU({.num_classes = 3}), InvalidArgument);
  EXPECT_THROW(IoU({.num_classes = 3, .target_class_ids = {3}}), InvalidArgument);
  EXPECT_THROW(MeanIoU({.num_classes = 3, .dtype = DType::float64}), InvalidArgument);
  EXPECT_THROW(once(MeanIoU({.num_classes = 3}), zeros({4}), zeros({4, 3})), InvalidArgument);
  // Scores along another axis than the last, and a weight for each example.
  const Metric metric = MeanIoU({.num_classes = 2, .sparse_y_pred = false, .axis = 1});
  const Tensor labels = Tensor::from({0, 1, 0, 1}, {2, 2});
  const Tensor scores = Tensor::from({0.9f, 0.2f, 0.1f, 0.8f, 0.9f, 0.9f, 0.1f, 0.1f}, {2, 2, 2});
  EXPECT_NEAR(once(metric, labels, scores), (2.0 / 3 + 0.5) / 2, 1e-6);
  EXPECT_NEAR(once(metric, labels, scores, Tensor{1.f, 0.f}), 1, 1e-6);
}

/// What a program gave Keras as a function: metrics = [keras.losses.huber].
TEST(Metric, LossesFunctionsOfAFile) {
  const Json function = Json::parse(
      R"({"module": "builtins", "class_name": "function", "config": "huber", "registered_name": "function"})");
  const Metric metric = Metric::from_json(function);
  EXPECT_EQ(metric->name(), "huber");
  EXPECT_EQ(metric.missing(), "");
  EXPECT_EQ(metric.to_json(), function);
  EXPECT_EQ(metric.clone().to_json(), function);
  EXPECT_EQ(once(metric, zeros({1, 2}), Tensor::from({1.f, 3.f}, {1, 2})), 1.5);
  const Metric wrapped = Metric::from_json(Json::object(
      {{"class_name", "MeanMetricWrapper"},
       {"config", Json::object({{"name", "h"}, {"dtype", "float32"}, {"fn", function}, {"delta", 2.0}})}}));
  EXPECT_EQ(wrapped->name(), "h");
  EXPECT_EQ(once(wrapped, zeros({1, 2}), Tensor::from({1.f, 3.f}, {1, 2})), 2.25);
  // keras.losses.cosine_similarity is the negative of the metric's class, which is what the name alone stands for.
  const Tensor y = Tensor::from({1.f, 0.f}, {1, 2}), p = Tensor::from({2.f, 0.f}, {1, 2});
  EXPECT_NEAR(
      once(Metric::from_json(Json::parse(R"({"class_name": "function", "config": "cosine_similarity"})")), y, p), -1,
      1e-6);
  EXPECT_NEAR(once(Metric::from_json("cosine_similarity"), y, p), 1, 1e-6);
}

TEST(Metric, OpenAndEmptyOnesSayIt) {
  const Metric open = "accuracy", empty;
  EXPECT_NE(refusal([&] { open->result(); }).find("call resolved() first"), std::string::npos);
  EXPECT_THROW(empty->result(), InvalidArgument);
  EXPECT_FALSE(empty);
}

TEST(MeanTracker, WeightsNumbers) {
  MeanTracker loss("loss");
  loss.update(Tensor::scalar(2), Tensor::scalar(32));
  loss.update(Tensor::scalar(5), Tensor::scalar(16));
  EXPECT_EQ(loss.result(), 3);
  loss.reset();
  EXPECT_EQ(loss.result(), 0);
}

}  // namespace
}  // namespace hebb
