#include "hebb/viz/bars.h"

#include <algorithm>
#include <cmath>

#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

constexpr double label_size = 12, number_size = 11, title_size = 14;

double error_of(const BarsOptions& options, size_t i) {
  const double error = i < options.errors.size() ? options.errors[i] : 0;
  return std::isfinite(error) ? std::abs(error) : 0;
}

Range axis_of(const std::vector<double>& values, const BarsOptions& options) {
  Range range{0, 0};
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    range = {std::min(range.low, values[i] - error_of(options, i)),
             std::max(range.high, values[i] + error_of(options, i))};
  }
  if (range.length() <= 0) range.high = 1;
  const double room = range.length() * 0.08;  // for the numbers
  if (range.low < 0) range.low -= 2 * room;   // those below bars, and the axis's line
  if (range.high > 0) range.high += room;
  return {options.low.value_or(range.low), options.high.value_or(range.high)};
}

Color color_of(const BarsOptions& options, size_t i, double value) {
  if (i < options.colors.size() && options.colors[i]) return *options.colors[i];
  if (options.by_sign) return value >= 0 ? positive_ink : negative_ink;
  return palette(0);
}

constexpr double row_height = 22;

/// Names to the left, numbers behind the bars.
void draw_rows(Picture& picture, Rectangle area, const std::vector<double>& values, const BarsOptions& options) {
  const TextStyle name{.size = label_size, .color = ink, .align = Align::end};
  const TextStyle number{.size = number_size, .color = soft_ink};
  double names = 0, numbers = 0;
  std::vector<std::string> labels, texts;
  for (size_t i = 0; i < values.size(); ++i) {
    labels.push_back(i < options.labels.size() ? options.labels[i] : std::to_string(i));
    texts.push_back(options.percent ? percent_text(values[i]) : short_number(values[i]));
    names = std::max(names, picture.text_width(labels.back(), name));
    numbers = std::max(numbers, picture.text_width(texts.back(), number));
  }
  // The title stands above the names, as far left as that of any other figure.
  if (!options.title.empty()) {
    const TextStyle title{.size = title_size, .color = ink, .bold = true};
    picture.text(picture.fit_text(options.title, area.width, title), area.x, area.y + title_size, title);
    area = area.inside(0, title_size + 10, 0, 0);
  }
  AxesOptions look;
  look.x_label = options.y_label;
  look.x_ticks = look.y_ticks = false;
  const Range range = axis_of(values, options);
  const Axes axes(picture, area.inside(names + 4, 0, numbers + 8, 0), range,
                  {0, static_cast<double>(std::max<size_t>(values.size(), 1))}, look);
  const Rectangle inner = axes.inner();
  const double slot = inner.height / static_cast<double>(std::max<size_t>(values.size(), 1));
  const double height = std::min(slot * 0.68, 28.);
  const double zero = axes.at(std::clamp(0., range.low, range.high), 0).x;
  for (size_t i = 0; i < values.size(); ++i) {
    const double y = inner.y + (static_cast<double>(i) + 0.5) * slot, baseline = y + label_size * 0.36;
    picture.text(labels[i], inner.x - 8, baseline, name);
    if (!std::isfinite(values[i])) continue;
    const double end = axes.at(std::clamp(values[i], range.low, range.high), 0).x;
    picture.fill({std::min(zero, end), y - height / 2, std::max(std::abs(end - zero), 0.5), height},
                 color_of(options, i, values[i]), std::min(2., height / 6));
    double behind = std::max(end, zero);
    if (const double error = error_of(options, i); error > 0) {
      const auto at = [&](double value) { return axes.at(std::clamp(value, range.low, range.high), 0).x; };
      const double low = at(values[i] - error), high = at(values[i] + error), arm = std::min(5., height / 3);
      picture.line({low, y}, {high, y}, {.color = ink, .width = 1.4});
      for (const double x : {low, high}) picture.line({x, y - arm}, {x, y + arm}, {.color = ink, .width = 1.4});
      behind = std::max(behind, high);
    }
    picture.text(texts[i], behind + 6, baseline, number);
  }
  picture.line({zero, inner.y}, {zero, inner.bottom()}, {.color = soft_ink, .width = 1});
}

}  // namespace

