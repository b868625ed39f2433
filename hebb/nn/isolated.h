/// One of several trainings in a process, as if it were the only one: what it draws and how its layers are called does
/// not depend on what other threads do.
///
///     std::thread worker([&] {
///       const Isolated isolated(seed);
///       Model model = make_model();       // the same weights and names as in a process of its own
///       model.fit(train);
///     });
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "hebb/base/compute_alone.h"

namespace hebb {

/// While it lives, the calling thread has a sequence of seeds of its own that begins as `set_random_seed(seed)` would,
/// counts names of layers from the start, and computes alone.
class Isolated {
 public:
  explicit Isolated(int64_t seed);
  ~Isolated();
  Isolated(const Isolated&) = delete;
  Isolated& operator=(const Isolated&) = delete;

  /// The calling thread's, or null. For those who count seeds and names.
  static Isolated* current();
  /// Starts the seeds anew.
  void set_seed(int64_t seed);
  int64_t next_seed();
  std::map<std::string, int64_t>& names() { return names_; }

 private:
  ComputeAlone alone_;
  int64_t seed_;
  uint64_t count_ = 0;
  std::map<std::string, int64_t> names_;
  Isolated* outer_;
};

}  // namespace hebb
