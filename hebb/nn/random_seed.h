/// The process's seeds: what layers, initializers and shuffles draw from when they are given no seed of their own.
///
///     set_random_seed(42);          // before the model is made: every run gives the same bits
///     Sequential model({...});
///
/// Seeds are a sequence counted from the one that was set (0 at the start of a program), so that a program that is run
/// twice computes the same twice. As Keras's `keras.utils.set_random_seed`.
#pragma once

#include <cstdint>

namespace hebb {

/// Starts the sequence of seeds anew.
void set_random_seed(int64_t seed);

/// The next seed of the sequence: 0 or above.
int64_t next_seed();

/// A seed that belongs to (seed, index): different indices give unrelated numbers. 0 or above.
int64_t derive_seed(int64_t seed, uint64_t index);

}  // namespace hebb
