#include "hebb/data/feed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

#include "hebb/base/error.h"

namespace hebb::data {
namespace {

/// The numbers 0, 1, 2, ...; the target is the number's tenfold. May fail, and may take its time.
class Numbers : public Source {
 public:
  explicit Numbers(int64_t size) : size_(size) {}
  int64_t size() const override { return size_; }
  const std::vector<Spec>& components() const override { return components_; }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    ++gathers;
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    for (size_t i = 0; i < indices.size(); ++i) {
      if (indices[i] == fails_at) throw IoError("example " + std::to_string(fails_at) + " cannot be read");
      static_cast<float*>(out[0])[i] = static_cast<float>(indices[i]);
      static_cast<float*>(out[1])[i] = static_cast<float>(10 * indices[i]);
    }
  }
  std::atomic<int64_t> fails_at{-1};
  std::atomic<bool> slow{false};
  mutable std::atomic<int64_t> gathers{0};

 private:
  int64_t size_;
  std::vector<Spec> components_ = {Spec{Shape{}}, Spec{Shape{}}};
};

using Batches = std::vector<std::vector<float>>;

/// All batches of an epoch, checked to hang together.
Batches rest_of(Feed& feed) {
  Batches out;
  int64_t first = -1;
  while (const Feed::View* view = feed.next()) {
    const auto* x = static_cast<const float*>(view->pointers[0]);
    const auto* y = static_cast<const float*>(view->pointers[1]);
    out.emplace_back(x, x + view->count);
    for (int64_t i = 0; i < view->count; ++i) EXPECT_EQ(y[i], 10 * x[i]);
    if (first >= 0) {
      EXPECT_EQ(view->first, first);
    }
    first = view->first + view->count;
  }
  return out;
}

Batches epoch(Feed& feed, std::vector<int64_t> order = {}) {
  feed.start(std::move(order));
  return rest_of(feed);
}

TEST(Feed, GivesBatchesInOrder) {
  Feed feed(std::make_shared<Numbers>(7), 3);
  EXPECT_EQ(feed.batches(), 3);
  const Batches expected = {{0, 1, 2}, {3, 4, 5}, {6}};
  EXPECT_EQ(epoch(feed), expected);
  EXPECT_EQ(feed.next(), nullptr) << "the end stays the end";
  EXPECT_EQ(epoch(feed), expected) << "again";
}

TEST(Feed, GivesNothingBeforeItIsStarted) {
  Feed feed(std::make_shared<Numbers>(7), 3);
  EXPECT_EQ(feed.next(), nullptr);
}

TEST(Feed, TakesAnyOrder) {
  Feed feed(std::make_shared<Numbers>(5), 2);
  EXPECT_EQ(epoch(feed, {4, 0, 3, 1, 2}), (Batches{{4, 0}, {3, 1}, {2}}));
  EXPECT_EQ(epoch(feed), (Batches{{0, 1}, {2, 3}, {4}})) << "the next epoch has its own";
  EXPECT_THROW(feed.start({1, 2}), InvalidArgument) << "too few";
}

TEST(Feed, DropsTheRemainder) {
  Feed feed(std::make_shared<Numbers>(7), 3, true);
  EXPECT_EQ(feed.batches(), 2);
  EXPECT_EQ(epoch(feed), (Batches{{0, 1, 2}, {3, 4, 5}}));
  Feed none(std::make_shared<Numbers>(2), 3, true);
  EXPECT_EQ(none.batches(), 0);
  EXPECT_TRUE(epoch(none).empty());
}

TEST(Feed, BatchesMayBeLargerThanTheData) {
  Feed feed(std::make_shared<Numbers>(3), 100);
  EXPECT_EQ(epoch(feed), (Batches{{0, 1, 2}}));
  EXPECT_THROW(Feed(std::make_shared<Numbers>(3), 0), InvalidArgument);
}

TEST(Feed, OfNothing) {
  Feed feed(std::make_shared<Numbers>(0), 4);
  EXPECT_EQ(feed.batches(), 0);
  EXPECT_TRUE(epoch(feed).empty());
}

TEST(Feed, ManyBatchesGoThroughTheRing) {
  const auto source = std::make_shared<Numbers>(10007);
  for (const int64_t batch_size : {1, 7, 64}) {
    Feed feed(source, batch_size);
    std::vector<int64_t> order(10007);
    std::iota(order.rbegin(), order.rend(), 0);
    float expected = 10006;
    for (const auto& batch : epoch(feed, order)) {
      for (const float value : batch) EXPECT_EQ(value, expected--);
    }
    EXPECT_EQ(expected, -1);
  }
}

TEST(Feed, CanBeAbandonedInTheMiddle) {
  const auto source = std::make_shared<Numbers>(5000);
  source->slow = true;
  Feed feed(source, 5);
  for (int taken = 0; taken < 12; ++taken) {
    feed.start();
    for (int i = 0; i < taken * 9; ++i) ASSERT_NE(feed.next(), nullptr);
    feed.start({[] {
      std::vector<int64_t> order(5000);
      std::iota(order.rbegin(), order.rend(), 0);
      return order;
    }()});
    const Feed::View* view = feed.next();
    ASSERT_NE(view, nullptr);
    EXPECT_EQ(*static_cast<const float*>(view->pointers[0]), 4999) << "nothing of the order before may be seen";
  }
  feed.start();
  float expected = 0;
  for (const auto& batch : rest_of(feed)) {
    for (const float value : batch) EXPECT_EQ(value, expected++);
  }
  EXPECT_EQ(expected, 5000);
}

TEST(Feed, CanBeDestroyedWhileItLoads) {
  for (int i = 0; i < 20; ++i) {
    const auto source = std::make_shared<Numbers>(5000);
    source->slow = i % 2 == 0;
    Feed feed(source, 5);
    feed.start();
    for (int k = 0; k < i; ++k) feed.next();
  }
}

TEST(Feed, ThrowsWhatItsSourceThrows) {
  const auto source = std::make_shared<Numbers>(2000);
  source->fails_at = 1500;
  Feed feed(source, 10);
  feed.start();
  int64_t seen = 0;
  try {
    while (const Feed::View* view = feed.next()) seen += view->count;
    FAIL() << "nothing was thrown";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("1500"), std::string::npos);
  }
  EXPECT_LE(seen, 1500);
  EXPECT_THROW(feed.next(), IoError) << "there is nothing to go on with";
  // And works again when the source does.
  source->fails_at = -1;
  size_t batches = epoch(feed).size();
  EXPECT_EQ(batches, 200u);
}

TEST(Feed, ThrowsAtOnceWhenTheFirstExampleFails) {
  const auto source = std::make_shared<Numbers>(10);
  source->fails_at = 0;
  Feed feed(source, 4);
  feed.start();
  EXPECT_THROW(feed.next(), IoError);
  feed.start({5, 6, 7, 8, 9, 1, 2, 3, 4, 0});
  EXPECT_THROW(rest_of(feed), IoError);
}

TEST(Feed, LoadsAhead) {
  const auto source = std::make_shared<Numbers>(100000);
  Feed feed(source, 64);
  feed.start();
  feed.next();
  for (int wait = 0; wait < 1000 && source->gathers < 3; ++wait)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GE(source->gathers, 3) << "while the first batches are in use the next are being loaded";
}

}  // namespace
}  // namespace hebb::data
