#include "hebb/viz/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <functional>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

#ifdef __SANITIZE_ADDRESS__
// fontconfig, which finds the letters for cairo, never gives back what it once looked up.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }
#endif

namespace hebb::viz {

namespace {

constexpr double pixels_per_point = 2;
constexpr double degrees = 3.14159265358979323846 / 180;
constexpr const char* font_family = "DejaVu Sans";

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextDeleter {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;
using Context = std::unique_ptr<cairo_t, ContextDeleter>;

void set_color(cairo_t* context, Color color) {
  cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha);
}

void set_line(cairo_t* context, LineStyle style) {
  set_color(context, style.color);
  cairo_set_line_width(context, style.width);
  cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(context, style.dashed ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  const double dashes[] = {style.width * 3, style.width * 2};
  cairo_set_dash(context, dashes, style.dashed ? 2 : 0, 0);
}

void set_font(cairo_t* context, const TextStyle& style) {
  cairo_select_font_face(context, font_family, CAIRO_FONT_SLANT_NORMAL,
                         style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context, style.size);
}

/// Letters keep their shape and distance at any scale, so that what was measured is what is drawn.
void set_font_options(cairo_t* context) {
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(context, options);
  cairo_font_options_destroy(options);
}

void add_rectangle(cairo_t* context, Rectangle r, double radius) {
  radius = std::min({radius, r.width / 2, r.height / 2});
  cairo_new_path(context);
  if (radius <= 0) return cairo_rectangle(context, r.x, r.y, r.width, r.height);
  cairo_arc(context, r.right() - radius, r.y + radius, radius, -90 * degrees, 0);
  cairo_arc(context, r.right() - radius, r.bottom() - radius, radius, 0, 90 * degrees);
  cairo_arc(context, r.x + radius, r.bottom() - radius, radius, 90 * degrees, 180 * degrees);
  cairo_arc(context, r.x + radius, r.y + radius, radius, 180 * degrees, 270 * degrees);
  cairo_close_path(context);
}

/// Bytes of the well-formed UTF-8 character at the start of the text, or 0.
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const size_t length = first >= 0xc2 && first < 0xe0   ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) > 0x9f, too_large = first == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || too_large ? 0 : length;
}

/// Cairo stops drawing altogether at text that is not UTF-8; control characters would show as boxes.
std::string clean_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = character_length(text);
    if (length == 0) {
      out += '?';
    } else if (length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f)) {
      out += ' ';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

cairo_status_t append_bytes(void* closure, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) {
    throw InternalError(message("Picture: the drawing library reports: ", cairo_status_to_string(status), "."));
  }
}

std::string ending_of(const std::string& path) {
  const size_t slash = path.find_last_of('/'), dot = path.find_last_of('.');
  if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) return "";
  return lower_case(path.substr(dot + 1));
}

}  // namespace

Color palette(int64_t index) {
  static constexpr std::array<uint32_t, 8> colors = {0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7,
                                                     0x56b4e9, 0xd55e00, 0x882255, 0x7a7f87};
  const int64_t count = static_cast<int64_t>(colors.size());
  const int64_t round = (index / count) % 3, within = ((index % count) + count) % count;
  const Color color = Color::hex(colors[static_cast<size_t>(within)]);
  return round == 0 ? color : round == 1 ? color.mixed(black, 0.35) : color.mixed(white, 0.4);
}

Color intensity(double value) {
  static constexpr std::array<uint32_t, 6> stops = {0xf7f9fc, 0xd6e6f4, 0x9ecae1, 0x4a98c9, 0x1764ab, 0x08306b};
  const double at = std::clamp(std::isnan(value) ? 0. : value, 0., 1.) * static_cast<double>(stops.size() - 1);
  const size_t low = std::min(static_cast<size_t>(at), stops.size() - 2);
  return Color::hex(stops[low]).mixed(Color::hex(stops[low + 1]), at - static_cast<double>(low));
}

Color diverging(double value) {
  static constexpr std::array<uint32_t, 4> below = {0xf7f7f7, 0x92c5de, 0x2b7bba, 0x08306b};
  static constexpr std::array<uint32_t, 4> above = {0xf7f7f7, 0xf4a582, 0xd6604d, 0x7a0f22};
  const auto& stops = value < 0 ? below : above;
  const double at = std::clamp(std::isnan(value) ? 0. : std::abs(value), 0., 1.) * 3;
  const size_t low = std::min(static_cast<size_t>(at), size_t{2});
  return Color::hex(stops[low]).mixed(Color::hex(stops[low + 1]), at - static_cast<double>(low));
}

/// What is drawn is kept as a list of calls, and made again for a file of whichever kind. (Cairo has surfaces that do
/// this, but each of them that is written to an SVG file stays in memory.)
struct Picture::Page {
  double width, height;
  Context ruler;  // measures text
  std::vector<std::function<void(cairo_t*)>> calls;
};

