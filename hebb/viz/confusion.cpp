#include "hebb/viz/confusion.h"

#include <algorithm>
#include <cmath>

namespace hebb::viz {

namespace {

constexpr double title_size = 14, text_size = 11;
constexpr Color right_color = Color::hex(0x0072b2), wrong_color = Color::hex(0xe69f00);

std::string class_name(const ConfusionOptions& options, int64_t number) {
  const auto index = static_cast<size_t>(number);
  return index < options.class_names.size() ? options.class_names[index] : std::to_string(number);
}

double name_room(const Picture& picture, const Judgement& judgement, const ConfusionOptions& options) {
  double room = 0;
  for (int64_t c = 0; c < judgement.classes; ++c) {
    room = std::max(room, picture.text_width(class_name(options, c), {.size = text_size}));
  }
  return room;
}

}  // namespace

std::string count_text(int64_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

void draw_confusion_matrix(Picture& picture, Rectangle area, const Judgement& judgement,
                           const ConfusionOptions& options) {
  double top = 0;
  if (!options.title.empty()) {
    picture.text(options.title, area.x, area.y + title_size, {.size = title_size, .color = ink, .bold = true});
    top = title_size + 14;
  }
  const auto classes = static_cast<double>(judgement.classes);
  const TextStyle label{.size = text_size, .color = soft_ink};
  const double names = std::min(name_room(picture, judgement, options), area.width * 0.25);
  const double left = names + 8 + text_size + 8, bottom = text_size * 2 + 20;
  const double side = std::min(area.width - left, area.height - top - bottom), cell = side / classes;
  const double x0 = area.x + left, y0 = area.y + top;

  int64_t most_wrong = 1;
  std::vector<int64_t> row_sum(judgement.confusion.size());
  for (size_t t = 0; t < judgement.confusion.size(); ++t) {
    for (size_t p = 0; p < judgement.confusion.size(); ++p) {
      row_sum[t] += judgement.confusion[t][p];
      if (t != p) most_wrong = std::max(most_wrong, judgement.confusion[t][p]);
    }
  }
  const double line = cell > 12 ? 1 : 0;
  for (size_t t = 0; t < judgement.confusion.size(); ++t) {
    for (size_t p = 0; p < judgement.confusion.size(); ++p) {
      const int64_t count = judgement.confusion[t][p];
      // The square root, so that a single mistake can be seen beside twenty.
      const double share =
          t == p ? 0.9 * static_cast<double>(count) / static_cast<double>(std::max<int64_t>(row_sum[t], 1))
                 : std::sqrt(static_cast<double>(count) / static_cast<double>(most_wrong));
      const Color base = Color::hex(0xf4f6f8);
      const Color color = count == 0 ? base : white.mixed(t == p ? right_color : wrong_color, 0.1 + 0.9 * share);
      const Rectangle where{x0 + static_cast<double>(p) * cell, y0 + static_cast<double>(t) * cell, cell - line,
                            cell - line};
      picture.fill(where, color, cell > 12 ? 2 : 0);
      if (count == 0 || judgement.classes > 15) continue;
      TextStyle style{.size = std::min(text_size, cell * 0.4), .align = Align::centre};
      style.color = t == p && share > 0.5 ? white : ink;
      const std::string text = std::to_string(count);
      style.size = std::min(style.size, style.size * (cell - 4) / picture.text_width(text, style));
      picture.text(text, where.centre().x, where.centre().y + style.size * 0.36, style);
    }
  }
  const int64_t every = std::max<int64_t>(1, static_cast<int64_t>(std::ceil((text_size + 3) / cell)));
  for (int64_t c = 0; c < judgement.classes; c += every) {
    const double middle = (static_cast<double>(c) + 0.5) * cell;
    TextStyle row = label, column = label;
    row.align = Align::end;
    column.align = Align::centre;
    picture.text(picture.fit_text(class_name(options, c), names, row), x0 - 8, y0 + middle + text_size * 0.36, row);
    picture.text(picture.fit_text(class_name(options, c), std::max(cell * static_cast<double>(every) - 2, 14.), column),
                 x0 + middle, y0 + side + text_size + 5, column);
  }
  TextStyle axis{.size = text_size + 1, .color = soft_ink, .align = Align::centre};
  picture.text("predicted", x0 + side / 2, y0 + side + 2 * text_size + 14, axis);
  axis.turn = 90;
  picture.text("true", area.x + text_size, y0 + side / 2, axis);
}

void draw_common_mistakes(Picture& picture, Rectangle area, const Judgement& judgement,
                          const ConfusionOptions& options) {
  if (!options.title.empty()) {
    picture.text(options.title, area.x, area.y + title_size, {.size = title_size, .color = ink, .bold = true});
    area = area.inside(0, title_size + 16, 0, 0);
  }
  struct Pair {
    size_t truth, predicted;
    int64_t count;
  };
  std::vector<Pair> pairs;
  for (size_t t = 0; t < judgement.confusion.size(); ++t) {
    for (size_t p = 0; p < judgement.confusion.size(); ++p) {
      if (t != p && judgement.confusion[t][p] > 0) pairs.push_back({t, p, judgement.confusion[t][p]});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.count > b.count; });
  constexpr double row = 26, text = 12;
  const auto room = static_cast<size_t>(std::max(area.height / row, 0.));
  if (pairs.size() > room) pairs.resize(room);
  const TextStyle style{.size = text, .color = ink}, number{.size = text, .color = soft_ink};
  if (pairs.empty()) picture.text("none", area.x, area.y + text, number);
  double names = 0;
  std::vector<std::string> captions;
  for (const Pair& pair : pairs) {
    captions.push_back(class_name(options, static_cast<int64_t>(pair.truth)) + " → " +
                       class_name(options, static_cast<int64_t>(pair.predicted)));
    names = std::max(names, picture.text_width(captions.back(), style));
  }
  names = std::min(names, area.width / 2);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double y = area.y + static_cast<double>(i) * row;
    picture.text(picture.fit_text(captions[i], names, style), area.x, y + text + 2, style);
    const double full = area.width - names - 14 - 44;
    const double width = full * static_cast<double>(pairs[i].count) / static_cast<double>(pairs[0].count);
    picture.fill({area.x + names + 14, y, width, row - 9}, wrong_color.mixed(white, 0.25), 3);
    picture.text(count_text(pairs[i].count), area.x + names + 14 + width + 8, y + text + 2, number);
  }
}

Picture confusion_matrix(const Judgement& judgement, const ConfusionOptions& options) {
  const double margin = 24, side = std::clamp(static_cast<double>(judgement.classes) * 39, 240., 900.);
  const Picture ruler(1, 1);
  const double left = std::min(name_room(ruler, judgement, options), side / 3) + 16 + text_size;
  const double top = options.title.empty() ? 0 : title_size + 14, bottom = 2 * text_size + 20;
  Picture picture(2 * margin + left + side, 2 * margin + top + side + bottom);
  draw_confusion_matrix(picture, {margin, margin, left + side, top + side + bottom}, judgement, options);
  return picture;
}

}  // namespace hebb::viz
