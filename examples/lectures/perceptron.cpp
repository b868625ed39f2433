// Neurons before backpropagation: gates with fixed weights, XNOR from three of them, Rosenblatt's rule that finds such
// weights, and the exclusive or, for which there are none.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Problem {
  const char* name;
  Tensor y;
};

/// Trains a perceptron and draws what it tells apart.
classic::PerceptronRun learn(Page& page, const Tensor& x, const Problem& problem, int64_t epochs) {
  classic::Perceptron neuron({.inputs = 2});
  const classic::PerceptronRun run = neuron.fit(x, problem.y, {.learning_rate = 1, .epochs = epochs, .bounds = true});
  const auto answer = [&](const Tensor& points) { return neuron.predict(points); };
  page.figure(
      viz::decision_regions(
          answer, x, problem.y,
          {.title = problem.name, .x_label = "x₁", .y_label = "x₂", .width = pair_width, .height = pair_height}),
      std::string("perceptron-") + problem.name,
      run.converged
          ? message("The line that the perceptron came to for ", problem.name, " after ", run.epochs, " epochs.")
          : message("Where the perceptron's line for ", problem.name, " lies after ", run.epochs,
                    " epochs; wrong points are crossed."));
  return run;
}

}  // namespace

void perceptron(Page& page) {
  page.section("Neurons as gates");
  page.text(
      "McCulloch and Pitts (1943) showed that neurons can compute with truth values. A sigmoid unit with a bias of "
      "-30 and two weights of 20 is close to 1 only when both of its inputs are 1: AND. Other weights make OR, NOT, "
      "NAND, and (NOT x1) AND (NOT x2).");
  page.output(classic::truth_table({{"AND", classic::and_gate()},
                                    {"OR", classic::or_gate()},
                                    {"NAND", classic::nand_gate()},
                                    {"NOR", classic::nor_gate()}}));
  page.output(classic::truth_table({{"NOT", classic::not_gate()}}, 1));
  page.text(
      "XNOR, which says whether its inputs are equal, needs a second layer: OR of AND and (NOT x1) AND (NOT x2).");
  page.output(classic::truth_table({{"XNOR", classic::xnor}}));

  page.section("Rosenblatt's learning rule");
  page.text(
      "Such weights can be learned from examples (Rosenblatt, 1958): after each mistake add the input to the weights, "
      "or take it away. If any line separates the classes, the rule finds one: the convergence theorem bounds the "
      "number of corrections by (R / γ)², R the length of the longest example and γ the width of the gap. The neuron "
      "fires on its line, too: points that lie on it are of class 1.");
  const Tensor x = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  std::vector<std::vector<std::string>> rows;
  for (const Problem& problem : {Problem{"AND", Tensor{0.f, 0.f, 0.f, 1.f}}, Problem{"OR", Tensor{0.f, 1.f, 1.f, 1.f}},
                                 Problem{"NAND", Tensor{1.f, 1.f, 1.f, 0.f}}}) {
    const classic::PerceptronRun run = learn(page, x, problem, 100);
    rows.push_back({problem.name, run.converged ? "yes" : "no", std::to_string(run.epochs), std::to_string(run.updates),
                    message(static_cast<int64_t>(run.bounds[0]))});
  }

  page.section("The crisis: exclusive or");
  page.text(
      "No line separates the exclusive or. The rule does not come to an end (Minsky and Papert, 1969): its weights go "
      "round in a circle, and one point or more is always on the wrong side.");
  const Problem exclusive{"XOR", Tensor{0.f, 1.f, 1.f, 0.f}};
  const classic::PerceptronRun run = learn(page, x, exclusive, 1000);
  rows.push_back(
      {"XOR", run.converged ? "yes" : "no", std::to_string(run.epochs), std::to_string(run.updates), "none"});
  page.table("One neuron, learning from four examples", {"function", "converged", "epochs", "corrections", "bound"},
             rows);
  page.number({.what = "mistakes in the last epoch, XOR",
               .here = {static_cast<double>(run.mistakes.back())},
               .decimals = 0,
               .on_index = true});

  page.section("Gradient descent on a line");
  page.text(
      "Instead of counting mistakes one can go downhill on an error that changes smoothly. For the line ŷ = w x + b "
      "and the mean squared error the gradient is 2/m Xᵀ(Xw - y); small steps against it lead to the least squares.");
  const Tensor t = reshape(random::uniform({60}, {.low = -1, .high = 1, .seed = 3}), {60, 1});
  const Tensor target = t * 2.0 + 0.5 + random::normal({60, 1}, {.stddev = 0.2, .seed = 4});
  Sequential line({Input({1}), Dense(1)});
  line.compile({.optimizer = SGD({.learning_rate = 0.3}), .loss = "mse"});
  const History history = line.fit(t, target, {.batch_size = 60, .epochs = page.epochs(60), .verbose = 0});
  const float w = line.weights()[0].item(), b = line.weights()[1].item();
  classic::LinearRegression equation;
  equation.solve(t, reshape(target, {60}));
  page.table("Gradient descent comes to the least squares, which the normal equation names at once.",
             {"", "slope", "height at zero"},
             {{"the data were made with", "2", "0.5"},
              {"gradient descent", viz::short_number(w, 4), viz::short_number(b, 4)},
              {"normal equation", viz::short_number(equation.weights().to_vector<double>()[0], 4),
               viz::short_number(equation.intercept().item(), 4)}});
  viz::FunctionPlotOptions look{
      .title = "A line by gradient descent", .y_label = "y", .range = {-1, 1}, .points_label = "data"};
  const auto xs = t.to_vector<double>(), ys = target.to_vector<double>();
  for (size_t i = 0; i < xs.size(); ++i) look.points.push_back({xs[i], ys[i]});
  page.figure(viz::function_plot({{"learned line", [=](double at) { return w * at + b; }}}, look), "line",
              "The data and the line after 60 steps.");
  page.curves(history, "line-loss", "The mean squared error falls to the noise of the data.");
}

}  // namespace hebb::lectures
