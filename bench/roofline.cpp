// What this machine can do: the rate of single-precision multiplications with additions, and how fast memory is read,
// written and copied when it lies in the second-level cache, in the third, and in none. On one thread and on all.
//
//     roofline [--threads N] [--json]     a table, or one line of JSON
//
// Rates are those of the fastest of many short runs: other work on the machine only ever makes one slower. It can last
// longer than a run, so the runs are spread over several rounds, in each of which one thread and all take turns.

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/roofline.cpp"
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
constexpr size_t lanes = hn::MaxLanes(D());

const char* target() { return hwy::TargetName(HWY_TARGET); }

/// So many rounds of multiplications with additions that do not wait for each other; returns their number of floating-
/// point operations. Twelve chains hide a latency of four to six cycles on two units.
double multiply_add(int64_t rounds, float* sink) {
  const D d;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 0.001f);
  auto a = hn::Set(d, 1.0f), b = hn::Set(d, 1.1f), c = hn::Set(d, 1.2f), e = hn::Set(d, 1.3f), f = hn::Set(d, 1.4f),
       g = hn::Set(d, 1.5f), h = hn::Set(d, 1.6f), i = hn::Set(d, 1.7f), j = hn::Set(d, 1.8f), k = hn::Set(d, 1.9f),
       l = hn::Set(d, 2.0f), m = hn::Set(d, 2.1f);
  for (int64_t round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, factor, term);
    b = hn::MulAdd(b, factor, term);
    c = hn::MulAdd(c, factor, term);
    e = hn::MulAdd(e, factor, term);
    f = hn::MulAdd(f, factor, term);
    g = hn::MulAdd(g, factor, term);
    h = hn::MulAdd(h, factor, term);
    i = hn::MulAdd(i, factor, term);
    j = hn::MulAdd(j, factor, term);
    k = hn::MulAdd(k, factor, term);
    l = hn::MulAdd(l, factor, term);
    m = hn::MulAdd(m, factor, term);
  }
  const auto sum = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)), hn::Add(hn::Add(f, g), hn::Add(h, i)));
  *sink = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum, hn::Add(hn::Add(j, k), hn::Add(l, m)))));
  return 2.0 * 12 * static_cast<double>(lanes) * static_cast<double>(rounds);
}

// Counts are multiples of eight vectors.

void read(const float* from, float*, int64_t count, float* sink) {
  const D d;
  auto a = hn::Zero(d), b = a, c = a, e = a, f = a, g = a, h = a, i = a;
  for (const float* end = from + count; from < end; from += 8 * lanes) {
    a = hn::Add(a, hn::Load(d, from));
    b = hn::Add(b, hn::Load(d, from + lanes));
    c = hn::Add(c, hn::Load(d, from + 2 * lanes));
    e = hn::Add(e, hn::Load(d, from + 3 * lanes));
    f = hn::Add(f, hn::Load(d, from + 4 * lanes));
    g = hn::Add(g, hn::Load(d, from + 5 * lanes));
    h = hn::Add(h, hn::Load(d, from + 6 * lanes));
    i = hn::Add(i, hn::Load(d, from + 7 * lanes));
  }
  const auto sum = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)), hn::Add(hn::Add(f, g), hn::Add(h, i)));
  *sink = hn::GetLane(hn::SumOfLanes(d, sum));
}

void write(const float*, float* to, int64_t count, float*) {
  const D d;
  const auto value = hn::Set(d, 1.0f);
  for (float* end = to + count; to < end; to += 8 * lanes) {
    for (size_t i = 0; i < 8; ++i) hn::Store(value, d, to + i * lanes);
  }
}

