#include "hebb/viz/explanation_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hebb/base/text.h"
#include "hebb/viz/html.h"

namespace hebb::viz {

namespace {

/// What the drawings show, one after the other.
enum class Part { forward, back, update };

std::string raised(char digit) {
  static const char* const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  return digits[digit - '0'];
}
std::string lowered(char digit) {
  static const char* const digits[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
  return digits[digit - '0'];
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "w^2_13" as it is printed in a book: w²₁₃.
std::string typeset(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool index = (text[i] == '^' || text[i] == '_') && i + 1 < text.size() && is_digit(text[i + 1]);
    if (!index) {
      out += text[i];
      continue;
    }
    const bool up = text[i] == '^';
    while (i + 1 < text.size() &&
           (is_digit(text[i + 1]) || (!up && text[i + 1] == ',' && i + 2 < text.size() && is_digit(text[i + 2])))) {
      ++i;
      out += text[i] == ',' ? "," : up ? raised(text[i]) : lowered(text[i]);
    }
  }
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"delta", "δ"}, {"dE/d", "∂E/∂"}, {"f'", "f′"}}) {
    for (size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size())
      out.replace(at, from.size(), to);
  }
  return out;
}

/// The formulas; headings, which have names of layers in them, stay as they are.
std::string formulas(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    out += line.rfind("layer ", 0) == 0 ? "<b>" + html_text(line) + "</b>" : typeset(html_text(line));
    out += '\n';
    at = end + 1;
  }
  return "<pre>" + out + "</pre>\n";
}

/// Four digits, with a real minus sign.
std::string number(double value) {
  const std::string text = explained_number(value, 4);
  return text[0] == '-' ? "−" + text.substr(1) : text;
}

std::string index(const char* letter, size_t layer, size_t i) {
  return typeset(message(letter, "^", layer, "_", i + 1));
}
std::string index(const char* letter, size_t layer, size_t i, size_t j) {
  return typeset(message(letter, "^", layer, "_", i + 1, i > 8 || j > 8 ? "," : "", j + 1));
}

// ------------------------------------------------------------------------------------------------------- the drawing

constexpr double row_height = 26, label_width = 66, between = 22, margin = 12;
constexpr double heading_height = 30;

/// A neuron: rows of weights to the left, where the edges end, and what it computes to the right.
struct Card {
  double x = 0, y = 0, height = 0;
  double weights_width = 0, body_width = 0;
  std::vector<std::string> labels;                // of the rows
  std::vector<std::vector<std::string>> numbers;  // of the rows
  std::vector<std::pair<std::string, std::string>> values;

  double row_y(size_t row) const {
    return y + (height - static_cast<double>(labels.size()) * row_height) / 2 +
           (static_cast<double>(row) + 0.5) * row_height;
  }
  double width() const { return weights_width + body_width; }
};

class Drawing {
 public:
  Drawing(const Explanation& all, Part part) : all_(all), part_(part) {
    // With three numbers in a row there is less room for all else on a slide.
    if (part == Part::update) number_width_ = 94, body_width_ = 166, gap_ = 84;
    make_cards();
    place();
  }

  std::string svg() const {
    std::string text =
        message("<svg viewBox=\"0 0 ", width_, " ", height_, "\" width=\"", width_, "\" role=\"img\">\n");
    for (size_t l = 1; l < columns_.size(); ++l) {
      for (size_t i = 0; i < columns_[l].size(); ++i) {
        for (size_t j = 0; j < columns_[l - 1].size(); ++j) text += edge(l, i, j);
      }
    }
    for (size_t l = 0; l < columns_.size(); ++l) {
      const Card& first = columns_[l].front();
      const std::string name =
          l == 0 ? "layer 1: input" : message("layer ", l + 1, ": ", all_.layers[l - 1].activation);
      text += text_at(first.x + first.width() / 2, margin + 14, "head", name);
      if (l > 0 && part_ == Part::update) {
        const char* const titles[] = {"w", "∂E/∂w", "new w"};
        for (int column = 0; column < 3; ++column)
          text += text_at(first.x + label_width + (column + 1) * number_width_ - 8, margin + heading_height + 12,
                          "title", titles[column]);
      }
      for (const Card& card : columns_[l]) text += card_text(card);
    }
    return text + "</svg>\n";
  }

 private:
  void make_cards() {
    std::vector<Card>& inputs = columns_.emplace_back();
    for (size_t j = 0; j < all_.x.size(); ++j) {
      Card& card = inputs.emplace_back();
      card.body_width = body_width_;
      card.values = {{index("a", 1, j), number(all_.x[j])}};
    }
    for (size_t l = 0; l < all_.layers.size(); ++l) {
      const ExplainedLayer& layer = all_.layers[l];
      std::vector<Card>& column = columns_.emplace_back();
      for (size_t i = 0; i < layer.z.size(); ++i) column.push_back(card_of(layer, l, i));
    }
  }

