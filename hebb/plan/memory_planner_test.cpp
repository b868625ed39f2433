#include "hebb/plan/memory_planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hebb {
namespace {

/// No two values that live at the same time overlap; places are aligned; the arena holds all.
void expect_sound(const std::vector<Lifetime>& values, const MemoryPlan& plan, int64_t alignment) {
  ASSERT_EQ(plan.offsets.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_GE(plan.offsets[i], 0);
    EXPECT_EQ(plan.offsets[i] % alignment, 0);
    EXPECT_LE(plan.offsets[i] + values[i].bytes, plan.bytes);
    for (size_t k = 0; k < i; ++k) {
      const bool together = values[i].first <= values[k].last && values[k].first <= values[i].last;
      const bool apart =
          plan.offsets[i] + values[i].bytes <= plan.offsets[k] || plan.offsets[k] + values[k].bytes <= plan.offsets[i];
      EXPECT_TRUE(apart || !together || values[i].bytes == 0 || values[k].bytes == 0)
          << "values " << k << " and " << i << " overlap";
    }
  }
}

/// The most bytes that live at any one step: no plan can need less.
int64_t lower_bound(const std::vector<Lifetime>& values, int64_t alignment) {
  int64_t most = 0;
  for (const Lifetime& at : values) {
    int64_t alive = 0;
    for (const Lifetime& value : values) {
      if (value.first <= at.first && at.first <= value.last)
        alive += (value.bytes + alignment - 1) / alignment * alignment;
    }
    most = std::max(most, alive);
  }
  return most;
}

TEST(MemoryPlanner, NothingNeedsNothing) { EXPECT_EQ(plan_memory({}).bytes, 0); }

TEST(MemoryPlanner, SharesWhatDoesNotLiveTogether) {
  const MemoryPlan plan = plan_memory({{100, 0, 1}, {100, 2, 3}, {100, 4, 5}}, 64);
  EXPECT_EQ(plan.offsets, (std::vector<int64_t>{0, 0, 0}));
  EXPECT_EQ(plan.bytes, 128);
}

TEST(MemoryPlanner, AValueReadInAStepIsAliveWhileThatStepWrites) {
  const MemoryPlan plan = plan_memory({{64, 0, 1}, {64, 1, 2}}, 64);
  EXPECT_NE(plan.offsets[0], plan.offsets[1]);
}

TEST(MemoryPlanner, FillsGaps) {
  // The second dies early; the fourth fits where it was, beside the others.
  const MemoryPlan plan = plan_memory({{64, 0, 9}, {64, 0, 1}, {64, 0, 9}, {64, 2, 9}}, 64);
  EXPECT_EQ(plan.bytes, 3 * 64);
}

TEST(MemoryPlanner, RandomValuesNeverOverlap) {
  std::mt19937 random(1);
  auto number = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int repeat = 0; repeat < 200; ++repeat) {
    const int64_t alignment = int64_t{1} << number(0, 7);
    std::vector<Lifetime> values(static_cast<size_t>(number(1, 60)));
    for (Lifetime& value : values) {
      value.bytes = number(0, 4) == 0 ? number(0, 100000) : number(0, 300);
      value.first = number(0, 40);
      value.last = value.first + number(0, number(0, 3) == 0 ? 40 : 4);
    }
    const MemoryPlan plan = plan_memory(values, alignment);
    expect_sound(values, plan, alignment);
    EXPECT_GE(plan.bytes, lower_bound(values, alignment));
  }
}

/// A chain of layers and its way back: the activations of the way forward live until their turn comes.
TEST(MemoryPlanner, IsTightForTraining) {
  std::vector<Lifetime> values;
  constexpr int layers = 30;
  for (int i = 0; i < layers; ++i) values.push_back({1000 + 640 * (i % 7), i, 2 * layers - i});
  for (int i = 0; i < layers; ++i) values.push_back({1000 + 640 * (i % 7), 2 * layers - i - 1, 2 * layers - i});
  const MemoryPlan plan = plan_memory(values);
  expect_sound(values, plan, 64);
  EXPECT_LE(plan.bytes, lower_bound(values, 64) * 11 / 10);
}

}  // namespace
}  // namespace hebb
