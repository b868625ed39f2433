#include "hebb/viz/plot.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hebb::viz {
namespace {

using Texts = std::vector<std::string>;

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-12 + std::abs(expected[i]) * 1e-9);
}

TEST(NiceTicks, AreRound) {
  expect_near(nice_ticks({0, 1}, 5), {0, 0.2, 0.4, 0.6, 0.8, 1});
  expect_near(nice_ticks({0.03, 0.97}, 4), {0.25, 0.5, 0.75});
  expect_near(nice_ticks({-7, 12}, 4), {-5, 0, 5, 10});
  expect_near(nice_ticks({0, 3e-5}, 3), {0, 1e-5, 2e-5, 3e-5});
  expect_near(nice_ticks({0, 40000}, 4), {0, 10000, 20000, 30000, 40000});
}

TEST(NiceTicks, AreWholeWhereWanted) {
  expect_near(nice_ticks({1, 3}, 8, true), {1, 2, 3});
  expect_near(nice_ticks({1, 12}, 6, true), {2, 4, 6, 8, 10, 12});
  expect_near(nice_ticks({0.5, 1.5}, 6, true), {1});
}

TEST(NiceTicks, AreAtLeastTwo) {
  for (double low = -3; low < 3; low += 0.37) {
    for (const double length : {1e-6, 0.013, 0.9, 17., 3e8}) {
      const auto ticks = nice_ticks({low, low + length}, 3);
      EXPECT_GE(ticks.size(), 2u) << low << ' ' << length;
      EXPECT_LE(ticks.size(), 12u) << low << ' ' << length;
      for (const double tick : ticks) EXPECT_TRUE(tick >= low - length * 1e-6 && tick <= low + length * (1 + 1e-6));
    }
  }
  expect_near(nice_ticks({2, 2}, 5), {2});
  EXPECT_EQ(nice_ticks({0, INFINITY}, 5).size(), 1u);
}

TEST(TickTexts, HaveTheDecimalsTheyNeed) {
  EXPECT_EQ(tick_texts({0, 0.25, 0.5}), (Texts{"0.00", "0.25", "0.50"}));
  EXPECT_EQ(tick_texts({-5, 0, 5}), (Texts{"−5", "0", "5"}));
  EXPECT_EQ(tick_texts({0.98, 0.99, 1}, true), (Texts{"98 %", "99 %", "100 %"}));
  EXPECT_EQ(tick_texts({0.985, 0.9875, 0.99}, true), (Texts{"98.50 %", "98.75 %", "99.00 %"}));
  EXPECT_EQ(tick_texts({0, 2e6, 4e6}), (Texts{"0", "2e+06", "4e+06"}));
  EXPECT_EQ(tick_texts({-0.1 + 0.1, 0.1}), (Texts{"0.0", "0.1"}));
  EXPECT_EQ(tick_texts({}), Texts{});
  EXPECT_EQ(tick_texts({3}), (Texts{"3"}));
}

TEST(Numbers, AreShort) {
  EXPECT_EQ(short_number(0.031249), "0.0312");
  EXPECT_EQ(short_number(-12.49), "−12.5");
  EXPECT_EQ(short_number(std::nan("")), "NaN");
  EXPECT_EQ(short_number(-INFINITY), "−∞");
  EXPECT_EQ(percent_text(0.9374), "93.7 %");
  EXPECT_EQ(percent_text(0.99123), "99.12 %");
  EXPECT_EQ(percent_text(1), "100 %");
  EXPECT_EQ(percent_text(0), "0.0 %");
}

TEST(PowerText, IsRaisedOfTenAndTheNumberOfOtherBases) {
  EXPECT_EQ(power_text(10, -12), "10⁻¹²");
  EXPECT_EQ(power_text(10, 0), "10⁰");
  EXPECT_EQ(power_text(2, 6), "64");
  EXPECT_EQ(power_text(2, -1), "0.5");
}

TEST(Axes, MapNumbersToTheInnerRectangle) {
  Picture picture(300, 200);
  const Axes axes(picture, {10, 10, 280, 180}, {-1, 3}, {0, 5}, {.title = "t", .x_label = "x", .y_label = "y"});
  const Rectangle inner = axes.inner();
  EXPECT_GE(inner.x, 10);
  EXPECT_LE(inner.right(), 290);
  EXPECT_LE(inner.bottom(), 190);
  EXPECT_DOUBLE_EQ(axes.at(-1, 0).x, inner.x);
  EXPECT_DOUBLE_EQ(axes.at(-1, 0).y, inner.bottom());
  EXPECT_DOUBLE_EQ(axes.at(3, 5).x, inner.right());
  EXPECT_NEAR(axes.at(3, 5).y, inner.y, 1e-9);
  const Axes equal(picture, {10, 10, 280, 180}, {-1, 3}, {0, 5}, {.equal = true});
  EXPECT_NEAR(equal.inner().width / 4, equal.inner().height / 5, 1e-9);
}

/// Many names take more rows, and the plot begins below them.
TEST(Axes, LegendsThatAreTooWideTakeSeveralRows) {
  Picture picture(500, 400);
  const Rectangle area{10, 10, 480, 380};
  const auto top_with = [&](size_t entries) {
    const std::vector<LegendEntry> legend(entries, {"twenty hidden neurons", palette(0)});
    return Axes(picture, area, {0, 1}, {0, 1}, {.title = "loss"}, legend).inner().y;
  };
  EXPECT_GT(top_with(3), top_with(1));
  EXPECT_GT(top_with(9), top_with(5));
  EXPECT_LT(top_with(9), area.y + area.height / 2);
}

TEST(DrawPlot, AnySeriesCanBeDrawn) {
  const double nan = std::nan("");
  const std::vector<std::vector<Point>> cases = {
      {}, {{1, 2}}, {{1, 0}, {2, 0}}, {{1, nan}, {2, nan}}, {{1, 1e30}, {2, -1e30}}, {{1, INFINITY}, {2, 3}}};
  for (const auto& points : cases) {
    Picture picture(300, 200);
    draw_plot(picture, {10, 10, 280, 180},
              {{.label = "a", .points = points, .highlight = 0}, {.points = points, .dashed = true, .highlight = 9}},
              {{.title = "title", .whole_x = true, .percent_y = true}, {}, {}});
    // Logarithms, over many powers and within one.
    for (const double low : {-9., 0.2})
      draw_plot(picture, {10, 10, 280, 180}, {{.points = points}},
                {{.x_base = 2, .y_base = 10}, Range{low, 0.7}, Range{low, 0.7}});
    EXPECT_FALSE(picture.encode("png").empty());
  }
}

}  // namespace
}  // namespace hebb::viz
