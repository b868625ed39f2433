// Times hebb on the reference workloads as bench/run.py times its peers: one workload a process, one line of JSON.
//
//   workload NAME [--data MNIST_FOLDER] [--steps N] [--repeat N] [--threads N]
#include <hebb/hebb.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

using namespace hebb;
using Clock = std::chrono::steady_clock;

namespace {

const Clock::time_point start = Clock::now();

double seconds_since(Clock::time_point from) { return std::chrono::duration<double>(Clock::now() - from).count(); }

struct Workload {
  Shape shape;
  int64_t batch;
};

const std::map<std::string, Workload> training = {
    {"mlp-50", {{784}, 50}},    {"mlp-200", {{784}, 50}},   {"mlp-1000", {{784}, 50}},
    {"mlp-500x2", {{784}, 50}}, {"cnn", {{28, 28, 1}, 32}}, {"resnet20", {{32, 32, 3}, 128}},
};
const std::map<std::string, std::pair<std::string, int64_t>> inference = {
    {"infer-mlp-1", {"mlp-500x2", 1}},       {"infer-cnn-1", {"cnn", 1}},
    {"infer-cnn-256", {"cnn", 256}},         {"infer-resnet20-1", {"resnet20", 1}},
    {"infer-resnet20-64", {"resnet20", 64}},
};

Tensor resnet20(const Tensor& input) {
  auto conv = [](const Tensor& x, int64_t filters, int64_t stride) {
    return BatchNormalization()(Conv2D(filters, 3, {.strides = stride, .padding = "same", .use_bias = false})(x));
  };
  Tensor x = ReLU()(conv(input, 16, 1));
  for (int64_t filters : {16, 32, 64}) {
    for (int block = 0; block < 3; ++block) {
      const int64_t stride = block == 0 && filters > 16 ? 2 : 1;
      const Tensor y = conv(ReLU()(conv(x, filters, stride)), filters, 1);
      if (stride == 2) x = BatchNormalization()(Conv2D(filters, 1, {.strides = 2, .use_bias = false})(x));
      x = ReLU()(Add()({x, y}));
    }
  }
  return Dense(10, {.activation = "softmax"})(GlobalAveragePooling2D()(x));
}

Model make(const std::string& name) {
  const InputTensor input = Input(training.at(name).shape);
  Tensor x = input;
  Optimizer optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
  if (name == "cnn") {
    x = Conv2D(32, 5, {.activation = "relu"})(x);
    x = Conv2D(32, 5, {.activation = "relu"})(x);
    x = Flatten()(Dropout(0.25)(MaxPooling2D(2)(x)));
    x = Dropout(0.5)(Dense(128, {.activation = "relu"})(x));
    x = Dense(10, {.activation = "softmax"})(x);
    optimizer = Adadelta({.learning_rate = 1.0});
  } else if (name == "resnet20") {
    x = resnet20(x);
    optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9});
  } else {
    const std::map<std::string, std::vector<int64_t>> hidden = {
        {"mlp-50", {50}}, {"mlp-200", {200}}, {"mlp-1000", {1000}}, {"mlp-500x2", {500, 500}}};
    for (int64_t units : hidden.at(name)) x = Dense(units, {.activation = "relu"})(x);
    x = Dense(10, {.activation = "softmax"})(x);
  }
  Model model(input, x);
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

data::Dataset examples(const Shape& shape, int64_t count, const std::string& folder) {
  const bool images = shape == Shape{784} || shape == Shape{28, 28, 1};
  if (images && !folder.empty()) {
    const data::Dataset mnist = data::mnist({.path = folder}).train.take(count);
    return data::Dataset(reshape(cast(mnist.x(), DType::float32) / 255.0, shape.with(0, mnist.size())),
                         cast(mnist.y(), DType::int32));
  }
  return data::Dataset(random::normal(shape.with(0, count), {.seed = 1}),
                       cast(floor(random::uniform({count}, {.low = 0, .high = 10, .seed = 2})), DType::int32));
}

/// Times, in seconds a step (or call), and the time until the first was done.
struct Result {
  std::vector<double> times;
  double first = 0;
};

Result train(const std::string& name, const std::string& folder, int64_t steps, int repeat) {
  const Workload& workload = training.at(name);
  data::Dataset data = examples(workload.shape, workload.batch * steps, folder);
  data = data.take(data.size() / workload.batch * workload.batch);
  Model model = make(name);
  model.fit(data.take(workload.batch), {.batch_size = workload.batch, .verbose = 0});
  Result result{{}, seconds_since(start)};
  model.fit(data, {.batch_size = workload.batch, .verbose = 0});
  for (int i = 0; i < repeat; ++i) {
    const auto begin = Clock::now();
    model.fit(data, {.batch_size = workload.batch, .verbose = 0});
    result.times.push_back(seconds_since(begin) / static_cast<double>(data.size() / workload.batch));
  }
  return result;
}

Result infer(const std::string& name, const std::string& folder, int repeat) {
  const auto& [base, batch] = inference.at(name);
  Model model = make(base);
  const Tensor x = examples(training.at(base).shape, batch, folder).x();
  // What another framework's compiled call does: one batch through a plan that is kept.
  auto call = compiled([&](const Tensor& in) { return model(in); });
  call(x);
  Result result{{}, seconds_since(start)};
  for (int i = 0; i < 5; ++i) call(x);
  for (int i = 0; i < repeat; ++i) {
    const auto begin = Clock::now();
    int64_t calls = 0;
    for (; seconds_since(begin) < 0.4; ++calls) call(x);
    result.times.push_back(seconds_since(begin) / static_cast<double>(calls));
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || std::string(argv[1]) == "list") {
    for (const auto& [name, workload] : training) std::printf("%s ", name.c_str());
    for (const auto& [name, workload] : inference) std::printf("%s ", name.c_str());
    std::printf("\n");
    return 0;
  }
  const std::string name = argv[1];
  std::string folder;
  int64_t steps = 0;
  int repeat = 5;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--data") folder = argv[i + 1];
    if (option == "--steps") steps = std::atoll(argv[i + 1]);
    if (option == "--repeat") repeat = std::atoi(argv[i + 1]);
    if (option == "--threads") set_threads(std::atoi(argv[i + 1]));
  }
  if (steps == 0) steps = name.starts_with("mlp") ? 400 : name == "cnn" ? 40 : 10;
  if (!training.contains(name) && !inference.contains(name))
    throw InvalidArgument("unknown workload '" + name + "'; see: workload list");
  Result result = training.contains(name) ? train(name, folder, steps, repeat) : infer(name, folder, repeat);
  std::sort(result.times.begin(), result.times.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"framework\": \"hebb\", \"workload\": \"%s\", \"threads\": %d, \"ms\": %.4f, \"ms_min\": %.4f, \"first_s\": "
      "%.2f, \"peak_mib\": %ld}\n",
      name.c_str(), threads(), result.times[result.times.size() / 2] * 1e3, result.times[0] * 1e3, result.first,
      usage.ru_maxrss / 1024);
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
