#include "hebb/nn/layers/image_layer.h"

#include <algorithm>

#include "hebb/base/function_ref.h"

namespace hebb {

namespace detail {

namespace {

void require(const LayerBase& layer, bool condition, FunctionRef<std::string()> text) {
  if (!condition) throw InvalidArgument(layer.where() + text());
}

}  // namespace

Tensor drawn_for_images(const Tensor& state, const Tensor& images, const Factor& range) {
  const Tensor share = random_uniform(state, {images.shape().front(), 1, 1, 1});
  return cast(share * (range.high - range.low) + range.low, images.dtype());
}

void check_channels(const LayerBase& layer, int64_t channels, const Shape& input, std::initializer_list<int64_t> counts,
                    const char* what) {
  const bool fits = channels == Shape::unknown || std::find(counts.begin(), counts.end(), channels) != counts.end();
  require(layer, fits, [&] { return message("expected ", what, ", got ", input, ". Gray images have no colours."); });
}

void check_value_range(const LayerBase& layer, const ValueRange& values) {
  require(layer, values.high > values.low, [&] {
    return message("expected a value_range from low to high, got {", values.low, ", ", values.high,
                   "}. Give the least and the largest value of a pixel.");
  });
}

void check_factor(const LayerBase& layer, const char* what, const Factor& factor, double least, double most,
                  bool above) {
  for (const double value : {factor.low, factor.high}) {
    require(layer, (above ? value > least : value >= least) && value <= most, [&] {
      return message("expected ", what, " ", above ? "above " : "from ", least, above ? " and at most " : " to ", most,
                     ", got ", factor.to_string(), ". Give one number, or {low, high}.");
    });
  }
}

void check_overlap(const LayerBase& layer, const char* what, const Factor& factor, double least, double most) {
  const Factor range = factor.as_range(least);
  const bool fits =
      factor.is_range ? range.low <= most && range.high >= least : factor.high >= least && factor.high <= most;
  require(layer, fits, [&] {
    return message("expected ", what, " from ", least, " to ", most, ", got ", factor.to_string(),
                   ". Give one number, or {low, high}.");
  });
}

void check_word(const LayerBase& layer, const char* what, const std::string& word,
                std::initializer_list<const char*> known) {
  const std::vector<std::string> words(known.begin(), known.end());
  require(layer, std::find(words.begin(), words.end(), word) != words.end(),
          [&] { return unknown_name(what, word, words); });
}

Json with_box_format(const Json& config, const Json& format) {
  if (format.is_null()) return config;
  Json json = Json::object();
  for (const auto& [name, value] : config.members()) {
    json.set(name, value);
    if (name == "data_format") json.set("bounding_box_format", format);
  }
  return json;
}

size_t place_of_images(const std::vector<std::string>& parts) {
  return static_cast<size_t>(std::find(parts.begin(), parts.end(), "images") - parts.begin());
}

void refuse_places(const LayerBase& layer, const std::vector<std::string>& parts, const char* when) {
  const auto found = std::find_if(parts.begin(), parts.end(), [](const std::string& part) {
    return part.starts_with("bounding_boxes") || part == "segmentation_masks";
  });
  if (found == parts.end()) return;
  throw NotSupported(message(layer.where(), "expected images, and labels beside them", when, ", got ", *found,
                             ", which would have to move with the pixels. Leave the layer out of the model, and move "
                             "them with the data."));
}

}  // namespace detail

}  // namespace hebb
