#include "hebb/data/digits_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "hebb/base/philox.h"
#include "hebb/base/threads.h"
#include "hebb/data/digits_glyphs.h"

namespace hebb::data {

namespace {

using detail::Glyph;
using detail::Knot;

struct Point {
  float x, y;
};

/// A point of the pen's way: where it is (pixels), how wide it draws, how dark, and whether it is down on the way here.
struct PenPoint {
  float x, y;
  float radius = 1, ink = 1;
  bool down = false;
};

constexpr int max_knots = 16;
constexpr int max_points = 256;
constexpr float two_pi = 6.2831853f;

/// Random choices. Deviates are bounded sums of four bytes: nearly normal, cheap, and without the far tails that would
/// turn a digit into a scribble.
class Chance {
 public:
  Chance(uint64_t seed, uint64_t index) : random_(seed, index) {}

  float uniform(float low, float high) { return random_.uniform(low, high); }
  bool happens(float probability) { return random_.uniform() < probability; }
  uint32_t below(uint32_t bound) { return random_.below(bound); }
  uint32_t bits() { return random_.bits(); }
  /// Mean 0, deviation `deviation`, never beyond 3.45 deviations.
  float deviate(float deviation) { return deviate_from(random_.bits()) * deviation; }

  static float deviate_from(uint32_t bits) {
    const uint32_t sum = (bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24);
    return (static_cast<float>(sum) - 510.f) * (1 / 147.8f);
  }

 private:
  PhiloxStream random_;
};

/// The pen's way through one image.
struct Way {
  std::array<PenPoint, max_points> points;
  int count = 0;

  void add(Point p, bool down) {
    if (count == max_points) return;
    points[static_cast<size_t>(count++)] = {p.x, p.y, 1, 1, down};
  }
  std::span<PenPoint> all() { return {points.data(), static_cast<size_t>(count)}; }
};

const Glyph& choose_glyph(Chance& chance, int digit) {
  const std::vector<Glyph>& glyphs = detail::digit_glyphs();
  float total = 0;
  for (const Glyph& glyph : glyphs) total += glyph.digit == digit ? glyph.weight : 0;
  float left = chance.uniform(0, total);
  const Glyph* chosen = nullptr;
  for (const Glyph& glyph : glyphs) {
    if (glyph.digit != digit) continue;
    chosen = &glyph;
    left -= glyph.weight;
    if (left < 0) break;
  }
  return *chosen;
}

/// How one writer bends every digit: smooth maps of the unit box.
class Bend {
 public:
  explicit Bend(Chance& chance)
      : middle_(chance.deviate(0.1f)),
        taper_(chance.deviate(0.11f)),
        bow_(chance.deviate(0.16f)),
        wave_x_(chance.deviate(0.035f)),
        wave_y_(chance.deviate(0.035f)),
        phase_x_(chance.uniform(0, two_pi)),
        phase_y_(chance.uniform(0, two_pi)),
        frequency_x_(chance.uniform(3, 8)),
        frequency_y_(chance.uniform(3, 8)) {}

  Point operator()(Point p) const {
    const float up = p.y - 0.5f;
    // Upper and lower halves of unequal height and width, a bow in the spine, and waves.
    const float x = 0.33f + (p.x - 0.33f) * (1 + taper_ * 2 * up) + bow_ * (up * up - 0.12f);
    const float y = p.y + middle_ * 4 * (0.25f - up * up);
    return {x + wave_x_ * std::sin(frequency_x_ * p.y + phase_x_),
            y + wave_y_ * std::sin(frequency_y_ * p.x + phase_y_)};
  }

