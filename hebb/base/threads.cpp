#include "hebb/base/threads.h"

#include <immintrin.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
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

/// Neighbouring cache lines are fetched in pairs: what one thread writes and another one reads lies in a pair of its
/// own.
constexpr size_t own_lines = 128;

using Body = FunctionRef<void(int64_t)>;

/// What there is to do, all in one line: workers fetch nothing else of the pool's to begin.
struct alignas(own_lines) Job {
  using Words = std::array<uint64_t, 2>;
  static_assert(sizeof(Body) == sizeof(Words) && std::is_trivially_copyable_v<Body>);

  std::atomic<uint64_t> number{0};  ///< odd while the next job is being written
  std::atomic<uint64_t> body[2] = {0, 0};
  std::atomic<int64_t> pieces{0};

  void write(uint64_t next, int64_t its_pieces, const Body& its_body) {
    // Who sees what follows sees the odd number as well, and looks again.
    number.store(next - 1, std::memory_order_relaxed);
    const auto words = std::bit_cast<Words>(its_body);
    body[0].store(words[0], std::memory_order_release);
    body[1].store(words[1], std::memory_order_release);
    pieces.store(its_pieces, std::memory_order_release);
    number.store(next);
  }
};

/// The pieces that a thread begins with: its own part of them, the same whenever there are as many. What it wrote in
/// one operation it mostly reads in the next, from its own cache. Others take from the part when theirs is done.
///
/// Both numbers hold that of the job that they are about, and count from zero as soon as there is another one: who
/// gives out work needs to write nothing here, and who comes late to a job that is over finds nothing to take. The
/// numbers of jobs have 52 bits: at one in a microsecond enough for seventy years.
struct alignas(own_lines) Share {
  static constexpr int count_bits = 12;
  static constexpr uint64_t counts = (uint64_t{1} << count_bits) - 1;

  static uint64_t word(uint64_t job, int64_t count) { return job << count_bits | static_cast<uint64_t>(count); }

  /// The next of `count` pieces; -1: there is none left.
  int64_t take(uint64_t job, int64_t count) {
    uint64_t seen = taken.load(std::memory_order_relaxed);
    for (;;) {
      const uint64_t about = seen >> count_bits;
      const int64_t next = about == job ? static_cast<int64_t>(seen & counts) : 0;
      if (about > job || next >= count) return -1;
      if (taken.compare_exchange_weak(seen, word(job, next + 1), std::memory_order_relaxed)) return next;
    }
  }

  /// How many pieces of a job its thread has computed, of whosever share.
  int64_t computed(uint64_t job) const {
    const uint64_t seen = done.load(std::memory_order_acquire);
    return seen >> count_bits == job ? static_cast<int64_t>(seen & counts) : 0;
  }

  std::atomic<uint64_t> taken{0}, done{0};
};

class Pool {
 public:
  /// Of one job: as many as a share can count.
  static constexpr int64_t most_pieces = static_cast<int64_t>(Share::counts);

  /// std::system_error where the system gives no more threads.
  explicit Pool(int count) : shares_(static_cast<size_t>(count)) {
    try {
      for (int i = 1; i < count; ++i) workers_.emplace_back([this, i] { work(static_cast<size_t>(i)); });
    } catch (...) {
      end();
      throw;
    }
  }

