// Training algorithms by what they know of the error surface: gradient descent and Adam beside conjugate gradients,
// L-BFGS and Levenberg-Marquardt, by evaluations and by time.
#include <chrono>
#include <cmath>

#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Trial {
  std::string name;
  Optimizer optimizer;
};

constexpr double budget = 2000;  // evaluations, of each algorithm

/// Writes down how many evaluations and how much time an algorithm has used, and ends the training with its budget.
struct Watch : CallbackBase {
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  std::vector<double> evaluations, milliseconds;
  void on_train_begin() override { begun = std::chrono::steady_clock::now(); }
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    const double* counted = logs.find("evaluations");  // of those that search along lines; of the others one a step
    evaluations.push_back(counted ? *counted : static_cast<double>(epoch + 1));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    if (evaluations.back() >= budget) stop_training();
  }
};

/// 28.7; 1638: all digits before the point, since powers of ten are hard to compare.
std::string time_text(double milliseconds) {
  return milliseconds < 100 ? viz::short_number(milliseconds) : std::to_string(std::llround(milliseconds));
}

}  // namespace

void second_order(Page& page) {
  page.text(
      "Gradient descent knows the slope where it stands, and nothing of how the slope changes. Conjugate gradients "
      "(Polak and Ribière, 1969) and L-BFGS (Liu and Nocedal, 1989) learn the curvature from the last steps; "
      "Levenberg-Marquardt (1944, 1963) takes it, for squared errors, from the derivatives of the residuals, and "
      "damps the step where the parabola misleads. They need all examples in each step, so they are for small "
      "networks and few examples.");
  page.text(
      "One network of 12 tanh neurons follows a damped wave, 200 points, from the same initial weights, with at most "
      "2,000 evaluations. An evaluation is one computation of the error and its gradient on all points; an algorithm "
      "that searches along a line needs several of them for a step. Levenberg-Marquardt's are dearer: with each step "
      "comes the derivative of every residual by every weight, 200 rows of 37, and a system of equations. What that "
      "costs is seen in the time.");
  const int64_t examples = 200;
  const Tensor x = reshape(arange(examples) / 25.0 - 4.0, {examples, 1});
  const Tensor y = sin(x * 1.5) * exp(-square(x) / 8.0);
  const std::vector<Trial> trials = {{"descent", SGD({.learning_rate = 0.1})},
                                     {"momentum 0.9", SGD({.learning_rate = 0.1, .momentum = 0.9})},
                                     {"Adam, 0.01", Adam({.learning_rate = 0.01})},
                                     {"conjugate gradients", ConjugateGradient()},
                                     {"L-BFGS", LBFGS()},
                                     {"Levenberg-Marquardt", LevenbergMarquardt()}};
  std::vector<viz::Series> by_evaluations, by_time;
  std::vector<viz::PlottedFunction> fits;
  std::vector<std::vector<std::string>> rows;
  for (const Trial& trial : trials) {
    page.progress(trial.name);
    set_random_seed(1);
    Sequential model({Input({1}), Dense(12, {.activation = "tanh"}), Dense(1)});
    model.compile({.optimizer = trial.optimizer, .loss = "mse"});
    const auto watch = std::make_shared<Watch>();
    const History history = model.fit(x, y,
                                      {.batch_size = examples,
                                       .epochs = page.epochs(static_cast<int64_t>(budget)),
                                       .verbose = 0,
                                       .callbacks = {watch},
                                       .shuffle = false});
    const std::vector<double>& losses = history["loss"];
    viz::Series evaluations{.label = trial.name}, time{.label = trial.name};
    std::string enough = "never", until = "never";  // until the error was below 1e-4
    for (size_t i = 0; i < losses.size(); ++i) {
      evaluations.points.push_back({watch->evaluations[i], losses[i]});
      time.points.push_back({std::log10(watch->milliseconds[i]), losses[i]});
      if (enough != "never" || losses[i] >= 1e-4) continue;
      enough = std::to_string(static_cast<int64_t>(watch->evaluations[i]));
      until = time_text(watch->milliseconds[i]);
    }
    by_evaluations.push_back(logarithm(evaluations));
    by_time.push_back(logarithm(time));
    const Number left{.what = "error that is left, " + trial.name,
                      .here = {losses.back()},
                      .scientific = true,
                      .on_index = trial.name == "Adam, 0.01" || trial.name == "Levenberg-Marquardt"};
    rows.push_back({trial.name, std::to_string(losses.size()),
                    std::to_string(static_cast<int64_t>(watch->evaluations.back())),
                    time_text(watch->milliseconds.back()), left.here_text(), enough, until});
    if (trial.name == "descent" || trial.name == "Levenberg-Marquardt") {
      fits.push_back({trial.name,
                      [model](double at) mutable {
                        return model(Tensor::from({static_cast<float>(at)}, {1, 1})).item();
                      },
                      trial.name == "descent"});
    }
    page.number(left);
  }
  viz::PlotOptions look{{.title = "Error by evaluations",
                         .x_label = "evaluations of error and gradient",
                         .y_label = "mean squared error",
                         .y_base = 10}};
  page.plot(by_evaluations, look, "evaluations",
            "By evaluations L-BFGS and Levenberg-Marquardt fall fastest, and Levenberg-Marquardt goes on falling where "
            "the others stay. Conjugate gradients are ahead of Adam at first, and behind it later.");
  look.title = "Error by time";
  look.x_label = "milliseconds";
  look.x_base = 10;
  page.plot(by_time, look, "time",
            "By time a step of Levenberg-Marquardt costs as much as many of the others: it pays where a small error is "
            "wanted.");
  page.table("Until the algorithm ended or its evaluations were used up",
             {"algorithm", "steps", "evaluations", "ms", "error", "evaluations until 0.0001", "ms until 0.0001"}, rows);
  page.figure(
      viz::function_plot(fits, {.title = "The wave and what two of them made of it",
                                .range = {-4, 4},
                                .points =
                                    [&] {
                                      std::vector<viz::Point> points;
                                      const auto xs = x.to_vector<double>(), ys = y.to_vector<double>();
                                      for (size_t i = 0; i < xs.size(); i += 5) points.push_back({xs[i], ys[i]});
                                      return points;
                                    }(),
                                .points_label = "data",
                                .width = 700,
                                .height = 440}),
      "fits",
      "With all its evaluations gradient descent (dashed) still misses the outer waves; Levenberg-Marquardt's curve "
      "goes through the points after fewer.");
}

}  // namespace hebb::lectures
