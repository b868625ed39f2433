// The same seed gives the same bits, on any number of threads, in eager and in compiled runs.

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "hebb/base/text.h"
#include "hebb/hebb.h"
#include "hebb/nn/random_seed.h"
#include "hebb/zoo/zoo.h"
#include "tests/small_networks.h"

namespace hebb {
namespace {

::testing::AssertionResult same_bits(const Tensors& actual, const Tensors& expected) {
  if (actual.size() != expected.size()) return ::testing::AssertionFailure() << "not as many tensors";
  for (size_t i = 0; i < actual.size(); ++i) {
    if (actual[i].spec() != expected[i].spec()) return ::testing::AssertionFailure() << "tensor " << i << " is another";
    const auto bytes = static_cast<size_t>(actual[i].spec().bytes());
    if (std::memcmp(actual[i].raw(), expected[i].raw(), bytes) != 0) {
      return ::testing::AssertionFailure() << "tensor " << i << " " << actual[i].spec().to_string() << " differs";
    }
  }
  return ::testing::AssertionSuccess();
}

/// Puts the number of threads back.
class Threads {
 public:
  Threads() : before_(threads()) {}
  ~Threads() { set_threads(before_); }

 private:
  int before_;
};

data::Dataset noise(int64_t count, const Shape& shape, bool bytes) {
  const Tensor x = random::uniform(shape.with(0, count), {.low = 0, .high = bytes ? 255.0 : 1.0, .seed = 1});
  const Tensor y = cast(random::uniform({count}, {.low = 0, .high = 10, .seed = 2}), DType::int32);
  return data::Dataset(bytes ? cast(x, DType::uint8) : x, y);
}

struct Network {
  std::string name;
  std::function<Model()> make;
  std::function<data::Dataset()> data;
  int64_t batch_size = 32;
};

const std::vector<Network>& networks() {
  static const std::vector<Network> all = {
      {"convolutional", [] { return zoo::make("mnist-cnn"); },
       [] {
         return noise(32 * 3 + 11, {28, 28, 1}, true);
       }},
      {"perceptron",
       [] {
         return zoo::make("mlp", {.options = Json::object({{"units", "200"}})});
       },
       [] {
         return noise(50 * 6 + 7, {28, 28, 1}, true);
       },
       50},
      {"lenet5", [] { return zoo::make("lenet5"); },
       [] {
         return noise(32 * 2 + 3, {28, 28, 1}, true);
       }},
      {"batch_normalization",
       [] {
         auto x = Input({14, 14, 3});
         auto y = ReLU()(BatchNormalization()(Conv2D(20, 3, {.padding = "same", .use_bias = false})(x)));
         auto z = Add()({y, Conv2D(20, 1)(x)});
         auto pooled = GlobalAveragePooling2D()(AveragePooling2D(2)(z));
         auto dropped = Dropout(0.4)(Dense(37, {.activation = "elu", .kernel_regularizer = L2(1e-3)})(pooled));
         return Model(x, Dense(10, {.activation = "softmax"})(dropped));
       },
       [] {
         return noise(17 * 5 + 4, {14, 14, 3}, false);
       },
       17},
      {"residual", residual_network,
       [] {
         return noise(32 * 2 + 9, {14, 14, 3}, false);
       }},
      {"recurrent", recurrent_network,
       [] {
         return noise(32 * 2 + 9, {20, 12}, false);
       }},
      {"attention", attention_network, [] {
         return noise(32 * 2 + 9, {20, 12}, false);
       }}};
  return all;
}

const Network& network(const std::string& name) {
  for (const Network& known : networks()) {
    if (known.name == name) return known;
  }
  throw InternalError("no network " + name);
}

/// The weights and the optimizer's state after two epochs, and the losses.
struct Trained {
  Tensors state;
  std::vector<double> losses;
};

Trained train(const Network& network, const std::string& optimizer, int64_t seed, int thread_count) {
  const Threads restore;
  set_threads(thread_count);
  set_random_seed(seed);
  Model model = network.make();
  const data::Dataset data = network.data();
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const History history =
      model.fit(data, {.batch_size = network.batch_size, .epochs = 2, .verbose = 0, .validation_split = 0.1});
  Trained out{model.get_weights(), history["loss"]};
  for (const Tensor& slot : model.optimizer()->variables()) out.state.push_back(variable(slot));
  out.losses.insert(out.losses.end(), history["val_loss"].begin(), history["val_loss"].end());
  return out;
}

class Determinism : public ::testing::TestWithParam<std::pair<std::string, std::string>> {
 protected:
  Trained train_it(int64_t seed, int thread_count) const {
    return train(network(GetParam().first), GetParam().second, seed, thread_count);
  }
};

TEST_P(Determinism, ThreadsDoNotMatter) {
  const Trained one = train_it(7, 1);
  for (const int count : {2, 3}) {
    SCOPED_TRACE(count);
    const Trained other = train_it(7, count);
    EXPECT_TRUE(same_bits(other.state, one.state));
    EXPECT_EQ(other.losses, one.losses);
  }
}

TEST_P(Determinism, TheSeedRules) {
  const Trained first = train_it(7, 2);
  EXPECT_TRUE(same_bits(train_it(7, 2).state, first.state));
  EXPECT_FALSE(same_bits(train_it(8, 2).state, first.state));
}

std::vector<std::pair<std::string, std::string>> combinations() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Network& known : networks()) all.emplace_back(known.name, "adam");
  for (const OptimizerRecord& record : optimizer_records()) {
    if (!record.holds_others) all.emplace_back("perceptron", record.class_name);
  }
  all.emplace_back("convolutional", "adadelta");
  all.emplace_back("batch_normalization", "sgd");
  return all;
}

