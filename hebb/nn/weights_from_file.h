/// Making a model whose weights are going to come from a file.
///
///     const WeightsFromFile scope({.most_elements = file_bytes / 2});
///     Model model = model_from_json(config);         // its weights have no values yet
///     for (const Tensor& weight : scope.without_values()) ...
///
/// A configuration that was read from a file may ask for weights of any size, so the elements are counted before they
/// are allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// How the names of files of weights alone end, in Keras's format of today.
inline constexpr const char* weights_ending = ".weights.h5";

/// While it lives, the layers that this thread builds count the elements of their weights: InvalidArgument when they
/// come to more than `most_elements`. Scopes may be nested; the innermost counts.
class WeightsFromFile {
 public:
  struct Options {
    uint64_t most_elements = 0;
    bool initialize = false;  ///< whether the initializers run; else the weights have no values until they are set
  };
  explicit WeightsFromFile(const Options& options);
  ~WeightsFromFile();
  WeightsFromFile(const WeightsFromFile&) = delete;
  WeightsFromFile& operator=(const WeightsFromFile&) = delete;

  /// The options of the innermost scope; nothing where there is none.
  static std::optional<Options> current();
  /// The weight that a layer asks for, in the innermost scope; undefined where its initializer is to give it a value.
  static Tensor make(const Spec& spec, const std::string& name, bool trainable);
  /// The weights that were made so far, all of which are to be written.
  const Tensors& without_values() const { return made_; }

 private:
  Options options_;
  uint64_t used_ = 0;
  Tensors made_;
  WeightsFromFile* outer_;
};

}  // namespace hebb
