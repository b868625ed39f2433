/// `digits`: an embedded data set of handwritten-looking digits, made at each start from a seed in under a second.
///
///     auto [train, test] = data::digits();                  // 60,000 and 10,000 images
///     auto [small, _] = data::digits({.train = 6000, .test = 1000});
///
/// It stands wherever MNIST is not installed: the same shapes, types and classes. Multinomial logistic regression
/// reaches about 90 % of the test images, a small convolutional network 99 %. How the images are made:
/// `digits_generator.h`.
#pragma once

#include <cstdint>

#include "hebb/data/train_test.h"

namespace hebb::data {

struct DigitsOptions {
  int64_t train = 60000;  ///< number of training images
  int64_t test = 10000;   ///< number of test images
  int64_t seed = 0;       ///< another seed, other images
};

/// Images uint8(n, 28, 28, 1), white on black, and the digits uint8(n), in random order. A smaller part is the
/// beginning of a larger one; test images do not depend on the number of training images. InvalidArgument for a
/// negative number.
TrainTest digits(const DigitsOptions& options = {});

}  // namespace hebb::data
