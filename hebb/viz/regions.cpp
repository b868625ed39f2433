#include "hebb/viz/regions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/viz/judgement.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

/// What the model says at the points of a grid; row 0 is the lowest y.
struct Field {
  int64_t columns, rows;
  Range x, y;
  Judgement judgement;
  std::vector<double> scores;  // (rows, columns, classes)

  size_t index(int64_t row, int64_t column) const { return static_cast<size_t>(row * columns + column); }
  Point point(int64_t row, int64_t column) const {
    return {x.low + x.length() * static_cast<double>(column) / static_cast<double>(columns - 1),
            y.low + y.length() * static_cast<double>(row) / static_cast<double>(rows - 1)};
  }
  /// How far a class is ahead of the best other one: above 0 in its region.
  double lead(int64_t row, int64_t column, int64_t of) const {
    const double* here = &scores[index(row, column) * static_cast<size_t>(judgement.classes)];
    double other = -std::numeric_limits<double>::infinity();
    for (int64_t c = 0; c < judgement.classes; ++c) {
      if (c != of) other = std::max(other, here[c]);
    }
    return here[of] - other;
  }
};

Range with_room(Range range) {
  const double room = range.length() > 0 ? range.length() * 0.12 : 1;
  return {range.low - room, range.high + room};
}

Field ask(FunctionRef<Tensor(const Tensor&)> predict, Range x, Range y, int64_t columns, int64_t rows) {
  Field field{columns, rows, x, y, {}, {}};
  Tensor grid = Tensor::empty({rows * columns, 2});
  float* values = grid.mutable_data<float>();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      const Point p = field.point(row, column);
      *values++ = static_cast<float>(p.x);
      *values++ = static_cast<float>(p.y);
    }
  }
  const Tensor outputs = predict(grid);
  if (outputs.rank() < 1 || outputs.shape()[0] != rows * columns) {
    throw InvalidArgument(message("decision_regions: expected one output for each of ", rows * columns, " points, got ",
                                  outputs.spec(), "."));
  }
  field.judgement = judge(outputs);
  field.scores = outputs.to_vector<double>();
  if (field.judgement.classes * rows * columns != outputs.size()) {  // one output for two classes
    std::vector<double> both;
    const bool logits =
        std::any_of(field.scores.begin(), field.scores.end(), [](double v) { return v < 0 || v > 1.0001; });
    for (const double score : field.scores) {
      both.push_back((logits ? 0 : 0.5) - score);
      both.push_back(score - (logits ? 0 : 0.5));
    }
    field.scores = std::move(both);
  }
  return field;
}

void shade(Picture& picture, const Axes& axes, const Field& field) {
  std::vector<uint8_t> rgba;
  const double least = 1.0 / static_cast<double>(field.judgement.classes);
  for (int64_t row = field.rows - 1; row >= 0; --row) {
    for (int64_t column = 0; column < field.columns; ++column) {
      const size_t i = field.index(row, column);
      const double sure = std::clamp((field.judgement.confidence[i] - least) / (1 - least), 0., 1.);
      const Color color = white.mixed(palette(field.judgement.predicted[i]), 0.12 + 0.3 * sure);
      for (const double part : {color.red, color.green, color.blue})
        rgba.push_back(static_cast<uint8_t>(part * 255 + 0.5));
      rgba.push_back(255);
    }
  }
  // A pixel stands for a point of the grid, so the picture reaches half a pixel beyond the outer points.
  const Rectangle inner = axes.inner();
  const double half_x = inner.width / static_cast<double>(field.columns - 1) / 2,
               half_y = inner.height / static_cast<double>(field.rows - 1) / 2;
  picture.clip(inner);
  picture.image(rgba, field.columns, field.rows,
                {inner.x - half_x, inner.y - half_y, inner.width + 2 * half_x, inner.height + 2 * half_y}, true);
  picture.unclip();
}

/// A side of a cell with a class at one end and another one at the other: how far the class leads at both.
struct Side {
  Point p, q;
  double lead_p, lead_q;
};

/// Answers without a middle, such as a threshold's, do not say where between two points they change: by asking halfway
/// again and again the place is found to a hundredth of a cell.
void narrow(FunctionRef<Tensor(const Tensor&)> predict, std::vector<Side>& sides, int64_t of) {
  const auto count = static_cast<int64_t>(sides.size());
  const auto middle = [](const Side& side) { return Point{(side.p.x + side.q.x) / 2, (side.p.y + side.q.y) / 2}; };
  constexpr int halvings = 6;
  for (int i = 0; i < halvings; ++i) {
    Tensor points = Tensor::empty({count, 2});
    float* values = points.mutable_data<float>();
    for (const Side& side : sides) {
      *values++ = static_cast<float>(middle(side).x);
      *values++ = static_cast<float>(middle(side).y);
    }
    const std::vector<int64_t> predicted = judge(predict(points)).predicted;
    for (size_t k = 0; k < sides.size(); ++k) {
      Side& side = sides[k];
      ((predicted[k] == of) == (side.lead_p > 0) ? side.p : side.q) = middle(side);
    }
  }
}

