#include "hebb/viz/graph_layout.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"

namespace hebb::viz {
namespace {

std::vector<BoxSize> boxes(size_t count) { return std::vector<BoxSize>(count, {60, 30}); }

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

void expect_apart(const GraphLayout& layout) {
  for (size_t i = 0; i < layout.boxes.size(); ++i) {
    const Rectangle& box = layout.boxes[i];
    EXPECT_GE(box.x, -1e-6);
    EXPECT_GE(box.y, -1e-6);
    EXPECT_LE(box.right(), layout.width + 1e-6);
    EXPECT_LE(box.bottom(), layout.height + 1e-6);
    for (size_t k = 0; k < i; ++k) EXPECT_FALSE(overlap(box, layout.boxes[k])) << i << ' ' << k;
  }
}

/// Whether an arrow runs through a box that it neither comes from nor goes to.
void expect_arrows_around_boxes(const GraphLayout& layout, const std::vector<Arrow>& arrows) {
  for (size_t i = 0; i < arrows.size(); ++i) {
    for (size_t b = 0; b < layout.boxes.size(); ++b) {
      if (b == arrows[i].from || b == arrows[i].to) continue;
      for (const Point& p : layout.arrows[i]) {
        const Rectangle& box = layout.boxes[b];
        EXPECT_FALSE(p.x > box.x && p.x < box.right() && p.y > box.y && p.y < box.bottom()) << i << " through " << b;
      }
    }
  }
}

TEST(GraphLayout, AChainIsALine) {
  const GraphLayout layout = lay_out_graph(boxes(4), {{0, 1}, {1, 2}, {2, 3}});
  expect_apart(layout);
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_NEAR(layout.boxes[i].x, layout.boxes[0].x, 1e-6);
    EXPECT_GT(layout.boxes[i].y, layout.boxes[i - 1].bottom());
  }
  EXPECT_EQ(layout.arrows[0].front().y, layout.boxes[0].bottom());
  EXPECT_EQ(layout.arrows[0].back().y, layout.boxes[1].y);
}

TEST(GraphLayout, ASkipRunsStraightBesideTheMainPath) {
  const std::vector<Arrow> arrows = {{0, 1}, {1, 2}, {2, 3}, {0, 3}, {3, 4}};
  const GraphLayout layout = lay_out_graph({{60, 30}, {140, 30}, {60, 30}, {60, 30}, {60, 30}}, arrows);
  expect_apart(layout);
  expect_arrows_around_boxes(layout, arrows);
  EXPECT_EQ(layout.crossings, 0);
  // The boxes stand below each other, and the skip passes both on one line.
  for (size_t i = 1; i < 5; ++i) EXPECT_NEAR(layout.boxes[i].centre().x, layout.boxes[0].centre().x, 1) << i;
  double x = NAN;
  for (const Point& p : layout.arrows[3]) {
    if (p.y <= layout.boxes[1].y || p.y >= layout.boxes[2].bottom()) continue;
    if (std::isnan(x)) x = p.x;
    EXPECT_NEAR(p.x, x, 1e-6);
  }
}

TEST(GraphLayout, CrossingsThatCanBeAvoidedAre) {
  // Given in an order that crosses everything.
  const std::vector<Arrow> arrows = {{0, 7}, {1, 6}, {2, 5}, {3, 4}, {7, 8}, {6, 9}, {5, 10}, {4, 11}};
  const GraphLayout layout = lay_out_graph(boxes(12), arrows);
  expect_apart(layout);
  EXPECT_EQ(layout.crossings, 0);
  // The complete bipartite graph of two and two has one crossing however it is drawn.
  EXPECT_EQ(lay_out_graph(boxes(4), {{0, 2}, {0, 3}, {1, 2}, {1, 3}}).crossings, 1);
}

TEST(GraphLayout, AnInputThatIsNeededLateStandsWhereItIsNeeded) {
  const GraphLayout layout = lay_out_graph(boxes(5), {{0, 1}, {1, 2}, {2, 3}, {4, 3}});
  EXPECT_EQ(layout.layers[4], 2);
}

TEST(GraphLayout, DirectionsTurnThePage) {
  const std::vector<Arrow> arrows = {{0, 1}, {0, 2}};
  const GraphLayout down = lay_out_graph(boxes(3), arrows);
  const GraphLayout up = lay_out_graph(boxes(3), arrows, {.direction = Direction::up});
  const GraphLayout right = lay_out_graph(boxes(3), arrows, {.direction = Direction::right});
  const GraphLayout left = lay_out_graph(boxes(3), arrows, {.direction = Direction::left});
  EXPECT_LT(down.boxes[0].y, down.boxes[1].y);
  EXPECT_GT(up.boxes[0].y, up.boxes[1].y);
  EXPECT_LT(right.boxes[0].x, right.boxes[1].x);
  EXPECT_GT(left.boxes[0].x, left.boxes[1].x);
  EXPECT_EQ(right.boxes[0].width, 60);
  for (const GraphLayout& layout : {down, up, right, left}) expect_apart(layout);
}

TEST(GraphLayout, RandomGraphsDoNotOverlap) {
  uint32_t state = 1;
  auto random = [&](uint32_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
  };
  for (int round = 0; round < 20; ++round) {
    const size_t count = 2 + random(40);
    std::vector<BoxSize> sizes;
    std::vector<Arrow> arrows;
    for (size_t i = 0; i < count; ++i) {
      sizes.push_back({20.0 + random(200), 20.0 + random(60)});
      for (uint32_t k = random(3); i > 0 && k > 0; --k) arrows.push_back({random(static_cast<uint32_t>(i)), i});
    }
    const GraphLayout layout = lay_out_graph(sizes, arrows);
    expect_apart(layout);
    expect_arrows_around_boxes(layout, arrows);
    EXPECT_EQ(layout.boxes.size(), count);
    EXPECT_EQ(layout.arrows.size(), arrows.size());
    const GraphLayout again = lay_out_graph(sizes, arrows);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(layout.boxes[i].x, again.boxes[i].x);
  }
}

TEST(GraphLayout, NothingIsAGraphToo) {
  const GraphLayout layout = lay_out_graph({}, {});
  EXPECT_TRUE(layout.boxes.empty());
  EXPECT_EQ(layout.width, 0);
}

TEST(GraphLayout, RefusesCirclesAndArrowsToNowhere) {
  EXPECT_THROW(lay_out_graph(boxes(2), {{0, 1}, {1, 0}}), InvalidArgument);
  EXPECT_THROW(lay_out_graph(boxes(1), {{0, 0}}), InvalidArgument);
  EXPECT_THROW(lay_out_graph(boxes(2), {{0, 2}}), InvalidArgument);
}

}  // namespace
}  // namespace hebb::viz
