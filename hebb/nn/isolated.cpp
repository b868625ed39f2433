#include "hebb/nn/isolated.h"

#include "hebb/nn/random_seed.h"

namespace hebb {

namespace {
thread_local Isolated* innermost = nullptr;
}  // namespace

Isolated::Isolated(int64_t seed) : seed_(seed), outer_(innermost) { innermost = this; }

Isolated::~Isolated() { innermost = outer_; }

Isolated* Isolated::current() { return innermost; }

void Isolated::set_seed(int64_t seed) {
  seed_ = seed;
  count_ = 0;
}

int64_t Isolated::next_seed() { return derive_seed(seed_, count_++); }

}  // namespace hebb