 private:
  float middle_, taper_, bow_, wave_x_, wave_y_, phase_x_, phase_y_, frequency_x_, frequency_y_;
};

/// Catmull and Rom's curve (1974) between b and c.
Point curve(Point a, Point b, Point c, Point d, float t) {
  auto blend = [t](float p0, float p1, float p2, float p3) {
    return 0.5f * (2 * p1 + t * ((p2 - p0) + t * ((2 * p0 - 5 * p1 + 4 * p2 - p3) + t * (3 * (p1 - p2) + p3 - p0))));
  };
  return {blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)};
}

/// Adds a smooth curve through the knots; at corners, and at its ends, it starts and ends without curvature.
void add_stroke(Way& way, std::span<const Point> knots, std::span<const Knot> plan) {
  const int n = static_cast<int>(knots.size());
  auto mirrored = [](Point at, Point other) { return Point{2 * at.x - other.x, 2 * at.y - other.y}; };
  way.add(knots[0], false);
  for (int i = 0; i + 1 < n; ++i) {
    const Point b = knots[static_cast<size_t>(i)], c = knots[static_cast<size_t>(i + 1)];
    const bool sharp_start = i == 0 || plan[static_cast<size_t>(i)].corner;
    const bool sharp_end = i + 2 == n || plan[static_cast<size_t>(i + 1)].corner;
    const Point a = sharp_start ? mirrored(b, c) : knots[static_cast<size_t>(i - 1)];
    const Point d = sharp_end ? mirrored(c, b) : knots[static_cast<size_t>(i + 2)];
    const float length = std::hypot(c.x - b.x, c.y - b.y);
    const int steps = std::clamp(static_cast<int>(length * 13), 2, 7);
    for (int step = 1; step <= steps; ++step) {
      way.add(curve(a, b, c, d, static_cast<float>(step) / static_cast<float>(steps)), true);
    }
  }
}

void write_glyph(Way& way, const Glyph& glyph, Chance& chance) {
  const Bend bend(chance);
  const float wobble = chance.uniform(0.010f, 0.034f);
  bool first = true;
  for (const std::vector<Knot>& stroke : glyph.strokes) {
    std::array<Point, max_knots> knots;
    // The pen does not come down again quite where it should.
    const Point lift = first ? Point{0, 0} : Point{chance.deviate(0.022f), chance.deviate(0.03f)};
    Point off = {chance.deviate(wobble * 1.5f), chance.deviate(wobble * 1.5f)};
    for (size_t i = 0; i < stroke.size(); ++i) {
      const Point p = bend({stroke[i].x, stroke[i].y});
      knots[i] = {p.x + lift.x + off.x, p.y + lift.y + off.y};
      // A hand that is off stays off for a while: neighbours err alike, so that curves stay smooth.
      off = {0.55f * off.x + chance.deviate(wobble), 0.55f * off.y + chance.deviate(wobble)};
    }
    add_stroke(way, {knots.data(), stroke.size()}, stroke);
    first = false;
  }
}

/// Slants, turns and stretches, then brings the digit to its size and place in pixels.
void place(Way& way, Chance& chance) {
  const float slant = 0.12f + chance.deviate(0.2f), turn = chance.deviate(0.12f);
  const float stretch = std::exp(chance.deviate(0.155f)) * 1.02f;
  const float cosine = std::cos(turn), sine = std::sin(turn);
  float left = 1e9f, right = -1e9f, top = 1e9f, bottom = -1e9f, sum_x = 0, sum_y = 0;
  for (PenPoint& p : way.all()) {
    const float x = (p.x - 0.33f) * stretch - slant * (p.y - 0.5f), y = p.y - 0.5f;
    p.x = cosine * x - sine * y;
    p.y = sine * x + cosine * y;
    left = std::min(left, p.x), right = std::max(right, p.x);
    top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    sum_x += p.x, sum_y += p.y;
  }
  const float side = std::max(right - left, bottom - top);
  const float scale = (18.4f + chance.deviate(1.2f)) / side;
  // MNIST puts the centre of mass in the middle; people are less exact.
  const float n = static_cast<float>(way.count), half = static_cast<float>(digit_size) / 2, margin = 2.f;
  const float centre_x = sum_x / n, centre_y = sum_y / n;
  float x0 = half - centre_x * scale + chance.deviate(1.05f), y0 = half - centre_y * scale + chance.deviate(1.05f);
  x0 = std::clamp(x0, margin - left * scale, std::max(margin - left * scale, 2 * half - margin - right * scale));
  y0 = std::clamp(y0, margin - top * scale, std::max(margin - top * scale, 2 * half - margin - bottom * scale));
  for (PenPoint& p : way.all()) {
    p.x = x0 + p.x * scale;
    p.y = y0 + p.y * scale;
  }
}

/// The pen's width and ink along the way: pressure swells and fades slowly, and lifts at the ends of strokes.
void press(Way& way, Chance& chance) {
  const float radius = std::clamp(1.1f * std::exp(chance.deviate(0.27f)), 0.6f, 2.3f);
  const float ink = chance.uniform(0.92f, 1.3f);
  const float swing = chance.uniform(0.f, 0.24f), fade = chance.uniform(0.f, 0.2f);
  const float frequency = chance.uniform(0.06f, 0.22f), phase = chance.uniform(0, two_pi);
  const float lifting = chance.uniform(0.f, 0.4f);
  const std::span<PenPoint> points = way.all();
  for (size_t i = 0; i < points.size(); ++i) {
    const float wave = std::sin(frequency * static_cast<float>(i) + phase);
    const bool tail = i + 1 == points.size() || !points[i + 1].down;
    points[i].radius = radius * (1 + swing * wave) * (tail ? 1 - lifting : 1.f);
    points[i].ink = ink * (1 - fade * (0.5f + 0.5f * wave)) * (tail ? 1 - 0.5f * lifting : 1.f);
  }
}

/// What else a scanner sees now and then: a speck, or the end of a neighbouring stroke at the border.
void add_clutter(Way& way, Chance& chance) {
  const float size = static_cast<float>(digit_size);
  const int start = way.count;
  const float turn = chance.uniform(0, two_pi);
  if (chance.happens(0.5f)) {
    const Point p{chance.uniform(2, size - 2), chance.uniform(2, size - 2)};
    way.add(p, false);
    way.add({p.x + 0.8f * std::cos(turn), p.y + 0.8f * std::sin(turn)}, true);
  } else {
    const float length = chance.uniform(2, 6);
    const float along = chance.uniform(3, size - 3), inside = chance.uniform(0.3f, 2.f);
    const uint32_t border = chance.below(4);
    const float across = border & 1 ? inside : size - inside;
    const Point p = border & 2 ? Point{across, along} : Point{along, across};
    const float drift = chance.deviate(0.6f);
    way.add(p, false);
    way.add(border & 2 ? Point{p.x + drift, p.y + length} : Point{p.x + length, p.y + drift}, true);
  }
  const float radius = chance.uniform(0.5f, 0.9f), ink = chance.uniform(0.4f, 0.9f);
  for (int i = start; i < way.count; ++i) {
    way.points[static_cast<size_t>(i)].radius = radius;
    way.points[static_cast<size_t>(i)].ink = ink;
  }
}

/// Four neighbouring pixels, one register on every machine.
using Four [[gnu::vector_size(16)]] = float;

Four smaller(Four a, Four b) { return a < b ? a : b; }
Four larger(Four a, Four b) { return a > b ? a : b; }

/// Ink on paper: 28 rows with room on both sides, so that blocks of four pixels need no edge cases.
class Paper {
 public:
  Paper() { ink_.fill(0); }

