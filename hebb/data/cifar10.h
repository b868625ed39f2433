/// CIFAR-10: 50,000 + 10,000 small photographs of ten kinds of things (Krizhevsky, 2009), read from the files of its
/// "binary version" where they lie.
///
///     auto [train, test] = data::cifar10({.path = "cifar-10-batches-bin"});
///
/// hebb downloads nothing: https://www.cs.toronto.edu/~kriz/cifar.html has the files.
#pragma once

#include <string>
#include <vector>

#include "hebb/data/train_test.h"

namespace hebb::data {

struct Cifar10Options {
  std::string path;  ///< the folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin
};

/// Images uint8(n, 32, 32, 3) and the classes uint8(n). IoError when files are missing or damaged.
TrainTest cifar10(const Cifar10Options& options);

/// The names of the ten classes: airplane, automobile, ...
const std::vector<std::string>& cifar10_class_names();

/// Whether the folder holds CIFAR-10's binary files.
bool is_cifar10_folder(const std::string& path);

}  // namespace hebb::data
