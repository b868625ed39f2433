#include "hebb/nn/random_seed.h"

#include <mutex>

#include "hebb/base/philox.h"
#include "hebb/nn/isolated.h"

namespace hebb {

namespace {

struct Sequence {
  std::mutex mutex;
  int64_t seed = 0;
  uint64_t count = 0;
};

Sequence& sequence() {
  static Sequence instance;
  return instance;
}

}  // namespace

void set_random_seed(int64_t seed) {
  if (Isolated* isolated = Isolated::current()) return isolated->set_seed(seed);
  Sequence& seeds = sequence();
  const std::lock_guard lock(seeds.mutex);
  seeds.seed = seed;
  seeds.count = 0;
}

int64_t next_seed() {
  if (Isolated* isolated = Isolated::current()) return isolated->next_seed();
  Sequence& seeds = sequence();
  const std::lock_guard lock(seeds.mutex);
  return derive_seed(seeds.seed, seeds.count++);
}

int64_t derive_seed(int64_t seed, uint64_t index) {
  // The upper half of the counter is a constant of our own: these words are none that a tensor of random numbers uses.
  const auto key = static_cast<uint64_t>(seed);
  const auto words =
      philox4x32({static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), 0x73656564u, 0x68656262u},
                 {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)});
  return static_cast<int64_t>(((static_cast<uint64_t>(words[0]) << 32) | words[1]) >> 1);
}

}  // namespace hebb
