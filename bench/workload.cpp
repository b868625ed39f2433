// Times hebb on the reference workloads as bench/run.py times its peers: one workload a process, one line of JSON.
//
//   workload list
//   workload NAME [--data MNIST_FOLDER] [--steps N] [--repeat N] [--threads N] [--batch N] [--width N] [--depth N]
//   workload NAME --describe 1
//   workload NAME --save MODEL_FILE
//
// --batch, --width and --depth multiply the workload's own; --describe prints where a step goes instead; --save writes
// the untrained network. BENCH_STARTED, when set, is the time (seconds since 1970) at which the process was started, so
// that what the system and the dynamic linker do counts too.
#include <hebb/hebb.h>
#include <hebb/plan/tuning.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace hebb;
using Clock = std::chrono::steady_clock;

namespace {

const Clock::time_point start = Clock::now();

double seconds_since(Clock::time_point from) { return std::chrono::duration<double>(Clock::now() - from).count(); }

double seconds_since_start() {
  const char* started = std::getenv("BENCH_STARTED");
  if (!started) return seconds_since(start);
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count() -
         std::atof(started);
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return seconds_since(begin);
}

struct Workload {
  Shape shape;
  int64_t batch;
  bool in_list = true;  ///< false: for what is asked of it by name alone
};

const std::map<std::string, Workload> training = {
    {"mlp-50", {{784}, 50}},      {"mlp-200", {{784}, 50}},         {"mlp-1000", {{784}, 50}},
    {"mlp-500x2", {{784}, 50}},   {"cnn", {{28, 28, 1}, 32}},       {"resnet20", {{32, 32, 3}, 128}},
    {"lstm", {{100, 64}, 32}},    {"transformer", {{64, 128}, 32}}, {"resnet50", {{224, 224, 3}, 2, false}},
    {"nothing", {{1}, 1, false}},
};
struct Inference {
  std::string network;
  int64_t batch;
  std::string quantization = {};  ///< for Model::quantize; empty: float32
};
const std::map<std::string, Inference> inference = {
    {"infer-mlp-1", {"mlp-500x2", 1}},
    {"infer-mlp-1-int8", {"mlp-500x2", 1, "int8"}},
    {"infer-mlp-1-bfloat16", {"mlp-500x2", 1, "bfloat16"}},
    {"infer-mlp-64", {"mlp-500x2", 64}},
    {"infer-mlp-64-int8", {"mlp-500x2", 64, "int8"}},
    {"infer-mlp-64-bfloat16", {"mlp-500x2", 64, "bfloat16"}},
    {"infer-cnn-1", {"cnn", 1}},
    {"infer-cnn-1-int8", {"cnn", 1, "int8"}},
    {"infer-cnn-256", {"cnn", 256}},
    {"infer-cnn-256-int8", {"cnn", 256, "int8"}},
    {"infer-resnet20-1", {"resnet20", 1}},
    {"infer-resnet20-1-int8", {"resnet20", 1, "int8"}},
    {"infer-resnet20-64", {"resnet20", 64}},
    {"infer-resnet20-64-int8", {"resnet20", 64, "int8"}},
    {"infer-lstm-1", {"lstm", 1}},
    {"infer-nothing", {"nothing", 1}},
};

/// How many times the workload's own batch, widths and depth.
struct Scale {
  int64_t batch = 1, width = 1, depth = 1;
};

Tensor resnet20(const Tensor& input, const Scale& scale) {
  auto conv = [](const Tensor& x, int64_t filters, int64_t stride) {
    return BatchNormalization()(Conv2D(filters, 3, {.strides = stride, .padding = "same", .use_bias = false})(x));
  };
  Tensor x = ReLU()(conv(input, 16 * scale.width, 1));
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t filters = (16 << stage) * scale.width;
    for (int64_t block = 0; block < 3 * scale.depth; ++block) {
      const int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      const Tensor y = conv(ReLU()(conv(x, filters, stride)), filters, 1);
      if (stride == 2) x = BatchNormalization()(Conv2D(filters, 1, {.strides = 2, .use_bias = false})(x));
      x = ReLU()(Add()({x, y}));
    }
  }
  return Dense(10, {.activation = "softmax"})(GlobalAveragePooling2D()(x));
}

/// He, Zhang, Ren and Sun 2016, for ImageNet's images.
Tensor resnet50(const Tensor& input) {
  const auto conv = [](const Tensor& x, int64_t filters, int64_t size, int64_t stride) {
    return BatchNormalization()(Conv2D(filters, size, {.strides = stride, .padding = "same", .use_bias = false})(x));
  };
  Tensor x = MaxPooling2D(3, {.strides = 2, .padding = "same"})(ReLU()(conv(input, 64, 7, 2)));
  const int64_t blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    for (int64_t block = 0; block < blocks[stage]; ++block) {
      const int64_t filters = int64_t{64} << stage, stride = block == 0 && stage > 0 ? 2 : 1;
      Tensor y = ReLU()(conv(x, filters, 1, stride));
      y = conv(ReLU()(conv(y, filters, 3, 1)), 4 * filters, 1, 1);
      if (block == 0) x = conv(x, 4 * filters, 1, stride);
      x = ReLU()(Add()({x, y}));
    }
  }
  return Dense(1000, {.activation = "softmax"})(GlobalAveragePooling2D()(x));
}

