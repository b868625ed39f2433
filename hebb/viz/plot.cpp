#include "hebb/viz/plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace hebb::viz {

namespace {

constexpr double tick_size = 11, label_size = 12, title_size = 14;

std::string fixed(double value, int decimals) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  // Minus zero is zero, and a real minus sign is as wide as a plus.
  std::string text = buffer;
  if (text[0] == '-') {
    const bool zero = text.find_first_not_of("-0.") == std::string::npos;
    text = zero ? text.substr(1) : "−" + text.substr(1);
  }
  return text;
}

/// The least step of 1, 2, 2.5, 5 times a power of ten that makes no more than `about` steps of the length.
double nice_step(double length, int about, bool whole) {
  const double raw = length / about;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1., 2., 2.5, 5., 10.}) {
    const double step = factor * power;
    if (step < raw * (1 - 1e-9)) continue;
    if (whole && (step < 1 || step != std::floor(step))) continue;
    return step;
  }
  return 1;
}

/// Ticks of an axis, and what they say.
struct Ticks {
  std::vector<double> at;
  std::vector<std::string> texts;
};

Ticks ticks_of(Range range, int about, bool whole, bool percent, int base) {
  Ticks ticks;
  ticks.at = nice_ticks(range, about, whole || base > 0);
  if (base == 0) {
    ticks.texts = tick_texts(ticks.at, percent);
    return ticks;
  }
  // Within one power whole ones tell too little.
  const bool powers = ticks.at.size() > 1 && std::floor(range.high + 1e-9) - std::ceil(range.low - 1e-9) >= 1;
  if (!powers) ticks.at = nice_ticks(range, about);
  for (const double tick : ticks.at)
    ticks.texts.push_back(powers ? power_text(base, static_cast<int>(std::lround(tick)))
                                 : short_number(std::pow(base, tick), 2));
  return ticks;
}

double entry_width(const Picture& picture, const LegendEntry& entry) {
  return (entry.dot ? 14 : 24) + picture.text_width(entry.label, {.size = label_size});
}

constexpr double legend_gap = 16;

double legend_width(const Picture& picture, const std::vector<LegendEntry>& legend) {
  double width = 0;
  for (const LegendEntry& entry : legend) width += (width > 0 ? legend_gap : 0) + entry_width(picture, entry);
  return width;
}

/// The entries in rows that are no wider than there is room.
std::vector<std::vector<LegendEntry>> legend_rows(const Picture& picture, const std::vector<LegendEntry>& legend,
                                                  double room) {
  std::vector<std::vector<LegendEntry>> rows;
  double width = 0;
  for (const LegendEntry& entry : legend) {
    const double more = entry_width(picture, entry);
    if (rows.empty() || width + legend_gap + more > room) {
      rows.emplace_back();
      width = -legend_gap;
    }
    rows.back().push_back(entry);
    width += legend_gap + more;
  }
  return rows;
}

void draw_legend(Picture& picture, const std::vector<LegendEntry>& legend, double x, double baseline) {
  for (const LegendEntry& entry : legend) {
    const double middle = baseline - label_size * 0.36, sample = entry.dot ? 8 : 18;
    if (entry.dot) {
      picture.circle({x + 4, middle}, 4.5, entry.color);
    } else {
      picture.line({x, middle}, {x + sample, middle}, {.color = entry.color, .width = 2.5, .dashed = entry.dashed});
    }
    const TextStyle style{.size = label_size, .color = soft_ink};
    picture.text(entry.label, x + sample + 6, baseline, style);
    x += entry_width(picture, entry) + legend_gap;
  }
}

