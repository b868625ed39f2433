#include "hebb/viz/layer_pictures.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"
#include "hebb/viz/bars.h"
#include "hebb/viz/layer_outputs.h"
#include "hebb/viz/map_grid.h"

namespace hebb::viz {

namespace {

/// The layer of that name, or the first of the class.
Layer wanted_layer(const Model& model, const std::string& name, const char* class_name, const char* what) {
  if (!name.empty()) {
    Layer layer = model.get_layer(name);
    if (layer.class_name() == class_name) return layer;
    throw InvalidArgument(
        message(what, ": expected a layer of class ", class_name, ", got '", name, "' (", layer.class_name(), ")."));
  }
  for (const Layer& layer : model.layers()) {
    if (layer.class_name() == class_name) return layer;
  }
  throw InvalidArgument(
      message(what, ": expected a model with a layer of class ", class_name, ", got none in '", model.name(), "'."));
}

Tensor kernel_of(const Layer& layer, int rank, const char* what) {
  const Tensors weights = layer.weights();
  if (!weights.empty() && weights[0].rank() == rank) return weights[0];
  throw InvalidArgument(
      message(what, ": layer '", layer.name(), "' has no weights yet. Call the model on data, or give it an Input()."));
}

/// (height, width) or (height, width, channels) of so many numbers; empty where they make no image.
Shape shape_of_image(const Model& model, int64_t inputs, const Shape& wanted) {
  if (!wanted.empty()) {
    if ((wanted.rank() != 2 && wanted.rank() != 3) || wanted.elements() != inputs) {
      throw InvalidArgument(message("weights: expected an image_shape (height, width) or (height, width, 3) of ",
                                    inputs, " numbers, got ", wanted, "."));
    }
    return wanted;
  }
  if (model.base().is_connected() && model.base().inputs().size() == 1) {
    Shape shape = model.base().inputs()[0].shape().without(0);
    const bool image = shape.rank() == 2 || (shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3));
    if (image && shape.is_known() && shape.elements() == inputs) return shape;
  }
  const int64_t side = std::llround(std::sqrt(static_cast<double>(inputs)));
  return side > 2 && side * side == inputs ? Shape{side, side} : Shape{};
}

std::vector<std::string> numbered(int64_t count) {
  std::vector<std::string> texts;
  for (int64_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
  return texts;
}

std::string shown_of(int64_t shown, int64_t all, const char* what) {
  return shown == all ? message(all, " ", what) : message("the first ", shown, " of ", all, " ", what);
}

Tensor first_rows(const Tensor& x, int64_t count) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank())), end = x.shape().to_vector();
  end[0] = std::min(count, end[0]);
  return slice(x, begin, end);
}

}  // namespace

Tensor weight_maps(const Model& model, const Layer& dense, const Shape& image_shape) {
  const Tensor kernel = kernel_of(dense, 2, "weights");
  const int64_t inputs = kernel.shape()[0], units = kernel.shape()[1];
  const Shape image = shape_of_image(model, inputs, image_shape);
  if (image.empty()) return {};
  const bool colored = image.rank() == 3 && image[2] == 3;
  return reshape(transpose(kernel, {1, 0}),
                 colored ? Shape{units, image[0], image[1], 3} : Shape{units, image[0], image.elements() / image[0]});
}

Picture weights(const Model& model, const WeightPictureOptions& options) {
  const Layer layer = wanted_layer(model, options.layer, "Dense", "weights");
  const Tensor kernel = kernel_of(layer, 2, "weights");
  const int64_t units = kernel.shape()[1], shown = std::clamp<int64_t>(options.most, 1, units);
  MapGridOptions grid{.title = options.title, .unit = "weight", .columns = options.columns};
  Tensor maps = weight_maps(model, layer, options.image_shape);
  if (maps.defined()) {
    if (grid.title.empty())
      grid.title = message("weights into ", shown_of(shown, units, "neurons"), " of ", layer.name());
    maps = first_rows(maps, shown);
    grid.captions = numbered(shown);
    if (shown > 32) grid.cell = 56;  // so that all of them fit on a slide
  } else {
    if (grid.title.empty())
      grid.title =
          message("weights of ", layer.name(), ": ", kernel.shape()[0], " inputs down, ", units, " neurons across");
    maps = expand_dims(kernel, 0);
    grid.cell = 420;
    grid.least_side = 300;
  }
  return map_grid(maps, grid);
}

