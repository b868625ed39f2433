// What fit's conveniences cost: the perceptron 784-50-10, whose step is the shortest of the reference workloads,
// trained by a compiled step in a loop, by fit with nothing on, and by fit with all that one has on as a rule:
// shuffling, metrics, history, a progress bar as on a terminal, and callbacks that are asked at every batch.
//
//     conveniences
//
// Prints one line of JSON: microseconds of a step in each way. The ways take turns; the least of each counts, since
// what is looked for is smaller than a machine's moods.
#include <fcntl.h>
#include <hebb/base/console.h>
#include <hebb/hebb.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

using namespace hebb;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int64_t batch_size = 50, steps = 300, epochs = 4;
constexpr int rounds = 40;

Model perceptron() {
  return Sequential({Input({784}), Dense(50, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
}

Optimizer nesterov() { return SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}); }

struct Way {
  std::string name;
  std::function<void()> epoch;
  std::vector<double> seconds = {};  ///< of a step, round by round
};

double median_ratio(const Way& one, const Way& other) {
  std::vector<double> ratios;
  for (size_t i = 0; i < one.seconds.size(); ++i) ratios.push_back(one.seconds[i] / other.seconds[i]);
  std::sort(ratios.begin(), ratios.end());
  return ratios[ratios.size() / 2];
}

}  // namespace

int main() try {
  const Tensor x = random::normal({batch_size * steps, 784}, {.seed = 1});
  const Tensor y = cast(floor(random::uniform({batch_size * steps}, {.low = 0, .high = 10, .seed = 2})), DType::int32);
  const data::Dataset examples(x, y);

  Model own = perceptron();
  const Optimizer optimizer = nesterov();
  auto step = compiled([&](const Tensor& in, const Tensor& wanted) {
    Tensor loss = mean(sparse_categorical_crossentropy(wanted, own(in, {.training = true})));
    optimizer.apply(gradient(loss, own.trainable_variables()), own.trainable_variables());
    return loss;
  });
  std::vector<std::pair<Tensor, Tensor>> batches;
  for (const data::Batch& batch : examples.batches({.batch_size = batch_size}))
    batches.emplace_back(batch.inputs[0], batch.targets[0]);

  Model plain = perceptron(), full = perceptron();
  plain.compile({.optimizer = nesterov(), .loss = "sparse_categorical_crossentropy"});
  full.compile({.optimizer = nesterov(), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const int nowhere = open("/dev/null", O_WRONLY);
  set_console([&](std::string_view text) { (void)!write(nowhere, text.data(), text.size()); }, true);
  int64_t asked = 0;
  const auto callback =
      LambdaCallback({.on_train_batch_end = [&](int64_t, const CallbackBase::BatchLogs&) { ++asked; }});

  std::vector<Way> ways = {
      {"loop",
       [&] {
         for (int64_t epoch = 0; epoch < epochs; ++epoch) {
           for (const auto& [in, wanted] : batches) step(in, wanted);
         }
       }},
      {"fit",
       [&] { plain.fit(examples, {.batch_size = batch_size, .epochs = epochs, .verbose = 0, .shuffle = false}); }},
      {"fit, shuffled", [&] { plain.fit(examples, {.batch_size = batch_size, .epochs = epochs, .verbose = 0}); }},
      {"fit with all", [&] {
         full.fit(
             examples,
             {.batch_size = batch_size, .epochs = epochs, .verbose = 1, .callbacks = {callback, TerminateOnNaN()}});
       }}};
  for (int round = 0; round < rounds; ++round) {
    for (Way& way : ways) {
      const Clock::time_point start = Clock::now();
      way.epoch();
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count() / (epochs * steps);
      if (round > 0) way.seconds.push_back(seconds);  // the first one makes the plan
    }
  }
  Json out = Json::object();
  for (const Way& way : ways) {
    out.set(way.name, *std::min_element(way.seconds.begin(), way.seconds.end()) * 1e6);
    out.set("more than " + way.name, (median_ratio(ways.back(), way) - 1) * 100);
  }
  if (asked != rounds * epochs * steps) throw InternalError("the callback was not asked at every step");
  std::printf("%s\n", out.dump().c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
