#include "hebb/classic/gates.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::classic {

Gate::Gate(std::vector<double> weights, Activation activation) : weights_(std::move(weights)), activation_(activation) {
  if (weights_.size() < 2) {
    throw InvalidArgument(
        message("Gate: expected a bias and a weight for each input, got ", weights_.size(), " numbers."));
  }
}

double Gate::operator()(const std::vector<double>& inputs) const {
  if (inputs.size() + 1 != weights_.size()) {
    throw InvalidArgument(message("Gate: expected ", weights_.size() - 1, " inputs, got ", inputs.size(), "."));
  }
  double sum = weights_[0];
  for (size_t i = 0; i < inputs.size(); ++i) sum += weights_[i + 1] * inputs[i];
  if (activation_ == Activation::step) return sum >= 0 ? 1 : 0;
  return 1 / (1 + std::exp(-sum));
}

Gate and_gate() { return Gate({-30, 20, 20}); }
Gate or_gate() { return Gate({-10, 20, 20}); }
Gate not_gate() { return Gate({10, -20}); }
Gate nand_gate() { return Gate({30, -20, -20}); }
Gate nor_gate() { return Gate({10, -20, -20}); }

double xnor(const std::vector<double>& inputs) { return or_gate()({and_gate()(inputs), nor_gate()(inputs)}); }

std::string truth_table(
    const std::vector<std::pair<std::string, std::function<double(const std::vector<double>&)>>>& functions,
    int inputs) {
  if (inputs < 1 || inputs > 16)
    throw InvalidArgument(message("truth_table: expected from 1 to 16 inputs, got ", inputs, "."));
  constexpr size_t least_width = 10;  // "0.9999 = 1"
  std::string text;
  for (int i = 1; i <= inputs; ++i) text += message("x", i, i < 10 ? "  " : " ");
  for (const auto& [name, function] : functions)
    text += "  " + name + std::string(least_width - std::min(name.size(), least_width), ' ');
  while (text.back() == ' ') text.pop_back();
  text += '\n';
  for (int row = 0; row < 1 << inputs; ++row) {
    std::vector<double> values;
    for (int i = 0; i < inputs; ++i) {
      values.push_back((row >> (inputs - 1 - i)) & 1);
      text += message(values.back() > 0 ? "1" : "0", "   ");
    }
    for (const auto& [name, function] : functions) {
      const double value = function(values);
      char cell[32];
      std::snprintf(cell, sizeof cell, "%.4f = %d", value, value >= 0.5 ? 1 : 0);
      text += "  " + std::string(cell) + std::string(std::max(name.size(), least_width) - least_width, ' ');
    }
    while (text.back() == ' ') text.pop_back();
    text += '\n';
  }
  return text;
}

}  // namespace hebb::classic