Picture filters(const Model& model, const LayerPictureOptions& options) {
  const Layer layer = wanted_layer(model, options.layer, "Conv2D", "filters");
  const Tensor kernel = kernel_of(layer, 4, "filters");  // (height, width, channels in, filters)
  const int64_t height = kernel.shape()[0], width = kernel.shape()[1], channels = kernel.shape()[2],
                count = kernel.shape()[3];
  MapGridOptions grid{.title = options.title, .unit = "weight", .columns = options.columns, .cell = 60};
  if (channels == 1 || channels == 3) {
    const int64_t shown = std::clamp<int64_t>(options.most, 1, count);
    if (grid.title.empty()) grid.title = message(shown_of(shown, count, "filters"), " of ", layer.name());
    Tensor maps = transpose(kernel, {3, 0, 1, 2});
    if (channels == 1) maps = reshape(maps, {count, height, width});
    grid.captions = numbered(shown);
    return map_grid(first_rows(maps, shown), grid);
  }
  constexpr int64_t most_channels = 12;
  const int64_t columns = std::min(channels, most_channels), rows = std::min<int64_t>({count, options.most, 12});
  if (grid.title.empty()) {
    grid.title = message(layer.name(), ": ", shown_of(rows, count, "filters"), " (rows), ",
                         shown_of(columns, channels, "channels"), " (columns)");
  }
  const Tensor some = slice(transpose(kernel, {3, 2, 0, 1}), {0, 0, 0, 0}, {rows, columns, height, width});
  grid.columns = columns;
  grid.cell = 44;
  return map_grid(reshape(some, {rows * columns, height, width}), grid);
}

Picture activations(const Model& model, const Tensor& sample, const LayerPictureOptions& options) {
  Tensor x = sample;
  if (model.base().is_connected() && x.rank() == model.base().inputs()[0].rank() - 1) x = expand_dims(x, 0);
  const std::vector<LayerOutput> outputs = layer_outputs(model, {x});
  size_t at = 0;
  if (!options.layer.empty()) {
    at = find_layer(outputs, options.layer);
  } else {
    for (size_t i = outputs.size(); i-- > 1;) {
      const Layer layer = model.get_layer(outputs[i].layer);
      const bool convolution = layer.class_name().find("Conv") != std::string::npos;
      const bool found = at > 0 && model.get_layer(outputs[at].layer).class_name().find("Conv") != std::string::npos;
      if (convolution || (!found && layer.count_params() > 0)) at = i;
    }
  }
  const Tensor& values = outputs[at].tensor;
  if (values.rank() < 2 || values.shape()[0] != 1) {
    throw InvalidArgument(message("activations: expected one example, got ", sample.spec(), " and an output ",
                                  values.spec(), " of layer '", outputs[at].layer, "'."));
  }
  if (values.rank() == 4) {
    const int64_t count = values.shape()[3], shown = std::clamp<int64_t>(options.most, 1, count);
    const Tensor maps = transpose(reshape(values, values.shape().without(0)), {2, 0, 1});
    const std::vector<float> numbers = maps.to_vector<float>();
    const bool is_signed = std::any_of(numbers.begin(), numbers.end(), [](float v) { return v < 0; });
    return map_grid(
        first_rows(maps, shown),
        {.title = options.title.empty() ? message(outputs[at].layer, ": ", shown_of(shown, count, "channels"))
                                        : options.title,
         .captions = numbered(shown),
         .is_signed = is_signed,
         .unit = "activation",
         .columns = options.columns,
         .cell = shown > 16 ? 66. : 92.});  // so that many fit on a slide
  }
  BarsOptions bar_options;
  bar_options.title = options.title.empty() ? message("activations of ", outputs[at].layer) : options.title;
  bar_options.x_label = "neuron";
  bar_options.y_label = "activation";
  return bars(values.to_vector<double>(), bar_options);
}

}  // namespace hebb::viz
