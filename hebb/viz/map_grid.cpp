#include "hebb/viz/map_grid.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

constexpr double gap = 12, caption_size = 12, caption_room = 20, bar_room = 78, bar_width = 14, title_size = 16;

struct Measures {
  int64_t count, height, width, channels, columns, rows;
  double cell_width, cell_height, caption;

  double grid_width() const { return static_cast<double>(columns) * (cell_width + gap) - gap; }
  double grid_height() const { return static_cast<double>(rows) * (cell_height + caption + gap) - gap; }
};

bool has_bar(const MapGridOptions& options, const Measures& m) {
  return options.color_bar && !options.own_scales && m.channels == 1;
}

Measures measure(const Tensor& maps, const MapGridOptions& options) {
  const Shape& shape = maps.shape();
  const bool colored = shape.rank() == 4 && shape[3] == 3;
  if (!(shape.rank() == 3 || colored) || shape[0] < 1 || shape[1] < 1 || shape[2] < 1) {
    throw InvalidArgument(
        message("map_grid: expected maps (n, height, width) or (n, height, width, 3), got ", maps.spec(), "."));
  }
  Measures m{shape[0], shape[1], shape[2], colored ? 3 : 1, 0, 0, 0, 0, options.captions.empty() ? 0 : caption_room};
  const auto longer = static_cast<double>(std::max(m.height, m.width));
  m.cell_width = std::max(options.cell * static_cast<double>(m.width) / longer, options.least_side);
  m.cell_height = std::max(options.cell * static_cast<double>(m.height) / longer, options.least_side);
  const double wanted = std::sqrt(1.6 * static_cast<double>(m.count) * (m.cell_height + m.caption) / m.cell_width);
  m.columns = options.columns > 0 ? options.columns : std::max<int64_t>(1, std::llround(wanted));
  m.columns = std::min(m.columns, m.count);
  m.rows = (m.count + m.columns - 1) / m.columns;
  return m;
}

double largest(const float* values, int64_t count) {
  double most = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (std::isfinite(values[i])) most = std::max(most, std::abs(static_cast<double>(values[i])));
  }
  return most;
}

void draw_color_bar(Picture& picture, Rectangle where, double scale, const MapGridOptions& options) {
  const int64_t steps = 64;
  const double low = options.is_signed ? -1 : 0;
  std::vector<uint8_t> rgba;
  for (int64_t i = 0; i < steps; ++i) {
    const double value = 1 - (1 - low) * (static_cast<double>(i) + 0.5) / static_cast<double>(steps);
    const Color color = options.is_signed ? diverging(value) : intensity(value);
    for (const double part : {color.red, color.green, color.blue})
      rgba.push_back(static_cast<uint8_t>(part * 255 + 0.5));
    rgba.push_back(255);
  }
  picture.image(rgba, 1, steps, where, true);
  picture.frame(where, {.color = soft_ink, .width = 0.8});
  const Range range{low * scale, scale};
  const std::vector<double> ticks = nice_ticks(range, where.height > 120 ? 5 : 3);
  const std::vector<std::string> texts = tick_texts(ticks);
  for (size_t i = 0; i < ticks.size(); ++i) {
    const double y = where.bottom() - (ticks[i] - range.low) / range.length() * where.height;
    picture.line({where.right(), y}, {where.right() + 4, y}, {.color = soft_ink, .width = 1});
    picture.text(texts[i], where.right() + 7, y + 4, {.size = 11, .color = soft_ink});
  }
  if (!options.unit.empty())
    picture.text(options.unit, where.x - 6, where.centre().y,
                 {.size = 12, .color = soft_ink, .align = Align::centre, .turn = 90});
}

