// Neurons before backpropagation: gates of fixed weights, Rosenblatt's rule with its theorem, Widrow and Hoff's,
// Hebb's.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

int main() {
  // McCulloch and Pitts (1943): single units are gates; the equivalence takes two layers of them.
  std::printf("%s\n", classic::truth_table({{"AND", classic::and_gate()},
                                            {"OR", classic::or_gate()},
                                            {"NAND", classic::nand_gate()},
                                            {"NOT x1 AND NOT x2", classic::nor_gate()},
                                            {"XNOR", classic::xnor}})
                          .c_str());
  std::printf("%s\n", classic::truth_table({{"NOT", classic::not_gate()}}, 1).c_str());

  // Rosenblatt (1958): one layer of three neurons. Two are done within the bound of the theorem (Novikoff 1962); no
  // line separates the third one's classes, so that it never is.
  const Tensor corners = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const Tensor targets = Tensor::from({0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0}, {4, 3});
  classic::Perceptron neurons({.inputs = 2, .outputs = 3});
  const auto run = neurons.fit(corners, targets, {.learning_rate = 0.1, .epochs = 100, .bounds = true});
  const char* const names[] = {"AND", "OR", "XOR"};
  for (size_t i = 0; i < 3; ++i) {
    std::printf("%-4s %3d corrections in %d epochs, at most %.0f by the theorem\n", names[i],
                static_cast<int>(run.updates_of[i]), static_cast<int>(run.epochs), run.bounds[i]);
  }

  // Widrow and Hoff (1960): the delta rule goes to the least squares, also where no line separates.
  for (const auto& [name, signs] : {std::pair{"AND", Tensor{-1, -1, -1, 1}}, std::pair{"XOR", Tensor{-1, 1, 1, -1}}}) {
    classic::Adaline unit({.inputs = 2});
    const auto learned = unit.fit(corners, signs, {.learning_rate = 0.02, .epochs = 500});
    std::printf("ADALINE %s: mean squared error %.3f, signs %s\n", name, learned.errors.back(),
                unit.classify(corners).to_string().c_str());
  }

  // Hebb (1949) and Oja (1982): without the decay the weights grow without end, with it they find the main direction.
  const Tensor x =
      random::normal({500, 1}, {.seed = 1}) * Tensor::from({3, 3}, {1, 2}) + random::normal({500, 2}, {.seed = 2});
  for (const char* rule : {"hebb", "oja"}) {
    classic::Hebbian neuron({.inputs = 2, .rule = rule});
    const auto lengths = neuron.fit(x, {.learning_rate = 0.001, .epochs = 20});
    std::printf("%s: |w| after 1 and 20 epochs %.3g, %.3g\n", rule, lengths.front(), lengths.back());
  }
}
