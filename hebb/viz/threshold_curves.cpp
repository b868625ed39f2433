#include "hebb/viz/threshold_curves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/viz/judgement.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

/// How many positive and negative examples have a score of at least each threshold, from the highest on.
struct Step {
  double positives, negatives;
};

std::vector<Step> steps_of(const std::vector<double>& scores, const std::vector<bool>& truth, const char* what) {
  if (scores.size() != truth.size()) {
    throw InvalidArgument(
        message(what, ": expected as many scores as examples, got ", scores.size(), " and ", truth.size(), "."));
  }
  const auto bad = std::find_if(scores.begin(), scores.end(), [](double score) { return std::isnan(score); });
  if (bad != scores.end()) {
    throw InvalidArgument(message(what, ": expected scores, got NaN at place ", bad - scores.begin(),
                                  ". A model that says NaN cannot be judged."));
  }
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<Step> steps;
  Step sum{0, 0};
  for (size_t i = 0; i < order.size(); ++i) {
    (truth[order[i]] ? sum.positives : sum.negatives) += 1;
    if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]]) steps.push_back(sum);
  }
  if (sum.positives == 0) {
    throw InvalidArgument(message(what, ": expected examples of the class, got none among ", scores.size(), "."));
  }
  return steps;
}

/// The curve of each class against all others.
struct ClassCurve {
  std::string name;
  ThresholdCurve curve;
};

std::string class_name(const ThresholdOptions& options, int64_t number) {
  const auto index = static_cast<size_t>(number);
  return index < options.class_names.size() ? options.class_names[index] : std::to_string(number);
}

using MakeCurve = ThresholdCurve (*)(const std::vector<double>&, const std::vector<bool>&);

std::vector<ClassCurve> class_curves(const Tensor& outputs, const Tensor& truth, const ThresholdOptions& options,
                                     MakeCurve make, const char* what) {
  const Judgement judgement = judge(outputs, truth);
  const std::vector<double> values = outputs.to_vector<double>();
  const int64_t width = judgement.size() > 0 ? outputs.size() / judgement.size() : 1;
  std::vector<ClassCurve> curves;
  for (int64_t c = judgement.classes == 2 ? 1 : 0; c < judgement.classes; ++c) {
    std::vector<double> scores;
    std::vector<bool> of_class;
    for (int64_t i = 0; i < judgement.size(); ++i) {
      scores.push_back(values[static_cast<size_t>(i * width + (width == 1 ? 0 : c))]);
      of_class.push_back(judgement.truth[static_cast<size_t>(i)] == c);
    }
    const int64_t positives = std::count(of_class.begin(), of_class.end(), true);
    if (positives == 0 || positives == judgement.size()) continue;
    curves.push_back({class_name(options, c), make(scores, of_class)});
  }
  if (curves.empty()) {
    throw InvalidArgument(
        message(what, ": expected examples of at least two classes, got ", judgement.size(), " of fewer."));
  }
  return curves;
}

double mean_area(const std::vector<ClassCurve>& curves) {
  double sum = 0;
  for (const ClassCurve& one : curves) sum += one.curve.area;
  return sum / static_cast<double>(curves.size());
}

/// Four decimals tell the areas of good classifiers apart; only a perfect one has 1.
std::string area_text(double area) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", area < 1 ? std::min(area, 0.9999) : area);
  return text;
}

struct Words {
  const char *title, *mean, *x, *y, *area;
  bool diagonal;
};

/// The curves of good classifiers lie in a corner: a tenth of each axis there, enlarged, in the empty middle.
void draw_corner(Picture& picture, Rectangle inner, const std::vector<ClassCurve>& curves,
                 const std::vector<Color>& colors, bool left) {
  const Rectangle area{inner.x + inner.width * (left ? 0.16 : 0.5), inner.y + inner.height * 0.1, inner.width * 0.42,
                       inner.height * 0.44};
  picture.fill({area.x - 10, area.y - 8, area.width + 20, area.height + 16}, white.with_alpha(0.92), 4);
  picture.frame({area.x - 10, area.y - 8, area.width + 20, area.height + 16}, {.color = grid_ink, .width = 1}, 4);
  AxesOptions options;
  options.title = "the corner, enlarged";
  options.grid_x = options.frame = true;
  const Axes axes(picture, area, left ? Range{0, 0.1} : Range{0.9, 1}, {0.9, 1}, options);
  picture.clip(axes.inner());
  for (size_t i = curves.size(); i-- > 0;) {
    std::vector<Point> line;
    for (const Point& p : curves[i].curve.points) line.push_back(axes.at(p.x, p.y));
    picture.line(line, {.color = colors[i], .width = 1.8});
  }
  picture.unclip();
}