/// How much of the lines lies in the rectangle, in points of the page; a marked point counts as much as its size.
double crossed(const std::vector<std::vector<Point>>& lines, Rectangle r) {
  double length = 0;
  for (const std::vector<Point>& line : lines) {
    constexpr double dot = 12, radius = 4;
    for (const Point& p : line) {
      if (p.x > r.x - radius && p.x < r.right() + radius && p.y > r.y - radius && p.y < r.bottom() + radius)
        length += dot;
    }
    for (size_t i = 1; i < line.size(); ++i) {
      const double dx = line[i].x - line[i - 1].x, dy = line[i].y - line[i - 1].y, whole = std::hypot(dx, dy);
      if (!std::isfinite(whole)) continue;
      const int steps = std::clamp(static_cast<int>(whole / 2), 1, 200);
      for (int step = 0; step < steps; ++step) {
        const double t = (step + 0.5) / steps, x = line[i - 1].x + t * dx, y = line[i - 1].y + t * dy;
        if (x > r.x && x < r.right() && y > r.y && y < r.bottom()) length += whole / steps;
      }
    }
  }
  return length;
}

/// A place for a text beside a point, within the plot, where it covers as little of the lines as it can.
Rectangle free_place(Point p, double width, double height, Rectangle inner,
                     const std::vector<std::vector<Point>>& lines) {
  Rectangle best;
  double least = std::numeric_limits<double>::infinity();
  for (const Point from : {Point{-0.5, 0}, Point{-0.5, -1}, Point{-0.85, -1}, Point{-0.15, -1}, Point{-0.85, 0},
                           Point{-0.15, 0}, Point{-0.5, -2}, Point{-0.5, 1}, Point{-0.5, 2}, Point{-0.5, -3}}) {
    Rectangle place{p.x + from.x * width, from.y < 0 ? p.y - 8 + from.y * height : p.y + 8 + from.y * height, width,
                    height};
    place.x = std::clamp(place.x, inner.x, std::max(inner.x, inner.right() - width));
    const bool outside = place.y < inner.y - 6 || place.bottom() > inner.bottom();
    const double far = std::max(from.y, -1 - from.y);  // how many heights away
    const double cost = crossed(lines, place) + 3 * std::max(far, 0.0) + (outside ? 1000 : 0);
    if (cost < least) {
      least = cost;
      best = place;
    }
  }
  return best;
}

}  // namespace

std::vector<double> nice_ticks(Range range, int about, bool whole) {
  if (!(range.length() > 0) || !std::isfinite(range.length())) return {range.low};
  about = std::max(about, 2);
  std::vector<double> ticks;
  for (int wanted = about; ticks.size() < 2 && wanted <= 4 * about; wanted *= 2) {
    const double step = nice_step(range.length(), wanted, whole);
    const double first = std::ceil(range.low / step - 1e-9), last = std::floor(range.high / step + 1e-9);
    ticks.clear();
    for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  }
  return ticks;
}

std::vector<std::string> tick_texts(const std::vector<double>& ticks, bool percent) {
  double largest = 0, step = std::numeric_limits<double>::infinity();
  const double unit = percent ? 100 : 1;
  for (size_t i = 0; i < ticks.size(); ++i) {
    largest = std::max(largest, std::abs(ticks[i] * unit));
    if (i > 0) step = std::min(step, std::abs(ticks[i] - ticks[i - 1]) * unit);
  }
  if (!std::isfinite(step) || step == 0) step = largest == 0 ? 1 : largest;
  std::vector<std::string> texts;
  if (largest >= 1e6 || (largest > 0 && step < 1e-5)) {
    for (const double tick : ticks) texts.push_back(short_number(tick * unit));
  } else {
    int decimals = 0;  // as many as write the step exactly
    for (double scaled = step; decimals < 8 && std::abs(scaled - std::round(scaled)) > 1e-6 * scaled; scaled *= 10)
      ++decimals;
    for (const double tick : ticks) texts.push_back(fixed(tick * unit, decimals));
  }
  if (percent) {
    for (std::string& text : texts) text += " %";
  }
  return texts;
}

std::string power_text(int base, int exponent) {
  if (base != 10) return short_number(std::pow(base, exponent), 6);
  constexpr const char* raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) text += raised[digit - '0'];
  return text;
}

std::string short_number(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
  std::string text = buffer;
  if (text[0] == '-') text = "−" + text.substr(1);
  return text;
}

