// Training algorithms by what they know of the error surface: gradient descent and Adam beside conjugate gradients,
// L-BFGS and Levenberg-Marquardt, by evaluations and by time.
#include <chrono>

#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Trial {
  std::string name;
  Optimizer optimizer;
  int64_t epochs;
};

}  // namespace

void second_order(Page& page) {
  page.text(
      "Gradient descent knows the slope where it stands, and nothing of how the slope changes. Conjugate gradients "
      "(Polak and Ribière, 1969) and L-BFGS (Liu and Nocedal, 1989) learn the curvature from the last steps; "
      "Levenberg-Marquardt (1944, 1963) takes it, for squared errors, from the derivatives of the residuals, and "
      "damps the step where the parabola misleads. They need all examples in each step, so they are for small "
      "networks and few examples, and there they are far ahead.");
  page.text(
      "One network of 12 tanh neurons follows a damped wave, 200 points, from the same initial weights. An evaluation "
      "is one computation of the error and its gradient on all points; an algorithm that searches along a line needs "
      "several of them for a step.");
  const int64_t examples = 200;
  const Tensor x = reshape(arange(examples) / 25.0 - 4.0, {examples, 1});
  const Tensor y = sin(x * 1.5) * exp(-square(x) / 8.0);
  const std::vector<Trial> trials = {{"descent", SGD({.learning_rate = 0.1}), 2000},
                                     {"momentum 0.9", SGD({.learning_rate = 0.1, .momentum = 0.9}), 2000},
                                     {"Adam, 0.01", Adam({.learning_rate = 0.01}), 2000},
                                     {"conjugate gradients", ConjugateGradient(), 600},
                                     {"L-BFGS", LBFGS(), 600},
                                     {"Levenberg-Marquardt", LevenbergMarquardt(), 300}};
  std::vector<viz::Series> by_evaluations;
  std::vector<viz::PlottedFunction> fits;
  std::vector<std::vector<std::string>> rows;
  std::vector<double> times;
  for (const Trial& trial : trials) {
    set_random_seed(1);
    Sequential model({Input({1}), Dense(12, {.activation = "tanh"}), Dense(1)});
    model.compile({.optimizer = trial.optimizer, .loss = "mse"});
    const auto start = std::chrono::steady_clock::now();
    const History history =
        model.fit(x, y, {.batch_size = examples, .epochs = page.epochs(trial.epochs), .verbose = 0, .shuffle = false});
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    const std::vector<double>& losses = history["loss"];
    const std::vector<double>* counted = history.find("evaluations");
    viz::Series line{.label = trial.name};
    int64_t enough = 0;  // evaluations until the error was below 1e-4
    for (size_t i = 0; i < losses.size(); ++i) {
      const double evaluations = counted ? (*counted)[i] : static_cast<double>(i + 1);
      if (evaluations <= 2000) line.points.push_back({evaluations, losses[i]});
      if (enough == 0 && losses[i] < 1e-4) enough = static_cast<int64_t>(evaluations);
    }
    by_evaluations.push_back(logarithm(line));
    const auto evaluations = static_cast<int64_t>(counted ? counted->back() : static_cast<double>(losses.size()));
    rows.push_back({trial.name, std::to_string(losses.size()), std::to_string(evaluations),
                    enough > 0 ? std::to_string(enough) : "never", viz::short_number(time.count()),
                    viz::short_number(losses.back(), 2)});
    if (trial.name == "descent" || trial.name == "Levenberg-Marquardt") {
      fits.push_back({trial.name, [model](double at) mutable {
                        return model(Tensor::from({static_cast<float>(at)}, {1, 1})).item();
                      }});
    }
    page.number({.what = message("error that is left, ", trial.name),
                 .here = {losses.back()},
                 .decimals = 8,
                 .on_index = trial.name == "Adam, 0.01" || trial.name == "Levenberg-Marquardt"});
  }
  page.plot(
      by_evaluations,
      {{.title = "Error by evaluations",
        .x_label = "evaluations of error and gradient",
        .y_label = "mean squared error, power of ten"}},
      "evaluations",
      "By evaluations, those that know the curvature fall much faster: L-BFGS and Levenberg-Marquardt first of all.");
  page.table("Steps and evaluations until the algorithm ended or its steps were used up",
             {"algorithm", "steps", "evaluations", "until 0.0001", "milliseconds", "error"}, rows);
  page.figure(viz::function_plot(fits, {.title = "The wave and what two of them made of it",
                                        .range = {-4, 4},
                                        .points =
                                            [&] {
                                              std::vector<viz::Point> points;
                                              const auto xs = x.to_vector<double>(), ys = y.to_vector<double>();
                                              for (size_t i = 0; i < xs.size(); i += 5)
                                                points.push_back({xs[i], ys[i]});
                                              return points;
                                            }(),
                                        .points_label = "data",
                                        .width = 760,
                                        .height = 440}),
              "fits", "Gradient descent has not found the outer waves yet.");
}

}  // namespace hebb::lectures
