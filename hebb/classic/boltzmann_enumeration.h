/// The partition function of small restricted Boltzmann machines, by going through all states of one layer. Internal.
#pragma once

#include <vector>

namespace hebb::classic {

/// log Z of a machine with weights (visible, hidden), row by row, and these biases; `binary`: whether the visible units
/// are, or Gaussian with deviation 1. Time: 2^n times the size of the other layer. NotSupported where n, the smaller
/// layer that can be enumerated, is above 20.
double log_partition_by_enumeration(const std::vector<double>& weights, const std::vector<double>& visible_biases,
                                    const std::vector<double>& hidden_biases, bool binary);

}  // namespace hebb::classic