Tensor transformer(const Tensor& input, const Scale& scale) {
  Tensor x = input;
  const int64_t width = x.shape().back(), heads = 4;
  for (int64_t block = 0; block < 2 * scale.depth; ++block) {
    x = LayerNormalization()(Add()({x, MultiHeadAttention(heads, width / heads * scale.width)({x, x})}));
    const Tensor hidden = Dense(512 * scale.width, {.activation = "gelu"})(x);
    x = LayerNormalization()(Add()({x, Dense(width)(hidden)}));
  }
  return Dense(10, {.activation = "softmax"})(GlobalAveragePooling1D()(x));
}

Model make(const std::string& name, const Scale& scale = {}) {
  const InputTensor input = Input(training.at(name).shape);
  Tensor x = input;
  Optimizer optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
  if (name == "cnn") {
    const int64_t filters = 32 * scale.width;
    x = Conv2D(filters, 5, {.activation = "relu"})(x);
    x = Conv2D(filters, 5, {.activation = "relu"})(x);
    for (int64_t i = 1; i < scale.depth; ++i)  // each costs what the one before costs
      x = Conv2D(filters, 5, {.padding = "same", .activation = "relu"})(x);
    x = Flatten()(Dropout(0.25)(MaxPooling2D(2)(x)));
    x = Dropout(0.5)(Dense(128 * scale.width, {.activation = "relu"})(x));
    x = Dense(10, {.activation = "softmax"})(x);
    optimizer = Adadelta({.learning_rate = 1.0});
  } else if (name == "resnet20") {
    x = resnet20(x, scale);
    optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9});
  } else if (name == "resnet50") {
    x = resnet50(x);
    optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9});
  } else if (name == "lstm") {
    for (int64_t i = 1; i < scale.depth; ++i) x = LSTM(128 * scale.width, {.return_sequences = true})(x);
    x = Dense(10, {.activation = "softmax"})(LSTM(128 * scale.width)(x));
    optimizer = Adam();
  } else if (name == "transformer") {
    x = transformer(x, scale);
    optimizer = Adam();
  } else {
    const std::map<std::string, std::vector<int64_t>> hidden = {
        {"mlp-50", {50}}, {"mlp-200", {200}}, {"mlp-1000", {1000}}, {"mlp-500x2", {500, 500}}, {"nothing", {1, 1}}};
    for (int64_t i = 0; i < scale.depth; ++i) {
      for (int64_t units : hidden.at(name)) x = Dense(units * scale.width, {.activation = "relu"})(x);
    }
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

/// Times, in seconds a step (or call), the time until the first was done, and how much longer than another it took.
struct Result {
  std::vector<double> times;
  double first = 0, prepare = 0;
  std::vector<Plan::Timing> kernels;  // their costs, and their times in a run that only takes these
  std::string description;
  long peak_mib = 0;
};

/// The largest that the process has been.
long peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

class OneEpoch : public CallbackBase {
 public:
  void on_epoch_end(int64_t, Logs&) override { stop_training(); }
};

Result train(const std::string& name, const std::string& folder, int64_t steps, int repeat, const Scale& scale) {
  const Workload& workload = training.at(name);
  const int64_t batch = workload.batch * scale.batch;
  data::Dataset data = examples(workload.shape, batch * steps, folder);
  data = data.take(data.size() / batch * batch);
  Model model = make(name, scale);
  Result result;
  auto one_step = [&, x = data.take(batch).x(), y = data.take(batch).y()] { model.train_on_batch(x, y); };
  result.prepare = seconds_of(one_step);
  result.first = seconds_since_start();
  one_step();
  result.prepare -= seconds_of(one_step);
  auto epoch = [&] { model.fit(data, {.batch_size = batch, .verbose = 0}); };
  // The plan of a training of many epochs, whose kernels are chosen by measuring; it stops after one.
  const int64_t epochs = 1 + least_runs_to_tune / std::max<int64_t>(1, data.size() / batch);
  model.fit(data, {.batch_size = batch, .epochs = epochs, .verbose = 0, .callbacks = {std::make_shared<OneEpoch>()}});
  for (int i = 0; i < repeat; ++i) result.times.push_back(seconds_of(epoch) / static_cast<double>(data.size() / batch));
  result.peak_mib = peak_mib();
  model.profile(true);
  epoch();
  result.kernels = model.step_timings();
  result.description = model.describe_step();
  return result;
}

Result infer(const std::string& name, const std::string& folder, int repeat, const Scale& scale) {
  const Inference& workload = inference.at(name);
  const int64_t batch = workload.batch * scale.batch;
  Model model = make(workload.network, scale);
  const Shape& shape = training.at(workload.network).shape;
  const Tensor x = examples(shape, batch, folder).x();
  if (!workload.quantization.empty())
    model.quantize(workload.quantization,
                   {.calibration = data::Dataset(Tensors{examples(shape, 64, folder).x()}, Tensors{})});
  Result result;
  auto call = [&] { model.predict_on_batch(x); };
  result.prepare = seconds_of(call);
  result.first = seconds_since_start();
  call();
  result.prepare -= seconds_of(call);
  // As whoever predicts one batch after the other does: its kernels are chosen by measuring.
  model.freeze({.batch_size = batch});
  for (int i = 0; i < 5; ++i) call();
  for (int i = 0; i < repeat; ++i) {
    const auto begin = Clock::now();
    int64_t calls = 0;
    for (; seconds_since(begin) < 0.4; ++calls) call();
    result.times.push_back(seconds_since(begin) / static_cast<double>(calls));
  }
  result.peak_mib = peak_mib();
  PlanCache again([&](const Tensors& in) { return Tensors{model(in[0])}; }, {.expected_runs = 10000});
  Plan& plan = again.plan_for({x.spec()});
  plan.profile(true);
  for (int64_t i = 0; i < 20; ++i) again.run({x});
  result.kernels = plan.timings();
  result.description = plan.describe();
  return result;
}

/// A line for bench/run.py: milliseconds, and of each kernel its name, what it computes and moves, and its
/// microseconds.
std::string json_line(const std::string& name, Result result) {
  std::sort(result.times.begin(), result.times.end());
  Json times = Json::array(), kernels = Json::array();
  for (double seconds : result.times) times.push_back(seconds * 1e3);
  for (const Plan::Timing& kernel : result.kernels)
    kernels.push_back(Json::array({kernel.operation + " " + kernel.implementation, kernel.cost.flops, kernel.cost.bytes,
                                   kernel.calls ? kernel.seconds / static_cast<double>(kernel.calls) * 1e6 : 0}));
  const double median = result.times.empty() ? 0 : result.times[result.times.size() / 2];
  return Json::object({{"framework", "hebb"},
                       {"workload", name},
                       {"threads", threads()},
                       {"ms", median * 1e3},
                       {"times_ms", times},
                       {"first_s", result.first},
                       {"prepare_ms", result.prepare * 1e3},
                       {"peak_mib", result.peak_mib},
                       {"kernels", kernels}})
      .dump();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || std::string(argv[1]) == "list") {
    for (const auto& [name, workload] : training) {
      if (workload.in_list) std::printf("%s ", name.c_str());
    }
    for (const auto& [name, workload] : inference) {
      if (training.at(workload.network).in_list) std::printf("%s ", name.c_str());
    }
    std::printf("\n");
    return 0;
  }
  const std::string name = argv[1];
  if (!training.contains(name) && !inference.contains(name))
    throw InvalidArgument("unknown workload '" + name + "'; see: workload list");
  std::string folder, save;
  std::map<std::string, int64_t> numbers = {{"--steps", 0}, {"--repeat", 5}, {"--threads", threads()}, {"--batch", 1},
                                            {"--width", 1}, {"--depth", 1},  {"--describe", 0}};
  for (int i = 2; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 == argc || (option != "--data" && option != "--save" && !numbers.contains(option)))
      throw InvalidArgument("unknown option '" + option + "', or no value behind it; see the head of workload.cpp");
    if (option == "--data") {
      folder = argv[i + 1];
    } else if (option == "--save") {
      save = argv[i + 1];
    } else {
      numbers[option] = std::atoll(argv[i + 1]);
    }
  }
  if (!save.empty()) {
    make(training.contains(name) ? name : inference.at(name).network).save(save);
    return 0;
  }
  int64_t steps = numbers["--steps"];
  if (steps == 0)
    steps = name.starts_with("mlp") ? 400 : name == "cnn" || name == "lstm" || name == "transformer" ? 40 : 10;
  const auto repeat = static_cast<int>(numbers["--repeat"]);
  const Scale scale{numbers["--batch"], numbers["--width"], numbers["--depth"]};
  set_threads(static_cast<int>(numbers["--threads"]));
  Result result =
      training.contains(name) ? train(name, folder, steps, repeat, scale) : infer(name, folder, repeat, scale);
  std::printf("%s\n", numbers["--describe"] ? result.description.c_str() : json_line(name, std::move(result)).c_str());
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
