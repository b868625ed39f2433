/// Looking a model's file through, or one of weights alone: what is in it, and whether all of it can be used.
///
///     io::Verification seen = io::verify("model.keras");
///     for (const std::string& problem : seen.problems) ...
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/summary.h"

namespace hebb::io {

/// A sample in the file (io/sample.h) that differs by more is a problem: processors sum in different orders, no more.
inline constexpr double sample_tolerance = 1e-4;

/// What is in a file of weights without their model.
struct WeightsContent {
  std::map<std::string, int64_t> groups;  ///< the number of arrays of each layer, by its name or place in the file
  int64_t arrays = 0, parameters = 0;     ///< of layers
  int64_t optimizer_arrays = 0;           ///< their elements are counted in `Verification::parameters`
};

struct Verification {
  std::string format;                 ///< what a file of this ending is
  std::string version;                ///< of the Keras that wrote it; empty: not told
  std::vector<std::string> problems;  ///< each with its layer and place; empty: all is well
  std::vector<std::string> warnings;  ///< what loading the model passes over

  bool loads = false;  ///< whether there is a model to speak of: what follows is empty otherwise
  std::string class_name, name;
  std::map<std::string, int64_t> layers;  ///< how many of each class, nested ones too
  ParameterCounts parameters;
  bool is_compiled = false;
  std::string optimizer;   ///< its class
  int64_t iterations = 0;  ///< training steps done
  bool is_quantized = false;
  std::optional<WeightsContent> weights;    ///< none: the file is one of a model
  std::optional<double> sample_difference;  ///< as `replay_sample`; none: the file has no sample
};

/// Never throws for what is in the file. IoError when there is no such file, or it cannot be read at all.
Verification verify(const std::string& path);

}  // namespace hebb::io
