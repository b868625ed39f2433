#include "hebb/base/threads.h"

#include <immintrin.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "hebb/base/compute_alone.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

/// A worker looks this often for new work before it sleeps: about 50 microseconds, longer than the gap between two
/// operations of a step and far shorter than anything a person would see as load.
constexpr int spins_before_sleep = 2000;

thread_local bool inside_piece = false;
thread_local bool alone = false;  // ComputeAlone

constexpr unsigned flush_bits = 0x8040;  // flush-to-zero and denormals-are-zero

/// The pieces that a thread begins with: its own part of them, the same whenever there are as many. What it wrote in
/// one operation it mostly reads in the next, from its own cache. Others take from the part when theirs is done.
struct alignas(64) Share {
  std::atomic<int64_t> next{0};
  int64_t last = 0;
};

class Pool {
 public:
  explicit Pool(int count) : shares_(static_cast<size_t>(count)) {
    for (int i = 1; i < count; ++i) workers_.emplace_back([this, i] { work(static_cast<size_t>(i)); });
  }

  ~Pool() {
    stop_ = true;
    {
      std::lock_guard lock(sleep_mutex_);
      ++generation_;
    }
    sleep_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// False, with nothing done, when the pool is at the work of another thread.
  bool run(int64_t pieces, FunctionRef<void(int64_t)> body) {
    std::unique_lock one_at_a_time(run_mutex_, std::try_to_lock);
    if (!one_at_a_time) return false;
    body_ = &body;
    const auto count = static_cast<int64_t>(shares_.size());
    for (int64_t i = 0; i < count; ++i) {
      Share& share = shares_[static_cast<size_t>(i)];
      share.next.store(i * pieces / count, std::memory_order_relaxed);
      share.last = (i + 1) * pieces / count;
    }
    helpers_.store(open_job, std::memory_order_release);
    generation_.fetch_add(1);  // publishes the job: seq_cst, so that either we see the sleeper or it sees the job
    if (sleepers_.load() > 0) {
      std::lock_guard lock(sleep_mutex_);
      sleep_.notify_all();
    }
    take_pieces(0);
    // Every piece is taken by now. Who has none is not waited for: on a busy machine it may not even be awake.
    helpers_.fetch_and(~open_job);
    for (int spin = 0; helpers_.load(std::memory_order_acquire) > 0; ++spin) {
      if (spin < spins_before_sleep) {
        _mm_pause();
      } else {
        std::this_thread::yield();
      }
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    return true;
  }

 private:
  /// The thread's own share first, then what is left of the others'.
  void take_pieces(size_t thread) {
    inside_piece = true;
    for (size_t i = 0; i < shares_.size(); ++i) {
      Share& share = shares_[(thread + i) % shares_.size()];
      for (int64_t piece; (piece = share.next.fetch_add(1, std::memory_order_relaxed)) < share.last;) run_piece(piece);
    }
    inside_piece = false;
  }

  void run_piece(int64_t piece) {
    try {
      (*body_)(piece);
    } catch (...) {
      std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  void work(size_t thread) {
    _mm_setcsr(_mm_getcsr() | flush_bits);
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; generation_.load(std::memory_order_acquire) == seen && spin < spins_before_sleep; ++spin) {
        _mm_pause();
      }
      if (generation_.load() == seen) {
        std::unique_lock lock(sleep_mutex_);
        sleepers_.fetch_add(1);
        sleep_.wait(lock, [&] { return generation_.load() != seen; });
        sleepers_.fetch_sub(1);
      }
      seen = generation_.load();
      if (stop_) return;
      if (!join()) continue;  // too late, it is done
      take_pieces(thread);
      helpers_.fetch_sub(1, std::memory_order_release);
    }
  }

  /// Registers as a helper of the job that is open, if one is.
  bool join() {
    uint32_t helpers = helpers_.load(std::memory_order_acquire);
    while (helpers & open_job) {
      if (helpers_.compare_exchange_weak(helpers, helpers + 1, std::memory_order_acquire)) return true;
    }
    return false;
  }

  /// Set in `helpers_` as long as a job has pieces to give; the other bits count the workers that are at it.
  static constexpr uint32_t open_job = 1u << 31;

  std::vector<std::thread> workers_;
  std::mutex run_mutex_, sleep_mutex_, error_mutex_;
  std::condition_variable sleep_;
  std::atomic<int> sleepers_{0};
  std::atomic<uint64_t> generation_{0};
  std::atomic<bool> stop_{false};
  const FunctionRef<void(int64_t)>* body_ = nullptr;
  std::vector<Share> shares_;
  alignas(64) std::atomic<uint32_t> helpers_{0};
  std::exception_ptr error_;
};

int available_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

int initial_threads() {
  const char* wanted = std::getenv("HEBB_THREADS");
  if (wanted == nullptr || *wanted == '\0') return available_cores();
  char* end = nullptr;
  const long count = std::strtol(wanted, &end, 10);
  if (*end != '\0' || count < 1 || count > 1024) {
    throw InvalidArgument(message("HEBB_THREADS: expected a whole number from 1 to 1024, got '", wanted, "'."));
  }
  return static_cast<int>(count);
}

struct PoolHolder {
  std::mutex mutex;
  std::atomic<int> count{0};
  std::unique_ptr<Pool> pool;
};

PoolHolder& holder() {
  static PoolHolder one;
  return one;
}

Pool& pool() {
  PoolHolder& h = holder();
  std::lock_guard lock(h.mutex);
  if (!h.pool || h.pool->size() != threads()) h.pool = std::make_unique<Pool>(threads());
  return *h.pool;
}

}  // namespace

int threads() {
  std::atomic<int>& count = holder().count;
  if (count.load() == 0) count.store(initial_threads());
  return count.load();
}

void set_threads(int count) {
  if (count < 1 || count > 1024) {
    throw InvalidArgument(message("set_threads: expected a number from 1 to 1024, got ", count, "."));
  }
  holder().count.store(count);
}

void parallel_for(int64_t pieces, FunctionRef<void(int64_t)> body) {
  if (pieces <= 0) return;
  if (pieces > 1 && !inside_piece && !alone && threads() > 1) {
    FlushDenormals flush;
    if (pool().run(pieces, body)) return;
  }
  for (int64_t piece = 0; piece < pieces; ++piece) body(piece);
}

ComputeAlone::ComputeAlone() : outer_(std::exchange(alone, true)) {}

ComputeAlone::~ComputeAlone() { alone = outer_; }

FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | flush_bits); }

FlushDenormals::~FlushDenormals() { _mm_setcsr(saved_); }

}  // namespace hebb
