// The figures of models: that they are drawn for what they are meant for, and refuse the rest with a remedy.
#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/model_base.h"
#include "hebb/viz/html.h"
#include "hebb/viz/viz.h"

namespace hebb::viz {
namespace {

bool is_drawn(const Picture& picture) { return picture.encode("svg").size() > 500 && picture.width() >= 1; }

Model small_cnn() {
  auto input = Input({12, 12, 1});
  Tensor x = Conv2D(3, 3, {.activation = "relu", .name = "one"})(input);
  x = Conv2D(4, 3, {.padding = "same", .name = "two"})(x);
  x = Dense(6, {.activation = "relu", .name = "hidden"})(Flatten()(x));
  return Model(input, Dense(3, {.activation = "softmax", .name = "out"})(x));
}

Tensor ramp(const Shape& shape) {
  std::vector<float> values;
  for (int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<float>(std::sin(static_cast<double>(i))));
  return Tensor::from(values, shape);
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(ModelGraph, HasABoxForEachCallAndAnArrowForEachInput) {
  auto a = Input({4});
  Layer shared = Dense(4, {.name = "shared"});
  Tensor y = Add()(Tensors{shared(a), shared(shared(a))});
  const Model model(a, y);
  const DrawnGraph graph = graph_of_model(model, {.show_shapes = true, .show_layer_names = true});
  EXPECT_EQ(graph.boxes.size(), 5u);
  EXPECT_EQ(graph.arrows.size(), 5u);
  EXPECT_EQ(graph.boxes[1].title, "shared (Dense)");
  EXPECT_EQ(graph.boxes[1].lines, (std::vector<std::string>{"input: (None, 4)", "output: (None, 4)"}));
  for (const char* direction : {"TB", "BT", "LR", "RL"})
    EXPECT_TRUE(is_drawn(model_graph(model, {.rankdir = direction})));
  EXPECT_NE(message_of([&] { model_graph(model, {.rankdir = "up"}); }).find("TB, BT, LR or RL"), std::string::npos);
}

TEST(ModelGraph, NestedModelsAreOpenedWhenAsked) {
  Sequential inner({Input({4}), Dense(3), Dense(2)}, "inner");
  auto a = Input({4});
  const Model model(a, inner(a));
  EXPECT_EQ(graph_of_model(model).boxes[1].inside, nullptr);
  const DrawnGraph open = graph_of_model(model, {.expand_nested = true});
  ASSERT_NE(open.boxes[1].inside, nullptr);
  EXPECT_EQ(open.boxes[1].inside->boxes.size(), 3u);
  EXPECT_TRUE(is_drawn(draw_graph(open)));
  Sequential unbuilt({Dense(3)});
  EXPECT_NE(message_of([&] { model_graph(unbuilt); }).find("Input()"), std::string::npos);
}

TEST(LayerPictures, ShowWeightsFiltersAndActivations) {
  const Model model = small_cnn();
  const Tensor image = ramp({12, 12, 1});
  EXPECT_TRUE(is_drawn(filters(model)));
  EXPECT_TRUE(is_drawn(filters(model, {.layer = "two"})));  // three channels: in colors
  EXPECT_TRUE(is_drawn(weights(model, WeightPictureOptions{})));
  EXPECT_TRUE(is_drawn(activations(model, image)));
  EXPECT_TRUE(is_drawn(activations(model, image, {.layer = "hidden"})));
  EXPECT_NE(message_of([&] { filters(model, {.layer = "hidden"}); }).find("class Conv2D"), std::string::npos);
  EXPECT_NE(message_of([&] { activations(model, image, {.layer = "hiden"}); }).find("hidden"), std::string::npos);
  EXPECT_THROW(activations(model, ramp({2, 12, 12, 1})), InvalidArgument);
  WeightPictureOptions wrong;
  wrong.image_shape = {3, 3};
  EXPECT_THROW(weights(model, wrong), InvalidArgument);
}

TEST(NeuronPatterns, NeedAHiddenAndAnOutputLayer) {
  Sequential mlp({Input({5, 5, 1}), Flatten(), Dense(4, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
  EXPECT_TRUE(is_drawn(neuron_patterns(mlp, 2)));
  EXPECT_THROW(neuron_patterns(mlp, 3), InvalidArgument);
  Sequential flat({Input({4}), Dense(2)});
  EXPECT_THROW(neuron_patterns(flat, 0), InvalidArgument);
}

TEST(Attribution, RefusesWhatIsNoImageOrClass) {
  const Model model = small_cnn();
  const Tensor image = ramp({12, 12});
  EXPECT_EQ(saliency_map(model, image, 1).shape(), (Shape{12, 12}));
  EXPECT_EQ(grad_cam_map(model, image, 1, "one").shape(), (Shape{10, 10}));
  EXPECT_TRUE(is_drawn(saliency(model, image)));
  EXPECT_TRUE(is_drawn(grad_cam(model, image, {})));
  EXPECT_THROW(saliency_map(model, image, 3), InvalidArgument);
  EXPECT_THROW(saliency_map(model, ramp({144}), 0), InvalidArgument);
  EXPECT_THROW(grad_cam_map(model, image, 0, "hidden"), InvalidArgument);
}

TEST(Histograms, HoldEveryFiniteValueOnce) {
  const Histogram bars = histogram({0, 1, 2, 3, 4, 5, 6, 7, 100, NAN, INFINITY});
  int64_t sum = 0;
  for (const int64_t count : bars.counts) sum += count;
  EXPECT_EQ(sum, 9);
  EXPECT_EQ(bars.not_finite, 2);
  EXPECT_EQ(bars.low, 0);
  EXPECT_EQ(bars.high, 100);
  EXPECT_EQ(histogram({}).counts, std::vector<int64_t>{0});
  EXPECT_EQ(histogram({3, 3, 3}).counts, std::vector<int64_t>{3});
  EXPECT_TRUE(is_drawn(histograms({{"none", {}}, {"same", {1, 1}}, {"bad", {NAN}}, {"some", {1, 2, 4}}})));
}

TEST(Histograms, ShareAnAxisWhereAsked) {
  std::vector<double> narrow, wide;
  for (int i = 0; i <= 100; ++i) {
    narrow.push_back(i / 1000.0);
    wide.push_back(i / 10.0);
  }
  // How far the bars of the first of two plots reach to the right.
  const auto reach = [&](bool same_x) {
    const std::string svg =
        histograms({{"narrow", narrow}, {"wide", wide}}, {.same_x = same_x, .width = 320}).encode("svg");
    double most = 0;
    for (size_t at = 0; (at = svg.find("rgb(0%,44.705882%", at)) != std::string::npos; ++at) {  // of the bars' color
      const double x = std::stod(svg.substr(svg.find(" d=\"M ", at) + 6));
      if (x < 340) most = std::max(most, x);
    }
    return most;
  };
  EXPECT_GT(reach(false), 280);
  EXPECT_GT(reach(true), 0);
  EXPECT_LT(reach(true), 120);
}

TEST(ActivationPlot, ShowsTheDerivativeWhereItIsTheFunction) {
  // Dashes on top of the line: what is drawn last has the derivative's color.
  const std::string svg = activation_plot("exponential", {.title = "exponential"}).encode("svg");
  const size_t line = svg.rfind("rgb(0%,44.705882%"), dashes = svg.rfind("62.352941%");
  ASSERT_NE(line, std::string::npos);
  ASSERT_NE(dashes, std::string::npos);
  EXPECT_GT(dashes, line);
}

TEST(Histograms, GradientsAreThoseOfTheCompiledLoss) {
  Sequential model({Input({2}), Dense(1, {.use_bias = false, .name = "line"})});
  EXPECT_THROW(gradient_values(model, ones({3, 2}), ones({3, 1})), InvalidArgument);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.get_layer("line").set_weights({Tensor::from({1.f, 0.f}, {2, 1})});
  const std::vector<NamedValues> values =
      gradient_values(model, Tensor::from({1.f, 2.f, 3.f, 4.f}, {2, 2}), Tensor::from({0.f, 1.f}, {2, 1}));
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values[0].name, "line/kernel");
  // 2/2 X'(Xw - y) with Xw - y = (1, 2).
  EXPECT_NEAR(values[0].values[0], 7, 1e-6);
  EXPECT_NEAR(values[0].values[1], 10, 1e-6);
}

TEST(Plots, FunctionsHaveGapsAndBarsSigns) {
  EXPECT_TRUE(is_drawn(
      function_plot({{"1/x", [](double x) { return 1 / x; }}, {"step", [](double x) { return x < 0 ? 0. : 1.; }}},
                    {.range = {-2, 2}, .y_range = Range{-3, 3}})));
  EXPECT_THROW(function_plot({}, {.range = {1, 1}}), InvalidArgument);
  EXPECT_TRUE(is_drawn(bars({1, -2, NAN, 0}, {.labels = {"a", "b", "c", "d"}, .errors = {0.1}, .by_sign = true})));
  EXPECT_TRUE(is_drawn(bars({})));
  EXPECT_TRUE(is_drawn(bars({1, -2, NAN, 0}, {.labels = {"a", "b"}, .errors = {0.1}, .horizontal = true})));
  EXPECT_TRUE(is_drawn(bars({}, {.horizontal = true, .height = 0})));
  EXPECT_THROW(map_grid(ones({3})), InvalidArgument);
}

TEST(ThresholdCurves, KnowTheirEnds) {
  const std::vector<bool> truth = {true, true, false, false};
  EXPECT_EQ(roc_curve({4, 3, 2, 1}, truth).area, 1);
  EXPECT_EQ(roc_curve({1, 2, 3, 4}, truth).area, 0);
  EXPECT_EQ(roc_curve({1, 1, 1, 1}, truth).area, 0.5);
  EXPECT_EQ(precision_recall_curve({1, 1, 1, 1}, truth).area, 0.5);
  EXPECT_THROW(roc_curve({1, 2}, truth), InvalidArgument);
  EXPECT_THROW(roc_curve({1, NAN, 2, 3}, truth), InvalidArgument);
  EXPECT_THROW(roc_curve({1, 2}, {true, true}), InvalidArgument);
  EXPECT_TRUE(is_drawn(roc(Tensor::from({0.9f, 0.2f, 0.7f, 0.1f}, {4, 1}), Tensor{1.f, 0.f, 1.f, 0.f})));
  EXPECT_THROW(roc(ones({2, 3}), zeros({2})), InvalidArgument);
}

TEST(Embedding, TakesManyShapesAndRefusesOthers) {
  const Tensor points = ramp({30, 3, 2});
  const Tensor classes = Tensor::from(std::vector<int64_t>(30, 1));
  EXPECT_TRUE(is_drawn(embedding(points, classes)));
  TSneOptions quick{.perplexity = 5, .iterations = 20};
  EXPECT_TRUE(is_drawn(embedding(points, classes, {.method = "t-sne", .t_sne = quick})));
  EXPECT_NE(message_of([&] { embedding(points, classes, {.method = "tsne"}); }).find("t-sne"), std::string::npos);
  EXPECT_THROW(t_sne(points, {.perplexity = 30}), InvalidArgument);
  EXPECT_THROW(principal_components(points, 7), InvalidArgument);
  EXPECT_THROW(principal_components(full({3, 2}, NAN), 1), InvalidArgument);
  // Points that are all the same have no direction, and no crash either.
  EXPECT_EQ(principal_components(ones({5, 3}), 1).variances[0], 0);
  for (const double value : t_sne(ones({8, 3}), {.perplexity = 2, .iterations = 20}).to_vector<double>())
    EXPECT_TRUE(std::isfinite(value));
}

TEST(SymmetricEigen, DiagonalizesLargeAndDegenerateMatrices) {
  for (const int64_t n : {1, 2, 3, 40}) {
    const Tensor random = ramp({n, n});
    const std::vector<double> a = random.to_vector<double>();
    std::vector<double> matrix(static_cast<size_t>(n * n));
    const auto at = [n](int64_t i, int64_t j) { return static_cast<size_t>(i * n + j); };
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) matrix[at(i, j)] = a[at(i, j)] + a[at(j, i)];
    }
    std::vector<double> vectors = matrix;
    const std::vector<double> values = symmetric_eigen(vectors, n);
    for (int64_t k = 0; k < n; ++k) {
      if (k > 0) {
        EXPECT_LE(values[static_cast<size_t>(k - 1)], values[static_cast<size_t>(k)]);
      }
      for (int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < n; ++j) sum += matrix[at(i, j)] * vectors[at(k, j)];
        EXPECT_NEAR(sum, values[static_cast<size_t>(k)] * vectors[at(k, i)], 1e-11) << n;
      }
    }
  }
}

TEST(ReportPage, StandsAloneAndShowsMarkupAsText) {
  ReportPage page;
  page.title = "<script>alert('x')</script> & more";
  History history;
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    Logs logs;
    logs.set("loss", 1.0 / static_cast<double>(epoch + 1));
    history.add(epoch, logs);
  }
  page.history = history;
  page.configuration = {{"optimizer", "Adam <b>"}};
  page.epoch_seconds = {1, 2, 3};
  page.model = small_cnn();
  page.images = ramp({4, 12, 12, 1});
  page.truth = Tensor{0.f, 1.f, 2.f, 0.f};
  page.outputs = Tensor::from({0.1f, 0.8f, 0.1f, 0.1f, 0.8f, 0.1f, 0.1f, 0.8f, 0.1f, 0.8f, 0.1f, 0.1f}, {4, 3});
  const std::string html = report_page(page);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more"), std::string::npos);
  EXPECT_NE(html.find("Adam &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(html.find("http://"), std::string::npos);  // nothing is fetched
  EXPECT_EQ(html.find("https://"), std::string::npos);
  EXPECT_EQ(html.find("http-equiv"), std::string::npos);
  for (const char* part : {"learning curves", "confusion (test data)", "worst mistakes", "configuration"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
  page.running = true;
  EXPECT_NE(report_page(page).find("http-equiv=\"refresh\""), std::string::npos);
  EXPECT_NO_THROW(report_page({}));
}

TEST(Html, Base64IsThatOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe"), "//4=");
}

}  // namespace
}  // namespace hebb::viz
