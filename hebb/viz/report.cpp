#include "hebb/viz/report.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/viz/confusion.h"
#include "hebb/viz/curves.h"
#include "hebb/viz/image_grid.h"
#include "hebb/viz/predictions.h"

namespace hebb::viz {

namespace {

constexpr double page_width = 1600, page_height = 900, margin = 48, header = 92;
constexpr int64_t grid_columns = 6, grid_rows = 6;

std::string class_name(const ReportOptions& options, int64_t number) {
  const auto index = static_cast<size_t>(number);
  return index < options.class_names.size() ? options.class_names[index] : std::to_string(number);
}

/// What to show: mistakes, the most confident ones first, in at most half of the places, then right ones of every class
/// in turn.
std::vector<int64_t> examples_to_show(const Judgement& judgement, int64_t places) {
  std::vector<int64_t> shown = judgement.mistakes();
  if (static_cast<int64_t>(shown.size()) > places / 2) shown.resize(static_cast<size_t>(places / 2));
  std::vector<std::vector<int64_t>> right(static_cast<size_t>(judgement.classes));
  for (size_t i = 0; i < judgement.truth.size(); ++i) {
    std::vector<int64_t>& of_class = right[static_cast<size_t>(judgement.truth[i])];
    if (judgement.is_right(i) && static_cast<int64_t>(of_class.size()) < places)
      of_class.push_back(static_cast<int64_t>(i));
  }
  for (size_t round = 0; round < static_cast<size_t>(places); ++round) {
    for (const std::vector<int64_t>& of_class : right) {
      if (round < of_class.size() && static_cast<int64_t>(shown.size()) < places) shown.push_back(of_class[round]);
    }
  }
  return shown;
}

void draw_examples(Picture& picture, Rectangle area, const ReportOptions& options, const Judgement& judgement) {
  const std::vector<int64_t> shown = examples_to_show(judgement, grid_columns * grid_rows);
  ImageGridOptions grid;
  grid.columns = grid_columns;
  bool any_wrong = false;
  for (const int64_t i : shown) {
    const auto index = static_cast<size_t>(i);
    const bool wrong = !judgement.is_right(index);
    any_wrong |= wrong;
    grid.wrong.push_back(wrong);
    const std::string truth = class_name(options, judgement.truth[index]);
    grid.captions.push_back(wrong ? message(truth, " → ", class_name(options, judgement.predicted[index]), " (",
                                            std::lround(judgement.confidence[index] * 100), " %)")
                                  : truth);
  }
  picture.text(message(options.part, " images"), area.x, area.y + 14, {.size = 14, .color = ink, .bold = true});
  if (any_wrong) {
    picture.text("red: true → predicted (confidence)", area.right(), area.y + 14,
                 {.size = 12, .color = wrong_ink, .align = Align::end});
  }
  draw_image_grid(picture, area.inside(0, 32, 0, 0), select_images(options.images, shown), grid);
}

/// How a training without classes ended: "validation loss 0.0312, mae 0.12 after 20 epochs".
std::string final_text(const History& history) {
  constexpr size_t most = 4;
  const bool validated = history.find("val_loss");
  std::string numbers;
  size_t count = 0;
  for (const std::string& name : curve_names(history)) {
    const std::vector<double>* values = history.find((validated ? "val_" : "") + name);
    if (!values || values->empty() || name == "learning_rate" || count++ == most) continue;
    numbers += message(numbers.empty() ? "" : ", ", spoken(name), " ", short_number(values->back()));
    if (count == most) break;
  }
  if (numbers.empty()) return "";
  const size_t epochs = history.epochs().size();
  return message(validated ? "validation " : "training ", numbers, " after ", epochs,
                 epochs == 1 ? " epoch" : " epochs");
}

/// At most so many curves, in so many columns, filling the area but for plots that would be much higher than wide.
void draw_curves(Picture& picture, Rectangle area, const History& history, int64_t columns, size_t most,
                 double steepest) {
  std::vector<std::string> names = curve_names(history);
  std::erase(names, "learning_rate");
  if (names.size() > most) names.resize(most);
  if (names.empty()) return;
  columns = std::min(columns, static_cast<int64_t>(names.size()));
  const auto count = static_cast<int64_t>(names.size());
  const int64_t rows = (count + columns - 1) / columns, in_first = count - (rows - 1) * columns;
  const double gap = 40;
  const auto width_of = [&](int64_t plots) {
    return (area.width - gap * static_cast<double>(plots - 1)) / static_cast<double>(plots);
  };
  const double height = std::min((area.height - gap * static_cast<double>(rows - 1)) / static_cast<double>(rows),
                                 steepest * width_of(columns));
  // The first row, which has the loss, is the one with fewer plots.
  int64_t i = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t plots = row == 0 ? in_first : columns;
    for (int64_t column = 0; column < plots; ++column, ++i) {
      const double width = width_of(plots);
      draw_learning_curve(picture,
                          {area.x + static_cast<double>(column) * (width + gap),
                           area.y + static_cast<double>(row) * (height + gap), width, height},
                          history, names[static_cast<size_t>(i)]);
    }
  }
}

}  // namespace

