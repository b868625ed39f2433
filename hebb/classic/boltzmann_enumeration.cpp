#include "hebb/classic/boltzmann_enumeration.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::classic {

namespace {

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

}  // namespace

double log_partition_by_enumeration(const std::vector<double>& weights, const std::vector<double>& visible_biases,
                                    const std::vector<double>& hidden_biases, bool binary) {
  const size_t visible = visible_biases.size(), hidden = hidden_biases.size();
  const bool by_hidden = !binary || hidden <= visible;
  const std::vector<double>&own = by_hidden ? hidden_biases : visible_biases,
        &others = by_hidden ? visible_biases : hidden_biases;
  if (own.size() > 20) {
    throw NotSupported(
        message("RestrictedBoltzmannMachine: expected at most 20 units to go through all states of, got ", own.size(),
                ". Compare free energies or pseudo-likelihoods of larger machines."));
  }
  auto weight = [&](size_t unit, size_t other) {
    return by_hidden ? weights[other * hidden + unit] : weights[unit * hidden + other];
  };
  // With the states of one layer fixed, the units of the other are independent, and each one's sum (or integral) has a
  // closed form of its input. In Gray's order one unit changes from state to state.
  std::vector<double> inputs = others;
  std::vector<bool> on(own.size(), false);
  double own_part = 0, largest = 0, total = 0;
  const double gaussian = 0.5 * std::log(2 * std::numbers::pi);
  for (uint64_t state = 0; state < (uint64_t{1} << own.size()); ++state) {
    if (state > 0) {
      const auto unit = static_cast<size_t>(std::countr_zero(state));
      on[unit] = !on[unit];
      const double sign = on[unit] ? 1 : -1;
      own_part += sign * own[unit];
      for (size_t i = 0; i < others.size(); ++i) inputs[i] += sign * weight(unit, i);
    }
    double logarithm = own_part;
    for (size_t i = 0; i < others.size(); ++i)
      logarithm += binary ? softplus(inputs[i]) : gaussian + 0.5 * (inputs[i] * inputs[i] - others[i] * others[i]);
    // log-sum-exp, going along
    if (state == 0 || logarithm > largest) {
      total = (state == 0 ? 0.0 : total * std::exp(largest - logarithm)) + 1;
      largest = logarithm;
    } else {
      total += std::exp(logarithm - largest);
    }
  }
  return largest + std::log(std::max(total, 1.0));  // the likeliest state alone counts 1
}

}  // namespace hebb::classic
