// Backpropagation by hand, in plain loops, beside the library's gradients; one step of it with every number; and a
// network that learns the exclusive or by it. Rumelhart, Hinton and Williams, Learning representations by
// back-propagating errors, 1986.
#include "examples/lectures/page.h"

#include <cmath>

namespace hebb::lectures {

namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

double sigmoid_of(double z) { return 1 / (1 + std::exp(-z)); }

/// A layer of sigmoid neurons: w[i][j] from neuron j of the layer before, and what a sample leaves in it.
struct Neurons {
  Matrix w;
  Vector b, a = {}, delta = {};
};

/// a = sigmoid(w a_before + b), layer by layer.
void forward(std::vector<Neurons>& net, const Vector& x) {
  const Vector* before = &x;
  for (Neurons& layer : net) {
    layer.a.assign(layer.b.size(), 0);
    for (size_t i = 0; i < layer.b.size(); ++i) {
      double z = layer.b[i];
      for (size_t j = 0; j < before->size(); ++j) z += layer.w[i][j] * (*before)[j];
      layer.a[i] = sigmoid_of(z);
    }
    before = &layer.a;
  }
}

/// delta = dE/dz of E = mean (a - t)^2: the error itself at the output, before it what comes back through the weights,
/// each times sigmoid' = a (1 - a).
void back(std::vector<Neurons>& net, const Vector& target) {
  for (size_t l = net.size(); l-- > 0;) {
    Neurons& layer = net[l];
    layer.delta.assign(layer.b.size(), 0);
    for (size_t i = 0; i < layer.b.size(); ++i) {
      double error = 0;
      if (l + 1 == net.size()) {
        error = 2 * (layer.a[i] - target[i]) / static_cast<double>(target.size());
      } else {
        for (size_t k = 0; k < net[l + 1].b.size(); ++k) error += net[l + 1].w[k][i] * net[l + 1].delta[k];
      }
      layer.delta[i] = error * layer.a[i] * (1 - layer.a[i]);
    }
  }
}

/// w_ij -= rate delta_i a_j.
void update(std::vector<Neurons>& net, const Vector& x, double rate) {
  const Vector* before = &x;
  for (Neurons& layer : net) {
    for (size_t i = 0; i < layer.b.size(); ++i) {
      for (size_t j = 0; j < before->size(); ++j) layer.w[i][j] -= rate * layer.delta[i] * (*before)[j];
      layer.b[i] -= rate * layer.delta[i];
    }
    before = &layer.a;
  }
}

/// The network as columns of neurons, weights at its lines, and in each neuron its activation and error signal.
viz::Picture drawn(const Explanation& step) {
  viz::Picture picture(920, 470);
  const auto place = [&](size_t layer, size_t i, size_t count) {
    return viz::Point{100 + 350 * static_cast<double>(layer),
                      230 + (count == 2 ? 200 : 142) * (static_cast<double>(i) - (static_cast<double>(count) - 1) / 2)};
  };
  size_t before = step.x.size();
  for (size_t l = 0; l < step.layers.size(); ++l) {
    const ExplainedLayer& layer = step.layers[l];
    for (size_t i = 0; i < layer.w.size(); ++i) {
      for (size_t j = 0; j < before; ++j) {
        const viz::Point from = place(l, j, before), to = place(l + 1, i, layer.w.size());
        const bool positive = layer.w[i][j] >= 0;
        const viz::Color color = positive ? viz::positive_ink : viz::negative_ink;
        picture.line(from, to, {.color = color, .width = 1 + std::abs(layer.w[i][j]), .dashed = !positive});
        // Near the line's beginning, where lines to different neurons are apart.
        const double share = 0.3;
        const viz::Point at{from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
        picture.fill({at.x - 28, at.y - 11, 56, 22}, viz::white.with_alpha(0.92), 4);
        picture.text(explained_number(layer.w[i][j], 3), at.x, at.y + 5,
                     {.size = 15, .color = color, .align = viz::Align::centre});
      }
    }
    before = layer.w.size();
  }
  const auto neuron = [&](viz::Point at, const std::string& first, const std::string& second) {
    picture.circle(at, 52, viz::white);
    picture.ring(at, 52, {.color = viz::ink, .width = 2});
    picture.text(first, at.x, at.y + (second.empty() ? 6 : -4), {.size = 16, .align = viz::Align::centre});
    if (!second.empty())
      picture.text(second, at.x, at.y + 20, {.size = 15, .color = viz::palette(0), .align = viz::Align::centre});
  };
  for (size_t j = 0; j < step.x.size(); ++j)
    neuron(place(0, j, step.x.size()), "x = " + explained_number(step.x[j], 3), "");
  for (size_t l = 0; l < step.layers.size(); ++l) {
    const ExplainedLayer& layer = step.layers[l];
    for (size_t i = 0; i < layer.a.size(); ++i)
      neuron(place(l + 1, i, layer.a.size()), "a " + explained_number(layer.a[i], 3),
             "δ " + explained_number(layer.delta[i], 2));
  }
  picture.text(message("target ", explained_number(step.target[0], 3), ", error ", explained_number(step.error, 4)),
               900, 440, {.size = 16, .color = viz::soft_ink, .align = viz::Align::end});
  return picture;
}

}  // namespace

void backpropagation(Page& page) {
  page.text(
      "How much does each weight contribute to the error? Backpropagation answers for all of them with one walk "
      "forward and one back. Forward, each neuron computes a = f(z), z = Σ w a + b. Back, each gets an error signal "
      "δ = ∂E/∂z: at the output from the error, elsewhere from the neurons behind it, δᵢ = f'(zᵢ) Σₖ "
      "wₖᵢ δₖ. Then ∂E/∂wᵢⱼ = δᵢ aⱼ.");
  const Matrix inputs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, targets = {{0}, {1}, {1}, {0}};
  std::vector<Neurons> net = {{{{0.5, -0.4}, {-0.6, 0.3}, {0.2, 0.7}}, {0.1, -0.1, 0.2}}, {{{0.4, -0.5, 0.6}}, {-0.2}}};

  page.section("One step, number by number");
  Sequential model({Input({2}), Dense(3, {.activation = "sigmoid", .name = "hidden"}),
                    Dense(1, {.activation = "sigmoid", .name = "output"})},
                   "exclusive or");
  const auto take_over = [&] {  // the library keeps a layer's weights as (inputs, outputs)
    Tensors weights;
    for (const Neurons& layer : net) {
      std::vector<float> w;
      for (size_t j = 0; j < layer.w[0].size(); ++j)
        for (size_t i = 0; i < layer.b.size(); ++i) w.push_back(static_cast<float>(layer.w[i][j]));
      const auto rows = static_cast<int64_t>(layer.w[0].size()), columns = static_cast<int64_t>(layer.b.size());
      weights.push_back(Tensor::from(w, {rows, columns}));
      weights.push_back(Tensor::from(std::vector<float>(layer.b.begin(), layer.b.end()), {columns}));
    }
    model.set_weights(weights);
  };
  take_over();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const auto sample = [&](size_t i) {
    return Tensor::from(std::vector<float>(inputs[i].begin(), inputs[i].end()), {1, 2});
  };
  const auto target = [&](size_t i) { return Tensor::from({static_cast<float>(targets[i][0])}, {1, 1}); };
  const Explanation step = explain(model, sample(1), target(1), {.learning_rate = 0.5});
  page.figure(drawn(step), "network",
              "The network with the sample (0, 1): weights at the lines (green and whole: positive, red and dashed: "
              "negative), in the neurons what they give and, in blue, their error signals.");
  page.output(step.text());
  page.document(viz::explanation_page(step), "step", "The same step with the network drawn in each of its parts");

  page.section("By hand and by the library");
  page.text(
      "The loops of this program (forward, error signals, update, one sample at a time) learn the exclusive or, which "
      "no single neuron can. Now and then every gradient is compared with the library's, which computes in float32.");
  double largest = 0;
  Vector errors;
  const double rate = 0.5;
  for (int64_t epoch = 0; epoch < page.epochs(6000); ++epoch) {
    double error = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      forward(net, inputs[i]);
      back(net, targets[i]);
      if (epoch % 500 == 0) {
        take_over();
        const Explanation library = explain(model, sample(i), target(i));
        for (size_t l = 0; l < net.size(); ++l)
          for (size_t k = 0; k < net[l].delta.size(); ++k)
            for (size_t j = 0; j < net[l].w[k].size(); ++j)
              largest = std::max(largest, std::abs(library.layers[l].w_gradient[k][j] -
                                                   net[l].delta[k] * (l == 0 ? inputs[i][j] : net[l - 1].a[j])));
      }
      error += std::pow(net.back().a[0] - targets[i][0], 2) / 4;
      update(net, inputs[i], rate);
    }
    errors.push_back(error);
  }
  page.number({.what = "largest difference from the library's gradients", .here = {largest}, .decimals = 9});
  page.number({.what = "error after the last epoch", .here = {errors.back()}, .on_index = true});
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < inputs.size(); ++i) {
    forward(net, inputs[i]);
    rows.push_back({viz::short_number(inputs[i][0]), viz::short_number(inputs[i][1]), viz::short_number(targets[i][0]),
                    explained_number(net.back().a[0], 3)});
  }
  page.table("The exclusive or, learned", {"x₁", "x₂", "target", "output"}, rows);
  page.plot({line_of("mean squared error", errors)},
            {{.title = "Backpropagation learns the exclusive or",
              .x_label = "epoch",
              .y_label = "mean squared error",
              .whole_x = true}},
            "error", "A long flat stretch in which the hidden neurons become different, then a quick fall.");
}

}  // namespace hebb::lectures