/// Channels as red, green and blue around the middle grey.
std::vector<uint8_t> rgb_around_grey(const float* values, int64_t pixels, double scale) {
  std::vector<uint8_t> rgba;
  for (int64_t i = 0; i < pixels; ++i) {
    for (int64_t c = 0; c < 3; ++c) {
      const double value = scale > 0 ? static_cast<double>(values[3 * i + c]) / scale : 0;
      rgba.push_back(static_cast<uint8_t>(std::clamp(127.5 + 127.5 * (std::isfinite(value) ? value : 0), 0., 255.)));
    }
    rgba.push_back(255);
  }
  return rgba;
}

}  // namespace

std::vector<uint8_t> map_colors(const float* values, int64_t count, double scale, bool is_signed) {
  std::vector<uint8_t> rgba;
  rgba.reserve(static_cast<size_t>(count) * 4);
  for (int64_t i = 0; i < count; ++i) {
    const double value = scale > 0 ? static_cast<double>(values[i]) / scale : 0;
    const Color color = is_signed ? diverging(value) : intensity(value);
    for (const double part : {color.red, color.green, color.blue})
      rgba.push_back(static_cast<uint8_t>(part * 255 + 0.5));
    rgba.push_back(255);
  }
  return rgba;
}

Rectangle map_grid_size(const Tensor& maps, const MapGridOptions& options) {
  const Measures m = measure(maps, options);
  return {0, 0, m.grid_width() + (has_bar(options, m) ? bar_room : 0), m.grid_height()};
}

void draw_map_grid(Picture& picture, Point corner, const Tensor& maps, const MapGridOptions& options) {
  const Measures m = measure(maps, options);
  const std::vector<float> values = maps.to_vector<float>();
  const int64_t each = m.height * m.width * m.channels;
  const double common = largest(values.data(), static_cast<int64_t>(values.size()));
  for (int64_t i = 0; i < m.count; ++i) {
    const auto index = static_cast<size_t>(i);
    const float* map = values.data() + i * each;
    const double scale = options.own_scales ? largest(map, each) : common;
    const Rectangle where{corner.x + static_cast<double>(i % m.columns) * (m.cell_width + gap),
                          corner.y + static_cast<double>(i / m.columns) * (m.cell_height + m.caption + gap),
                          m.cell_width, m.cell_height};
    picture.image(m.channels == 3 ? rgb_around_grey(map, m.height * m.width, scale)
                                  : map_colors(map, each, scale, options.is_signed),
                  m.width, m.height, where);
    if (index < options.frames.size() && options.frames[index]) {
      picture.frame({where.x - 2.5, where.y - 2.5, where.width + 5, where.height + 5},
                    {.color = *options.frames[index], .width = 4}, 2);
    } else {
      picture.frame(where, {.color = grid_ink, .width = 1});
    }
    if (index < options.captions.size()) {
      const TextStyle style{.size = caption_size, .color = soft_ink, .align = Align::centre};
      picture.text(picture.fit_text(options.captions[index], m.cell_width + gap - 2, style), where.centre().x,
                   where.bottom() + caption_size + 5, style);
    }
  }
  if (has_bar(options, m) && common > 0) {
    const double height = std::clamp(m.grid_height() - m.caption, 60., 260.);
    draw_color_bar(picture, {corner.x + m.grid_width() + 26, corner.y, bar_width, height}, common, options);
  }
}

Picture map_grid(const Tensor& maps, const MapGridOptions& options) {
  const Rectangle size = map_grid_size(maps, options);
  const double margin = 24, header = options.title.empty() ? 0 : 36;
  const TextStyle style{.size = title_size, .color = ink, .bold = true};
  const Picture ruler(1, 1);
  const double width = std::max(size.width, std::min(ruler.text_width(options.title, style), 560.));
  Picture picture(width + 2 * margin, std::max(size.height, 60.) + 2 * margin + header);
  if (!options.title.empty())
    picture.text(picture.fit_text(options.title, width, style), margin, margin + title_size - 2, style);
  draw_map_grid(picture, {margin, margin + header}, maps, options);
  return picture;
}

}  // namespace hebb::viz
