#include "hebb/viz/attribution.h"

#include <algorithm>
#include <cmath>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/viz/image_grid.h"
#include "hebb/viz/judgement.h"
#include "hebb/viz/layer_outputs.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

/// A batch of one image, (1, height, width, channels), that gradients can be asked for.
Tensor image_batch(const Model& model, const Tensor& image, const char* what) {
  const size_t inputs = model.base().inputs().size();
  if (inputs > 1) {
    throw InvalidArgument(message(what, ": expected a model of one input, got one of ", inputs, "."));
  }
  Tensor x = cast(image, DType::float32);
  if (x.rank() == 2) x = reshape(x, x.shape().with_back(1));
  if (x.rank() == 3) x = expand_dims(x, 0);
  if (x.rank() != 4 || x.shape()[0] != 1) {
    throw InvalidArgument(message(what,
                                  ": expected one image (height, width), (height, width, channels) or (1, height, "
                                  "width, channels), got ",
                                  image.spec(), "."));
  }
  return x;
}

/// The outputs of all layers, and the score of the class.
struct Scored {
  Tensor input;
  std::vector<LayerOutput> outputs;
  Tensor score;
};

Scored score_of(const Model& model, const Tensor& image, int64_t class_index, const char* what) {
  Scored out;
  out.input = variable(image_batch(model, image, what));
  out.outputs = layer_outputs(model, {out.input});
  const Tensor scores = before_softmax(out.outputs.back().tensor);
  if (scores.rank() != 2) {
    throw InvalidArgument(
        message(what, ": expected a model with outputs (batch, classes), got ", out.outputs.back().tensor.spec(), "."));
  }
  const int64_t classes = scores.shape().back();
  if (class_index < 0 || class_index >= classes) {
    throw InvalidArgument(message(what, ": expected a class from 0 to ", classes - 1, ", got ", class_index, "."));
  }
  out.score = sum(slice(scores, {0, class_index}, {1, class_index + 1}));
  return out;
}

/// A map's values at the places of a larger one's pixels, linear between the middles of its own.
std::vector<float> enlarged(const Tensor& map, int64_t height, int64_t width) {
  const std::vector<float> values = map.to_vector<float>();
  const int64_t rows = map.shape()[0], columns = map.shape()[1];
  std::vector<float> out;
  auto place = [](int64_t i, int64_t of, int64_t within) {
    const double at = (static_cast<double>(i) + 0.5) * static_cast<double>(within) / static_cast<double>(of) - 0.5;
    return std::clamp(at, 0., static_cast<double>(within - 1));
  };
  for (int64_t y = 0; y < height; ++y) {
    const double row = place(y, height, rows);
    const auto y0 = static_cast<int64_t>(row), y1 = std::min(y0 + 1, rows - 1);
    for (int64_t x = 0; x < width; ++x) {
      const double column = place(x, width, columns);
      const auto x0 = static_cast<int64_t>(column), x1 = std::min(x0 + 1, columns - 1);
      const double down = row - static_cast<double>(y0), right = column - static_cast<double>(x0);
      auto at = [&](int64_t r, int64_t c) { return static_cast<double>(values[static_cast<size_t>(r * columns + c)]); };
      out.push_back(static_cast<float>((1 - down) * ((1 - right) * at(y0, x0) + right * at(y0, x1)) +
                                       down * ((1 - right) * at(y1, x0) + right * at(y1, x1))));
    }
  }
  return out;
}

/// Dark violet over red to light yellow ("inferno", van der Walt and Smith, 2015): grows lighter throughout, so that it
/// reads in grey too.
Color heat(double value) {
  static constexpr uint32_t stops[] = {0x000004, 0x280b53, 0x65156e, 0x9f2a63, 0xd44842, 0xf57d15, 0xfac127, 0xfcffa4};
  const double at = std::clamp(std::isnan(value) ? 0. : value, 0., 1.) * 7;
  const size_t low = std::min(static_cast<size_t>(at), size_t{6});
  return Color::hex(stops[low]).mixed(Color::hex(stops[low + 1]), at - static_cast<double>(low));
}

void push(std::vector<uint8_t>& rgba, Color color) {
  for (const double part : {color.red, color.green, color.blue})
    rgba.push_back(static_cast<uint8_t>(std::clamp(part, 0., 1.) * 255 + 0.5));
  rgba.push_back(255);
}

std::string class_name(const SaliencyOptions& options, int64_t number) {
  const auto index = static_cast<size_t>(number);
  return index < options.class_names.size() ? options.class_names[index] : std::to_string(number);
}

/// The class that the model chooses, and how sure it is of the one that is asked about.
struct Answer {
  int64_t class_index;
  std::string text;
};

Answer answer_of(const Model& model, const Tensor& image, const SaliencyOptions& options, const char* what) {
  Model asked = model;  // a handle: the same model
  const Tensor outputs = asked.predict_on_batch(image_batch(model, image, what));
  const Judgement judgement = judge(outputs);
  // A single output has one score, whatever the model says.
  const bool single = outputs.shape().back() == 1;
  const int64_t chosen = judgement.predicted[0];
  const int64_t shown = options.class_index.value_or(single ? 0 : chosen);
  std::string text =
      message("taken for ", class_name(options, chosen), " (", percent_text(judgement.confidence[0]), ")");
  if (!single && shown != chosen) text += message(", asked for ", class_name(options, shown));
  return {shown, text};
}

