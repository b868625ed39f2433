#include "hebb/nn/layers/image_layer.h"

#include <algorithm>

#include "hebb/base/function_ref.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/box_formats.h"

namespace hebb {

namespace detail {

namespace {

void require(const LayerBase& layer, bool condition, FunctionRef<std::string()> text) {
  if (!condition) throw InvalidArgument(layer.where() + text());
}

std::string known_format(const LayerBase& layer, const std::string& given) {
  std::string format = lower_case(given);
  require(layer, !format.empty(), [] {
    return std::string(
        "expected a bounding_box_format for the boxes that move with images, got none. Make the layer "
        "with one, such as \"xyxy\".");
  });
  const auto& known = box_formats();
  require(layer, std::find(known.begin(), known.end(), format) != known.end(),
          [&] { return unknown_name("bounding_box_format", format, known); });
  return format;
}

/// `labels`: null where there are none.
void check_boxes(const LayerBase& layer, const Shape& images, const Shape& boxes, const Shape* labels) {
  const bool fits = boxes.rank() == 3 && boxes[2] == 4 && boxes[0] == images[0] &&
                    (!labels || (labels->rank() == 2 && *labels == boxes.sub(0, 2)));
  require(layer, fits, [&] {
    return message("expected boxes (", images[0], ", boxes, 4) and labels (", images[0], ", boxes) for ", images[0],
                   " images, got ", boxes, labels ? " and " + labels->to_string() : "",
                   ". Give each image as many boxes, each box four numbers and a label.");
  });
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

size_t place_of(const char* part, const std::vector<std::string>& parts) {
  return static_cast<size_t>(std::find(parts.begin(), parts.end(), part) - parts.begin());
}

Tensors moved_parts(const LayerBase& layer, ImageMover& mover, const SpatialAxes& axes, const std::string& format,
                    const Tensors& xs, const CallOptions& options) {
  const std::vector<std::string>& parts = options.inputs;
  const Tensor images = axes.to_last(xs[place_of("images", parts)]);
  const Tensors drawn = mover.drawn_for(images, options.training);
  const auto moved = [&](const Tensor& x, bool are_masks) {
    return axes.from_last(mover.moved(are_masks ? axes.to_last(x) : images, drawn, are_masks));
  };
  Tensors out = xs;
  out[place_of("images", parts)] = moved(images, false);
  const size_t boxes = place_of("bounding_boxes/boxes", parts), labels = place_of("bounding_boxes/labels", parts),
               masks = place_of("segmentation_masks", parts);
  if (boxes < xs.size() && mover.moves_boxes()) {
    const Shape of_labels = labels < xs.size() ? xs[labels].shape() : Shape();
    check_boxes(layer, images.shape(), xs[boxes].shape(), labels < xs.size() ? &of_labels : nullptr);
    const LabelledBoxes moved_along =
        mover.moved_boxes({cast(xs[boxes], DType::float32), labels < xs.size() ? xs[labels] : Tensor()},
                          known_format(layer, format), drawn, images);
    out[boxes] = moved_along.boxes;
    if (labels < xs.size()) out[labels] = moved_along.labels;
  }
  if (masks < xs.size()) out[masks] = moved(xs[masks], true);
  return out;
}

}  // namespace detail

}  // namespace hebb
