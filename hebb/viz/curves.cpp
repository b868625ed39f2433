#include "hebb/viz/curves.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace hebb::viz {

namespace {

constexpr std::string_view validation_prefix = "val_";

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_fraction(std::string_view name) {
  return contains(name, "accuracy") || name == "acc" || contains(name, "precision") || contains(name, "recall") ||
         contains(name, "auc");
}

/// The epochs of a series counted from 1. One with fewer values than epochs was measured every so many epochs.
std::vector<Point> curve(const std::vector<int64_t>& epochs, const std::vector<double>& values) {
  std::vector<Point> points;
  const size_t n = epochs.size(), m = values.size();
  for (size_t i = 0; i < m; ++i) {
    const size_t at = m <= n && n > 0 ? (i + 1) * n / m - 1 : i;
    const double epoch = at < n ? static_cast<double>(epochs[at]) : static_cast<double>(at);
    points.push_back({epoch + 1, values[i]});
  }
  return points;
}

std::optional<size_t> best(const std::vector<double>& values, bool largest) {
  std::optional<size_t> found;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    if (!found || (largest ? values[i] > values[*found] : values[i] < values[*found])) found = i;
  }
  return found;
}

}  // namespace

std::string spoken(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::vector<std::string> curve_names(const History& history) {
  std::vector<std::string> names;
  for (const auto& [name, values] : history) {
    std::string plain = name.starts_with(validation_prefix) ? name.substr(validation_prefix.size()) : name;
    if (std::find(names.begin(), names.end(), plain) == names.end()) names.push_back(std::move(plain));
  }
  auto rank = [](const std::string& name) {
    return name == "loss" ? 0 : is_fraction(name) ? 1 : name == "learning_rate" ? 3 : 2;
  };
  std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return names;
}

void draw_learning_curve(Picture& picture, Rectangle area, const History& history, const std::string& metric) {
  std::vector<Series> series;
  const std::vector<double>* training = history.find(metric);
  const std::vector<double>* validation = history.find(std::string(validation_prefix) + metric);
  if (training)
    series.push_back(
        {.label = validation ? "training" : "", .points = curve(history.epochs(), *training), .color = palette(0)});
  if (validation) {
    series.push_back({.label = "validation",
                      .points = curve(history.epochs(), *validation),
                      .color = palette(1),
                      .highlight = best(*validation, is_fraction(metric))});
  } else if (training && metric != "learning_rate") {
    series.back().highlight = best(*training, is_fraction(metric));
  }
  PlotOptions options;
  options.title = spoken(metric);
  options.x_label = "epoch";
  options.whole_x = true;
  options.percent_y = is_fraction(metric);
  draw_plot(picture, area, series, options);
}

Picture learning_curves(const History& history, const LearningCurvesOptions& options) {
  const std::vector<std::string> names = options.metrics.empty() ? curve_names(history) : options.metrics;
  const auto plots = std::max<int64_t>(static_cast<int64_t>(names.size()), 1);
  const int64_t columns = std::clamp<int64_t>(options.columns, 1, plots), rows = (plots + columns - 1) / columns;
  const double margin = 24, gap = 36, header = options.title.empty() ? 0 : 34;
  Picture picture(static_cast<double>(columns) * (options.width + gap) - gap + 2 * margin,
                  static_cast<double>(rows) * (options.height + gap) - gap + 2 * margin + header);
  if (!options.title.empty()) {
    const TextStyle style{.size = 18, .color = ink, .bold = true};
    picture.text(picture.fit_text(options.title, picture.width() - 2 * margin, style), margin, margin + 16, style);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const auto column = static_cast<double>(static_cast<int64_t>(i) % columns),
               row = static_cast<double>(static_cast<int64_t>(i) / columns);
    draw_learning_curve(picture,
                        {margin + column * (options.width + gap), margin + header + row * (options.height + gap),
                         options.width, options.height},
                        history, names[i]);
  }
  if (names.empty()) draw_plot(picture, {margin, margin + header, options.width, options.height}, {}, {});
  return picture;
}

}  // namespace hebb::viz