  /// Draws the segment from a to b: each pixel takes the darkest ink that comes near it.
  void draw(const PenPoint& a, const PenPoint& b, float softness) {
    const float dx = b.x - a.x, dy = b.y - a.y, per_length = 1 / (dx * dx + dy * dy + 1e-6f);
    const float radius = 0.5f * (a.radius + b.radius), ink = 0.5f * (a.ink + b.ink);
    const float outer = radius + softness, inner = std::max(radius - softness, 0.f);
    // Falls from all to none between the squares of the two radii: smooth, and no square root.
    const float outer2 = outer * outer, slope = 1 / (outer2 - inner * inner);
    const int top = std::max(static_cast<int>(std::min(a.y, b.y) - outer), 0);
    const int bottom = std::min(static_cast<int>(std::max(a.y, b.y) + outer), size - 1);
    const int left = std::max(static_cast<int>(std::min(a.x, b.x) - outer), 0);
    const int right = std::min(static_cast<int>(std::max(a.x, b.x) + outer), size - 1);
    const Four columns = Four{0, 1, 2, 3} + (0.5f - a.x);
    for (int y = top; y <= bottom; ++y) {
      const float py = static_cast<float>(y) + 0.5f - a.y;
      for (int x = left; x <= right; x += block) {
        const Four px = columns + static_cast<float>(x);
        const Four t = smaller(larger((px * dx + py * dy) * per_length, Four{}), Four{} + 1.f);
        const Four ex = px - t * dx, ey = py - t * dy;
        const Four drawn = smaller((outer2 - (ex * ex + ey * ey)) * slope, Four{} + 1.f) * ink;
        float* pixels = &ink_[static_cast<size_t>(y * stride + x)];
        Four there;
        std::memcpy(&there, pixels, sizeof there);
        there = larger(there, drawn);
        std::memcpy(pixels, &there, sizeof there);
      }
    }
  }

