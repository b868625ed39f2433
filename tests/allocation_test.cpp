// A warm training step allocates nothing: neither through operator new nor through malloc, on no thread.
//
// This program replaces both. Under a sanitizer, which brings its own, there is nothing to count.

#include <execinfo.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>
#include <vector>

#include "hebb/base/piece_memory.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/hebb.h"
#include "hebb/nn/random_seed.h"
#include "hebb/zoo/zoo.h"
#include "tests/small_networks.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEBB_COUNTS_ALLOCATIONS 0
#else
#define HEBB_COUNTS_ALLOCATIONS 1
#endif

namespace {

std::atomic<bool> counting{false};
/// Memory of this alignment is not to be had; 0: all is.
std::atomic<size_t> missing_alignment{0};
std::atomic<int64_t> news{0}, mallocs{0};

/// Where the first counted allocation came from.
constexpr int most_frames = 40;
void* first_frames[most_frames];
std::atomic<int> first_depth{0};

}  // namespace

#if HEBB_COUNTS_ALLOCATIONS

namespace {
void count(std::atomic<int64_t>& counter) {
  if (!counting.load(std::memory_order_relaxed)) return;
  counter.fetch_add(1, std::memory_order_relaxed);
  int none = 0;
  if (first_depth.compare_exchange_strong(none, -1)) first_depth = backtrace(first_frames, most_frames);
}
}  // namespace

// The C library's own, under the names by which it offers them to those who replace malloc.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t bytes) {
  count(mallocs);
  return __libc_malloc(bytes);
}
void* calloc(size_t many, size_t bytes) {
  count(mallocs);
  return __libc_calloc(many, bytes);
}
void* realloc(void* old, size_t bytes) {
  count(mallocs);
  return __libc_realloc(old, bytes);
}
void* memalign(size_t alignment, size_t bytes) {
  count(mallocs);
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  count(mallocs);
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** out, size_t alignment, size_t bytes) {
  count(mallocs);
  *out = __libc_memalign(alignment, bytes);
  return *out ? 0 : ENOMEM;
}
}

