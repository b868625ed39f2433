#include "hebb/nn/ensemble.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

Sequential member(int64_t seed, int64_t units = 3, const char* activation = "softmax") {
  set_random_seed(seed);
  Sequential model({Input({4}), Dense(8, {.activation = "tanh", .kernel_initializer = "he_normal"}),
                    Dense(units, {.activation = activation})});
  model.compile({.optimizer = "adam",
                 .loss = units == 1 ? "binary_crossentropy" : "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return model;
}

TEST(Ensemble, IsTheMeanOfItsMembers) {
  const std::vector<Model> members = {member(1), member(2), member(3)};
  Model together = ensemble(members);
  const Tensor x = random::normal({20, 4}, {.seed = 1});
  Tensor sum;
  for (Model one : members) {
    const Tensor answer = one.predict(x);
    sum = sum.defined() ? sum + answer : answer;
  }
  const auto expected = (sum / 3.0).to_vector<float>(), got = together.predict(x).to_vector<float>();
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6);
  const Logs logs = together.evaluate(x, cast(argmax(together.predict(x)), DType::int32));
  EXPECT_EQ(logs["accuracy"], 1);
  EXPECT_EQ(together.count_params(), 3 * members[0].count_params());
}

TEST(Ensemble, VotesAreShares) {
  const std::vector<Model> members = {member(1), member(2), member(3)};
  const Tensor x = random::normal({50, 4}, {.seed = 1});
  const Tensor shares = ensemble(members, {.how = "vote"}).predict(x);
  std::vector<double> expected(150, 0.0);
  for (Model one : members) {
    const auto best = argmax(one.predict(x)).to_vector<int64_t>();
    for (size_t i = 0; i < 50; ++i) expected[i * 3 + static_cast<size_t>(best[i])] += 1.0 / 3;
  }
  const auto got = shares.to_vector<double>();
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6);

  const std::vector<Model> yes_or_no = {member(1, 1, "sigmoid"), member(2, 1, "sigmoid")};
  const auto votes = ensemble(yes_or_no, {.how = "vote"}).predict(x).to_vector<double>();
  Model first = yes_or_no[0], second = yes_or_no[1];
  const auto a = first.predict(x).to_vector<double>(), b = second.predict(x).to_vector<double>();
  for (size_t i = 0; i < votes.size(); ++i) EXPECT_NEAR(votes[i], ((a[i] > 0.5) + (b[i] > 0.5)) / 2.0, 1e-6);
}

TEST(Ensemble, IsOneFile) {
  const std::vector<Model> members = {member(1), member(2)};
  for (const char* how : {"average", "vote"}) {
    Model together = ensemble(members, {.how = how});
    const std::string path = ::testing::TempDir() + "hebb_ensemble.keras";
    together.save(path);
    Model again = load_model(path);
    const Tensor x = random::normal({20, 4}, {.seed = 1});
    EXPECT_EQ(again.predict(x).to_vector<float>(), together.predict(x).to_vector<float>());
    EXPECT_TRUE(again.is_compiled());
  }
}

TEST(Ensemble, WhatIsRefused) {
  const Model one = member(1);
  EXPECT_THROW(ensemble({one}), InvalidArgument);
  EXPECT_THROW(ensemble({one, one}), InvalidArgument);
  EXPECT_THROW(ensemble({one, member(2, 5)}), InvalidArgument);
  EXPECT_THROW(ensemble({one, member(2)}, {.how = "dictate"}), InvalidArgument);
  EXPECT_THROW(ensemble({one, Sequential({Dense(3)})}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