/// What a network predicts, for all examples at once and for one.
class Predictions : public ::testing::TestWithParam<std::string> {
 protected:
  static Tensors predicted(Model& model, const Tensor& x, int thread_count) {
    const Threads restore;
    set_threads(thread_count);
    return {model.predict(x, {.batch_size = 32, .verbose = 0}), model.predict(slice(x, {0}, {1}), {.verbose = 0})};
  }
  static void expect_that_threads_do_not_matter(Model& model, const Tensor& x) {
    const Tensors one = predicted(model, x, 1);
    for (const int count : {2, 3}) EXPECT_TRUE(same_bits(predicted(model, x, count), one)) << count << " threads";
  }
};

TEST_P(Predictions, ThreadsDoNotMatter) {
  set_random_seed(7);
  const Network& known = network(GetParam());
  Model model = known.make();
  const Tensor x = known.data().x();
  expect_that_threads_do_not_matter(model, x);
  model.freeze();
  expect_that_threads_do_not_matter(model, x);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Network& known : networks()) all.push_back(known.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Networks, Predictions, ::testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

INSTANTIATE_TEST_SUITE_P(Training, Determinism, ::testing::ValuesIn(combinations()), [](const auto& info) {
  return message(info.index, "_", info.param.first, "_", info.param.second);
});

TEST(Shuffling, FollowsFromTheSeedAlone) {
  const data::Dataset data = noise(103, {4}, false);
  auto losses = [&](int64_t seed) {
    set_random_seed(1);
    Sequential model({Input({4}), Dense(10, {.activation = "softmax"})});
    model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
    return model.fit(data, {.batch_size = 10, .epochs = 3, .verbose = 0, .seed = seed})["loss"];
  };
  EXPECT_EQ(losses(3), losses(3));
  EXPECT_NE(losses(3), losses(4));
}

/// Two layers with one seed: what one draws at once, the other draws in a plan.
TEST(EagerAndCompiled, DropTheSame) {
  const Layer at_once = Dropout(0.3, {.seed = 5}), planned = Dropout(0.3, {.seed = 5});
  const Tensor x = ones({64, 33});
  auto step = compiled([&](const Tensor& input) { return planned(input, {.training = true}); });
  Tensor before;
  for (int i = 0; i < 4; ++i) {
    const Tensor expected = at_once(x, {.training = true});
    EXPECT_TRUE(same_bits({step(x)}, {expected})) << "step " << i;
    if (i > 0) {
      EXPECT_FALSE(same_bits({expected}, {before}));
    }
    before = expected;
  }
}

/// A loop of one's own, written once, run at once and compiled.
class OwnLoop : public ::testing::TestWithParam<std::string> {};

TEST_P(OwnLoop, EagerIsCompiled) {
  const data::Dataset data = noise(16 * 4, {10, 10, 2}, false);
  auto run = [&](bool compile) {
    set_random_seed(3);
    Sequential model({Input({10, 10, 2}), Conv2D(8, 3, {.activation = "relu"}), BatchNormalization(), MaxPooling2D(2),
                      Flatten(), Dropout(0.25), Dense(16, {.activation = "tanh", .kernel_regularizer = L2(0.01)}),
                      Dense(10, {.activation = "softmax"})});
    const Optimizer optimizer(GetParam());
    auto body = [&](const Tensor& x, const Tensor& y) {
      Tensor loss = mean(sparse_categorical_crossentropy(y, model(x, {.training = true})));
      for (const Tensor& more : model->losses()) loss = loss + more;
      optimizer.apply(gradient(loss, model.trainable_variables()), model.trainable_variables());
      return loss;
    };
    auto step = compiled(body);
    std::vector<double> losses;
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (auto [x, y] : data.batches({.batch_size = 16})) losses.push_back((compile ? step(x, y) : body(x, y)).item());
    }
    return std::make_pair(losses, model.get_weights());
  };
  const auto [eager_losses, eager_weights] = run(false);
  const auto [planned_losses, planned_weights] = run(true);
  ASSERT_EQ(eager_losses.size(), 8u);
  for (size_t i = 0; i < eager_losses.size(); ++i)
    EXPECT_NEAR(eager_losses[i], planned_losses[i], 2e-4) << "step " << i;
  for (size_t i = 0; i < eager_weights.size(); ++i) {
    const auto a = eager_weights[i].to_vector<double>(), b = planned_weights[i].to_vector<double>();
    double worst = 0;
    for (size_t k = 0; k < a.size(); ++k) worst = std::max(worst, std::abs(a[k] - b[k]));
    EXPECT_LT(worst, 2e-3) << "weight " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Optimizers, OwnLoop, ::testing::Values("sgd", "adam", "adadelta"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace hebb
