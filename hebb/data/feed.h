/// The feed: batches gathered ahead, on a thread of its own, into buffers that are used again.
///
///     Feed feed(source, 32);
///     feed.start(order);
///     while (const Feed::View* batch = feed.next()) run(batch->pointers, batch->count);
///
/// Several small batches are handed over at once, so that waiting and waking cost nothing next to a step of
/// microseconds.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "hebb/data/dataset.h"

namespace hebb::data {

class Feed {
 public:
  Feed(std::shared_ptr<const Source> source, int64_t batch_size, bool drop_remainder = false);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// A batch in the feed's memory: one pointer for each component.
  struct View {
    std::span<const void* const> pointers;
    int64_t count = 0;  ///< examples; the last batch may have fewer
    int64_t first = 0;  ///< place of its first example in the order
  };

  /// Starts to load examples in this order; empty: 0, 1, 2, ... What was being loaded is given up. `pass` is the number
  /// of this pass over the data, for sources whose examples differ from pass to pass.
  void start(std::vector<int64_t> order = {}, int64_t pass = 0);
  /// The next batch, valid until the next call; null after the last. An error of the source is thrown here.
  const View* next();

  int64_t batch_size() const;
  /// Number of batches of an epoch.
  int64_t batches() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hebb::data