void draw_bars(Picture& picture, Rectangle area, const std::vector<double>& values, const BarsOptions& options) {
  if (options.horizontal) return draw_rows(picture, area, values, options);
  const Range y = axis_of(values, options);
  const auto count = static_cast<double>(std::max<size_t>(values.size(), 1));
  AxesOptions axes_options;
  axes_options.title = options.title;
  axes_options.y_label = options.y_label;
  axes_options.percent_y = options.percent;
  axes_options.x_ticks = false;
  // The names stand where other axes have their ticks.
  const double below = label_size + 10 + (options.x_label.empty() ? 0 : label_size + 8);
  const Axes axes(picture, area.inside(0, 0, 0, below - 8), {0, count}, y, axes_options);
  const Rectangle inner = axes.inner();
  const double slot = inner.width / count, width = std::min(slot * 0.72, 64.);
  const double zero = axes.at(0, std::clamp(0., y.low, y.high)).y;

  // Numbers above the bars only where all of them fit.
  const TextStyle number{.size = number_size, .color = soft_ink, .align = Align::centre};
  std::vector<std::string> texts;
  bool room = false;
  for (const int digits : {3, 2}) {
    if (room) break;
    texts.clear();
    room = true;
    for (const double value : values) {
      texts.push_back(options.percent ? percent_text(value) : short_number(value, digits));
      room = room && picture.text_width(texts.back(), number) < slot - 2;
    }
  }
  picture.clip(inner.inside(0, -14, 0, -1));
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double x = inner.x + (static_cast<double>(i) + 0.5) * slot;
    const double top = axes.at(0, std::clamp(values[i], y.low, y.high)).y;
    const Color color = color_of(options, i, values[i]);
    picture.fill({x - width / 2, std::min(top, zero), width, std::max(std::abs(top - zero), 0.5)}, color,
                 std::min(2., width / 6));
    const double error = error_of(options, i);
    double end = top;
    if (error > 0) {
      const double high = axes.at(0, values[i] + error).y, low = axes.at(0, values[i] - error).y;
      const double arm = std::min(6., width / 3);
      picture.line({x, low}, {x, high}, {.color = ink, .width = 1.4});
      picture.line({x - arm, low}, {x + arm, low}, {.color = ink, .width = 1.4});
      picture.line({x - arm, high}, {x + arm, high}, {.color = ink, .width = 1.4});
      end = values[i] < 0 ? low : high;
    }
    if (room) picture.text(texts[i], x, values[i] < 0 ? end + number_size + 3 : end - 5, number);
  }
  picture.unclip();
  picture.line({inner.x, zero}, {inner.right(), zero}, {.color = soft_ink, .width = 1});

  // As many names as have room.
  const TextStyle name{.size = label_size, .color = ink, .align = Align::centre};
  std::vector<std::string> names;
  const bool numbered = options.labels.empty();
  double widest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    names.push_back(i < options.labels.size() ? options.labels[i]
                                              : std::to_string(options.first + static_cast<int64_t>(i)));
    if (numbered) widest = std::max(widest, picture.text_width(names.back(), name));
  }
  size_t every = 1;  // 1, 2, 5, 10, 20, ...
  if (numbered) {
    for (size_t power = 1; static_cast<double>(every) * slot < widest + 8; power *= 10) {
      for (const size_t factor : {1, 2, 5}) {
        if (static_cast<double>(every) * slot < widest + 8) every = factor * power;
      }
    }
  }
  for (size_t i = 0; i < names.size(); i += every) {
    const double x = inner.x + (static_cast<double>(i) + 0.5) * slot;
    picture.text(picture.fit_text(names[i], slot * static_cast<double>(every) - 4, name), x,
                 inner.bottom() + label_size + 5, name);
  }
  if (!options.x_label.empty())
    picture.text(options.x_label, inner.centre().x, inner.bottom() + 2 * label_size + 15,
                 {.size = label_size, .color = soft_ink, .align = Align::centre});
}

Picture bars(const std::vector<double>& values, const BarsOptions& options) {
  double height = options.height;
  if (options.horizontal && height <= 0) height = 98 + row_height * static_cast<double>(values.size());
  Picture picture(options.width, height);
  draw_bars(picture, Rectangle{0, 0, picture.width(), picture.height()}.inside(24, 24, 24, 20), values, options);
  return picture;
}

}  // namespace hebb::viz