Picture overlay(const Tensor& image, const Tensor& map, const SaliencyOptions& options, const std::string& title,
                const std::string& map_name) {
  const Tensor batch = image.rank() == 4 ? image : expand_dims(image, 0);
  int64_t height = 0, width = 0;
  const std::vector<uint8_t> pixels = image_pixels(batch, height, width);
  const std::vector<float> values = enlarged(map, height, width);
  const float most = std::max(*std::max_element(values.begin(), values.end()), 1e-30f);
  std::vector<uint8_t> heat_pixels, both;
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = static_cast<double>(values[i] / most);
    push(heat_pixels, heat(value));
    const double grey = (0.299 * pixels[4 * i] + 0.587 * pixels[4 * i + 1] + 0.114 * pixels[4 * i + 2]) / 255;
    push(both, Color{grey, grey, grey}.mixed(heat(value), 0.12 + 0.68 * value));
  }
  const double unit = options.side / static_cast<double>(std::max(height, width));
  const double w = unit * static_cast<double>(width), h = unit * static_cast<double>(height);
  const double margin = 24, gap = 24, header = 40, caption = 26, bar = 74;
  Picture picture(2 * margin + 3 * w + 2 * gap + bar, 2 * margin + header + h + caption);
  const TextStyle style{.size = 16, .color = ink, .bold = true},
      below{.size = 13, .color = soft_ink, .align = Align::centre};
  picture.text(picture.fit_text(title, picture.width() - 2 * margin, style), margin, margin + 16, style);
  const std::vector<uint8_t>* const all[] = {&pixels, &heat_pixels, &both};
  const std::string captions[] = {"image", map_name, "both"};
  for (int i = 0; i < 3; ++i) {
    const Rectangle where{margin + i * (w + gap), margin + header, w, h};
    picture.image(*all[i], width, height, where);
    picture.frame(where, {.color = grid_ink, .width = 1});
    picture.text(captions[i], where.centre().x, where.bottom() + 19, below);
  }
  const Rectangle scale{margin + 3 * w + 2 * gap + 20, margin + header, 14, h};
  std::vector<uint8_t> steps;
  for (int i = 0; i < 64; ++i) push(steps, heat(1 - (i + 0.5) / 64));
  picture.image(steps, 1, 64, scale, true);
  const TextStyle number{.size = 11, .color = soft_ink};
  picture.text("most", scale.right() + 7, scale.y + 9, number);
  picture.text("none", scale.right() + 7, scale.bottom(), number);
  return picture;
}

}  // namespace

Tensor saliency_map(const Model& model, const Tensor& image, int64_t class_index) {
  const Scored scored = score_of(model, image, class_index, "saliency");
  const Tensor slopes = abs(gradient(scored.score, scored.input));
  return reshape(max(slopes, {.axes = {-1}}), scored.input.shape().sub(1, 3));
}

Tensor grad_cam_map(const Model& model, const Tensor& image, int64_t class_index, const std::string& layer) {
  const Scored scored = score_of(model, image, class_index, "grad_cam");
  size_t at = 0;
  if (!layer.empty()) {
    at = find_layer(scored.outputs, layer);
  } else {
    for (size_t i = 1; i < scored.outputs.size(); ++i) {
      const Shape& shape = scored.outputs[i].tensor.shape();
      if (shape.rank() == 4 && shape[1] > 1 && shape[2] > 1) at = i;
    }
    if (at == 0)
      throw InvalidArgument(message("grad_cam: model '", model.name(),
                                    "' has no layer with an output (batch, height, width, channels)."));
  }
  const Tensor features = scored.outputs[at].tensor;
  if (features.rank() != 4) {
    throw InvalidArgument(message("grad_cam: layer '", scored.outputs[at].layer,
                                  "': expected an output (batch, height, width, channels), got ", features.spec(),
                                  ". Choose a convolution or pooling."));
  }
  if (at == 0) {
    throw InvalidArgument(message("grad_cam: layer '", scored.outputs[at].layer,
                                  "' is the model's input; expected a layer that computes."));
  }
  const Tensor weights = mean(gradient(scored.score, features), {.axes = {1, 2}, .keepdims = true});
  return reshape(relu(sum(features * weights, {.axes = {-1}})), features.shape().sub(1, 3));
}

Picture saliency(const Model& model, const Tensor& image, const SaliencyOptions& options) {
  const Answer answer = answer_of(model, image, options, "saliency");
  return overlay(image, saliency_map(model, image, answer.class_index), options,
                 options.title.empty() ? answer.text : options.title, "saliency");
}

Picture grad_cam(const Model& model, const Tensor& image, const GradCamOptions& options) {
  const Answer answer = answer_of(model, image, options, "grad_cam");
  return overlay(image, grad_cam_map(model, image, answer.class_index, options.layer), options,
                 options.title.empty() ? answer.text : options.title, "Grad-CAM");
}

}  // namespace hebb::viz
