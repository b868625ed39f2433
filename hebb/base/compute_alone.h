/// Computing on one thread among several that compute: trainings side by side, each on a core of its own.
///
///     std::thread worker([&] {
///       const ComputeAlone alone;
///       model.fit(train);                 // parallel_for runs serially here, and leaves the pool to others
///     });
///
/// Results do not change: no bit depends on the number of threads.
#pragma once

#include "hebb/base/threads.h"

namespace hebb {

/// While it lives, `parallel_for` called by this thread runs on it alone.
class ComputeAlone {
 public:
  ComputeAlone();
  ~ComputeAlone();
  ComputeAlone(const ComputeAlone&) = delete;
  ComputeAlone& operator=(const ComputeAlone&) = delete;

 private:
  bool outer_;
  FlushDenormals flush_;  // as the threads of the pool do
};

}  // namespace hebb
