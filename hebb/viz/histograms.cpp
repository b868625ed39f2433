#include "hebb/viz/histograms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb::viz {

namespace {

struct NamedWeight {
  std::string name;
  Tensor weight;
};

void collect(const LayerBase& layer, bool kernels_only, std::vector<NamedWeight>& out) {
  for (const Tensor& weight : layer.trainable_weights()) {
    if (kernels_only && weight.rank() < 2) continue;
    const std::string name = weight.name().substr(weight.name().rfind('/') + 1);
    out.push_back({name.empty() ? layer.name() : message(layer.name(), "/", name), weight});
  }
}

std::vector<NamedWeight> named_weights(const Model& model, bool kernels_only) {
  std::vector<NamedWeight> out;
  for (const Layer& layer : model.layers()) collect(*layer.shared(), kernels_only, out);
  return out;
}

}  // namespace

Histogram histogram(const std::vector<double>& values, int64_t most) {
  std::vector<double> sorted;
  for (const double value : values) {
    if (std::isfinite(value)) sorted.push_back(value);
  }
  Histogram out;
  out.not_finite = static_cast<int64_t>(values.size() - sorted.size());
  out.counts = {static_cast<int64_t>(sorted.size())};
  if (sorted.empty()) return out;
  std::sort(sorted.begin(), sorted.end());
  out.low = sorted.front();
  out.high = sorted.back();
  if (!(out.high > out.low)) {
    const double room = out.low == 0 ? 0.5 : std::abs(out.low) * 0.05;
    out = {out.low - room, out.high + room, out.counts, out.not_finite};
    return out;
  }
  const double spread = sorted[sorted.size() * 3 / 4] - sorted[sorted.size() / 4];
  const double width = 2 * spread / std::cbrt(static_cast<double>(sorted.size()));
  const double length = out.high - out.low;
  // Where more than half of the values are equal, the rule says nothing.
  const double wanted = width > 0 ? length / width : std::sqrt(static_cast<double>(sorted.size()));
  const auto bars =
      static_cast<int64_t>(std::clamp(std::ceil(wanted), 1., static_cast<double>(std::max<int64_t>(most, 1))));
  out.counts.assign(static_cast<size_t>(bars), 0);
  for (const double value : sorted) {
    const auto bar = static_cast<int64_t>((value - out.low) / length * static_cast<double>(bars));
    ++out.counts[static_cast<size_t>(std::clamp<int64_t>(bar, 0, bars - 1))];
  }
  return out;
}

std::vector<NamedValues> weight_values(const Model& model, bool kernels_only) {
  std::vector<NamedValues> out;
  for (const NamedWeight& one : named_weights(model, kernels_only))
    out.push_back({one.name, one.weight.to_vector<double>()});
  return out;
}

std::vector<NamedValues> gradient_values(const Model& model, const Tensor& x, const Tensor& y, bool kernels_only) {
  const Trainer* trainer = model.is_compiled() ? model.base().trainer_if_any() : nullptr;
  if (!trainer || trainer->options().loss.list().size() != 1 || !trainer->options().loss.list().front()) {
    throw InvalidArgument(
        message("gradient_values: expected a model compiled with one loss, got '", model.name(), "' without."));
  }
  const Loss& loss = trainer->options().loss.list().front();
  const Tensor value = loss(y, model(x, {.training = false}));
  const std::vector<NamedWeight> weights = named_weights(model, kernels_only);
  Tensors asked;
  for (const NamedWeight& one : weights) asked.push_back(one.weight);
  const Tensors gradients = gradient(value, asked);
  std::vector<NamedValues> out;
  for (size_t i = 0; i < weights.size(); ++i) out.push_back({weights[i].name, gradients[i].to_vector<double>()});
  return out;
}

