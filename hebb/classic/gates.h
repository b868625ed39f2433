/// Logic by neurons: gates as single units with fixed weights, and a network of three that no single one can be.
///
///     const classic::Gate both = classic::and_gate();         // sigmoid(-30 + 20 x1 + 20 x2)
///     both({1, 1});                                           // 0.99995
///     std::string table = classic::truth_table({{"AND", both}, {"XNOR", classic::xnor}});
///
/// McCulloch and Pitts, A logical calculus of the ideas immanent in nervous activity, 1943. Their units fire or do not;
/// with a sigmoid and large weights a unit can be as near to that as one likes.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hebb::classic {

/// One unit: activation(weights[0] + weights[1] x1 + weights[2] x2 + ...).
class Gate {
 public:
  enum class Activation { sigmoid, step };  ///< step: 1 from 0 on, else 0

  /// InvalidArgument for fewer than two weights.
  explicit Gate(std::vector<double> weights, Activation activation = Activation::sigmoid);

  /// InvalidArgument unless there is an input for each weight but the first.
  double operator()(const std::vector<double>& inputs) const;
  const std::vector<double>& weights() const { return weights_; }

 private:
  std::vector<double> weights_;
  Activation activation_;
};

Gate and_gate();   ///< (-30, 20, 20)
Gate or_gate();    ///< (-10, 20, 20)
Gate not_gate();   ///< (10, -20), one input
Gate nand_gate();  ///< (30, -20, -20)
Gate nor_gate();   ///< (10, -20, -20): (NOT x1) AND (NOT x2)

/// x1 = x2, by two layers: (x1 AND x2) OR ((NOT x1) AND (NOT x2)). Two inputs.
double xnor(const std::vector<double>& inputs);

/// A column for each function, whose values are shown with four decimals and as 0 or 1, a row for each combination of
/// `inputs` zeros and ones. InvalidArgument for less than one input and more than 16.
std::string truth_table(
    const std::vector<std::pair<std::string, std::function<double(const std::vector<double>&)>>>& functions,
    int inputs = 2);

}  // namespace hebb::classic
