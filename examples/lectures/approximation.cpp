// Universal approximation: one hidden layer can follow any continuous function if it is wide enough; deeper networks
// need fewer parameters.
#include "examples/lectures/page.h"

#include <cmath>

namespace hebb::lectures {

namespace {

double wave(double x) { return std::sin(3 * x) + 0.3 * std::cos(9 * x); }

Sequential fitted(const Page& page, int64_t width, int64_t seed, const Tensor& x, const Tensor& y) {
  set_random_seed(seed);
  // In float32 the line searches end before wide networks have come to rest.
  const DType dtype = DType::float64;
  Sequential model(
      {Input({1}, {.dtype = dtype}), Dense(width, {.activation = "tanh", .dtype = dtype}), Dense(1, {.dtype = dtype})});
  model.compile({.optimizer = LBFGS(), .loss = "mse"});
  model.fit(x, y, {.batch_size = 400, .epochs = page.epochs(1500), .verbose = 0});
  return model;
}

}  // namespace

void approximation(Page& page) {
  page.text(
      "Cybenko (1989) and Hornik (1991): a network with one hidden layer comes as near as one likes to any continuous "
      "function, if the layer is wide enough. Here layers of tanh neurons of growing width follow a wave, "
      "trained by L-BFGS for 1,500 steps. Up to 16 neurons the error falls with the width; from there on it is the "
      "training, not the width, that limits it: the theorem says that good weights exist, not that they are found.");
  const int64_t count = 400;
  std::vector<double> xs, ys;
  for (int64_t i = 0; i < count; ++i) {
    xs.push_back(-2 + 4.0 * static_cast<double>(i) / (count - 1));
    ys.push_back(wave(xs.back()));
  }
  const Tensor x = reshape(Tensor::from(xs), {count, 1}), y = reshape(Tensor::from(ys), {count, 1});
  viz::Series errors{.label = "mean of the trainings"}, best{.label = "best training"};
  best.dashed = true;
  std::vector<viz::PlottedFunction> curves = {{"function", wave}};
  for (int64_t width : {1, 2, 4, 8, 16, 32, 64}) {
    Number number{.what = message("root mean squared error, width ", width), .decimals = 5};
    for (int64_t seed : page.seeds()) {
      Sequential model = fitted(page, width, seed, x, y);
      number.here.push_back(std::sqrt(model.evaluate(x, y, {.batch_size = 400})["loss"]));
      if (seed == 1 && (width == 2 || width == 8 || width == 64)) {
        curves.push_back({message("width ", width),
                          [model](double at) mutable {
                            return model(reshape(Tensor::from(std::vector<double>{at}), {1, 1})).item();
                          },
                          width == 64});  // dashed, since it covers the function
      }
    }
    page.number(number);
    for (viz::Series* line : {&errors, &best}) {
      const double error = line == &errors ? number.mean() : *std::min_element(number.here.begin(), number.here.end());
      line->points.push_back({std::log2(static_cast<double>(width)), error});
    }
  }
  viz::FunctionPlotOptions wide{
      .title = "A function and its approximations", .range = {-2, 2}, .width = 700, .height = 430};
  page.figure(viz::function_plot(curves, wide), "functions",
              "Networks of 2, 8 and 64 tanh neurons; that of 64 (dashed) lies on the function.");
  viz::Picture picture(640, 400);
  viz::PlotOptions look;
  look.title = "Error by width";
  look.x_label = "neurons";
  look.x_base = 2;
  look.y_label = "root mean squared error";
  look.y_base = 10;
  viz::draw_plot(picture, {20, 16, 600, 368}, {logarithm(errors), logarithm(best)}, look);
  page.figure(picture, "error", "More neurons follow the function more closely, until the training is the limit.");

  page.section("Wide or deep");
  page.text(
      "A 2-40-2 network (120 + 82 parameters) and a deeper one, 2-8-8-3-2 (131 parameters), on two spirals: depth "
      "lets few neurons draw a border that winds.");
  const auto [points, classes] = data::spirals({.samples = 1000, .noise = 0.05, .seed = 5});
  const data::Split split = data::train_test_split(points, classes, {.test_size = 0.25, .seed = 5});
  std::vector<Number> parameters, accuracies;
  for (const auto& [name, hidden] :
       {std::pair<std::string, std::vector<int64_t>>{"2-40-2", {40}}, {"2-8-8-3-2", {8, 8, 3}}}) {
    Number number{.what = "test accuracy, " + name, .on_index = true};
    std::vector<Sequential> models;
    for (int64_t seed : page.seeds()) {
      set_random_seed(seed);
      Sequential model({Input({2})});
      for (int64_t units : hidden) model.add(Dense(units, {.activation = "relu"}));
      model.add(Dense(2, {.activation = "softmax"}));
      model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                     .loss = "sparse_categorical_crossentropy",
                     .metrics = {"accuracy"}});
      model.fit(split.x_train, split.y_train, {.batch_size = 32, .epochs = page.epochs(200), .verbose = 0});
      number.here.push_back(model.evaluate(split.x_test, split.y_test)["accuracy"]);
      models.push_back(model);
    }
    const Sequential& median = models[median_of(number.here)];
    parameters.push_back({.what = "parameters, " + name,
                          .lecture = name == "2-40-2" ? 202.0 : 131.0,
                          .here = {static_cast<double>(median.count_params())},
                          .decimals = 0,
                          .on_index = true});
    accuracies.push_back(number);
    page.figure(viz::decision_regions(
                    median, split.x_test, split.y_test,
                    {.title = name, .x_label = "x₁", .y_label = "x₂", .width = pair_width, .height = pair_height}),
                "regions-" + name, "The border of the network " + name + ", the training of the median accuracy.");
  }
  for (const Number& number : parameters) page.number(number);
  for (const Number& number : accuracies) page.number(number);
}

}  // namespace hebb::lectures
