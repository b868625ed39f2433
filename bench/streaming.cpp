// Training on a file larger than memory: how fast, how busy the loading thread is, how much longer a step takes than on
// data in memory, and how much memory the process takes. Run by hand, as it writes gigabytes:
//
//     ninja -C build/release streaming && build/release/bench/streaming [GIGABYTES] [FOLDER] [STEPS] [MEBIBYTES]
//
// It writes FOLDER/hebb-streaming.h5 (uint8 images of 64x64x3, 4 GB in the current folder unless it is told
// otherwise), trains a small convolutional network in shuffled order for STEPS steps (default 500), and removes the
// file. MEBIBYTES (default 512) limits what the process may allocate: RLIMIT_DATA, which counts private writable memory
// and leaves the code of libraries alone.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/timed_source.h"
#include "hebb/data/feed.h"
#include "hebb/hebb.h"
#include "hebb/io/hdf5.h"
#include "hebb/ops/random.h"

namespace {

using namespace hebb;
using Clock = std::chrono::steady_clock;

constexpr int64_t side = 64, channels = 3, example_bytes = side * side * channels, classes = 10;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// xorshift64*: bytes that do not compress, the same in every run.
class Noise {
 public:
  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1du;
  }

 private:
  uint64_t state_ = 42;
};

void write_file(const std::string& path, int64_t examples) {
  io::Hdf5Writer file(path);
  file.make_dataset("x", {{examples, side, side, channels}, DType::uint8});
  file.make_dataset("y", {{examples}, DType::uint8});
  Noise noise;
  constexpr int64_t block = 1024;
  for (int64_t at = 0; at < examples; at += block) {
    const int64_t count = std::min(block, examples - at);
    Tensor x = Tensor::empty({count, side, side, channels}, DType::uint8), y = Tensor::empty({count}, DType::uint8);
    auto* words = static_cast<uint64_t*>(x.mutable_raw());
    for (int64_t i = 0; i < count * example_bytes / 8; ++i) words[i] = noise.next();
    auto* labels = static_cast<uint8_t*>(y.mutable_raw());
    for (int64_t i = 0; i < count; ++i) labels[i] = static_cast<uint8_t>(noise.next() % classes);
    file.write_rows("x", at, x);
    file.write_rows("y", at, y);
  }
  (void)file.finish();
}

/// Makes the system forget what it holds of the file, so that reading means the disk.
void forget_pages(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY);
  if (file < 0) return;
  ::fdatasync(file);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
}

struct Pace {
  double seconds = 0;
  int64_t examples = 0;
};

/// Batches in shuffled order with nothing done to them: what the file gives.
Pace read_only(const data::Dataset& data, int64_t batch_size, int64_t steps) {
  data::Feed feed(data.shared(), batch_size);
  feed.start(random::permutation(data.size(), 1, 1).to_vector<int64_t>());
  Pace pace;
  const Clock::time_point start = Clock::now();
  for (int64_t step = 0; step < steps; ++step) {
    const data::Feed::View* batch = feed.next();
    if (!batch) break;
    pace.examples += batch->count;
  }
  pace.seconds = seconds_since(start);
  return pace;
}

Pace train(Model& model, const data::Dataset& data, int64_t batch_size, int64_t steps) {
  const Clock::time_point start = Clock::now();
  model.fit(data, {.batch_size = batch_size, .verbose = 0, .steps_per_epoch = steps, .seed = 2});
  return {seconds_since(start), std::min(steps * batch_size, data.size())};
}

void print(const char* what, const Pace& pace) {
  const double rate = static_cast<double>(pace.examples) / pace.seconds;
  std::printf("%-28s %8.0f examples/s %8.1f MB/s\n", what, rate, rate * example_bytes / 1e6);
}

long peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

void run(const std::string& path, int64_t steps, int64_t mebibytes) {
  const rlim_t bytes = static_cast<rlim_t>(mebibytes) << 20;
  const rlimit limit{bytes, bytes};
  if (setrlimit(RLIMIT_DATA, &limit) != 0) std::perror("setrlimit");
  constexpr int64_t batch_size = 32, batches_in_memory = 100;
  const auto timed = std::make_shared<TimedSource>(io::open_dataset(path).shared());
  const data::Dataset streamed(timed);
  set_random_seed(1);
  Sequential model({Input({side, side, channels}), Rescaling(1.0 / 255), Conv2D(16, 3, {.activation = "relu"}),
                    MaxPooling2D(2), Conv2D(32, 3, {.activation = "relu"}), GlobalAveragePooling2D(),
                    Dense(classes, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  (void)train(model, streamed, batch_size, 10);  // the plan is made, memory is warm
  forget_pages(path);
  print("reading alone, from disk", read_only(streamed, batch_size, steps));
  print("reading alone, again", read_only(streamed, batch_size, steps));
  forget_pages(path);
  timed->start_anew();
  const Pace from_disk = train(model, streamed, batch_size, steps);
  print("training, streamed", from_disk);
  std::printf("loading thread busy          %8.1f %% of the time\n", 100 * timed->busy_seconds() / from_disk.seconds);
  // The same steps with the same kernels on a little data in memory.
  const data::Batch few = streamed.gather([] {
    std::vector<int64_t> first(static_cast<size_t>(batch_size * batches_in_memory));
    for (size_t i = 0; i < first.size(); ++i) first[i] = static_cast<int64_t>(i);
    return first;
  }());
  const data::Dataset memory(few.inputs, few.targets);
  Pace in_memory;
  const Clock::time_point start = Clock::now();
  const int64_t epochs = std::max<int64_t>(1, steps / batches_in_memory);
  model.fit(memory, {.batch_size = batch_size, .epochs = epochs, .verbose = 0, .seed = 2});
  in_memory = {seconds_since(start), epochs * batches_in_memory * batch_size};
  print("training, in memory", in_memory);
  const double per_example = from_disk.seconds / static_cast<double>(from_disk.examples),
               computing = in_memory.seconds / static_cast<double>(in_memory.examples);
  std::printf("a step is longer by          %8.1f %%\n", 100 * std::max(0.0, per_example / computing - 1));
}

}  // namespace

int main(int count, char** arguments) {
  const double gigabytes = count > 1 ? std::atof(arguments[1]) : 4;
  const std::string path = (std::filesystem::path(count > 2 ? arguments[2] : ".") / "hebb-streaming.h5").string();
  const int64_t steps = count > 3 ? std::atoll(arguments[3]) : 500,
                mebibytes = count > 4 ? std::atoll(arguments[4]) : 512;
  const auto examples = static_cast<int64_t>(gigabytes * 1e9 / example_bytes);
  int status = 0;
  try {
    const Clock::time_point start = Clock::now();
    write_file(path, examples);
    std::printf("%lld examples, %.2f GB, written in %.1f s; %d threads\n", static_cast<long long>(examples),
                static_cast<double>(examples) * example_bytes / 1e9, seconds_since(start), threads());
    run(path, steps, mebibytes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "streaming: %s\n", error.what());
    status = 1;
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::printf("most memory at once          %8ld MiB (limit of allocations %lld MiB)\n", peak_mebibytes(),
              static_cast<long long>(mebibytes));
  return status;
}
