/// Which arrays of a file are a model's inputs and which its targets, by the names that files of data have.
///
///     const auto inputs = array_names({"x", "y", "sample_weight"}, "data.npz", "x", {});        // {"x"}
///     const auto targets = array_names({"left", "right", "y"}, "data.npz", "y", {"out"});       // {"y"}
///
/// What `.npz` and HDF5 files have in common. Not a part of the public API.
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::data {

/// The name that the arrays of weights have.
inline constexpr const char* sample_weight_name = "sample_weight";

/// The names of inputs (`letter` "x") or targets ("y") among those that are `found` in a file. For a model, whose
/// `layers` have these names, one for each, called after its layer or x0, x1, ...; x where there is one alone. Without
/// names: x, or x0, x1, ... IoError when they are not there. `where` is the file.
std::vector<std::string> array_names(const std::vector<std::string>& found, const std::string& where,
                                     const std::string& letter, const std::vector<std::string>& layers);

/// IoError unless every array has as many examples, at least one, and every example at least one number.
void check_examples(const std::string& where, const std::vector<std::string>& names, const std::vector<Spec>& arrays);

/// IoError unless there is one weight for each example of these targets, (n,), or for each step of it: (n, steps, ...).
void check_weights(const std::string& where, const Spec& weights, const std::vector<Spec>& targets);

}  // namespace hebb::data
