#include "hebb/viz/embedding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/op.h"
#include "hebb/ops/shaping.h"
#include "hebb/viz/judgement.h"
#include "hebb/viz/layer_outputs.h"
#include "hebb/viz/pca.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

std::string class_name(const EmbeddingOptions& options, int64_t number) {
  const auto index = static_cast<size_t>(number);
  return number >= 0 && index < options.class_names.size() ? options.class_names[index] : std::to_string(number);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Picture draw(const Tensor& places, const Tensor& classes, const EmbeddingOptions& options, const AxesOptions& words) {
  if (places.rank() != 2 || places.shape()[1] != 2 || places.shape()[0] < 1) {
    throw InvalidArgument(message("embedding: expected places (n, 2), got ", places.spec(), "."));
  }
  const std::vector<int64_t> numbers = class_numbers(classes);
  const std::vector<double> at = places.to_vector<double>();
  if (static_cast<int64_t>(numbers.size()) != places.shape()[0]) {
    throw InvalidArgument(
        message("embedding: expected as many classes as points, got ", classes.spec(), " and ", places.spec(), "."));
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Range range[2] = {{infinity, -infinity}, {infinity, -infinity}};
  for (size_t i = 0; i < at.size(); ++i) {
    Range& one = range[i % 2];
    if (std::isfinite(at[i])) one = {std::min(one.low, at[i]), std::max(one.high, at[i])};
  }
  for (Range& one : range) {
    if (!(one.low <= one.high)) one = {0, 1};
    const double room = one.length() > 0 ? one.length() * 0.05 : 1;
    one = {one.low - room, one.high + room};
  }
  const std::set<int64_t> present(numbers.begin(), numbers.end());
  std::vector<LegendEntry> legend;
  if (present.size() <= 12) {
    for (const int64_t number : present) legend.push_back({class_name(options, number), palette(number), false, true});
  }
  Picture picture(options.width, options.height);
  const Axes axes(picture, Rectangle{0, 0, picture.width(), picture.height()}.inside(24, 24, 24, 20), range[0],
                  range[1], words, legend);
  picture.clip(axes.inner());
  const double radius = std::clamp(60 / std::sqrt(static_cast<double>(numbers.size())), 1.8, 4.5);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!std::isfinite(at[2 * i]) || !std::isfinite(at[2 * i + 1])) continue;
    picture.circle(axes.at(at[2 * i], at[2 * i + 1]), radius, palette(numbers[i]).with_alpha(0.75));
  }
  picture.unclip();
  if (present.size() > 40) return picture;
  for (const int64_t number : present) {
    std::vector<double> x, y;
    for (size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != number || !std::isfinite(at[2 * i]) || !std::isfinite(at[2 * i + 1])) continue;
      x.push_back(at[2 * i]);
      y.push_back(at[2 * i + 1]);
    }
    if (x.empty()) continue;
    const Point p = axes.at(median(x), median(y));
    const TextStyle style{
        .size = 14, .color = palette(number).mixed(black, 0.35), .bold = true, .align = Align::centre};
    const std::string name = class_name(options, number);
    const double width = std::max(picture.text_width(name, style) + 12, 22.);
    picture.fill({p.x - width / 2, p.y - 11, width, 22}, white.with_alpha(0.85), 11);
    picture.text(name, p.x, p.y + 5, style);
  }
  return picture;
}

}  // namespace

Picture draw_embedding(const Tensor& places, const Tensor& classes, const EmbeddingOptions& options) {
  AxesOptions words;
  words.title = options.title;
  words.frame = true;
  return draw(places, classes, options, words);
}

Picture embedding(const Tensor& points, const Tensor& classes, const EmbeddingOptions& options) {
  AxesOptions words;
  words.frame = true;
  if (options.method == "pca") {
    const Pca pca = principal_components(points, 2);
    words.title = options.title.empty() ? "principal components" : options.title;
    words.x_label = message("first component (", percent_text(pca.explained[0]), " of the variance)");
    words.y_label = message("second component (", percent_text(pca.explained[1]), ")");
    return draw(pca.points, classes, options, words);
  }
  if (options.method != "t-sne") {
    const std::vector<std::string> methods = {"pca", "t-sne"};
    throw InvalidArgument(unknown_name("method", options.method, methods));
  }
  words.title =
      options.title.empty() ? message("t-SNE, perplexity ", short_number(options.t_sne.perplexity)) : options.title;
  words.grid = false;
  words.x_ticks = words.y_ticks = false;  // the plane's numbers mean nothing
  return draw(t_sne(points, options.t_sne), classes, options, words);
}

Tensor layer_features(const Model& model, const Tensor& x, const std::string& layer) {
  const NoTape no_gradients;
  const std::vector<LayerOutput> outputs = layer_outputs(model, {x});
  const size_t at = layer.empty() ? (outputs.size() > 1 ? outputs.size() - 2 : 0) : find_layer(outputs, layer);
  const Tensor& features = outputs[at].tensor;
  return reshape(features, {features.shape()[0], -1});
}

}  // namespace hebb::viz
