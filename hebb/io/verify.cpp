#include "hebb/io/verify.h"

#include <algorithm>
#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/problems.h"
#include "hebb/base/text.h"
#include "hebb/io/model_file.h"
#include "hebb/io/sample.h"
#include "hebb/io/verify_weights.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/elementwise.h"

namespace hebb::io {

namespace {

/// Of layers that divide by the square root.
std::string negative_variances(const std::string& where, const Tensor& weight) {
  if (weight.name() != "moving_variance" && weight.name() != "variance") return "";
  const std::vector<double> values = cast(read(weight), DType::float64).to_vector<double>();
  const auto count = std::count_if(values.begin(), values.end(), [](double value) { return value < 0; });
  return count == 0 ? ""
                    : message(where, ": of ", values.size(), " values ", count, " are below 0, as no variance is.");
}

void find_non_finite(const std::vector<LayerWeights>& layers, std::vector<std::string>& problems) {
  for (const LayerWeights& layer : layers) {
    for (const Tensor& weight : layer.weights) {
      const std::string where = message(layer.layer, ", weight '", weight.name(), "'");
      for (const std::string& problem : {non_finite_values(where, weight), negative_variances(where, weight)}) {
        if (!problem.empty()) problems.push_back(problem);
      }
    }
  }
}

/// Layers of texts that know none: such a model computes nothing, and Keras does not open it.
void find_empty_vocabularies(const ModelFile& parts, const std::string& path, Problems& problems) {
  for (const LayerWeights& layer : parts.tree) {
    auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.object);
    // TextVectorization's is that of the layer inside.
    const bool is_inside = layer.path.ends_with("/_lookup_layer");
    if (!keeper || is_inside || !keeper->vocabulary().empty()) continue;
    const bool is_hdf5 = !path.ends_with(".keras");
    problems.add<IoError>(message("'", path, "': expected a vocabulary for ", layer.layer,
                                  ", the file has an empty one. The file is damaged, or the model was saved before "
                                  "adapt()",
                                  is_hdf5 ? ", or by Keras, which leaves learned vocabularies out of .h5 files" : "",
                                  ": adapt it, and save it again", is_hdf5 ? " as .keras." : "."));
  }
}

void describe(const Model& model, const ModelFile& parts, Verification& out) {
  out.loads = true;
  out.class_name = model.class_name();
  out.name = model.name();
  for (const LayerWeights& layer : parts.tree) {
    if (layer.object != &model.base()) ++out.layers[layer.object->class_name()];
  }
  out.parameters = parameter_counts(model.base());
  out.is_quantized = model.is_quantized();
}

void verify_architecture(const std::string& path, Verification& out) {
  out.format = "Keras's architecture in JSON, without weights";
  Problems problems;
  problems.run([&] {
    const Model model = load_architecture(path);
    describe(model, take_apart(model), out);
  });
  out.problems = problems.parts();
}

/// What the optimizer of a model that can be trained on holds.
void verify_optimizer(const Model& model, Verification& out) {
  const Optimizer& optimizer = model.optimizer();
  out.optimizer = optimizer->class_name();
  out.iterations = static_cast<int64_t>(optimizer->iterations().item());
  const std::string where = message("the state of the optimizer '", out.optimizer, "', '");
  for (const Tensor& variable : optimizer->variables()) {
    std::string problem = non_finite_values(where + variable.name() + "'", variable);
    if (!problem.empty()) out.problems.push_back(std::move(problem));
  }
}

void verify_model(const std::string& path, Verification& out) {
  Problems problems;
  std::unique_ptr<ModelReader> reader;
  LoadedFile loaded;
  problems.run([&] {
    reader = format_of(path).open(path);
    out.version = reader->version();
    out.is_compiled = !reader->training().is_null();
    const auto warn = [&](const std::string& what) { out.warnings.push_back(what); };
    loaded = load_parts(*reader, {.on_warning = warn}, problems);
  });
  if (loaded.model && loaded.is_whole) {
    const Model& model = *loaded.model;
    const ModelFile parts = take_apart(model);
    describe(model, parts, out);
    find_empty_vocabularies(parts, path, problems);
    problems.run([&] {
      for (const std::string& problem : reader->other_weights(take_apart(model, Purpose::writing)))
        problems.add<IoError>(problem);
    });
    if (const Json& sample = reader->sample(); !sample.is_null())
      problems.run([&] { out.sample_difference = replay_sample(model, sample); });
  }
  out.problems = problems.parts();
  find_non_finite(loaded.read, out.problems);
  if (loaded.is_trainable && !out.is_quantized) {
    verify_optimizer(*loaded.model, out);
  } else {
    out.parameters.optimizer = 0;
  }
  if (out.sample_difference && !(*out.sample_difference <= sample_tolerance)) {
    out.problems.push_back(message("the sample in the file: the model's outputs differ by ", *out.sample_difference,
                                   " from those that it had when it was saved; expected at most ", sample_tolerance,
                                   ". The weights were changed, or the file was made on a faulty machine."));
  }
}

}  // namespace

Verification verify(const std::string& path) {
  Verification out;
  if (std::filesystem::path(path).extension() == ".json") {
    verify_architecture(path, out);
    return out;
  }
  const bool is_of_weights = holds_weights_alone(path);
  if (!is_of_weights) out.format = format_of(path).doc;
  if (!std::filesystem::exists(path)) throw IoError(message("'", path, "': there is no such file. Check its name."));
  is_of_weights ? verify_weights(path, out) : verify_model(path, out);
  return out;
}

}  // namespace hebb::io
