#include "cli/models.h"

#include <algorithm>
#include <filesystem>

#include "cli/options.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/summary.h"
#include "hebb/zoo/targets.h"

namespace hebb::cli {

namespace {

bool has_model_ending(const std::string& what) {
  const std::string ending = std::filesystem::path(what).extension().string();
  const auto& formats = io::model_formats();
  return std::any_of(formats.begin(), formats.end(), [&](const auto& format) { return ending == format.ending; });
}

bool is_json(const std::string& what) { return std::filesystem::path(what).extension() == ".json"; }

/// "layer 2 is Dense (None, 50) with 150 weights".
std::string layer_text(const std::vector<LayerSummary>& layers, size_t index) {
  if (index >= layers.size()) return message("there are only ", layers.size(), " layers");
  const LayerSummary& layer = layers[index];
  std::string shapes;
  for (const Shape& shape : layer.output_shapes) shapes += message(" ", shape);
  return message("layer ", index + 1, " is ", layer.class_name, shapes, " with ", layer.params, " weights");
}

}  // namespace

bool is_file_name(const std::string& what) {
  std::error_code ignored;
  return what.find('/') != std::string::npos || std::filesystem::exists(what, ignored) ||
         std::filesystem::path(what).has_extension();
}

bool is_architecture(const std::string& what) { return !has_model_ending(what); }

zoo::MakeOptions made_for(const LoadedData& data, const Loss& loss) {
  try {
    return zoo::options_for(data.parts.train, loss);
  } catch (const InvalidArgument& error) {
    throw IoError(message(data.where, ": ", error.what()));
  }
}

Model load_any_model(const std::string& what, const zoo::MakeOptions* made, const LoadOptions& load_options) {
  if (is_json(what)) return load_architecture(what);
  if (has_model_ending(what)) return load_model(what, load_options);
  const NamedOptions named = parse_named(what, "MODEL");
  std::vector<std::string> names;
  for (const zoo::ArchitectureRecord& record : zoo::architecture_records()) names.push_back(record.name);
  if (std::find(names.begin(), names.end(), named.name) == names.end()) {
    if (is_file_name(what)) return load_model(what, load_options);  // says which endings there are
    throw UsageError(
        message(unknown_name("model", named.name, names), " For a file give its path, ending in .keras or .h5."));
  }
  zoo::MakeOptions options = made ? *made : zoo::MakeOptions();
  options.options = named.options;
  Model model;
  as_usage([&] { model = zoo::make(named.name, options); });
  return model;
}

LoadOptions forgiving(const std::string& what) {
  return {.on_bad_training = [what](const std::string& why) {
    warn(message("hebb: warning: ", what, ": the training in it cannot go on, so the model is taken without it: ", why,
                 "\n"));
  }};
}

void warn_while_loading(const std::string& text) { warn(message("hebb: warning: ", text, "\n")); }

void connect(Model& model, const data::Dataset& data) {
  const data::Source& source = data.source();
  auto shape = [&](int64_t i) { return source.components()[static_cast<size_t>(i)].shape.with(0, Shape::unknown); };
  if (!model.base().is_connected()) {
    std::vector<Shape> shapes;
    for (int64_t i = 0; i < source.inputs(); ++i) shapes.push_back(shape(i));
    model.base().build_for(shapes);
  }
  const auto inputs = static_cast<int64_t>(model.base().inputs().size());
  if (source.inputs() != inputs) {
    throw InvalidArgument(message("expected data with ", inputs, " inputs (", join(model.base().input_names()),
                                  "), got ", source.inputs(),
                                  ". Take a model with an input for each array, or leave arrays out."));
  }
  for (int64_t i = 0; i < inputs; ++i) model.base().check_input(static_cast<size_t>(i), shape(i));
  // Where the model leaves sizes open, only its layers know what fits.
  auto is_open = [](const Tensor& input) {
    const Shape& sizes = input.shape();
    return std::find(sizes.begin() + 1, sizes.end(), Shape::unknown) != sizes.end();
  };
  if (std::any_of(model.base().inputs().begin(), model.base().inputs().end(), is_open)) model.predict(data.take(1));
}

void check_same_layers(const Model& model, const std::string& where, const Model& other,
                       const std::string& other_where) {
  const std::vector<LayerSummary> layers = layer_summaries(model.base()), others = layer_summaries(other.base());
  for (size_t i = 0; i < std::max(layers.size(), others.size()); ++i) {
    const bool both = i < layers.size() && i < others.size();
    if (both && layers[i].class_name == others[i].class_name && layers[i].output_shapes == others[i].output_shapes &&
        layers[i].params == others[i].params)
      continue;
    throw UsageError(message("--resume: expected a checkpoint of MODEL, ", other_where, ", got another model: in ",
                             where, " ", layer_text(layers, i), ", in ", other_where, " ", layer_text(others, i),
                             ". Give ", where, " as MODEL, or another file to resume."));
  }
}

}  // namespace hebb::cli
