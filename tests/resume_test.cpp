// Training that is interrupted, saved, loaded and gone on with ends with the bits of one that never was.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/hebb.h"
#include "hebb/nn/random_seed.h"

namespace hebb {
namespace {

struct Setting {
  std::string optimizer, ending;
};

/// Ends training after a step.
struct StopsAfter : CallbackBase {
  StopsAfter(int64_t epoch, int64_t batch) : last_epoch(epoch), last_batch(batch) {}
  void on_epoch_begin(int64_t number) override { epoch = number; }
  void on_train_batch_end(int64_t batch, const BatchLogs&) override {
    if (epoch == last_epoch && batch == last_batch) stop_training();
  }
  int64_t last_epoch, last_batch, epoch = 0;
};

class Resume : public ::testing::TestWithParam<Setting> {
 protected:
  Resume()
      : path_((std::filesystem::temp_directory_path() /
               message("hebb_resume_", getpid(), GetParam().optimizer, GetParam().ending))
                  .string()) {}
  ~Resume() override { std::filesystem::remove(path_); }

  /// With all that has a state: weights, slots, moving statistics, two layers that drop, one of them inside a model.
  Model make() const {
    set_random_seed(4);
    const Sequential inner({Input({12}), Dense(9, {.activation = "relu"}), Dropout(0.4)}, "inner");
    Sequential model({Input({6}), Dense(12, {.activation = "tanh"}), BatchNormalization(), Dropout(0.2), inner,
                      Dense(3, {.activation = "softmax"})});
    model.compile(
        {.optimizer = GetParam().optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    return model;
  }
  FitOptions options(int64_t epochs) const { return {.batch_size = 10, .epochs = epochs, .verbose = 0, .seed = 9}; }

  const Tensor x_ = random::normal({84, 6}, {.seed = 1});
  const Tensor y_ = cast(random::uniform({84}, {.low = 0, .high = 3, .seed = 2}), DType::int32);
  std::string path_;

  void expect_same(const Model& model, const Model& expected) const {
    const Tensors a = model.get_weights(), b = expected.get_weights();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].to_vector<float>(), b[i].to_vector<float>()) << "weight " << i;
    const Tensors& slots = model.optimizer()->variables();
    const Tensors& expected_slots = expected.optimizer()->variables();
    ASSERT_EQ(slots.size(), expected_slots.size());
    for (size_t i = 0; i < slots.size(); ++i) {
      EXPECT_EQ(slots[i].to_vector<double>(), expected_slots[i].to_vector<double>()) << slots[i].name();
    }
  }
};

TEST_P(Resume, BetweenEpochs) {
  Model whole = make(), first = make();
  whole.fit(x_, y_, options(4));
  first.fit(x_, y_, options(2));
  first.save(path_);
  set_random_seed(77);  // of no matter: everything is in the file
  Model second = load_model(path_);
  FitOptions rest = options(4);
  rest.initial_epoch = 2;
  second.fit(x_, y_, rest);
  expect_same(second, whole);
}

TEST_P(Resume, InTheMiddleOfAnEpoch) {
  Model whole = make(), first = make();
  whole.fit(x_, y_, options(3));
  FitOptions interrupted = options(3);
  interrupted.callbacks = {make_callback<StopsAfter>(1, 4)};
  first.fit(x_, y_, interrupted);
  first.save(path_);
  Model second = load_model(path_);
  EXPECT_EQ(second.optimizer()->iterations().item(), 9 + 5);
  FitOptions rest = options(3);
  rest.initial_epoch = 1;
  rest.initial_step = 5;
  second.fit(x_, y_, rest);
  expect_same(second, whole);
}

TEST_P(Resume, WithoutAFile) {
  Model whole = make(), parts = make();
  whole.fit(x_, y_, options(3));
  parts.fit(x_, y_, options(1));
  FitOptions rest = options(3);
  rest.initial_epoch = 1;
  parts.fit(x_, y_, rest);
  expect_same(parts, whole);
}

TEST_P(Resume, RefusesAStepThatIsNone) {
  Model model = make();
  FitOptions wrong = options(3);
  wrong.initial_step = 9;
  EXPECT_THROW(model.fit(x_, y_, wrong), InvalidArgument);
  wrong.initial_step = -1;
  EXPECT_THROW(model.fit(x_, y_, wrong), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, Resume,
                         ::testing::Values(Setting{"sgd", ".keras"}, Setting{"adam", ".keras"},
                                           Setting{"nadam", ".keras"}, Setting{"adam", ".h5"}),
                         [](const auto& info) { return message(info.index, "_", info.param.optimizer); });

}  // namespace
}  // namespace hebb
