#include "hebb/viz/neuron_patterns.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/viz/bars.h"
#include "hebb/viz/layer_pictures.h"
#include "hebb/viz/map_grid.h"

namespace hebb::viz {

Picture neuron_patterns(const Model& model, int64_t class_index, const NeuronPatternsOptions& options) {
  std::vector<Layer> dense;
  for (const Layer& layer : model.layers()) {
    if (layer.class_name() == "Dense" && !layer.weights().empty()) dense.push_back(layer);
  }
  if (dense.size() < 2) {
    throw InvalidArgument(
        message("neuron_patterns: expected a model with a hidden and an output layer of class Dense, "
                "got ",
                dense.size(), " such layers in '", model.name(), "'."));
  }
  const Layer &hidden = dense[dense.size() - 2], &output = dense.back();
  const Tensor kernel = output.weights()[0];
  const int64_t units = kernel.shape()[0], classes = kernel.shape()[1];
  if (class_index < 0 || class_index >= classes) {
    throw InvalidArgument(
        message("neuron_patterns: expected an output from 0 to ", classes - 1, ", got ", class_index, "."));
  }
  if (hidden.weights()[0].shape()[1] != units) {
    throw InvalidArgument(message("neuron_patterns: '", hidden.name(), "' does not lead into '", output.name(),
                                  "': expected ", units, " neurons, got ", hidden.weights()[0].shape()[1], "."));
  }
  const Tensor maps = weight_maps(model, hidden, options.image_shape);
  if (!maps.defined()) {
    throw InvalidArgument(message("neuron_patterns: the weights into '", hidden.name(),
                                  "' make no image. Give the image_shape that its inputs had."));
  }
  const std::vector<float> all = kernel.to_vector<float>();
  std::vector<int64_t> order(static_cast<size_t>(units));
  std::iota(order.begin(), order.end(), 0);
  auto weight = [&](int64_t unit) {
    return static_cast<double>(all[static_cast<size_t>(unit * classes + class_index)]);
  };
  // The strongest, then for before against.
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return std::abs(weight(a)) > std::abs(weight(b)); });
  const int64_t shown = std::clamp<int64_t>(options.most, 1, units);
  order.resize(static_cast<size_t>(shown));
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return weight(a) > weight(b); });

  std::vector<double> values;
  BarsOptions bar_options{.x_label = "hidden neuron", .y_label = "output weight", .by_sign = true};
  MapGridOptions grid{.unit = "weight", .cell = 60};
  Shape shape = maps.shape();
  shape[0] = shown;
  Tensor patterns = Tensor::empty(shape);
  const auto each = static_cast<size_t>(shape.without(0).elements());
  const std::vector<float> from = maps.to_vector<float>();
  float* to = patterns.mutable_data<float>();
  for (const int64_t unit : order) {
    values.push_back(weight(unit));
    bar_options.labels.push_back(std::to_string(unit));
    // The sign stands there too: not everybody can tell the frames' colors apart.
    grid.captions.push_back(message(weight(unit) >= 0 ? "+" : "−", unit));
    grid.frames.emplace_back(weight(unit) >= 0 ? positive_ink : negative_ink);
    std::memcpy(to, from.data() + static_cast<size_t>(unit) * each, each * sizeof(float));
    to += each;
  }
  grid.columns = std::min<int64_t>(shown, 10);
  const Rectangle size = map_grid_size(patterns, grid);
  const double margin = 24, header = 40, bars_height = 225, gap = 26;
  Picture picture(std::max(size.width, 560.) + 2 * margin, 2 * margin + header + bars_height + gap + size.height);
  const std::string name = options.class_name.empty() ? std::to_string(class_index) : options.class_name;
  const TextStyle style{.size = 16, .color = ink, .bold = true};
  std::string title = options.title;
  if (title.empty())
    title = message("what speaks for \"", name, "\" (green, +) and against it (red, −)",
                    shown < units ? message(": ", shown, " of ", units, " neurons") : "");
  picture.text(picture.fit_text(title, picture.width() - 2 * margin, style), margin, margin + 14, style);
  draw_bars(picture, {margin, margin + header, picture.width() - 2 * margin, bars_height}, values, bar_options);
  draw_map_grid(picture, {margin, margin + header + bars_height + gap}, patterns, grid);
  return picture;
}

}  // namespace hebb::viz