  Card card_of(const ExplainedLayer& layer, size_t l, size_t i) const {
    Card card;
    card.body_width = body_width_;
    auto row = [&](const std::string& label, double before, double gradient, double after) {
      card.labels.push_back(label);
      card.numbers.push_back({number(before)});
      if (part_ == Part::update) {
        card.numbers.back().push_back(number(gradient));
        card.numbers.back().push_back(number(after));
      }
    };
    for (size_t j = 0; j < layer.w[i].size(); ++j)
      row(index("w", l + 2, i, j), layer.w[i][j], layer.w_gradient[i][j], layer.w_after[i][j]);
    if (!layer.b.empty()) row(index("b", l + 2, i), layer.b[i], layer.b_gradient[i], layer.b_after[i]);
    card.weights_width = label_width + number_width_ * static_cast<double>(card.numbers.front().size());

    const bool is_output = l + 1 == all_.layers.size();
    if (part_ == Part::forward) {
      card.values = {{index("z", l + 2, i), number(layer.z[i])}, {index("a", l + 2, i), number(layer.a[i])}};
      if (is_output) card.values.emplace_back(typeset(message("t_", i + 1)), number(all_.target[i]));
    } else if (part_ == Part::back) {
      if (!layer.slope.empty())
        card.values.emplace_back(typeset(message("∂E/∂", index("a", l + 2, i))), number(layer.back[i]));
      if (!layer.slope.empty())
        card.values.emplace_back(message("f′(", index("z", l + 2, i), ")"), number(layer.slope[i]));
      card.values.emplace_back(index("δ", l + 2, i), number(layer.delta[i]));
    } else {
      card.values = {{index("δ", l + 2, i), number(layer.delta[i])}, {index("a", l + 2, i), number(layer.a[i])}};
    }
    return card;
  }

  void place() {
    double tallest = 0;
    std::vector<double> heights;
    for (std::vector<Card>& column : columns_) {
      double height = -between;
      for (Card& card : column) {
        card.height = row_height * static_cast<double>(std::max(card.labels.size(), card.values.size())) + 12;
        height += card.height + between;
      }
      heights.push_back(height);
      tallest = std::max(tallest, height);
    }
    const double top = margin + heading_height + (part_ == Part::update ? 20 : 0);
    double x = margin;
    for (size_t l = 0; l < columns_.size(); ++l) {
      double y = top + (part_ == Part::update ? 0 : (tallest - heights[l]) / 2);
      if (l == 0) y = top + (tallest - heights[l]) / 2;
      double widest = 0;
      for (Card& card : columns_[l]) {
        card.x = x;
        card.y = y;
        y += card.height + between;
        widest = std::max(widest, card.width());
      }
      x += widest + gap_;
    }
    width_ = x - gap_ + margin;
    height_ = top + tallest + margin;
  }

  /// From neuron j of column l - 1 to the row of its weight at neuron i of column l.
  std::string edge(size_t l, size_t i, size_t j) const {
    const ExplainedLayer& layer = all_.layers[l - 1];
    const Card &from = columns_[l - 1][j], &to = columns_[l][i];
    const double x0 = from.x + from.width(), y0 = from.y + from.height / 2, x1 = to.x, y1 = to.row_y(j);
    double largest = 1e-30;
    const ExplainedLayer::Matrix& shown = part_ == Part::update ? layer.w_gradient : layer.w;
    for (const auto& row : shown) {
      for (const double value : row) largest = std::max(largest, std::abs(value));
    }
    const double value = shown[i][j], width = 1 + 4 * std::abs(value) / largest;
    char text[400];
    std::snprintf(text, sizeof text,
                  "<path class=\"%s\" stroke-width=\"%.2f\" d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
                  value < 0   ? "minus"
                  : value > 0 ? "plus"
                              : "none",
                  width, x0, y0, x0 + gap_ * 0.45, y0, x1 - gap_ * 0.45, y1, x1, y1);
    return text;
  }

