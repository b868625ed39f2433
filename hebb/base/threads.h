/// The one pool of threads behind everything that hebb computes.
///
/// Work is cut into pieces whose number never depends on the number of threads, so that results have the same bits on
/// one thread and on all of them:
///
///     parallel_for(slices, [&](int64_t slice) { ... });
///
/// The number of threads is `HEBB_THREADS`, or else all that the process may use; `set_threads` changes it.
#pragma once

#include <cstdint>

#include "hebb/base/function_ref.h"

namespace hebb {

/// How many threads compute, the caller among them; at least 1.
int threads();

/// Sets the number of threads, from 1 to 1024; InvalidArgument otherwise. Not to be called while something is
/// computing.
void set_threads(int count);

/// Calls `body(piece)` once for each piece in [0, pieces), on the pool and the calling thread, and returns when all are
/// done. Called from inside a piece, or while the pool works for another thread, it runs serially. Allocates nothing
/// once the pool is warm. The first exception thrown by a piece is thrown again here.
void parallel_for(int64_t pieces, FunctionRef<void(int64_t)> body);

/// While it lives, the calling thread treats denormal floats as zero, as all threads of the pool do: a denormal operand
/// makes an instruction up to a hundred times slower.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned saved_;
};

}  // namespace hebb
