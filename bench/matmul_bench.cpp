// Products of matrices: those of the reference networks' passes and a large one, by each implementation, on one thread
// and on all. What the processor can do at all says bench/roofline.
//
//     matmul_bench --benchmark_filter='forward.*/threads:1'
//
// Rates are of useful operations, and of the fastest iteration, so that a machine with other work on it tells the same
// as an idle one.

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
#include "hebb/ops/cost.h"
#include "hebb/ops/matmul.h"
#include "hebb/plan/kernel.h"

namespace {

using namespace hebb;
using Clock = std::chrono::steady_clock;

struct Product {
  const char* name;
  int64_t m, k, n;
  bool transpose_a = false, transpose_b = false;
};

const std::vector<Product>& products() {
  static const std::vector<Product> all = {
      {"forward_784x50", 50, 784, 50},
      {"forward_784x200", 50, 784, 200},
      {"forward_784x500", 50, 784, 500},
      {"forward_784x1000", 50, 784, 1000},
      {"forward_500x500", 50, 500, 500},
      {"forward_1000x10", 50, 1000, 10},
      {"forward_3200x128", 32, 3200, 128},
      {"weights_784x50", 784, 50, 50, true, false},
      {"weights_784x500", 784, 50, 500, true, false},
      {"weights_784x1000", 784, 50, 1000, true, false},
      {"weights_1000x10", 1000, 50, 10, true, false},
      {"weights_3200x128", 3200, 32, 128, true, false},
      {"input_1000x10", 50, 10, 1000, false, true},
      {"input_500x500", 50, 500, 500, false, true},
      {"input_3200x128", 32, 128, 3200, false, true},
      {"one_image_784x1000", 1, 784, 1000},
      {"one_image_784x500", 1, 784, 500},
      {"one_image_500x500", 1, 500, 500},
      {"one_output_784", 50, 784, 1},
      {"projection_128x128", 2048, 128, 128},
      {"projection_128x512", 2048, 128, 512},
      {"projection_512x128", 2048, 512, 128},
      {"projection_weights_128x128", 128, 2048, 128, true, false},
      {"projection_weights_128x512", 128, 2048, 512, true, false},
      {"projection_weights_512x128", 512, 2048, 128, true, false},
      {"projection_input_128x512", 2048, 512, 128, false, true},
      {"projection_input_512x128", 2048, 128, 512, false, true},
      {"cube_256", 256, 256, 256},
      {"cube_1024", 1024, 1024, 1024},
      {"cube_1024_tn", 1024, 1024, 1024, true, false},
      {"cube_1024_nt", 1024, 1024, 1024, false, true},
      {"cube_1024_tt", 1024, 1024, 1024, true, true},
  };
  return all;
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
  const auto kernel = choose_kernel({op, in, out}, implementation);
  const auto a = memory(in[0].bytes()), b = memory(in[1].bytes()), result = memory(out[0].bytes()),
             scratch = memory(kernel->scratch_bytes());
  const void* inputs[] = {a.get(), b.get()};
  void* outputs[] = {result.get()};
  const KernelArgs args{inputs, outputs, reinterpret_cast<std::byte*>(scratch.get())};
  run_kernel(*kernel, args);
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

}  // namespace

int main(int argc, char** argv) {
  const std::set<int> counts = {1, threads()};
  for (const Product& p : products()) {
    const auto op = std::make_shared<Matmul>(MatmulOptions{p.transpose_a, p.transpose_b});
    const std::vector<Spec> in = {{p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k}},
                                  {p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}}};
    const std::vector<Spec> out = op->infer(in);
    for (const KernelMaker& maker : kernel_makers(op->name())) {
      Refusal why;
      if (maker.implementation == "reference" || !maker.make({*op, in, out}, why)) continue;
      for (const int count : counts) {
        benchmark::RegisterBenchmark(
            message(p.name, "/", maker.implementation, "/threads:", count).c_str(),
            [=](benchmark::State& state) { run_benchmark(state, *op, in, std::string(maker.implementation), count); })
            ->UseRealTime()
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