  static std::string text_at(double x, double y, const char* kind, const std::string& text) {
    char start[160];
    std::snprintf(start, sizeof start, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", kind, x, y);
    return start + html_text(text) + "</text>\n";
  }

  static std::string box(const char* kind, double x, double y, double width, double height) {
    char text[240];
    std::snprintf(text, sizeof text,
                  "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\"/>\n", kind, x, y,
                  width, height);
    return text;
  }

  std::string card_text(const Card& card) const {
    std::string text;
    if (card.weights_width > 0) text += box("weights", card.x, card.y, card.width(), card.height);
    const double body = card.x + card.weights_width;
    text += box("neuron", body, card.y, body_width_, card.height);
    for (size_t row = 0; row < card.labels.size(); ++row) {
      const double y = card.row_y(row) + 5.5;
      text += text_at(card.x + 10, y, "label", card.labels[row]);
      for (size_t column = 0; column < card.numbers[row].size(); ++column)
        text += text_at(card.x + label_width + number_width_ * static_cast<double>(column + 1) - 8, y,
                        column == 1 ? "value gradient" : "value", card.numbers[row][column]);
    }
    const double first = card.y + (card.height - row_height * static_cast<double>(card.values.size())) / 2;
    for (size_t i = 0; i < card.values.size(); ++i) {
      const double y = first + (static_cast<double>(i) + 0.5) * row_height + 5.5;
      text += text_at(body + 12, y, "label", card.values[i].first);
      text += text_at(body + body_width_ - 12, y, "value strong", card.values[i].second);
    }
    return text;
  }

  const Explanation& all_;
  Part part_;
  std::vector<std::vector<Card>> columns_;
  double number_width_ = 104, body_width_ = 176, gap_ = 110;
  double width_ = 0, height_ = 0;
};

std::string list_text(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + number(value);
  return "(" + text + ")";
}

/// Okabe and Ito's blue and vermilion; dashes tell them apart without color.
constexpr const char* style = R"(
body { font: 17px/1.45 "DejaVu Sans", Verdana, sans-serif; color: #1f2430; background: #fff; margin: 0 auto; padding: 24px; max-width: 1400px; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 23px; margin: 40px 0 4px; border-top: 2px solid #e4e7ec; padding-top: 20px; }
p { margin: 4px 0 12px; } .rule { font-size: 19px; }
.scroll { overflow-x: auto; } svg { max-width: 100%; height: auto; display: block; }
pre { font: 14.5px/1.5 "DejaVu Sans Mono", Menlo, Consolas, monospace; background: #f6f7f9; border-radius: 8px; padding: 12px 16px; overflow-x: auto; }
svg text { font: 16px "DejaVu Sans", Verdana, sans-serif; fill: #1f2430; }
svg .value { text-anchor: end; font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; } svg .strong { font-weight: bold; }
svg .gradient { fill: #5b3a8c; } svg .label { fill: #5b6472; font-size: 17px; }
svg .head { text-anchor: middle; font-weight: bold; font-size: 17px; } svg .title { text-anchor: end; font-size: 14px; fill: #5b6472; }
svg .weights { fill: #f6f7f9; stroke: #c9ced6; } svg .neuron { fill: #fff; stroke: #1f2430; stroke-width: 1.6; }
svg path { fill: none; stroke-opacity: 0.75; } .plus { stroke: #0072b2; } .minus { stroke: #d55e00; stroke-dasharray: 7 4; } .none { stroke: #8a93a0; stroke-dasharray: 2 4; }
.key svg { display: inline; vertical-align: middle; }
)";

std::string key(const char* what) {
  return message(
      "<p class=\"key\"><svg width=\"46\" height=\"10\"><path class=\"plus\" stroke-width=\"4\" d=\"M2 5 H44\"/></svg> "
      "positive ",
      what,
      " &nbsp; <svg width=\"46\" height=\"10\"><path class=\"minus\" stroke-width=\"4\" d=\"M2 5 H44\"/></svg> "
      "negative ",
      what,
      " &nbsp; <svg width=\"46\" height=\"10\"><path class=\"none\" stroke-width=\"1\" d=\"M2 5 H44\"/></svg> zero"
      " &nbsp; the thicker, the larger within its layer</p>\n");
}

}  // namespace

std::string explanation_page(const Explanation& all) {
  auto section = [&](const char* title, const char* rule, Part part, const char* edges, const std::string& text) {
    return message("<h2>", title, "</h2>\n<p class=\"rule\">", rule, "</p>\n<div class=\"scroll\">",
                   Drawing(all, part).svg(), "</div>\n", key(edges), formulas(text));
  };
  std::string page = message(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>",
      html_text(all.model), ": one step of learning</title>\n<style>", style, "</style></head><body>\n<h1>",
      html_text(all.model), ": one step of learning</h1>\n<p>x = ", list_text(all.x),
      ", target t = ", list_text(all.target), ", error E: ", html_text(all.loss),
      ", learning rate η = ", number(all.learning_rate), ". E falls from <b>", number(all.error), "</b> to <b>",
      number(all.error_after), "</b>.</p>\n");
  if (!(all.error_after < all.error)) {
    const std::string falls = "E falls from", goes = "E goes from";  // too large a learning rate
    page.replace(page.find(falls), falls.size(), goes);
  }
  page += section("1. Forward pass",
                  "z<sub>i</sub> = Σ<sub>j</sub> w<sub>ij</sub> a<sub>j</sub> + b<sub>i</sub>, &nbsp; a<sub>i</sub> = "
                  "f(z<sub>i</sub>)",
                  Part::forward, "weight", all.forward_text());
  page += section("2. Error signals, from the output back",
                  "δ<sub>i</sub> = ∂E/∂z<sub>i</sub> = ∂E/∂a<sub>i</sub> f′(z<sub>i</sub>); &nbsp; before the output "
                  "∂E/∂a<sub>j</sub> = Σ<sub>i</sub> w<sub>ij</sub> δ<sub>i</sub> of the next layer",
                  Part::back, "weight", all.error_signal_text());
  page += section("3. Gradients and update",
                  "∂E/∂w<sub>ij</sub> = δ<sub>i</sub> a<sub>j</sub>, &nbsp; ∂E/∂b<sub>i</sub> = δ<sub>i</sub>; &nbsp; "
                  "new w = w − η ∂E/∂w",
                  Part::update, "gradient", all.gradient_text() + all.update_text());
  return page + "</body></html>\n";
}

}  // namespace hebb::viz