  const float* row(int y) const { return &ink_[static_cast<size_t>(y * stride)]; }

 private:
  static constexpr int size = static_cast<int>(digit_size), block = 4, stride = size + block;
  std::array<float, static_cast<size_t>(size* stride)> ink_;
};

/// Pixels of 0 to 255: grain where there is ink, now and then dust everywhere.
void develop(const Paper& paper, Chance& chance, std::span<uint8_t, 784> pixels) {
  const float grain = chance.uniform(2.f, 12.f);
  const float dust = chance.happens(0.06f) ? chance.uniform(4.f, 14.f) : 0.f;
  for (int y = 0; y < digit_size; ++y) {
    const float* row = paper.row(y);
    uint8_t* out = pixels.data() + y * digit_size;
    for (int x = 0; x < digit_size; ++x) {
      const float noise = row[x] > 0 ? grain : dust;
      float value = 255 * row[x];
      if (noise > 0) value += noise * Chance::deviate_from(chance.bits());
      out[x] = static_cast<uint8_t>(std::min(std::max(value, 0.f), 255.f));
    }
  }
}

}  // namespace

int draw_digit(uint64_t seed, uint64_t index, std::span<uint8_t, 784> pixels) {
  Chance chance(seed, index);
  const int digit = static_cast<int>(chance.below(10));
  Way way;
  write_glyph(way, choose_glyph(chance, digit), chance);
  place(way, chance);
  press(way, chance);
  if (chance.happens(0.05f)) add_clutter(way, chance);
  const float softness = chance.uniform(0.5f, 0.95f);
  Paper paper;
  for (int i = 1; i < way.count; ++i) {
    const PenPoint& to = way.points[static_cast<size_t>(i)];
    if (to.down) paper.draw(way.points[static_cast<size_t>(i - 1)], to, softness);
  }
  develop(paper, chance, pixels);
  return digit;
}

void draw_digits(uint64_t seed, uint64_t first, int64_t count, uint8_t* images, uint8_t* labels) {
  constexpr int64_t piece_size = 256;
  detail::digit_glyphs();  // parsed here, not by the first thread that comes
  parallel_for((count + piece_size - 1) / piece_size, [&](int64_t piece) {
    const int64_t end = std::min(count, (piece + 1) * piece_size);
    for (int64_t i = piece * piece_size; i < end; ++i) {
      const std::span<uint8_t, 784> pixels(images + i * digit_pixels, digit_pixels);
      labels[i] = static_cast<uint8_t>(draw_digit(seed, first + static_cast<uint64_t>(i), pixels));
    }
  });
}

}  // namespace hebb::data
