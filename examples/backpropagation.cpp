// Backpropagation by hand: a network of three layers in plain loops, one sample at a time, learns the exclusive or, and
// every gradient on its way is compared with the library's. Rumelhart, Hinton and Williams, Learning representations by
// back-propagating errors, 1986.
#include <hebb/hebb.h>

#include <array>
#include <cmath>
#include <cstdio>

constexpr int inputs = 2, hidden = 3, outputs = 1;

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

struct Network {
  // w2[i][j]: from neuron j of the first layer to neuron i of the second; b2[i]: the bias of that.
  std::array<std::array<double, inputs>, hidden> w2;
  std::array<double, hidden> b2;
  std::array<std::array<double, hidden>, outputs> w3;
  std::array<double, outputs> b3;
};

/// What a sample leaves behind: the activations a and the error signals delta = dE/dz of the second and third layer.
struct Signals {
  std::array<double, hidden> a2, delta2;
  std::array<double, outputs> a3, delta3;
};

/// E = 1/2 sum of (a3 - target)^2.
Signals forward_and_back(const Network& net, const double* x, const double* target) {
  Signals s;
  // Forward: z = sum of w a + b, a = sigmoid(z), layer by layer.
  for (int i = 0; i < hidden; ++i) {
    double z = net.b2[i];
    for (int j = 0; j < inputs; ++j) z += net.w2[i][j] * x[j];
    s.a2[i] = sigmoid(z);
  }
  for (int i = 0; i < outputs; ++i) {
    double z = net.b3[i];
    for (int j = 0; j < hidden; ++j) z += net.w3[i][j] * s.a2[j];
    s.a3[i] = sigmoid(z);
  }
  // Back: at the output the error itself, before it what comes back through the weights; each times sigmoid' = a (1 -
  // a).
  for (int i = 0; i < outputs; ++i) s.delta3[i] = (s.a3[i] - target[i]) * s.a3[i] * (1 - s.a3[i]);
  for (int j = 0; j < hidden; ++j) {
    double back = 0;
    for (int i = 0; i < outputs; ++i) back += net.w3[i][j] * s.delta3[i];
    s.delta2[j] = back * s.a2[j] * (1 - s.a2[j]);
  }
  return s;
}

/// dE/dw_ij = delta_i a_j, dE/db_i = delta_i.
void update(Network& net, const Signals& s, const double* x, double learning_rate) {
  for (int i = 0; i < outputs; ++i) {
    for (int j = 0; j < hidden; ++j) net.w3[i][j] -= learning_rate * s.delta3[i] * s.a2[j];
    net.b3[i] -= learning_rate * s.delta3[i];
  }
  for (int i = 0; i < hidden; ++i) {
    for (int j = 0; j < inputs; ++j) net.w2[i][j] -= learning_rate * s.delta2[i] * x[j];
    net.b2[i] -= learning_rate * s.delta2[i];
  }
}

/// The largest difference between any gradient of the loops and the library's.
double difference_from_library(const Network& net, const Signals& s, const double* x, const double* target) {
  using namespace hebb;
  auto rows = [](const auto& w, int64_t rows, int64_t columns) {
    std::vector<double> values;
    for (const auto& row : w) values.insert(values.end(), row.begin(), row.end());
    return variable(Tensor::from(values, {rows, columns}));
  };
  auto column = [](const auto& b) {
    return variable(Tensor::from(std::vector<double>(b.begin(), b.end()), {static_cast<int64_t>(b.size()), 1}));
  };
  const Tensor w2 = rows(net.w2, hidden, inputs), w3 = rows(net.w3, outputs, hidden), b2 = column(net.b2),
               b3 = column(net.b3);
  const Tensor a1 = Tensor::from(std::vector<double>(x, x + inputs), {inputs, 1});
  const Tensor t = Tensor::from(std::vector<double>(target, target + outputs), {outputs, 1});
  const Tensor a3 = sigmoid(matmul(w3, sigmoid(matmul(w2, a1) + b2)) + b3);
  const Tensors g = gradient(0.5 * sum(square(a3 - t)), {w2, b2, w3, b3});
  double largest = 0;
  auto compare = [&](const Tensor& all, int at, double by_hand) {
    largest = std::max(largest, std::abs(all.to_vector<double>()[static_cast<size_t>(at)] - by_hand));
  };
  for (int i = 0; i < hidden; ++i) {
    for (int j = 0; j < inputs; ++j) compare(g[0], i * inputs + j, s.delta2[i] * x[j]);
    compare(g[1], i, s.delta2[i]);
  }
  for (int i = 0; i < outputs; ++i) {
    for (int j = 0; j < hidden; ++j) compare(g[2], i * hidden + j, s.delta3[i] * s.a2[j]);
    compare(g[3], i, s.delta3[i]);
  }
  return largest;
}

int main() {
  const double x[4][inputs] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, target[4][outputs] = {{0}, {1}, {1}, {0}};
  Network net{{{{0.5, -0.4}, {-0.6, 0.3}, {0.2, 0.7}}}, {0.1, -0.1, 0.2}, {{{0.4, -0.5, 0.6}}}, {-0.2}};
  double largest = 0;
  for (int epoch = 1; epoch <= 4000; ++epoch) {
    double error = 0;
    for (int sample = 0; sample < 4; ++sample) {
      const Signals s = forward_and_back(net, x[sample], target[sample]);
      // Now and then, since the library is asked for it from nothing each time.
      if (epoch % 500 == 1) largest = std::max(largest, difference_from_library(net, s, x[sample], target[sample]));
      for (int i = 0; i < outputs; ++i) error += 0.5 * (s.a3[i] - target[sample][i]) * (s.a3[i] - target[sample][i]);
      update(net, s, x[sample], 1.0);
    }
    if (epoch % 500 == 0) std::printf("epoch %4d: error %.6f\n", epoch, error);
  }
  bool learned = true;
  for (int sample = 0; sample < 4; ++sample) {
    const double a3 = forward_and_back(net, x[sample], target[sample]).a3[0];
    std::printf("%g xor %g = %.3f\n", x[sample][0], x[sample][1], a3);
    learned = learned && std::abs(a3 - target[sample][0]) < 0.2;
  }
  std::printf("largest difference from the library's gradients: %.1e\n", largest);
  return learned && largest < 1e-12 ? 0 : 1;
}