void copy(const float* from, float* to, int64_t count, float*) {
  const D d;
  for (const float* end = from + count; from < end; from += 8 * lanes, to += 8 * lanes) {
    for (size_t i = 0; i < 8; ++i) hn::Store(hn::Load(d, from + i * lanes), d, to + i * lanes);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace {

HEBB_EXPORT(target);
HEBB_EXPORT(multiply_add);
HEBB_EXPORT(read);
HEBB_EXPORT(write);
HEBB_EXPORT(copy);

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Where threads wait for each other without going to sleep: waking up would be a part of what is measured.
class Meeting {
 public:
  explicit Meeting(int threads) : threads_(threads) {}
  /// The last to come calls `then`, and all go on.
  template <class Then>
  void meet(Then then) {
    const int round = round_.load();
    if (here_.fetch_add(1) + 1 == threads_) {
      then();
      here_ = 0;
      ++round_;
    } else {
      while (round_.load() == round) {
      }
    }
  }

 private:
  int threads_;
  std::atomic<int> here_{0}, round_{0};
};

/// Runs `work(thread)` on so many threads at once, again and again for `budget` seconds, at least three times; the
/// seconds of the fastest run, from the moment in which all begin to that in which the last is done.
double fastest(int threads, double budget, const std::function<void(int)>& work) {
  double best = 1e9, begin = 0;
  bool more = true;
  int runs = 0;
  const double start = seconds_now();
  Meeting begins(threads), ends(threads);
  auto body = [&](int thread) {
    while (more) {
      begins.meet([&] { begin = seconds_now(); });
      work(thread);
      ends.meet([&] {
        const double now = seconds_now();
        best = std::min(best, now - begin);
        more = ++runs < 3 || now - start < budget;
      });
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(body, i);
  body(0);
  for (std::thread& other : others) other.join();
  return best;
}

double peak_gflops(int threads) {
  std::vector<float> sinks(static_cast<size_t>(threads) * 16);
  const int64_t rounds = 200000;
  double flops = 0;
  const double seconds = fastest(threads, 0.1, [&](int thread) {
    const double done = HEBB_DISPATCH(multiply_add)(rounds, &sinks[static_cast<size_t>(thread) * 16]);
    if (thread == 0) flops = done;
  });
  return flops * threads / seconds * 1e-9;
}

struct Bandwidth {
  double read = 0, write = 0, copy = 0;
};

/// In 10^9 bytes a second, of all threads together. Each works on its own `bytes`, half of them source and half target
/// when it copies; a copied byte counts twice, being read and written.
Bandwidth bandwidth(int threads, int64_t bytes) {
  constexpr int64_t step = 8 * 64;  // eight of the widest vectors
  const int64_t count = std::max<int64_t>(bytes / step, 2) * step / 4, half = count / 2 / (step / 4) * (step / 4);
  std::vector<std::unique_ptr<float, void (*)(void*)>> memory;
  for (int i = 0; i < threads; ++i) {
    memory.emplace_back(
        static_cast<float*>(std::aligned_alloc(4096, static_cast<size_t>((count * 4 + 4095) / 4096 * 4096))),
        std::free);
  }
  std::vector<float> sinks(static_cast<size_t>(threads) * 16);
  // Small amounts are gone over several times in a run, so that its beginning and end do not count.
  const int64_t times = std::max<int64_t>(1, (int64_t{64} << 20) / (count * 4));
  auto rate = [&](auto function, int64_t part, double moved, bool two) {
    const double seconds = fastest(threads, 0.05, [&](int thread) {
      float* own = memory[static_cast<size_t>(thread)].get();
      for (int64_t i = 0; i < times; ++i)
        function(own, two ? own + half : own, part, &sinks[static_cast<size_t>(thread) * 16]);
    });
    return moved * static_cast<double>(times) * threads / seconds * 1e-9;
  };
  const double all = static_cast<double>(count) * 4, both = static_cast<double>(half) * 8;
  Bandwidth found{};
  found.write = rate(HEBB_DISPATCH(write), count, all, false);  // first, since it touches the pages
  found.read = rate(HEBB_DISPATCH(read), count, all, false);
  found.copy = rate(HEBB_DISPATCH(copy), half, both, true);
  return found;
}

/// What the system says, or a usual size where it says nothing.
int64_t cache_bytes(int name, int64_t usual) {
  const long found = sysconf(name);
  return found > 0 ? found : usual;
}

struct Level {
  const char* name;
  int64_t bytes;  // of all threads together where `shared`, else for each
  bool shared;

  int64_t of_a_thread(int threads) const { return shared ? bytes / threads : bytes; }
};

/// What a number of threads can do: the best that any round found. `memory` is in the order of the levels.
struct Rates {
  double gflops = 0;
  std::vector<Bandwidth> memory;

  /// Takes what is better there.
  void raise(const Rates& other) {
    gflops = std::max(gflops, other.gflops);
    memory.resize(other.memory.size());
    for (size_t i = 0; i < memory.size(); ++i) {
      memory[i].read = std::max(memory[i].read, other.memory[i].read);
      memory[i].write = std::max(memory[i].write, other.memory[i].write);
      memory[i].copy = std::max(memory[i].copy, other.memory[i].copy);
    }
  }
  /// Whether nothing is slower than there.
  bool reaches(const Rates& other) const {
    bool all = gflops >= other.gflops;
    for (size_t i = 0; i < memory.size(); ++i) {
      all = all && memory[i].read >= other.memory[i].read && memory[i].write >= other.memory[i].write &&
            memory[i].copy >= other.memory[i].copy;
    }
    return all;
  }
};

Rates measure(int threads, const std::vector<Level>& levels) {
  Rates found;
  found.gflops = peak_gflops(threads);
  for (const Level& level : levels) found.memory.push_back(bandwidth(threads, level.of_a_thread(threads)));
  return found;
}

/// By the number of threads: one, and all. Several rounds with pauses between them, and more where all threads came out
/// slower than one, since others used the machine in the meantime.
std::map<int, Rates> measure_in_rounds(int all, const std::vector<Level>& levels) {
  constexpr int rounds = 4, at_most = 12;
  std::map<int, Rates> found;
  for (int round = 0; round < rounds || (round < at_most && !found[all].reaches(found[1])); ++round) {
    if (round > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    for (const int threads : std::set<int>{1, all}) found[threads].raise(measure(threads, levels));
  }
  // All can do what one can, the others waiting.
  found[all].raise(found[1]);
  return found;
}

void print_table(const char* target, const std::map<int, Rates>& found, const std::vector<Level>& levels) {
  std::printf("instructions: %s\n", target);
  for (const auto& [threads, rates] : found) {
    std::printf("\n%d thread%s: %.1f GFLOP/s\n", threads, threads == 1 ? "" : "s", rates.gflops);
    std::printf("%-6s %12s %10s %10s %10s\n", "GB/s", "a thread", "read", "write", "copy");
    for (size_t i = 0; i < levels.size(); ++i) {
      const auto& [read, write, copy] = rates.memory[i];
      std::printf("%-6s %8lld KiB %10.1f %10.1f %10.1f\n", levels[i].name,
                  static_cast<long long>(levels[i].of_a_thread(threads) / 1024), read, write, copy);
    }
  }
}

void print_json(const char* target, const std::map<int, Rates>& found, const std::vector<Level>& levels, int64_t l2,
                int64_t l3) {
  std::printf("{\"target\": \"%s\", \"l2_bytes\": %lld, \"l3_bytes\": %lld, \"threads\": {", target,
              static_cast<long long>(l2), static_cast<long long>(l3));
  for (const auto& [threads, rates] : found) {
    std::printf("%s\"%d\": {\"gflops\": %.1f", threads == found.begin()->first ? "" : ", ", threads, rates.gflops);
    for (size_t i = 0; i < levels.size(); ++i) {
      const auto& [read, write, copy] = rates.memory[i];
      std::printf(", \"%s\": {\"read\": %.1f, \"write\": %.1f, \"copy\": %.1f}", levels[i].name, read, write, copy);
    }
    std::printf("}");
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--json") {
      json = true;
    } else if (option == "--threads" && i + 1 < argc && std::atoi(argv[i + 1]) > 0) {
      all = std::atoi(argv[++i]);
    } else {
      std::fprintf(stderr, "roofline: expected --json or --threads N with N > 0, got '%s'\n", option.c_str());
      return 2;
    }
  }
  const int64_t l2 = cache_bytes(_SC_LEVEL2_CACHE_SIZE, 1 << 20), l3 = cache_bytes(_SC_LEVEL3_CACHE_SIZE, 32 << 20);
  // Twice the third level, where that is not more than a small machine can spare: servers show a guest all of theirs.
  const int64_t beyond = std::clamp<int64_t>(2 * l3, int64_t{256} << 20, int64_t{768} << 20);
  const std::vector<Level> levels = {{"L2", l2 / 2, false}, {"L3", 8 * l2, false}, {"DRAM", beyond, true}};
  const char* target = HEBB_DISPATCH(target)();
  const std::map<int, Rates> found = measure_in_rounds(all, levels);
  if (json) {
    print_json(target, found, levels, l2, l3);
  } else {
    print_table(target, found, levels);
  }
}
#endif  // HWY_ONCE
