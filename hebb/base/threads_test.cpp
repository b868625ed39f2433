#include "hebb/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "hebb/base/error.h"

namespace hebb {
namespace {

/// Every test leaves the number of threads as it was.
class Threads : public ::testing::Test {
 protected:
  ~Threads() override { set_threads(before_); }

 private:
  int before_ = threads();
};

TEST_F(Threads, RunsEveryPieceOnce) {
  for (int count : {1, 2, 3, 8}) {
    set_threads(count);
    for (int64_t pieces : {0, 1, 2, 3, 7, 1000, 100000}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(pieces));
      parallel_for(pieces, [&](int64_t piece) { ++runs[static_cast<size_t>(piece)]; });
      for (const auto& each : runs) ASSERT_EQ(each, 1) << count << " threads, " << pieces << " pieces";
    }
  }
}

TEST_F(Threads, ShortLoopsFollowEachOther) {
  // More threads than cores: some come late, to a loop that is over or to one that comes after it.
  for (int count : {2, 3, 8}) {
    set_threads(count);
    std::vector<int64_t> squares(16);  // of no atomics: the caller must see what the threads wrote
    for (int64_t loop = 0; loop < 3000; ++loop) {
      const int64_t pieces = 2 + loop * 7 % 15;
      parallel_for(pieces, [&](int64_t piece) { squares[static_cast<size_t>(piece)] = (loop + piece) * piece; });
      for (int64_t piece = 0; piece < pieces; ++piece)
        ASSERT_EQ(squares[static_cast<size_t>(piece)], (loop + piece) * piece) << count << " threads, loop " << loop;
    }
  }
}

TEST_F(Threads, MorePiecesThanAThreadCanCount) {
  set_threads(2);
  constexpr int64_t pieces = (1 << 15) + 3;
  std::vector<uint8_t> runs(pieces);
  parallel_for(pieces, [&](int64_t piece) { ++runs[static_cast<size_t>(piece)]; });
  for (const uint8_t each : runs) ASSERT_EQ(each, 1);
}

TEST_F(Threads, NegativeCountsDoNothing) {
  parallel_for(-3, [](int64_t) { FAIL(); });
}

TEST_F(Threads, UsesSeveralThreads) {
  set_threads(2);
  // Each of the two pieces waits for the other: one thread alone would never get out.
  std::atomic<int> arrived{0};
  parallel_for(2, [&](int64_t) {
    ++arrived;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (arrived < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(arrived, 2);
  });
}

TEST_F(Threads, OneThreadRunsPiecesInOrderOnTheCaller) {
  set_threads(1);
  std::vector<int64_t> order;
  parallel_for(5, [&](int64_t piece) { order.push_back(piece); });
  EXPECT_EQ(order, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST_F(Threads, NestedLoopsRunSerially) {
  set_threads(4);
  std::vector<std::vector<int64_t>> orders(16);
  parallel_for(16, [&](int64_t outer) {
    const std::thread::id own = std::this_thread::get_id();
    parallel_for(10, [&](int64_t inner) {
      EXPECT_EQ(std::this_thread::get_id(), own);
      orders[static_cast<size_t>(outer)].push_back(inner);
    });
  });
  for (const auto& order : orders) EXPECT_EQ(order, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(Threads, TheExceptionOfAPieceComesOut) {
  for (int count : {1, 4}) {
    set_threads(count);
    std::string caught;
    try {
      parallel_for(100, [](int64_t piece) {
        if (piece == 42) throw std::runtime_error("piece 42");
      });
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    EXPECT_EQ(caught, "piece 42");
    // The pool is as good as before.
    std::atomic<int> runs{0};
    parallel_for(100, [&](int64_t) { ++runs; });
    EXPECT_EQ(runs, 100);
  }
}

TEST_F(Threads, OfManyExceptionsOneComesOut) {
  set_threads(4);
  EXPECT_THROW(parallel_for(100, [](int64_t) { throw InvalidArgument("each"); }), InvalidArgument);
}

TEST_F(Threads, AnExceptionInANestedLoopComesOut) {
  set_threads(2);
  EXPECT_THROW(parallel_for(4, [](int64_t) { parallel_for(3, [](int64_t) { throw IoError("inner"); }); }), IoError);
  // After it the caller is not taken to be inside a piece any more.
  std::atomic<int> arrived{0};
  parallel_for(2, [&](int64_t) {
    ++arrived;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (arrived < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(arrived, 2);
  });
}

TEST_F(Threads, TheNumberOfThreadsCanChange) {
  for (int count : {3, 1, 2, 16, 2}) {
    set_threads(count);
    EXPECT_EQ(threads(), count);
    std::atomic<int64_t> sum{0};
    parallel_for(1000, [&](int64_t piece) { sum += piece; });
    EXPECT_EQ(sum, 499500);
  }
}

TEST_F(Threads, RefusesImpossibleNumbers) {
  for (int count : {0, -1, 1025, std::numeric_limits<int>::min()}) {
    EXPECT_THROW(set_threads(count), InvalidArgument) << count;
  }
  try {
    set_threads(0);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "set_threads: expected a number from 1 to 1024, got 0.");
  }
}

TEST_F(Threads, CallersFromSeveralThreadsTakeTurns) {
  set_threads(2);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 200; ++repeat) parallel_for(8, [&](int64_t piece) { sum += piece; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 4 * 200 * 28);
}

/// Half of the smallest normal number: zero where denormals are flushed.
bool flushes() {
  volatile float smallest = std::numeric_limits<float>::min();
  return smallest * 0.5f == 0;
}

TEST_F(Threads, DenormalsAreZeroWhileFlushed) {
  EXPECT_FALSE(flushes());
  {
    const FlushDenormals outer;
    EXPECT_TRUE(flushes());
    { const FlushDenormals inner; }
    EXPECT_TRUE(flushes());
  }
  EXPECT_FALSE(flushes());
}

TEST_F(Threads, EveryPieceFlushesDenormals) {
  for (const int count : {1, 4}) {
    set_threads(count);
    std::atomic<int> flushed{0};
    parallel_for(64, [&](int64_t) { flushed += flushes(); });
    EXPECT_EQ(flushed, 64) << count << " threads";
    EXPECT_FALSE(flushes());
  }
}

}  // namespace
}  // namespace hebb