Picture draw(std::vector<ClassCurve> curves, const ThresholdOptions& options, const Words& words) {
  Picture picture(options.width, options.height);
  PlotOptions plot;
  plot.title = options.title;
  if (plot.title.empty())
    plot.title = message(words.title, curves.size() == 1 ? ": " : words.mean,
                         curves.size() == 1 ? words.area + std::string(" ") : "", area_text(mean_area(curves)));
  plot.x_label = words.x;
  plot.y_label = words.y;
  plot.x_range = Range{0, 1};
  plot.y_range = Range{0, 1};
  plot.grid_x = true;
  plot.frame = true;
  const size_t count = curves.size();
  constexpr size_t most_named = 10;
  if (count > most_named) {
    std::stable_sort(curves.begin(), curves.end(),
                     [](const ClassCurve& a, const ClassCurve& b) { return a.curve.area < b.curve.area; });
  }
  std::vector<LegendEntry> legend;
  std::vector<Color> colors;
  for (size_t i = 0; i < count; ++i) {
    const bool named = count <= most_named || i < 3;
    colors.push_back(named ? palette(static_cast<int64_t>(i)) : Color::hex(0x9aa3af, 0.5));
    if (named && count > 1)
      legend.push_back({message(curves[i].name, "  ", area_text(curves[i].curve.area)), colors[i]});
  }
  const Rectangle area = Rectangle{0, 0, picture.width(), picture.height()}.inside(24, 24, 24, 20);
  const Axes axes(picture, area, {0, 1}, {0, 1}, plot);
  const Rectangle inner = axes.inner();
  if (words.diagonal)
    picture.line({inner.x, inner.bottom()}, {inner.right(), inner.y},
                 {.color = Color::hex(0x9aa3af), .width = 1.2, .dashed = true});
  for (size_t i = count; i-- > 0;) {
    std::vector<Point> line;
    for (const Point& p : curves[i].curve.points) line.push_back(axes.at(p.x, p.y));
    picture.line(line, {.color = colors[i], .width = count <= most_named || i < 3 ? 2.2 : 1});
  }
  if (mean_area(curves) > 0.97) draw_corner(picture, inner, curves, colors, words.diagonal);
  // The legend where these curves do not come: below the ROC, and left below the other.
  constexpr double row = 19, size = 12;
  double widest = picture.text_width(message("class  ", words.area), {.size = size});
  for (const LegendEntry& entry : legend) widest = std::max(widest, picture.text_width(entry.label, {.size = size}));
  if (!legend.empty()) {
    const double width = widest + 44, height = row * static_cast<double>(legend.size() + 1) + 12;
    const Rectangle plate{words.diagonal ? inner.right() - width - 12 : inner.x + 12, inner.bottom() - height - 12,
                          width, height};
    picture.fill(plate, white.with_alpha(0.88), 4);
    picture.frame(plate, {.color = grid_ink, .width = 1}, 4);
    picture.text(message("class  ", words.area), plate.x + 34, plate.y + row - 2, {.size = size, .color = soft_ink});
    for (size_t i = 0; i < legend.size(); ++i) {
      const double y = plate.y + row * static_cast<double>(i + 2) - 2;
      picture.line({plate.x + 10, y - 4}, {plate.x + 26, y - 4}, {.color = legend[i].color, .width = 2.6});
      picture.text(legend[i].label, plate.x + 34, y, {.size = size, .color = ink});
    }
  }
  return picture;
}

}  // namespace

ThresholdCurve roc_curve(const std::vector<double>& scores, const std::vector<bool>& truth) {
  const std::vector<Step> steps = steps_of(scores, truth, "roc_curve");
  const Step all = steps.back();
  if (all.negatives == 0) {
    throw InvalidArgument(
        message("roc_curve: expected examples of other classes too, got ", scores.size(), " of the class alone."));
  }
  ThresholdCurve curve{{{0, 0}}, 0};
  for (const Step& step : steps) {
    const Point next{step.negatives / all.negatives, step.positives / all.positives};
    curve.area += (next.x - curve.points.back().x) * (next.y + curve.points.back().y) / 2;
    curve.points.push_back(next);
  }
  return curve;
}

ThresholdCurve precision_recall_curve(const std::vector<double>& scores, const std::vector<bool>& truth) {
  const std::vector<Step> steps = steps_of(scores, truth, "precision_recall_curve");
  ThresholdCurve curve{{{0, 1}}, 0};
  for (const Step& step : steps) {
    const Point next{step.positives / steps.back().positives, step.positives / (step.positives + step.negatives)};
    curve.area += (next.x - curve.points.back().x) * next.y;
    curve.points.push_back(next);
  }
  return curve;
}

Picture roc(const Tensor& outputs, const Tensor& truth, const ThresholdOptions& options) {
  return draw(class_curves(outputs, truth, options, roc_curve, "roc"), options,
              {"ROC", ": mean area ", "false positive rate", "true positive rate", "area", true});
}

Picture precision_recall(const Tensor& outputs, const Tensor& truth, const ThresholdOptions& options) {
  return draw(class_curves(outputs, truth, options, precision_recall_curve, "precision_recall"), options,
              {"precision and recall", ": mean average precision ", "recall", "precision", "average precision", false});
}

}  // namespace hebb::viz
