/// MNIST: 60,000 + 10,000 handwritten digits (LeCun, Cortes, Burges), read from the four IDX files where they lie.
///
///     auto [train, test] = data::mnist();
///     auto [train, test] = data::mnist({.path = "data/mnist"});
///
/// hebb downloads nothing. Where the files are missing the error says how to get them; `data::digits()` needs no files.
#pragma once

#include <optional>
#include <string>

#include "hebb/data/train_test.h"

namespace hebb::data {

struct MnistOptions {
  /// The folder of the four files, plain or gzipped. Empty: `$HEBB_DATA`, `$HEBB_DATA/mnist`, then `mnist` in the
  /// user's cache: `$HEBB_CACHE_DIR`, `$XDG_CACHE_HOME/hebb` or `~/.cache/hebb`, the first that is set.
  std::string path;
};

/// Images uint8(n, 28, 28, 1), white on black, and the digits uint8(n). IoError when the files are not there or
/// damaged.
TrainTest mnist(const MnistOptions& options = {});

/// The folder that `mnist` would read, if there is one.
std::optional<std::string> find_mnist(const MnistOptions& options = {});

}  // namespace hebb::data
