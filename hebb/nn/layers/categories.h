/// Layers that make categories of numbers: CategoryEncoding, Discretization, Hashing and HashedCrossing.
///
///     Tensor y = CategoryEncoding(10, {.output_mode = "one_hot"})(labels);      // (batch,) -> (batch, 10)
///     Tensor bins = Discretization({0, 18, 65})(ages);                          // 0, 1, 2 or 3
///     Layer quartiles = Discretization(4);
///     adapt(quartiles, incomes);                                                // nn/adapt.h
///     Tensor buckets = Hashing(1000)(ids);
///     Tensor pairs = HashedCrossing(1000)({countries, languages});
///
/// `output_mode`: "int", the category's number; "one_hot", a last axis with a 1 at the category; "multi_hot", axis 1
/// gives way to a last axis with a 1 at each category that occurs along it; "count", the same with how often it does.
/// Numbers, options and defaults are those of Keras 3. Keras's sparse tensors are refused with NotSupported. What
/// is hashed are integers, or texts (tensor/texts.h), which are hashed before a model's plan is run.
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct CategoryEncodingOptions {
  std::string output_mode = "multi_hot";  ///< or "one_hot", "count"
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};
/// Integers from 0 to num_tokens - 1 as zeros and ones, or as counts; others count nowhere. With "count" a second
/// input of the first one's shape says with which weight each one counts.
Layer CategoryEncoding(int64_t num_tokens, const CategoryEncodingOptions& options = {});

struct DiscretizationOptions {
  double epsilon = 0.01;            ///< how exact the quantiles are that `adapt` finds: 1 / epsilon values are kept
  std::string output_mode = "int";  ///< or "one_hot", "multi_hot", "count"
  DType dtype = DType::float32;     ///< of results other than "int", whose are int32
  std::string name = {};
};
/// The number of the bin: how many of the ascending boundaries are not above x.
Layer Discretization(const std::vector<double>& bin_boundaries, const DiscretizationOptions& options = {});
/// The same with boundaries that `adapt` sets, so that the bins have equally many values.
Layer Discretization(int64_t num_bins, const DiscretizationOptions& options = {});

struct HashingOptions {
  std::optional<int64_t> mask_value = {};     ///< this value gets bin 0, and no other one does
  std::optional<std::string> mask_text = {};  ///< the same for texts; Keras's name for both is mask_value
  /// One number for both, or two, under which a keyed hash (SipHash) is taken; none: FarmHash.
  std::vector<int64_t> salt = {};
  std::string output_mode = "int";  ///< or "one_hot", "multi_hot", "count"
  std::optional<DType> dtype = {};  ///< unset: int64 of "int", float32 of others
  bool trainable = true;
  std::string name = {};
};
/// Integers in num_bins bins, by a hash of their decimal digits, or texts by one of theirs. Floats are truncated to
/// integers first.
Layer Hashing(int64_t num_bins, const HashingOptions& options = {});

struct HashedCrossingOptions {
  std::string output_mode = "int";  ///< or "one_hot"
  std::optional<DType> dtype = {};  ///< unset: int64 of "int", float32 of others
  std::string name = {};
};
/// Two or more inputs of integers or texts, each (batch,) or (batch, 1): the bin of what stands together in a row, by a
/// hash. In a model all of them are integers or all are texts.
Layer HashedCrossing(int64_t num_bins, const HashedCrossingOptions& options = {});

}  // namespace hebb
