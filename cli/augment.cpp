#include "cli/augment.h"

#include <algorithm>
#include <cctype>

#include "cli/options.h"
#include "hebb/nn/augmentation.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/random_seed.h"

namespace hebb::cli {

namespace {

constexpr const char* option_name = "--augment";

/// What can be asked for: layers that change examples while training, and only then.
const std::vector<std::string>& step_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out = {"AlphaDropout",    "AugMix",          "CutMix",           "Dropout",
                                    "Equalization",    "GaussianDropout", "GaussianNoise",    "MixUp",
                                    "RandAugment",     "Solarization",    "SpatialDropout1D", "SpatialDropout2D",
                                    "SpatialDropout3D"};
    for (const LayerRecord& record : layer_records()) {
      if (record.class_name.starts_with("Random") && record.class_name != "RandomCrop")
        out.push_back(record.class_name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }();
  return names;
}

/// Without small and capital letters and underscores: "random_flip" is "RandomFlip".
std::string letters(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

/// "-0.2..0.1" as two numbers; other values as they are.
Json with_range(const std::string& step, const Json& value) {
  if (!value.is_string()) return value;
  const std::string& text = value.as_string();
  const size_t dots = text.find("..");
  if (dots == std::string::npos) return value;
  const NamedOptions ends =
      parse_named(message("ends:low=", text.substr(0, dots), ",high=", text.substr(dots + 2)), option_name);
  const Json &low = ends.options.at("low"), &high = ends.options.at("high");
  if (!low.is_number() || !high.is_number())
    throw UsageError(message(option_name, ": expected LOW..HIGH with two numbers, got '", text, "' in '", step, "'."));
  return Json::array({low, high});
}

Layer layer_of(const std::string& step) {
  const NamedOptions named = parse_named(step, option_name);
  const auto known = std::find_if(step_names().begin(), step_names().end(),
                                  [&](const std::string& name) { return letters(name) == letters(named.name); });
  if (known == step_names().end())
    throw UsageError(message(option_name, ": ", unknown_name("step", named.name, step_names())));
  const auto record = std::find_if(layer_records().begin(), layer_records().end(),
                                   [&](const LayerRecord& each) { return each.class_name == *known; });
  // With a name of its own, so that the model's layers are counted as without it.
  Json config = Json::object({{"name", named.name}});
  for (const auto& [name, value] : named.options.members()) config.set(name, with_range(step, value));
  Layer layer;
  as_usage([&] { layer = record->from_config(config); }, message(option_name, ": "));
  std::vector<std::string> options;
  const Json known_options = layer->config();
  for (const auto& [name, value] : known_options.members()) {
    if (name != "name" && name != "trainable" && name != "dtype" && name != "seed") options.push_back(name);
  }
  for (const auto& [name, value] : named.options.members()) {
    if (std::find(options.begin(), options.end(), name) == options.end())
      throw UsageError(message(option_name, ": ", *known, ": ", unknown_name("option", name, options)));
  }
  return layer;
}

}  // namespace

Augmentation::Augmentation(const std::vector<std::string>& steps) {
  for (const std::string& step : steps) layers_.push_back(layer_of(step));
}

bool Augmentation::mixes_targets() const {
  return std::any_of(layers_.begin(), layers_.end(), [](const Layer& layer) {
    return layer.class_name() == "MixUp" || layer.class_name() == "CutMix";
  });
}

data::Dataset Augmentation::applied(const data::Dataset& data, int64_t seed) const {
  if (empty()) return data;
  const Spec& before = data.source().components().front();
  std::vector<Layer> layers = layers_;
  // Layers of images take a channel axis, which gray images need not have.
  const bool is_gray = before.shape.rank() == 2;
  if (is_gray) layers.insert(layers.begin(), Reshape({before.shape[0], before.shape[1], 1}));
  if (is_gray) layers.push_back(Reshape({before.shape[0], before.shape[1]}));
  data::Dataset out;
  as_usage([&] { out = augment(data, layers, {.seed = derive_seed(seed, 0x61756d)}); }, message(option_name, ": "));
  const Spec& after = out.source().components().front();
  if (after.shape != before.shape) {
    throw UsageError(message(option_name, ": expected steps that keep the shape of examples, ", before.shape, ", got ",
                             after.shape, ". Leave out the one that changes it."));
  }
  return out;
}

}  // namespace hebb::cli