Picture::Picture(double width, double height, Color background) {
  if (!(width >= 1 && width <= 16000 && height >= 1 && height <= 16000)) {
    throw InvalidArgument(message("Picture: expected sides from 1 to 16000, got ", width, " x ", height, "."));
  }
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  Context ruler(cairo_create(surface.get()));
  set_font_options(ruler.get());
  check(cairo_status(ruler.get()));
  // Whole pixels, so that no edge of a PNG is left half covered.
  page_ = std::make_unique<Page>(Page{std::ceil(width), std::ceil(height), std::move(ruler), {}});
  fill({0, 0, page_->width, page_->height}, background);
}

Picture::~Picture() = default;
Picture::Picture(Picture&&) noexcept = default;
Picture& Picture::operator=(Picture&&) noexcept = default;

double Picture::width() const { return page_->width; }
double Picture::height() const { return page_->height; }

void Picture::fill(Rectangle where, Color color, double corner_radius) {
  page_->calls.emplace_back([=](cairo_t* context) {
    add_rectangle(context, where, corner_radius);
    set_color(context, color);
    cairo_fill(context);
  });
}

void Picture::frame(Rectangle where, LineStyle style, double corner_radius) {
  page_->calls.emplace_back([=](cairo_t* context) {
    add_rectangle(context, where, corner_radius);
    set_line(context, style);
    cairo_stroke(context);
  });
}

void Picture::line(std::span<const Point> points, LineStyle style) {
  page_->calls.emplace_back([points = std::vector(points.begin(), points.end()), style](cairo_t* context) {
    cairo_new_path(context);
    bool down = false;
    for (const Point& p : points) {
      const bool finite = std::isfinite(p.x) && std::isfinite(p.y);
      if (finite && down) cairo_line_to(context, p.x, p.y);
      if (finite && !down) cairo_move_to(context, p.x, p.y);
      down = finite;
    }
    set_line(context, style);
    cairo_stroke(context);
  });
}

void Picture::line(Point from, Point to, LineStyle style) {
  const Point points[] = {from, to};
  line(points, style);
}

void Picture::polygon(std::span<const Point> corners, Color color) {
  page_->calls.emplace_back([corners = std::vector(corners.begin(), corners.end()), color](cairo_t* context) {
    cairo_new_path(context);
    for (const Point& p : corners) cairo_line_to(context, p.x, p.y);
    cairo_close_path(context);
    set_color(context, color);
    cairo_fill(context);
  });
}

void Picture::circle(Point centre, double radius, Color color) {
  page_->calls.emplace_back([=](cairo_t* context) {
    cairo_new_path(context);
    cairo_arc(context, centre.x, centre.y, radius, 0, 360 * degrees);
    set_color(context, color);
    cairo_fill(context);
  });
}

void Picture::ring(Point centre, double radius, LineStyle style) {
  page_->calls.emplace_back([=](cairo_t* context) {
    cairo_new_path(context);
    cairo_arc(context, centre.x, centre.y, radius, 0, 360 * degrees);
    cairo_close_path(context);
    set_line(context, style);
    cairo_stroke(context);
  });
}

void Picture::text(std::string_view text, double x, double y, const TextStyle& style) {
  const double share = style.align == Align::start ? 0 : style.align == Align::centre ? 0.5 : 1;
  const double back = share * text_width(text, style);
  page_->calls.emplace_back([clean = clean_text(text), x, y, style, back](cairo_t* context) {
    set_font(context, style);
    cairo_save(context);
    cairo_translate(context, x, y);
    cairo_rotate(context, -style.turn * degrees);
    cairo_move_to(context, -back, 0);
    set_color(context, style.color);
    cairo_show_text(context, clean.c_str());
    cairo_restore(context);
  });
}

double Picture::text_width(std::string_view text, const TextStyle& style) const {
  cairo_t* context = page_->ruler.get();
  set_font(context, style);
  cairo_text_extents_t extents;
  cairo_text_extents(context, clean_text(text).c_str(), &extents);
  return extents.x_advance;
}

std::string Picture::fit_text(std::string_view text, double width, const TextStyle& style) const {
  std::string clean = clean_text(text);
  if (text_width(clean, style) <= width) return clean;
  while (!clean.empty() && text_width(clean + "…", style) > width) {
    while (!clean.empty() && (static_cast<unsigned char>(clean.back()) & 0xc0) == 0x80) clean.pop_back();
    if (!clean.empty()) clean.pop_back();
  }
  return clean + "…";
}