std::string percent_text(double fraction) {
  const double percent = fraction * 100;
  if (percent >= 99.995) return "100 %";
  return fixed(percent, percent > 99 ? 2 : 1) + " %";
}

Axes::Axes(Picture& picture, Rectangle area, Range x, Range y, const AxesOptions& options,
           const std::vector<LegendEntry>& legend)
    : x_(x), y_(y) {
  // The header: title to the left, legend to the right, or below the title where it does not fit.
  double top = 0;
  const double legend_room = legend_width(picture, legend);
  const TextStyle title_style{.size = title_size, .color = ink, .bold = true};
  if (!options.title.empty()) {
    top = title_size + 10;
    picture.text(picture.fit_text(options.title, area.width, title_style), area.x, area.y + title_size, title_style);
  }
  if (!legend.empty()) {
    const bool beside =
        !options.title.empty() && picture.text_width(options.title, title_style) + 24 + legend_room <= area.width;
    if (beside) {
      draw_legend(picture, legend, area.right() - legend_room, area.y + top - 10);
    } else {
      for (const std::vector<LegendEntry>& row : legend_rows(picture, legend, area.width)) {
        top += label_size + 8;
        draw_legend(picture, row, area.x, area.y + top - 8);
      }
    }
  }
  top += 10;  // the label of a tick at the very top needs half of its height

  const double bottom = tick_size + 10 + (options.x_label.empty() ? 0 : label_size + 8);
  const int about_y = std::clamp(static_cast<int>((area.height - top - bottom) / 38), 2, 8);
  const auto [y_ticks, y_texts] =
      options.y_ticks ? ticks_of(y, about_y, options.whole_y, options.percent_y, options.y_base) : Ticks{};
  const TextStyle tick_style{.size = tick_size, .color = soft_ink, .align = Align::end};
  double left = 0;
  for (const std::string& text : y_texts) left = std::max(left, picture.text_width(text, tick_style));
  left += 8 + (options.y_label.empty() ? 0 : label_size + 8);
  inner_ = area.inside(left, top, 6, bottom);
  if (options.equal) {
    const double unit = std::min(inner_.width / x.length(), inner_.height / y.length());
    inner_ = {inner_.x + (inner_.width - unit * x.length()) / 2, inner_.y + (inner_.height - unit * y.length()) / 2,
              unit * x.length(), unit * y.length()};
  }

  for (size_t i = 0; i < y_ticks.size(); ++i) {
    const double at_y = at(x.low, y_ticks[i]).y;
    if (options.grid) picture.line({inner_.x, at_y}, {inner_.right(), at_y}, {.color = grid_ink, .width = 1});
    picture.text(y_texts[i], inner_.x - 8, at_y + tick_size * 0.36, tick_style);
  }
  const int about_x = std::clamp(static_cast<int>(inner_.width / 55), 2, 10);
  const auto [x_ticks, x_texts] =
      options.x_ticks ? ticks_of(x, about_x, options.whole_x, false, options.x_base) : Ticks{};
  for (size_t i = 0; i < x_ticks.size(); ++i) {
    const double at_x = at(x_ticks[i], y.low).x;
    if (options.grid_x) picture.line({at_x, inner_.y}, {at_x, inner_.bottom()}, {.color = grid_ink, .width = 1});
    picture.line({at_x, inner_.bottom()}, {at_x, inner_.bottom() + 4}, {.color = soft_ink, .width = 1});
    picture.text(x_texts[i], at_x, inner_.bottom() + tick_size + 7,
                 {.size = tick_size, .color = soft_ink, .align = Align::centre});
  }
  picture.line({inner_.x, inner_.bottom()}, {inner_.right(), inner_.bottom()}, {.color = soft_ink, .width = 1});
  if (options.frame) picture.frame(inner_, {.color = soft_ink, .width = 1});

  const TextStyle label_style{.size = label_size, .color = soft_ink, .align = Align::centre};
  if (!options.x_label.empty())
    picture.text(options.x_label, inner_.centre().x, inner_.bottom() + tick_size + label_size + 14, label_style);
  if (!options.y_label.empty()) {
    TextStyle upright = label_style;
    upright.turn = 90;
    picture.text(options.y_label, inner_.x - left + label_size, inner_.centre().y, upright);
  }
}

