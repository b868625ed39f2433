/// Pictures: lines, shapes, text and images on a page, saved as SVG, PNG or PDF.
///
///     viz::Picture picture(400, 300);
///     picture.fill({20, 20, 100, 60}, viz::palette(0), 8);
///     picture.text("hello", 70, 55, {.size = 16, .color = viz::white, .align = viz::Align::centre});
///     picture.save("hello.svg");
///
/// Lengths are in points of the page, x to the right, y down, (0, 0) in the upper left corner. A PNG has two pixels for
/// each. This is the only part of hebb that knows the drawing library (cairo).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hebb::viz {

struct Color {
  double red = 0, green = 0, blue = 0;  ///< 0 to 1
  double alpha = 1;                     ///< 0 transparent, 1 opaque

  /// 0xRRGGBB.
  static constexpr Color hex(uint32_t rgb, double alpha = 1) {
    return {((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0, (rgb & 255) / 255.0, alpha};
  }
  constexpr Color with_alpha(double value) const { return {red, green, blue, value}; }
  /// Mixed with another color: 0 gives this one, 1 the other.
  constexpr Color mixed(Color other, double share) const {
    return {red + (other.red - red) * share, green + (other.green - green) * share, blue + (other.blue - blue) * share,
            alpha + (other.alpha - alpha) * share};
  }
};

inline constexpr Color white = Color::hex(0xffffff), black = Color::hex(0x000000);
inline constexpr Color ink = Color::hex(0x1f2430);        ///< titles
inline constexpr Color soft_ink = Color::hex(0x5b6472);   ///< labels
inline constexpr Color grid_ink = Color::hex(0xe4e7ec);   ///< grid lines
inline constexpr Color wrong_ink = Color::hex(0xd4380d);  ///< what went wrong

/// Colors that people with any kind of colour vision tell apart: those of Okabe and Ito (2008), and after these ones in
/// between. Any index is good.
Color palette(int64_t index);

/// Light to dark in one hue, for magnitudes from 0 to 1 (values beyond are cut).
Color intensity(double value);

/// Blue below zero, white at it, red above, for values from -1 to 1 (values beyond are cut). People with any kind of
/// colour vision tell the two apart.
Color diverging(double value);

inline constexpr Color positive_ink = Color::hex(0x009e73);  ///< what speaks for something (green)
inline constexpr Color negative_ink = Color::hex(0xd1495b);  ///< what speaks against it (red)

struct Point {
  double x = 0, y = 0;
};

struct Rectangle {
  double x = 0, y = 0, width = 0, height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  Point centre() const { return {x + width / 2, y + height / 2}; }
  /// Smaller by these margins.
  Rectangle inside(double left, double top, double right, double bottom) const {
    return {x + left, y + top, width - left - right, height - top - bottom};
  }
};

enum class Align { start, centre, end };

struct TextStyle {
  double size = 13;
  Color color = ink;
  bool bold = false;
  Align align = Align::start;
  /// Degrees, anticlockwise, around the given point.
  double turn = 0;
};

struct LineStyle {
  Color color = ink;
  double width = 1.5;
  bool dashed = false;
};

class Picture {
 public:
  /// A page of one color; InvalidArgument unless both sides are from 1 to 16,000.
  Picture(double width, double height, Color background = white);
  ~Picture();
  Picture(Picture&&) noexcept;
  Picture& operator=(Picture&&) noexcept;

  double width() const;
  double height() const;

  void fill(Rectangle where, Color color, double corner_radius = 0);
  void frame(Rectangle where, LineStyle style, double corner_radius = 0);
  /// A line through the points; points that are not finite leave a gap.
  void line(std::span<const Point> points, LineStyle style);
  void line(Point from, Point to, LineStyle style);
  void polygon(std::span<const Point> corners, Color color);
  void circle(Point centre, double radius, Color color);
  void ring(Point centre, double radius, LineStyle style);

  /// One line of UTF-8 text whose baseline starts, is centred or ends at (x, y). Bytes that are not UTF-8 become '?'.
  void text(std::string_view text, double x, double y, const TextStyle& style = {});
  /// How wide that would be.
  double text_width(std::string_view text, const TextStyle& style = {}) const;
  /// The text, cut with an ellipsis where it is wider than `width`.
  std::string fit_text(std::string_view text, double width, const TextStyle& style = {}) const;

  /// An image of 4 bytes a pixel (red, green, blue, alpha), stretched over the rectangle: as blocks, or smoothly.
  void image(std::span<const uint8_t> rgba, int64_t width, int64_t height, Rectangle where, bool smooth = false);

  /// What is drawn until `unclip` is cut at the border of the rectangle. The two go in pairs, which may nest.
  void clip(Rectangle where);
  void unclip();

  /// What is drawn until `unzoom` is `scale` times as large, its (0, 0) at the point. The two go in pairs, which may
  /// nest.
  void zoom(Point origin, double scale);
  void unzoom();

  /// Draws another picture into the rectangle, as large as fits, in its middle.
  void place(const Picture& other, Rectangle where);

  /// Writes `.svg`, `.png` or `.pdf`, by the ending of the path, whole or not at all. IoError for another ending, or
  /// when the file cannot be written.
  void save(const std::string& path) const;
  /// The bytes of such a file; `ending` without its dot.
  std::string encode(std::string_view ending) const;

 private:
  struct Page;
  std::unique_ptr<Page> page_;
};

}  // namespace hebb::viz
