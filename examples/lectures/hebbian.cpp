// Learning without backpropagation: Hebb's rule and why it needs a bound, Oja's and Sanger's rules that find principal
// components, and ADALINE, which goes downhill on the squared error.
#include "examples/lectures/page.h"

#include <cmath>

namespace hebb::lectures {

namespace {

/// A cloud of points with arrows from its centre.
struct Arrow {
  std::string label;
  double x, y;
  bool dashed = false;
};

viz::Picture cloud(const Tensor& x, const std::vector<Arrow>& arrows, const std::string& title) {
  viz::Picture picture(520, 480);
  std::vector<viz::LegendEntry> legend;
  for (size_t i = 0; i < arrows.size(); ++i)
    legend.push_back(
        {.label = arrows[i].label, .color = viz::palette(static_cast<int64_t>(i) + 1), .dashed = arrows[i].dashed});
  viz::AxesOptions look;
  look.title = title;
  look.x_label = "x₁";
  look.y_label = "x₂";
  look.equal = true;
  const viz::Axes axes(picture, {16, 16, 488, 448}, {-4, 4}, {-4, 4}, look, legend);
  const std::vector<double> values = x.to_vector<double>();
  for (size_t i = 0; i + 1 < values.size(); i += 2)
    picture.circle(axes.at(values[i], values[i + 1]), 2.5, viz::palette(0).with_alpha(0.35));
  for (size_t i = 0; i < arrows.size(); ++i) {
    const viz::Color color = viz::palette(static_cast<int64_t>(i) + 1);
    const viz::Point tip = axes.at(3 * arrows[i].x, 3 * arrows[i].y);
    picture.line(axes.at(0, 0), tip, {.color = color, .width = 3.5, .dashed = arrows[i].dashed});
    picture.circle(tip, 6, color);
  }
  return picture;
}

/// The cosine of the angle between two directions, whichever way they point.
double alignment(double ax, double ay, double bx, double by) {
  return std::abs(ax * bx + ay * by) / (std::hypot(ax, ay) * std::hypot(bx, by));
}

}  // namespace

void hebbian(Page& page) {
  page.section("Hebb's rule");
  page.text(
      "Hebb (1949): when one cell takes part in firing another, their connection grows. For a linear neuron y = w x "
      "that is Δw = η y x. Nothing takes anything away, so the weights grow without end. Oja (1982) lets the "
      "weights forget as they fire, Δw = η y (x - y w): their length comes to 1, and their direction to the one in "
      "which the data varies most, the first principal component.");
  // A cloud that is long in the direction (2, 1) and narrow across it.
  const double length = std::sqrt(5.0);
  const Tensor along = random::normal({500, 1}, {.stddev = 1.5, .seed = 1});
  const Tensor across = random::normal({500, 1}, {.stddev = 0.5, .seed = 2});
  const Tensor x =
      along * Tensor::from({2 / length, 1 / length}, {1, 2}) + across * Tensor::from({-1 / length, 2 / length}, {1, 2});

  std::vector<viz::Series> lengths;
  for (const char* rule : {"hebb", "oja"}) {
    classic::Hebbian neuron({.inputs = 2, .rule = rule});
    const std::vector<double> run = neuron.fit(x, {.learning_rate = 0.002, .epochs = page.epochs(20)});
    lengths.push_back(logarithm(line_of(rule[0] == 'h' ? "Hebb's rule" : "Oja's rule", run)));
    if (rule[0] == 'o') page.number({.what = "length of the weights after the last epoch, Oja", .here = {run.back()}});
  }

  page.plot(
      lengths,
      {{.title = "Length of the weights", .x_label = "epoch", .y_label = "length", .whole_x = true, .y_base = 10}},
      "lengths", "Hebb's rule grows exponentially (a straight line on this scale), Oja's comes to a length of 1.");
  page.text(
      "Sanger (1989) gives several neurons one after the other the part of the data that those before do not explain: "
      "each finds the next principal component. The cosine of the angle to the direction in which the data was made "
      "says how exactly.");
  classic::Hebbian sanger({.inputs = 2, .outputs = 2, .rule = "sanger"});
  sanger.fit(x, {.learning_rate = 0.002, .epochs = page.epochs(60)});
  const std::vector<double> w = sanger.weights().to_vector<double>();  // (inputs, outputs)
  page.figure(cloud(x, {{"first neuron", w[0], w[2]}, {"second neuron", w[1], w[3]}}, "Sanger's rule"), "directions",
              "What two neurons came to: the directions of the largest and of the second largest variance. The lines "
              "are three times as long as the weights.");
  page.number(
      {.what = "cosine with the long axis, first neuron", .here = {alignment(w[0], w[2], 2, 1)}, .on_index = true});
  page.number({.what = "cosine with the short axis, second neuron", .here = {alignment(w[1], w[3], -1, 2)}});

  page.section("ADALINE");
  page.text(
      "Widrow and Hoff (1960) corrected a linear neuron by its error before the threshold: Δw = η (t - y) x, the "
      "delta rule, or least mean squares. It is gradient descent on the squared error, one example at a time, and so "
      "the beginning of backpropagation. Unlike the perceptron's rule it comes to rest where no line separates, "
      "at the line with the least squared error.");
  const auto [points, classes] =
      data::blobs({.samples = 300, .cluster_std = 1.2, .seed = 6, .center_points = {{-1.5, -1}, {1.5, 1}}});
  const Tensor signs = cast(classes, DType::float32) * 2.0 - 1.0;
  classic::Adaline adaline({.inputs = 2});
  classic::Perceptron rosenblatt({.inputs = 2, .activation = "sign"});
  const classic::AdalineRun run = adaline.fit(points, signs, {.learning_rate = 0.001, .epochs = page.epochs(30)});
  const classic::PerceptronRun mistakes = rosenblatt.fit(points, signs, {.epochs = page.epochs(30)});
  const auto answer = [&](const Tensor& at) { return (cast(adaline.classify(at), DType::float32) + 1.0) / 2.0; };
  page.figure(viz::decision_regions(
                  answer, points, classes,
                  {.title = "ADALINE", .x_label = "x₁", .y_label = "x₂", .width = pair_width, .height = pair_height}),
              "adaline", "Two clouds that overlap, and ADALINE's line; wrong points are crossed.");
  page.plot({line_of("ADALINE: mean squared error", run.errors)},
            {{.title = "The delta rule", .x_label = "epoch", .y_label = "mean squared error", .whole_x = true}},
            "adaline-error", "The error falls to what the overlap of the classes leaves.");
  const std::vector<double> counted(mistakes.mistakes.begin(), mistakes.mistakes.end());
  page.plot(
      {line_of("perceptron", counted)},
      {{.title = "Rosenblatt's rule on the same data", .x_label = "epoch", .y_label = "corrections", .whole_x = true}},
      "perceptron-mistakes", "The perceptron's corrections on the same data go on and on.");
}

}  // namespace hebb::lectures