/// The lines around a class's region, cell by cell of the grid ("marching squares", Lorensen and Cline's cubes in the
/// plane).
void outline(FunctionRef<Tensor(const Tensor&)> predict, Picture& picture, const Axes& axes, const Field& field,
             int64_t of) {
  const LineStyle style{.color = white, .width = 1.8};
  std::vector<Side> sides;  // two for each segment
  for (int64_t row = 0; row + 1 < field.rows; ++row) {
    for (int64_t column = 0; column + 1 < field.columns; ++column) {
      // The corners around the cell, and where its four sides are crossed.
      const int64_t rows[] = {row, row, row + 1, row + 1}, columns[] = {column, column + 1, column + 1, column};
      std::vector<Side> crossed;
      for (int side = 0; side < 4; ++side) {
        const int next = (side + 1) % 4;
        const double a = field.lead(rows[side], columns[side], of), b = field.lead(rows[next], columns[next], of);
        if ((a > 0) == (b > 0) || !std::isfinite(a) || !std::isfinite(b)) continue;
        crossed.push_back({field.point(rows[side], columns[side]), field.point(rows[next], columns[next]), a, b});
      }
      sides.insert(sides.end(), crossed.begin(), crossed.begin() + static_cast<std::ptrdiff_t>(crossed.size() / 2 * 2));
    }
  }
  if (!sides.empty() && std::all_of(sides.begin(), sides.end(), [](const Side& s) { return s.lead_p == -s.lead_q; }))
    narrow(predict, sides, of);
  std::vector<Point> segments;
  for (size_t i = 0; i < sides.size(); ++i) {
    const auto& [p, q, a, b] = sides[i];
    const double t = a / (a - b);
    segments.push_back(axes.at(p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)));
    if (i % 2 == 1) segments.push_back({std::nan(""), 0});
  }
  picture.line(segments, style);
}

}  // namespace

Picture decision_regions(FunctionRef<Tensor(const Tensor&)> predict, const Tensor& x, const Tensor& y,
                         const RegionsOptions& options) {
  if (x.rank() != 2 || x.shape()[1] != 2) {
    throw InvalidArgument(message("decision_regions: expected points (n, 2), got ", x.spec(), "."));
  }
  if (options.resolution < 2 || options.resolution > 4000) {
    throw InvalidArgument(
        message("decision_regions: expected a resolution from 2 to 4000, got ", options.resolution, "."));
  }
  const std::vector<double> points = x.to_vector<double>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Range ranges[2] = {{infinity, -infinity}, {infinity, -infinity}};
  for (size_t i = 0; i < points.size(); ++i) {
    Range& range = ranges[i % 2];
    if (std::isfinite(points[i])) range = {std::min(range.low, points[i]), std::max(range.high, points[i])};
  }
  for (Range& range : ranges) range = with_room(range.low <= range.high ? range : Range{0, 1});
  const Judgement judgement = judge(predict(x), y);

  const double margin = 18;
  Picture picture(options.width, options.height);
  AxesOptions axes_options;
  axes_options.title = options.title.empty()
                           ? message(percent_text(judgement.accuracy()), " of ", judgement.size(), " points right")
                           : options.title;
  axes_options.x_label = options.x_label;
  axes_options.y_label = options.y_label;
  axes_options.grid = false;
  std::vector<LegendEntry> legend;
  for (int64_t c = 0; c < judgement.classes; ++c) {
    const auto index = static_cast<size_t>(c);
    legend.push_back({.label = index < options.class_names.size() ? options.class_names[index] : message("class ", c),
                      .color = palette(c),
                      .dot = true});
  }
  const Axes axes(picture, Rectangle{0, 0, picture.width(), picture.height()}.inside(margin, margin, margin, margin),
                  ranges[0], ranges[1], axes_options, legend);
  const Rectangle inner = axes.inner();
  const double longer = std::max(inner.width, inner.height);
  auto along = [&](double length) {
    return std::max<int64_t>(2, std::llround(static_cast<double>(options.resolution) * length / longer));
  };
  const Field field = ask(predict, ranges[0], ranges[1], along(inner.width), along(inner.height));
  shade(picture, axes, field);
  picture.clip(inner);
  for (int64_t c = field.judgement.classes == 2 ? 1 : 0; c < field.judgement.classes; ++c)
    outline(predict, picture, axes, field, c);

  const double radius =
      std::clamp(9 - std::log2(static_cast<double>(std::max<int64_t>(judgement.size(), 1))) * 0.5, 2.6, 6.);
  for (const bool right : {true, false}) {  // mistakes on top
    for (size_t i = 0; i < judgement.truth.size(); ++i) {
      if (judgement.is_right(i) != right || !std::isfinite(points[2 * i]) || !std::isfinite(points[2 * i + 1]))
        continue;
      const Point p = axes.at(points[2 * i], points[2 * i + 1]);
      picture.circle(p, radius + 0.9, right ? white : ink);
      picture.circle(p, radius, palette(judgement.truth[i]));
      if (right) continue;
      const double arm = radius * 0.55;
      const LineStyle cross{.color = white, .width = 1.3};
      picture.line({p.x - arm, p.y - arm}, {p.x + arm, p.y + arm}, cross);
      picture.line({p.x - arm, p.y + arm}, {p.x + arm, p.y - arm}, cross);
    }
  }
  picture.unclip();
  return picture;
}

Picture decision_regions(const Model& model, const Tensor& x, const Tensor& y, const RegionsOptions& options) {
  Model asked = model;  // a handle: the same model
  auto predict = [&](const Tensor& points) { return asked.predict(points, {.batch_size = 1024}); };
  return decision_regions(predict, x, y, options);
}

}  // namespace hebb::viz
