/// Normalization: features brought to mean 0 and variance 1, by numbers that are given or learned from the data.
///
///     Layer normalization = Normalization();            // for each place of the last axis
///     adapt(normalization, x_train);                    // nn/adapt.h
///     Tensor z = normalization(x);
///     Layer fixed = Normalization({.mean = 120.7, .variance = 4096.0});
#pragma once

#include "hebb/base/json.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

/// A number, a list of numbers or an array of more axes. Without: not given.
struct NumberArray {
  Tensor values;  ///< float64; undefined: not given

  NumberArray() = default;
  NumberArray(double value) : values(Tensor::from(std::vector<double>{value}, Shape{})) {}
  NumberArray(std::initializer_list<double> list) : values(Tensor::from(std::vector<double>(list))) {}
  NumberArray(const std::vector<double>& list) : values(Tensor::from(list)) {}
  /// Converted to float64.
  explicit NumberArray(const Tensor& array);

  bool is_given() const { return values.defined(); }
};

/// Lists within lists; null: not given.
Json to_json(const NumberArray& array);
void from_json(const Json& json, NumberArray& array);

struct NormalizationOptions {
  Axes axis = -1;             ///< along which places have numbers of their own; {}: one number for all
  NumberArray mean = {};      ///< unset: learned by `adapt`. One number, or an array for the axes, the last ones first
  NumberArray variance = {};  ///< of the mean's shape
  bool invert = false;        ///< the other way: from mean 0 and variance 1 back
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// (x - mean) / max(sqrt(variance), 1e-7), or with `invert` mean + x max(sqrt(variance), 1e-7). Before `adapt` the mean
/// is 0 and the variance 1. InvalidArgument where only one of mean and variance is given, or their shapes differ.
Layer Normalization(const NormalizationOptions& options = {});

}  // namespace hebb
