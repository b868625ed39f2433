#include "hebb/base/piece_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

#include "hebb/base/threads.h"

namespace hebb {
namespace {

TEST(PieceMemory, IsUsedAgainByTheNextPiece) {
  reserve_piece_memory(1 << 16);
  std::byte* first = nullptr;
  {
    const PieceMemory memory(1 << 16);
    first = memory.data();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 4096, 0u);
    std::memset(first, 1, 1 << 16);
  }
  const PieceMemory again(100);
  EXPECT_EQ(again.data(), first);
}

TEST(PieceMemory, IsNobodyElsesWhileAPieceHasIt) {
  std::optional<PieceMemory> small(std::in_place, 64);
  reserve_piece_memory(1 << 20);  // larger than what is out at the moment
  const PieceMemory a(1 << 20), b(1 << 20), c(1 << 21);
  EXPECT_NE(a.data(), b.data());
  EXPECT_NE(small->data(), a.data());
  std::memset(a.data(), 1, 1 << 20);
  std::memset(b.data(), 2, 1 << 20);
  std::memset(c.data(), 3, 1 << 21);
  small.reset();
  const PieceMemory d(1 << 20);  // what came back has grown
  std::memset(d.data(), 4, 1 << 20);
  EXPECT_EQ(a.data()[100], std::byte{1});
  EXPECT_EQ(b.data()[100], std::byte{2});
}

TEST(PieceMemory, StaysWithItsThread) {
  const int before = threads();
  set_threads(2);
  reserve_piece_memory(4096);
  // Each of the two pieces waits for the other: they are on two threads, whichever gives its memory back first.
  std::array<std::byte*, 2> had{};
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> arrived{0};
    parallel_for(2, [&](int64_t piece) {
      const PieceMemory memory(4096);
      std::byte*& mine = had[static_cast<size_t>(piece)];
      EXPECT_EQ(memory.data(), round == 0 ? memory.data() : mine) << "round " << round;
      mine = memory.data();
      ++arrived;
      while (arrived < 2) std::this_thread::yield();
    });
  }
  EXPECT_NE(had[0], had[1]);
  set_threads(before);
}

TEST(PieceMemory, ServesAllThreads) {
  const int before = threads();
  set_threads(4);
  reserve_piece_memory(4096);
  parallel_for(64, [](int64_t piece) {
    const PieceMemory memory(4096);
    std::memset(memory.data(), static_cast<int>(piece), 4096);
    for (int i = 0; i < 4096; ++i) ASSERT_EQ(memory.data()[i], static_cast<std::byte>(piece));
  });
  set_threads(before);
}

}  // namespace
}  // namespace hebb
