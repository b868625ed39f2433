// Regression: a line by gradient descent and at once by the normal equation, then probabilities of two classes
// (logistic) and of several (softmax) from straight lines.
#include "examples/lectures/page.h"

namespace hebb::lectures {

void regression(Page& page) {
  page.section("Two ways to the same line");
  page.text(
      "The mean squared error of ŷ = Xw is a bowl. Gradient descent walks down in steps of η times 2/m Xᵀ(Xw - "
      "y); the normal equation XᵀX w = Xᵀy names the bottom at once. With three features the equation is quicker; "
      "with a million of them, or with a neuron that is not linear, only the walk is left. Too small a step takes "
      "long, too large a one climbs out of the bowl.");
  const int64_t examples = 200;
  const Tensor x = random::normal({examples, 3}, {.seed = 1});
  const Tensor y = matmul(x, Tensor{2.f, -1.f, 0.5f}) + 3.0 + 0.3 * random::normal({examples}, {.seed = 2});
  classic::LinearRegression solved;
  const classic::LeastSquares best = solved.solve(x, y);

  std::vector<viz::Series> descents;
  std::vector<std::vector<std::string>> rows;
  const auto row = [&](const std::string& how, const classic::LinearRegression& line, double error) {
    std::vector<std::string> cells = {how};
    for (const double w : line.weights().to_vector<double>()) cells.push_back(viz::short_number(w, 5));
    cells.push_back(viz::short_number(line.intercept().item(), 5));
    cells.push_back(viz::short_number(error, 6));
    rows.push_back(cells);
  };
  for (const double rate : {0.01, 0.1, 0.5, 1.1}) {
    classic::LinearRegression descended;
    const classic::DescentRun run =
        descended.fit(x, y, {.learning_rate = rate, .epochs = rate > 1 ? 12 : page.epochs(60)});
    descents.push_back(logarithm(line_of(message("η = ", viz::short_number(rate)), run.errors)));
    row(message("descent, η = ", viz::short_number(rate)), descended, run.errors.back());
  }
  row("normal equation", solved, best.error);
  page.plot(descents,
            {{.title = "Gradient descent on a line",
              .x_label = "step",
              .y_label = "mean squared error",
              .whole_x = true,
              .y_base = 10}},
            "descent", "The mean squared error by learning rate. The last one is too large: the error grows.");
  page.table("The data were made with the weights 2, -1, 0.5 and the height 3, and noise of variance 0.09.",
             {"how", "w₁", "w₂", "w₃", "b", "error"}, rows);
  page.number({.what = "error left by the normal equation (the noise: 0.09)", .here = {best.error}, .on_index = true});

  page.section("Logistic regression");
  page.text(
      "For classes the line's value is squeezed into a probability, p = 1 / (1 + exp(-(wᵀx + b))), and the error is "
      "the cross-entropy, -log of the probability of the right class (Cox, 1958). There is no normal equation any "
      "more; the gradient keeps its form, 1/m Xᵀ(p - y).");
  const auto [points, labels] =
      data::blobs({.samples = 300, .cluster_std = 1.0, .seed = 2, .center_points = {{-1.2, -0.6}, {1.2, 0.6}}});
  classic::LogisticRegression two;
  const classic::DescentRun first = two.fit(points, labels, {.learning_rate = 0.5, .epochs = page.epochs(300)});
  const viz::RegionsOptions look{.x_label = "x₁", .y_label = "x₂", .width = pair_width, .height = pair_height};
  page.figure(viz::decision_regions([&](const Tensor& at) { return two.predict(at); }, points, labels, look),
              "logistic", "Two classes: the deeper the color, the surer the model.");

  page.section("Several classes: softmax");
  page.text(
      "Several lines, one for each class, and p = softmax(Wx + b): all positive, together 1. The borders between any "
      "two classes are straight lines again.");
  const auto [many, kinds] = data::blobs(
      {.samples = 400, .cluster_std = 0.8, .seed = 3, .center_points = {{-2, -1}, {2, -1}, {0, 2}, {2.5, 2.5}}});
  classic::LogisticRegression softmax;
  const classic::DescentRun second = softmax.fit(many, kinds, {.learning_rate = 0.5, .epochs = page.epochs(300)});
  page.figure(viz::decision_regions([&](const Tensor& at) { return softmax.predict(at); }, many, kinds, look),
              "softmax", "Four classes, with straight borders between each two.");
  page.plot({line_of("two classes", first.errors), line_of("four classes", second.errors)},
            {{.title = "Cross-entropy", .x_label = "step", .y_label = "cross-entropy", .whole_x = true}},
            "cross-entropy", "The cross-entropy falls to what the overlap of the classes leaves.");
  const auto share = [](const Tensor& given, const Tensor& right) {
    return mean(cast(equal(given, cast(right, DType::int64)), DType::float32)).item();
  };
  page.number({.what = "right, two classes", .here = {share(two.classify(points), labels)}});
  page.number({.what = "right, four classes", .here = {share(softmax.classify(many), kinds)}});
}

}  // namespace hebb::lectures
