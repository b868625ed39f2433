#include "hebb/viz/image_grid.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::viz {

namespace {

constexpr double caption_size = 11, caption_room = 20, gap = 12;

struct Pixels {
  int64_t count, height, width, channels;
  std::vector<uint8_t> rgba;

  std::span<const uint8_t> image(int64_t i) const {
    const auto bytes = static_cast<size_t>(height * width * 4);
    return {rgba.data() + static_cast<size_t>(i) * bytes, bytes};
  }
};

Pixels to_pixels(const Tensor& images) {
  const Shape& shape = images.shape();
  const bool grey = shape.rank() == 3;
  const int64_t channels = grey ? 1 : shape.rank() == 4 ? shape[3] : 0;
  if ((channels != 1 && channels != 3 && channels != 4) || shape[1] < 1 || shape[2] < 1) {
    throw InvalidArgument(message(
        "image_grid: expected images (n, height, width) or (n, height, width, 1, 3 or 4), got ", images.spec(), "."));
  }
  const std::vector<float> values = images.to_vector<float>();
  float low = 0, scale = 1;
  if (images.dtype() != DType::uint8 && !values.empty()) {
    float smallest = INFINITY, largest = -INFINITY;
    for (const float value : values) {
      if (!std::isfinite(value)) continue;
      smallest = std::min(smallest, value);
      largest = std::max(largest, value);
    }
    if (smallest >= 0 && largest <= 1) {
      scale = 255;
    } else if (!(smallest >= 0 && largest <= 255)) {
      low = smallest;
      scale = largest > smallest ? 255 / (largest - smallest) : 0;
    }
  }
  Pixels out{shape[0], shape[1], shape[2], channels, {}};
  out.rgba.reserve(values.size() / static_cast<size_t>(channels) * 4);
  auto byte = [&](float value) {
    return std::isfinite(value) ? static_cast<uint8_t>(std::clamp((value - low) * scale + 0.5f, 0.f, 255.f))
                                : uint8_t{0};
  };
  for (size_t i = 0; i < values.size(); i += static_cast<size_t>(channels)) {
    for (size_t c = 0; c < 3; ++c) out.rgba.push_back(byte(values[channels == 1 ? i : i + c]));
    out.rgba.push_back(channels == 4 ? byte(values[i + 3]) : 255);
  }
  return out;
}

int64_t grid_columns(const ImageGridOptions& options, int64_t count) {
  if (options.columns > 0) return options.columns;
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(std::sqrt(2.0 * static_cast<double>(count)))));
}

}  // namespace

std::vector<uint8_t> image_pixels(const Tensor& images, int64_t& height, int64_t& width) {
  const Pixels pixels = to_pixels(images);
  if (pixels.count < 1) throw InvalidArgument(message("image_grid: expected an image, got ", images.spec(), "."));
  height = pixels.height;
  width = pixels.width;
  const std::span<const uint8_t> first = pixels.image(0);
  return {first.begin(), first.end()};
}

void draw_image_grid(Picture& picture, Rectangle area, const Tensor& images, const ImageGridOptions& options) {
  const Pixels pixels = to_pixels(images);
  if (pixels.count == 0) return;
  const int64_t columns = std::min(grid_columns(options, pixels.count), pixels.count);
  const int64_t rows = (pixels.count + columns - 1) / columns;
  const double caption = options.captions.empty() ? 0 : caption_room;
  const auto wide = static_cast<double>(columns), high = static_cast<double>(rows);
  // The larger side of an image; the other follows.
  const double aspect = static_cast<double>(pixels.width) / static_cast<double>(pixels.height);
  const double unit_width = std::min(aspect, 1.), unit_height = std::min(1 / aspect, 1.);
  const double cell = std::min((area.width - gap * (wide - 1)) / wide / unit_width,
                               ((area.height - gap * (high - 1)) / high - caption) / unit_height);
  const double image_width = cell * unit_width, image_height = cell * unit_height;
  // What is left over goes between the columns.
  const double step_x = columns > 1 ? (area.width - image_width) / (wide - 1) : 0;
  const double step_y = image_height + caption + gap;
  for (int64_t i = 0; i < pixels.count; ++i) {
    const auto index = static_cast<size_t>(i);
    const Rectangle where{area.x + static_cast<double>(i % columns) * step_x,
                          area.y + static_cast<double>(i / columns) * step_y, image_width, image_height};
    picture.image(pixels.image(i), pixels.width, pixels.height, where);
    const bool wrong = index < options.wrong.size() && options.wrong[index];
    if (wrong)
      picture.frame({where.x - 2, where.y - 2, where.width + 4, where.height + 4}, {.color = wrong_ink, .width = 3.5},
                    2);
    if (!wrong && index < options.frames.size() && options.frames[index])
      picture.frame({where.x - 2, where.y - 2, where.width + 4, where.height + 4},
                    {.color = *options.frames[index], .width = 3.5}, 2);
    if (index < options.captions.size()) {
      const TextStyle style{.size = caption_size, .color = wrong ? wrong_ink : soft_ink, .align = Align::centre};
      const double room = columns > 1 ? step_x - 4 : std::max(area.width, image_width);
      picture.text(picture.fit_text(options.captions[index], room, style), where.centre().x,
                   where.bottom() + caption_size + 5, style);
    }
  }
}

Picture image_grid(const Tensor& images, const ImageGridOptions& options) {
  const Pixels shape_only{images.rank() > 0 ? images.shape()[0] : 0, 0, 0, 0, {}};
  const int64_t columns = std::max<int64_t>(1, std::min(grid_columns(options, shape_only.count), shape_only.count));
  const int64_t rows = std::max<int64_t>(1, (shape_only.count + columns - 1) / columns);
  const double caption = options.captions.empty() ? 0 : caption_room, margin = 24;
  const double header = options.title.empty() ? 0 : 34;
  // Captions like "4 → 9 (97 %)" want a little more than a digit does.
  double widest = options.cell;
  Picture ruler(10, 10);
  for (const std::string& text : options.captions) {
    widest = std::max(widest, std::min(ruler.text_width(text, {.size = caption_size}) + 8 - gap, options.cell * 1.6));
  }
  const auto wide = static_cast<double>(columns), high = static_cast<double>(rows);
  Picture picture(2 * margin + (wide - 1) * (widest + gap) + widest,
                  2 * margin + header + high * (options.cell + caption + gap) - gap);
  if (!options.title.empty()) {
    const TextStyle style{.size = 18, .color = ink, .bold = true};
    picture.text(picture.fit_text(options.title, picture.width() - 2 * margin, style), margin, margin + 16, style);
  }
  ImageGridOptions fixed = options;
  fixed.columns = columns;
  const double inset = (widest - options.cell) / 2;
  draw_image_grid(picture,
                  {margin + inset, margin + header, picture.width() - 2 * margin - 2 * inset,
                   picture.height() - 2 * margin - header},
                  images, fixed);
  return picture;
}

}  // namespace hebb::viz