Point Axes::at(double x, double y) const {
  return {inner_.x + (x - x_.low) / x_.length() * inner_.width,
          inner_.bottom() - (y - y_.low) / y_.length() * inner_.height};
}

void draw_plot(Picture& picture, Rectangle area, const std::vector<Series>& series, const PlotOptions& options) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Range x{infinity, -infinity}, y{infinity, -infinity};
  for (const Series& one : series) {
    for (const Point& p : one.points) {
      if (!std::isfinite(p.x)) continue;
      x = {std::min(x.low, p.x), std::max(x.high, p.x)};  // a loss that became NaN still had its epochs
      if (!std::isfinite(p.y)) continue;
      y = {std::min(y.low, p.y), std::max(y.high, p.y)};
    }
  }
  const bool empty = !(y.low <= y.high);
  if (!(x.low <= x.high)) x = {0, 1};
  if (empty) y = {0, 1};
  if (x.length() <= 0) x = {x.low - 0.5, x.high + 0.5};
  if (y.length() <= 0) {
    const double room = y.low == 0 ? 1 : std::abs(y.low) * 0.1;
    y = {y.low - room, y.high + room};
  }
  const double above = y.length() * 0.06;
  // Zero is shown where it is not far: a curve that falls towards it should be seen to.
  const bool from_zero = options.y_base == 0 && y.low >= 0 && y.low < 0.35 * y.high;
  y = {from_zero ? 0 : y.low - above,
       options.percent_y ? std::min(y.high + above, std::max(1.0, y.high)) : y.high + above};

  std::vector<LegendEntry> legend;
  std::vector<Color> colors;
  for (size_t i = 0; i < series.size(); ++i) {
    colors.push_back(series[i].color.value_or(palette(static_cast<int64_t>(i))));
    if (!series[i].label.empty()) legend.push_back({series[i].label, colors[i], series[i].dashed});
  }
  const Axes axes(picture, area, options.x_range.value_or(x), options.y_range.value_or(y), options, legend);
  const Rectangle inner = axes.inner();
  if (empty) {
    picture.text("no finite values", inner.centre().x, inner.centre().y,
                 {.size = label_size, .color = soft_ink, .align = Align::centre});
    return;
  }

  std::vector<std::vector<Point>> drawn;
  picture.clip({inner.x - 6, inner.y - 6, inner.width + 12, inner.height + 7});
  for (size_t i = 0; i < series.size(); ++i) {
    std::vector<Point> line;
    for (const Point& p : series[i].points) line.push_back(axes.at(p.x, p.y));
    picture.line(line, {.color = colors[i], .width = 2.2, .dashed = series[i].dashed});
    for (const Point& p : line) {
      if (line.size() <= 25 && std::isfinite(p.x) && std::isfinite(p.y)) picture.circle(p, 3, colors[i]);
    }
    drawn.push_back(std::move(line));
  }
  picture.unclip();

  for (size_t i = 0; i < series.size(); ++i) {
    if (!series[i].highlight || *series[i].highlight >= series[i].points.size()) continue;
    const Point value = series[i].points[*series[i].highlight];
    if (!std::isfinite(value.x) || !std::isfinite(value.y)) continue;
    const Point p = axes.at(value.x, value.y);
    picture.ring(p, 5.5, {.color = colors[i], .width = 1.6});
    const std::string text = options.percent_y ? percent_text(value.y) : short_number(value.y);
    const TextStyle style{
        .size = tick_size, .color = colors[i].mixed(black, 0.25), .bold = true, .align = Align::centre};
    const double width = picture.text_width(text, style) + 6;
    const Rectangle plate = free_place(p, width, tick_size + 4, inner, drawn);
    picture.fill(plate, white.with_alpha(0.8), 3);
    picture.text(text, plate.centre().x, plate.y + tick_size, style);
  }
}

}  // namespace hebb::viz
