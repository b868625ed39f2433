#include "hebb/viz/explanation_page.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/random_seed.h"

namespace hebb::viz {
namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

/// As the drawing writes it, between two tags.
std::string drawn(double value) {
  const std::string text = explained_number(value, 4);
  return ">" + (text[0] == '-' ? "−" + text.substr(1) : text) + "<";
}

TEST(ExplanationPage, HasEveryNumberOnTheNetwork) {
  set_random_seed(3);
  Sequential model({Input({2}), Dense(3, {.activation = "tanh"}), Dense(2, {.activation = "softmax"})}, "<small>");
  const Explanation all =
      explain(model, Tensor::from({0.7, -1.2}, {1, 2}), Tensor{1}, {.loss = "sparse_categorical_crossentropy"});
  const std::string page = explanation_page(all);
  for (const ExplainedLayer& layer : all.layers) {
    for (const auto* values :
         {&layer.b, &layer.z, &layer.a, &layer.delta, &layer.slope, &layer.b_gradient, &layer.b_after}) {
      for (const double value : *values) EXPECT_NE(page.find(drawn(value)), std::string::npos) << value;
    }
    for (const auto* rows : {&layer.w, &layer.w_gradient, &layer.w_after}) {
      for (const auto& row : *rows) {
        for (const double value : row) EXPECT_NE(page.find(drawn(value)), std::string::npos) << value;
      }
    }
  }
  EXPECT_EQ(count(page, "<path class=\"plus\"") + count(page, "<path class=\"minus\""),
            3u * (6 + 6) + 3 * 2);  // and the keys
  // Whole in itself, and nothing of a name is taken for HTML.
  EXPECT_EQ(page.find("<small>"), std::string::npos);
  EXPECT_NE(page.find("&lt;small&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  for (const char* tag : {"svg", "pre", "div", "h2", "text", "p"})
    EXPECT_EQ(count(page, std::string("<") + tag + " ") + count(page, std::string("<") + tag + ">"),
              count(page, std::string("</") + tag + ">"))
        << tag;
  EXPECT_NE(page.find("w²₁₂ a¹₂"), std::string::npos);  // the formulas, as in a book
}

}  // namespace
}  // namespace hebb::viz
