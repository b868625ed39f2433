/// Making a model whose weights are going to come from a file.
///
///     const WeightsFromFile scope({.most_elements = file_bytes / 2});
///     Model model = model_from_json(config);         // its weights are zeros, made without their initializers
///
/// A configuration that was read from a file may ask for weights of any size, so the elements are counted before they
/// are allocated.
#pragma once

#include <cstdint>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// While it lives, the layers that this thread builds count the elements of their weights: InvalidArgument when they
/// come to more than `most_elements`. Scopes may be nested; the innermost counts.
class WeightsFromFile {
 public:
  struct Options {
    uint64_t most_elements = 0;
    bool initialize = false;  ///< whether the initializers run; else the weights are zeros until they are set
  };
  explicit WeightsFromFile(const Options& options);
  ~WeightsFromFile();
  WeightsFromFile(const WeightsFromFile&) = delete;
  WeightsFromFile& operator=(const WeightsFromFile&) = delete;

  /// What a weight of this spec starts with in the innermost scope; undefined where its initializer is to make it.
  static Tensor initial_value(const Spec& spec);

 private:
  Options options_;
  uint64_t used_ = 0;
  WeightsFromFile* outer_;
};

}  // namespace hebb
