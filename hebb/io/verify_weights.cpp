#include "hebb/io/verify_weights.h"

#include <cmath>
#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/problems.h"
#include "hebb/base/text.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/legacy_weights.h"
#include "hebb/nn/weights_from_file.h"
#include "hebb/ops/elementwise.h"

namespace hebb::io {

namespace {

class Walk {
 public:
  Walk(const Hdf5Reader& file, std::string path, Verification& out) : file_(file), path_(std::move(path)), out_(out) {}

  /// An array of a group of weights.
  void array(const std::string& group, const std::string& place) {
    const Spec spec = file_.spec(place);
    const bool is_optimizer = group == "optimizer" || group.starts_with("optimizer/");
    ++(is_optimizer ? out_.weights->optimizer_arrays : out_.weights->arrays);
    if (!is_optimizer) ++out_.weights->groups[group];
    (is_optimizer ? out_.parameters.optimizer : out_.weights->parameters) += spec.shape.elements();
    const std::string problem = non_finite_values(message("'", path_, "', '", place, "'"), file_.read(place, spec));
    if (!problem.empty()) out_.problems.push_back(problem);
  }

  /// All arrays of the file: "/layers/dense/vars/0" is one of "layers/dense".
  void all() {
    for (const std::string& place : file_.datasets("/")) {
      const size_t slash = place.rfind('/');
      std::string group = slash == 0 ? "" : place.substr(1, slash - 1);
      if (group.ends_with("/vars")) group.resize(group.size() - 5);
      array(group, place);
    }
  }

 private:
  const Hdf5Reader& file_;
  std::string path_;
  Verification& out_;
};

}  // namespace

std::string non_finite_values(const std::string& where, const Tensor& weight) {
  if (!is_floating(weight.dtype())) return "";
  const std::vector<double> values = cast(read(weight), DType::float64).to_vector<double>();
  int64_t nans = 0, infinite = 0;
  for (const double value : values) {
    nans += std::isnan(value) ? 1 : 0;
    infinite += std::isinf(value) ? 1 : 0;
  }
  if (nans + infinite == 0) return "";
  return message(where, ": of ", values.size(), " values ", nans, " are no numbers and ", infinite, " infinite.");
}

bool holds_weights_alone(const std::string& path) {
  if (path.ends_with(weights_ending)) return true;
  if (!path.ends_with(".h5") && !path.ends_with(".hdf5")) return false;
  if (!std::filesystem::exists(path)) return false;
  try {
    return LegacyWeights::stand_alone(Hdf5Reader(path));
  } catch (const IoError&) {  // what is wrong is said when it is opened as a model
    return false;
  }
}

void verify_weights(const std::string& path, Verification& out) {
  out.format = "weights without their model, as Keras 3 stores them";
  out.weights.emplace();
  Problems problems;
  problems.run([&] {
    const Hdf5Reader file(path);
    Walk walk(file, path, out);
    if (!LegacyWeights::stand_alone(file)) {
      // A model without weights has groups for its layers.
      if (file.children("/").empty())
        throw IoError(message("'", path, "': expected the weights of layers, it holds nothing at all."));
      return walk.all();
    }
    out.format = "weights without their model, as Keras 2 stored them";
    out.version = file.string_attribute("/", "keras_version").value_or("");
    const LegacyWeights weights(file, path);
    for (const LegacyWeights::Layer& layer : weights.layers()) {
      for (const std::string& weight : layer.weights)
        problems.run([&] { walk.array(layer.name, layer.group + "/" + weight); });
    }
  });
  for (const std::string& problem : problems.parts()) out.problems.push_back(problem);
}

}  // namespace hebb::io