  ~Pool() { end(); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// False, with nothing done, when the pool is at the work of another thread.
  bool run(int64_t pieces, const Body& body) {
    std::unique_lock one_at_a_time(run_mutex_, std::try_to_lock);
    if (!one_at_a_time) return false;
    const uint64_t number = job_.number.load(std::memory_order_relaxed) + 2;
    job_.write(number, pieces, body);
    if (sleepers_.load() > 0) {  // sequentially consistent, both: either we see the sleeper or it sees the job
      std::lock_guard lock(sleep_mutex_);
      sleep_.notify_all();
    }
    int64_t done = take_pieces(0, 0, shares_.size(), number, pieces, body);
    // Every piece is taken by now. Who has none is not waited for: on a busy machine it may not even be awake.
    for (int spin = 0; done + computed_by_workers(number) < pieces; ++spin) {
      if (spin < spins_before_sleep) {
        _mm_pause();
      } else {
        std::this_thread::yield();
      }
    }
    if (has_error_.load(std::memory_order_relaxed)) {
      has_error_ = false;
      std::rethrow_exception(std::exchange(error_, nullptr));
    }
    return true;
  }

 private:
  void end() {
    stop_ = true;
    {
      std::lock_guard lock(sleep_mutex_);
      job_.number.fetch_add(2);
    }
    sleep_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  int64_t computed_by_workers(uint64_t job) const {
    int64_t sum = 0;
    for (size_t i = 1; i < shares_.size(); ++i) sum += shares_[i].computed(job);
    return sum;
  }

  /// Computes what is left of the shares [first, last), counted from that of the thread on; how many pieces.
  int64_t take_pieces(size_t thread, size_t first, size_t last, uint64_t job, int64_t pieces, const Body& body) {
    inside_piece = true;
    int64_t done = 0;
    for (size_t i = first; i < last; ++i) {
      const size_t owner = (thread + i) % shares_.size();
      const auto count = static_cast<int64_t>(shares_.size()), of = static_cast<int64_t>(owner);
      const int64_t begin = of * pieces / count, size = (of + 1) * pieces / count - begin;
      for (int64_t piece; (piece = shares_[owner].take(job, size)) >= 0; ++done) run_piece(begin + piece, body);
    }
    inside_piece = false;
    return done;
  }

  void run_piece(int64_t piece, const Body& body) {
    try {
      body(piece);
    } catch (...) {
      std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
      has_error_ = true;
    }
  }

  void work(size_t thread) {
    _mm_setcsr(_mm_getcsr() | flush_bits);
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; job_.number.load(std::memory_order_relaxed) == seen && spin < spins_before_sleep; ++spin)
        _mm_pause();
      if (job_.number.load() == seen) {
        std::unique_lock lock(sleep_mutex_);
        sleepers_.fetch_add(1);
        sleep_.wait(lock, [&] { return job_.number.load() != seen; });
        sleepers_.fetch_sub(1);
      }
      const uint64_t number = job_.number.load(std::memory_order_acquire);
      if (number % 2 == 1) continue;
      const Job::Words words = {job_.body[0].load(std::memory_order_acquire),
                                job_.body[1].load(std::memory_order_acquire)};
      const int64_t pieces = job_.pieces.load(std::memory_order_acquire);
      if (job_.number.load(std::memory_order_relaxed) != number) continue;  // it was written meanwhile
      seen = number;
      if (stop_.load(std::memory_order_relaxed)) return;
      const auto body = std::bit_cast<Body>(words);
      std::atomic<uint64_t>& done = shares_[thread].done;
      int64_t count = take_pieces(thread, 0, 1, number, pieces, body);
      // Its own pieces are reported before it looks for others.
      if (count > 0) done.store(Share::word(number, count), std::memory_order_release);
      const int64_t others = take_pieces(thread, 1, shares_.size(), number, pieces, body);
      if (others > 0) done.store(Share::word(number, count + others), std::memory_order_release);
    }
  }

  std::vector<std::thread> workers_;
  std::mutex run_mutex_, sleep_mutex_, error_mutex_;
  std::condition_variable sleep_;
  std::exception_ptr error_;
  std::vector<Share> shares_;
  std::atomic<bool> has_error_{false};
  Job job_;
  /// Written when a worker falls asleep or wakes up.
  alignas(own_lines) std::atomic<int> sleepers_{0};
  std::atomic<bool> stop_{false};
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
  if (pieces == 1) return body(0);
  const FlushDenormals flush;  // as all threads of the pool do: the same bits without it
  if (!inside_piece && !alone && threads() > 1) {
    if (pieces <= Pool::most_pieces) {
      if (pool().run(pieces, body)) return;
    } else {
      const int64_t half = pieces / 2;
      parallel_for(half, body);
      return parallel_for(pieces - half, [&](int64_t piece) { body(half + piece); });
    }
  }
  for (int64_t piece = 0; piece < pieces; ++piece) body(piece);
}

ComputeAlone::ComputeAlone() : outer_(std::exchange(alone, true)) {}

ComputeAlone::~ComputeAlone() { alone = outer_; }

FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | flush_bits); }

FlushDenormals::~FlushDenormals() { _mm_setcsr(saved_); }

}  // namespace hebb
