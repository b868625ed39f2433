// Convolutions: the three passes of the reference networks' layers, by each implementation, on one thread and on all.
//
//     conv_bench --benchmark_filter='mnist2/.*/threads:1'
//
// Rates are of useful operations, so that implementations that do more or fewer multiplications compare, and of the
// fastest iteration, so that a machine with other work on it tells the same as an idle one.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/cost.h"
#include "hebb/plan/kernel.h"

namespace {

using namespace hebb;

struct Layer {
  const char* name;
  Shape x, kernel;
  int64_t stride = 1;
  bool same = false;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"mnist1", {32, 28, 28, 1}, {5, 5, 1, 32}},
      {"mnist2", {32, 24, 24, 32}, {5, 5, 32, 32}},
      {"resnet_stem", {128, 32, 32, 3}, {3, 3, 3, 16}, 1, true},
      {"resnet16", {128, 32, 32, 16}, {3, 3, 16, 16}, 1, true},
      {"resnet16to32", {128, 32, 32, 16}, {3, 3, 16, 32}, 2, true},
      {"resnet32", {128, 16, 16, 32}, {3, 3, 32, 32}, 1, true},
      {"resnet32to64", {128, 16, 16, 32}, {3, 3, 32, 64}, 2, true},
      {"resnet64", {128, 8, 8, 64}, {3, 3, 64, 64}, 1, true},
      {"shortcut16to32", {128, 32, 32, 16}, {1, 1, 16, 32}, 2, true},
      {"pointwise64to128", {32, 28, 28, 64}, {1, 1, 64, 128}},
      {"pointwise256to64", {32, 14, 14, 256}, {1, 1, 256, 64}},
      {"deep256", {32, 8, 8, 256}, {3, 3, 256, 256}, 1, true},
      {"mnist2_one_image", {1, 24, 24, 32}, {5, 5, 32, 32}},
  };
  return all;
}

ConvOptions options_of(const Layer& layer) {
  ConvOptions options{.strides = {layer.stride, layer.stride}, .low = {0, 0}, .high = {0, 0}, .dilations = {1, 1}};
  for (int axis = 0; axis < 2 && layer.same; ++axis) {
    const auto [low, high] = same_padding(layer.x[axis + 1], layer.kernel[axis], layer.stride);
    options.low[static_cast<size_t>(axis)] = low;
    options.high[static_cast<size_t>(axis)] = high;
  }
  return options;
}

/// Memory aligned to cache lines; numbers between -1 and 1.
std::shared_ptr<float> memory(int64_t bytes) {
  const auto size = static_cast<size_t>((bytes + 63) / 64 * 64);
  std::shared_ptr<float> floats(static_cast<float*>(std::aligned_alloc(64, std::max<size_t>(size, 64))), std::free);
  std::mt19937 generator(1);
  for (size_t i = 0; i < size / sizeof(float); ++i)
    floats.get()[i] = static_cast<float>(generator()) / 2147483648.0f - 1;
  return floats;
}

void run_benchmark(benchmark::State& state, const Op& op, const std::vector<Spec>& in,
                   const std::string& implementation, int thread_count) {
  set_threads(thread_count);
  const std::vector<Spec> out = op.infer(in);
  // As in a plan that trains: the kernel chooses the layout of the weights.
  const auto kernel =
      choose_kernel({op, in, out, {false, op.name() != "conv_backward_kernel"}, {op.name() == "conv_backward_kernel"}},
                    implementation);
  const auto bytes = [](const LayoutPtr& layout, const Spec& spec) { return layout ? layout->bytes() : spec.bytes(); };
  const auto a = memory(in[0].bytes()), b = memory(bytes(kernel->input_layout(1), in[1]));
  const auto result = memory(bytes(kernel->output_layout(0), out[0])), scratch = memory(kernel->scratch_bytes());
  const void* inputs[] = {a.get(), b.get()};
  void* outputs[] = {result.get()};
  const KernelArgs args{inputs, outputs, reinterpret_cast<std::byte*>(scratch.get())};
  run_kernel(*kernel, args);
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (auto _ : state) {
    const auto start = Clock::now();
    run_kernel(*kernel, args);
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  state.SetLabel(std::string(kernel->implementation()));
  state.counters["best_us"] = best * 1e6;
  state.counters["GFLOP/s"] = cost_of(op, in, out).flops / best / 1e9;
}

void add_benchmarks(const std::string& layer, std::shared_ptr<const Op> op, std::vector<Spec> in) {
  std::set<std::string_view> implementations;
  const std::vector<Spec> out = op->infer(in);
  for (const KernelMaker& maker : kernel_makers(op->name())) {
    Refusal why;
    if (maker.implementation != "reference" && maker.make({*op, in, out}, why))
      implementations.insert(maker.implementation);
  }
  std::set<int> counts = {1, threads()};
  for (const std::string_view implementation : implementations) {
    for (const int count : counts) {
      benchmark::RegisterBenchmark(
          message(layer, "/", op->name(), "/", implementation, "/threads:", count).c_str(),
          [=](benchmark::State& state) { run_benchmark(state, *op, in, std::string(implementation), count); })
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const Layer& layer : layers()) {
    const ConvOptions options = options_of(layer);
    const auto conv = std::make_shared<Conv>(options);
    const Spec x{layer.x}, kernel{layer.kernel}, y = conv->infer(std::vector<Spec>{x, kernel})[0];
    add_benchmarks(layer.name, conv, {x, kernel});
    add_benchmarks(layer.name, std::make_shared<ConvBackwardInput>(options, layer.x), {y, kernel});
    add_benchmarks(layer.name, std::make_shared<ConvBackwardKernel>(options, layer.kernel), {x, y});
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