Picture train_report(const ReportOptions& options) {
  const bool judged = options.truth.defined() && options.outputs.defined();
  const bool with_images = judged && options.images.defined();
  Judgement judgement;
  if (judged) judgement = judge(options.outputs, options.truth);
  if (with_images && (options.images.rank() < 1 || options.images.shape()[0] != judgement.size())) {
    throw InvalidArgument(message("train_report: expected as many images as classes, got ", options.images.spec(),
                                  " and ", options.truth.spec(), "."));
  }
  std::string subtitle = options.subtitle;
  if (subtitle.empty() && judged) {
    const int64_t wrong = judgement.size() - judgement.right();
    const char* const what = with_images ? "images" : "examples";
    subtitle =
        message(percent_text(judgement.accuracy()), " of ", count_text(judgement.size()), " ",
                options.part == "training" ? message(what, " of the training data") : message(options.part, " ", what),
                " right, ", count_text(wrong), " wrong");
  }

  if (subtitle.empty()) subtitle = final_text(options.history);

  Picture picture(page_width, page_height);
  picture.fill({0, 0, page_width, 6}, palette(0));
  const TextStyle title{.size = 28, .color = ink, .bold = true}, below{.size = 16, .color = soft_ink};
  picture.text(picture.fit_text(options.title, page_width - 2 * margin, title), margin, 54, title);
  picture.text(picture.fit_text(subtitle, page_width - 2 * margin, below), margin, 80, below);

  const Rectangle page = Rectangle{0, 0, page_width, page_height}.inside(margin, header + 18, margin, 36);
  if (!judged) {
    constexpr size_t most = 6;
    draw_curves(picture, page, options.history, curve_names(options.history).size() > 4 ? 3 : 2, most, 1);
    return picture;
  }
  const ConfusionOptions confusion{.title = "confusion", .class_names = options.class_names};
  const ConfusionOptions mistakes{.title = "most common mistakes", .class_names = options.class_names};
  if (!with_images) {
    draw_curves(picture, {page.x, page.y, 640, page.height}, options.history, 1, 2, 0.85);
    draw_confusion_matrix(picture, {page.x + 720, page.y, page.width - 720, page.height}, judgement, confusion);
    return picture;
  }
  const double left = 440, right = 410, gap = 52;
  draw_curves(picture, {page.x, page.y, left, page.height}, options.history, 1, 2, 0.85);
  draw_examples(picture, {page.x + left + gap, page.y, page.width - left - right - 2 * gap, page.height}, options,
                judgement);
  const double right_x = page.right() - right, matrix = right + 26;
  draw_confusion_matrix(picture, {right_x, page.y, right, matrix}, judgement, confusion);
  draw_common_mistakes(picture, {right_x, page.y + matrix + 36, right, page.height - matrix - 36}, judgement, mistakes);
  return picture;
}

}  // namespace hebb::viz