void Picture::image(std::span<const uint8_t> rgba, int64_t width, int64_t height, Rectangle where, bool smooth) {
  if (width < 1 || height < 1 || width > 32000 || height > 32000 ||
      rgba.size() != static_cast<size_t>(width * height * 4)) {
    throw InvalidArgument(message("Picture::image: expected 4 bytes for each of ", width, " x ", height,
                                  " pixels, got ", rgba.size(), " bytes."));
  }
  // Blocks are drawn as blocks of pixels: viewers of vector files smooth what they enlarge.
  const double enlargement = pixels_per_point * where.width / static_cast<double>(width);
  const int64_t most = std::max<int64_t>(1, 1024 / std::max(width, height));
  const int64_t factor = smooth ? 1 : std::clamp<int64_t>(std::llround(std::ceil(enlargement)), 1, most);
  const int64_t columns = width * factor, rows = height * factor;
  // Shared by the calls that are copied along with it.
  const std::shared_ptr<cairo_surface_t> surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, static_cast<int>(columns), static_cast<int>(rows)),
      SurfaceDeleter());
  check(cairo_surface_status(surface.get()));
  const int stride = cairo_image_surface_get_stride(surface.get());
  unsigned char* data = cairo_image_surface_get_data(surface.get());
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      const uint8_t* pixel = &rgba[static_cast<size_t>((y / factor * width + x / factor) * 4)];
      const uint32_t alpha = pixel[3];
      auto premultiplied = [alpha](uint32_t value) { return (value * alpha + 127) / 255; };
      const uint32_t packed =
          alpha << 24 | premultiplied(pixel[0]) << 16 | premultiplied(pixel[1]) << 8 | premultiplied(pixel[2]);
      std::memcpy(data + y * stride + x * 4, &packed, 4);
    }
  }
  cairo_surface_mark_dirty(surface.get());
  page_->calls.emplace_back([=](cairo_t* context) {
    const auto w = static_cast<double>(columns), h = static_cast<double>(rows);
    cairo_save(context);
    cairo_translate(context, where.x, where.y);
    cairo_scale(context, where.width / w, where.height / h);
    cairo_set_source_surface(context, surface.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(context), smooth ? CAIRO_FILTER_BILINEAR : CAIRO_FILTER_NEAREST);
    cairo_pattern_set_extend(cairo_get_source(context), CAIRO_EXTEND_PAD);
    cairo_rectangle(context, 0, 0, w, h);
    cairo_fill(context);
    cairo_restore(context);
  });
}

void Picture::clip(Rectangle where) {
  page_->calls.emplace_back([=](cairo_t* context) {
    cairo_save(context);
    cairo_rectangle(context, where.x, where.y, where.width, where.height);
    cairo_clip(context);
  });
}

void Picture::unclip() { page_->calls.emplace_back(cairo_restore); }

void Picture::zoom(Point origin, double scale) {
  page_->calls.emplace_back([=](cairo_t* context) {
    cairo_save(context);
    cairo_translate(context, origin.x, origin.y);
    cairo_scale(context, scale, scale);
  });
}

void Picture::unzoom() { page_->calls.emplace_back(cairo_restore); }

void Picture::place(const Picture& other, Rectangle where) {
  const double scale = std::min(where.width / other.width(), where.height / other.height());
  const double x = where.x + (where.width - scale * other.width()) / 2;
  const double y = where.y + (where.height - scale * other.height()) / 2;
  page_->calls.emplace_back([=, calls = other.page_->calls](cairo_t* context) {
    cairo_save(context);
    cairo_translate(context, x, y);
    cairo_scale(context, scale, scale);
    for (const auto& call : calls) call(context);
    cairo_restore(context);
  });
}

std::string Picture::encode(std::string_view ending) const {
  std::string bytes;
  const double width = page_->width, height = page_->height;
  Surface target;
  double scale = 1;
  if (ending == "svg") {
    target.reset(cairo_svg_surface_create_for_stream(append_bytes, &bytes, width, height));
  } else if (ending == "pdf") {
    target.reset(cairo_pdf_surface_create_for_stream(append_bytes, &bytes, width, height));
  } else if (ending == "png") {
    scale = std::min(pixels_per_point, 32000 / std::max(width, height));
    target.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(width * scale)),
                                            static_cast<int>(std::ceil(height * scale))));
  } else {
    const std::string got = ending.empty() ? "no ending" : "'." + std::string(ending) + "'";
    throw IoError(message("Picture: expected a file ending in .svg, .png or .pdf, got ", got, "."));
  }
  const Context context(cairo_create(target.get()));
  set_font_options(context.get());
  cairo_scale(context.get(), scale, scale);
  for (const auto& call : page_->calls) call(context.get());
  check(cairo_status(context.get()));
  if (ending == "png") check(cairo_surface_write_to_png_stream(target.get(), append_bytes, &bytes));
  cairo_surface_finish(target.get());
  check(cairo_surface_status(target.get()));
  return bytes;
}

void Picture::save(const std::string& path) const {
  const std::string ending = ending_of(path);
  if (ending != "svg" && ending != "png" && ending != "pdf") {
    throw IoError(message("'", path, "': a picture is written as .svg, .png or .pdf, by the ending of the file; got ",
                          ending.empty() ? "none" : "'." + ending + "'", "."));
  }
  write_atomically(path, encode(ending));
}

}  // namespace hebb::viz
