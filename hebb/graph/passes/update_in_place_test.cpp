#include <gtest/gtest.h>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/ops.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

const std::vector<Spec> vector_of_4 = {{{4}}};

bool in_place(const std::function<Tensors(const Tensors&)>& f, const std::vector<std::string>& skip = {}) {
  return apply_passes(trace(f, vector_of_4), skip).updates.at(0).in_place;
}

TEST(UpdateInPlace, AllowsWhereNobodyReadsTheOldValueLater) {
  const Tensor w = variable(ones({4}));
  const auto step = [&](const Tensors& in) {
    const Tensor loss = sum(w * in[0]);
    assign(w, w - in[0]);
    return Tensors{loss};
  };
  EXPECT_TRUE(in_place(step));
  EXPECT_FALSE(in_place(step, {"update_in_place"}));
  EXPECT_FALSE(in_place(step, {"all"}));
}

TEST(UpdateInPlace, LeavesAVariableThatIsReadLater) {
  const Tensor w = variable(ones({4}));
  const auto step = [&](const Tensors& in) {
    const Tensor fresh = w - in[0];
    const Tensor product = w * exp(fresh);
    assign(w, fresh);
    return Tensors{product};
  };
  EXPECT_FALSE(in_place(step, {"fuse_elementwise"}));
}

TEST(UpdateInPlace, MakesNoDifferenceToTheNumbers) {
  for (const bool skip : {false, true}) {
    const Tensor w = variable(ones({4}));
    PlanOptions options;
    if (skip) options.skip_passes = {"update_in_place"};
    auto step = compiled(
        [&](const Tensor& x) {
          const Tensor before = sum(w);
          assign(w, w - x * 0.5);
          return before;
        },
        options);
    const Tensor x = ones({4});
    EXPECT_EQ(step(x).item(), 4);
    EXPECT_EQ(step(x).item(), 2);
    EXPECT_EQ(w.to_vector<float>(), std::vector<float>(4, 0.0f));
  }
}

}  // namespace
}  // namespace hebb