void draw_histogram(Picture& picture, Rectangle area, const NamedValues& named, const std::string& x_label,
                    std::optional<Range> x) {
  const Histogram bars = histogram(named.values);
  const Range shown = x.value_or(Range{bars.low, bars.high});
  const int64_t most = *std::max_element(bars.counts.begin(), bars.counts.end());
  AxesOptions options;
  options.title = named.name;
  options.x_label = x_label;
  options.y_label = "count";
  options.whole_y = true;
  const double room = shown.length() * 0.02;
  const Axes axes(picture, area, {shown.low - room, shown.high + room},
                  {0, std::max(1., static_cast<double>(most) * 1.06)}, options);
  const double step = (bars.high - bars.low) / static_cast<double>(bars.counts.size());
  for (size_t i = 0; i < bars.counts.size(); ++i) {
    const double from = bars.low + static_cast<double>(i) * step;
    const Point a = axes.at(from, static_cast<double>(bars.counts[i])), b = axes.at(from + step, 0);
    const double gap = b.x - a.x > 5 ? 1 : 0;
    if (bars.counts[i] > 0) picture.fill({a.x, a.y, b.x - a.x - gap, b.y - a.y}, palette(0));
  }
  const Rectangle inner = axes.inner();
  if (shown.low < 0 && shown.high > 0)
    picture.line(axes.at(0, 0), {axes.at(0, 0).x, inner.y}, {.color = soft_ink, .width = 1, .dashed = true});
  double sum = 0, squares = 0, count = 0;
  for (const double value : named.values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1;
  }
  const double mean = count > 0 ? sum / count : 0;
  for (const double value : named.values) {
    if (std::isfinite(value)) squares += (value - mean) * (value - mean);
  }
  const double deviation = count > 0 ? std::sqrt(squares / count) : 0;
  std::string text = message("mean ", short_number(mean, 2), ", deviation ", short_number(deviation, 2));
  if (bars.not_finite > 0) text = message(bars.not_finite, " not finite, ", text);
  const TextStyle style{.size = 11, .color = bars.not_finite > 0 ? wrong_ink : soft_ink, .align = Align::end};
  const TextStyle title{.size = 14, .bold = true};
  // Beside the name where there is room, else above the bars' right end.
  const bool beside = picture.text_width(named.name, title) + picture.text_width(text, style) + 20 < area.width;
  if (beside) {
    picture.text(text, area.right(), area.y + 14, style);
  } else {
    const std::string fitting = picture.fit_text(text, inner.width, style);
    const double width = picture.text_width(fitting, style);
    picture.fill({inner.right() - width - 6, inner.y - 8, width + 8, 16}, white.with_alpha(0.85), 3);
    picture.text(fitting, inner.right(), inner.y + 4, style);
  }
}

Picture histograms(const std::vector<NamedValues>& all, const HistogramsOptions& options) {
  const auto count = std::max<int64_t>(1, static_cast<int64_t>(all.size()));
  const int64_t columns = std::clamp<int64_t>(options.columns, 1, count), rows = (count + columns - 1) / columns;
  const double margin = 24, gap = 30, header = options.title.empty() ? 0 : 36;
  Picture picture(static_cast<double>(columns) * (options.width + gap) - gap + 2 * margin,
                  static_cast<double>(rows) * (options.height + gap) - gap + 2 * margin + header);
  const TextStyle style{.size = 18, .color = ink, .bold = true};
  if (!options.title.empty())
    picture.text(picture.fit_text(options.title, picture.width() - 2 * margin, style), margin, margin + 16, style);
  std::optional<Range> x;
  if (options.same_x) {
    for (const NamedValues& one : all) {
      const Histogram bars = histogram(one.values);
      x = x ? Range{std::min(x->low, bars.low), std::max(x->high, bars.high)} : Range{bars.low, bars.high};
    }
  }
  for (int64_t i = 0; i < static_cast<int64_t>(all.size()); ++i) {
    draw_histogram(
        picture,
        {margin + static_cast<double>(i % columns) * (options.width + gap),
         margin + header + static_cast<double>(i / columns) * (options.height + gap), options.width, options.height},
        all[static_cast<size_t>(i)], options.x_label, x);
  }
  if (all.empty()) picture.text("nothing to show", margin, margin + header + 20, {.size = 13, .color = soft_ink});
  return picture;
}

}  // namespace hebb::viz