namespace {
void* counted_new(size_t bytes, size_t alignment) {
  count(news);
  const bool is_missing = alignment != 0 && alignment == missing_alignment;
  void* memory = is_missing ? nullptr : alignment == 0 ? __libc_malloc(bytes) : __libc_memalign(alignment, bytes);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void* counted_new_nothrow(size_t bytes, size_t alignment) noexcept {
  count(news);
  return alignment == 0 ? __libc_malloc(bytes) : __libc_memalign(alignment, bytes);
}
size_t number(std::align_val_t alignment) { return static_cast<size_t>(alignment); }
}  // namespace

void* operator new(size_t bytes) { return counted_new(bytes, 0); }
void* operator new[](size_t bytes) { return counted_new(bytes, 0); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return counted_new_nothrow(bytes, 0); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return counted_new_nothrow(bytes, 0); }
void* operator new(size_t bytes, std::align_val_t alignment) { return counted_new(bytes, number(alignment)); }
void* operator new[](size_t bytes, std::align_val_t alignment) { return counted_new(bytes, number(alignment)); }
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted_new_nothrow(bytes, number(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted_new_nothrow(bytes, number(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

#endif

namespace hebb {
namespace {

std::string first_allocation() {
  const int depth = first_depth;
  if (depth <= 0) return {};
  std::string out = "the first one came from\n";
  char** names = backtrace_symbols(first_frames, depth);
  for (int i = 0; i < depth; ++i) out += message("  ", static_cast<const char*>(names[i]), "\n");
  std::free(names);
  return out;
}

void start_counting() {
  news = mallocs = 0;
  first_depth = 0;
  counting = true;
}

/// Counts from the start of a step, when some have passed, to the end of the last full one: all that happens in the
/// steps and between them.
class Counter : public CallbackBase {
 public:
  explicit Counter(int64_t full_steps) : last_(full_steps - 1) {}
  void on_train_batch_begin(int64_t batch) override {
    if (batch == warm_) start_counting();
  }
  void on_train_batch_end(int64_t batch, const BatchLogs&) override {
    if (batch != last_) return;
    counting = false;
    ++epochs;
    EXPECT_EQ(news, 0) << first_allocation();
    EXPECT_EQ(mallocs, 0) << first_allocation();
  }
  int epochs = 0;

 private:
  static constexpr int64_t warm_ = 3;
  int64_t last_;
};

class Allocations : public ::testing::Test {
 protected:
  void SetUp() override {
#if !HEBB_COUNTS_ALLOCATIONS
    GTEST_SKIP() << "the sanitizer has replaced the allocator";
#endif
    void* frame = nullptr;
    backtrace(&frame, 1);  // loads what it needs, once
    set_random_seed(1);
  }
  void TearDown() override { counting = false; }

  /// Trains on noise, with a smaller batch at the end of each of two epochs.
  static void expect_none(Model model, const data::Dataset& data, int64_t batch_size, const std::string& optimizer) {
    model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    for (const int count : {1, 2}) {
      set_threads(count);
      const auto counter = std::make_shared<Counter>(data.size() / batch_size);
      model.fit(data, {.batch_size = batch_size, .epochs = 2, .verbose = 0, .callbacks = {counter}});
      EXPECT_EQ(counter->epochs, 2);
    }
    set_threads(2);
  }

  static data::Dataset images(int64_t count, const Shape& shape, DType dtype) {
    const Tensor x = cast(random::uniform(shape.with(0, count), {.low = 0, .high = 255, .seed = 1}), dtype);
    return data::Dataset(x, cast(random::uniform({count}, {.low = 0, .high = 10, .seed = 2}), DType::int32));
  }
};

/// So that the tests below mean something.
TEST_F(Allocations, AreCounted) {
  start_counting();
  delete new int(1);
  std::free(std::malloc(1));
  const Tensor made = zeros({8});
  counting = false;
  EXPECT_GE(news, 1);
  EXPECT_GE(mallocs, 1);
  EXPECT_FALSE(first_allocation().empty());
}

TEST_F(Allocations, NoneInAStepOfTheConvolutionalNetwork) {
  const data::Dataset data = images(32 * 8 + 5, {28, 28, 1}, DType::uint8);
  expect_none(zoo::make("mnist-cnn", {.bytes = true}), data, 32, "adadelta");
}

TEST_F(Allocations, NoneInAStepOfAPerceptron) {
  const data::Dataset data = images(50 * 12 + 7, {28, 28, 1}, DType::uint8);
  expect_none(zoo::make("mlp", {.bytes = true}), data, 50, "sgd");
}

TEST_F(Allocations, NoneInAStepWithBatchNormalization) {
  const Sequential model({Input({12, 12, 3}), Conv2D(8, 3, {.padding = "same", .use_bias = false}),
                          BatchNormalization(), ReLU(), Conv2D(12, 3, {.strides = 2}), BatchNormalization(),
                          Activation("gelu"), AveragePooling2D(2), Flatten(),
                          Dense(16, {.activation = "tanh", .kernel_regularizer = L2(0.01)}), Dropout(0.3),
                          Dense(10, {.activation = "softmax"})});
  expect_none(model, images(16 * 10 + 3, {12, 12, 3}, DType::float32), 16, "adam");
}

TEST_F(Allocations, NoneInAStepOfAResidualNetwork) {
  expect_none(residual_network(), images(16 * 10 + 3, {14, 14, 3}, DType::float32), 16, "sgd");
}

TEST_F(Allocations, NoneInAStepOfARecurrentNetwork) {
  expect_none(recurrent_network(), images(16 * 10 + 3, {20, 12}, DType::float32), 16, "adam");
}

TEST_F(Allocations, NoneInAStepWithAttention) {
  expect_none(attention_network(), images(16 * 10 + 3, {20, 12}, DType::float32), 16, "adam");
}

TEST_F(Allocations, NoneInAStepOfAnyOptimizer) {
  const data::Dataset data = images(16 * 10 + 3, {9}, DType::float32);
  for (const OptimizerRecord& record : optimizer_records()) {
    if (record.holds_others) continue;  // an optimizer's name alone makes none
    SCOPED_TRACE(record.class_name);
    const Sequential model({Input({9}), Dense(20, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
    expect_none(model, data, 16, record.class_name);
  }
}

#if HEBB_COUNTS_ALLOCATIONS
TEST_F(Allocations, ARunThatFailsLeavesNothingHalfDone) {
  const auto network = [] {
    set_random_seed(3);
    return Sequential({Input({16, 16, 16}), Conv2D(32, 3, {.padding = "same", .activation = "relu"}), Conv2D(32, 3)});
  };
  const Tensor x = random::uniform({8, 16, 16, 16}, {.seed = 1});
  Sequential expected = network(), model = network();
  bool failed = false;
  {
    // All that threads left is taken, and there is no more: a piece of the first convolution throws, and what would
    // have lasted of the second one is never computed.
    std::vector<std::optional<PieceMemory>> held(static_cast<size_t>(2 * threads()));
    for (auto& each : held) each.emplace(64);
    missing_alignment = 4096;
    try {
      model.predict_on_batch(x);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    missing_alignment = 0;
  }
  EXPECT_TRUE(failed);
  EXPECT_EQ(model.predict_on_batch(x).to_vector<float>(), expected.predict_on_batch(x).to_vector<float>());
}

TEST_F(Allocations, MemoryThatIsNotToBeHadIsNotAskedForAgain) {
  reserve_piece_memory(4096);
  missing_alignment = 4096;
  EXPECT_THROW(reserve_piece_memory(int64_t{1} << 24), std::bad_alloc);
  EXPECT_THROW(PieceMemory(int64_t{1} << 25), std::bad_alloc);
  missing_alignment = 0;
  reserve_piece_memory(4096);
  const PieceMemory first(4096), second(4096);
  EXPECT_NE(first.data(), second.data());
}
#endif

TEST_F(Allocations, NoneWhenExamplesAreWeightedAndShuffled) {
  const data::Dataset plain = images(16 * 10 + 3, {9}, DType::float32);
  const data::Dataset data(plain.x(), plain.y(), random::uniform({plain.size()}, {.seed = 4}));
  const Sequential model({Input({9}), Dense(20, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
  expect_none(model, data, 16, "sgd");
}

}  // namespace
}  // namespace hebb
