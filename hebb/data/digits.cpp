#include "hebb/data/digits.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/digits_generator.h"

namespace hebb::data {

namespace {

/// Test images stand so far behind the training images in the endless sequence that the two never meet.
constexpr uint64_t first_test_image = uint64_t{1} << 48;

Dataset part(int64_t seed, uint64_t first, int64_t count) {
  Tensor images = Tensor::empty({count, digit_size, digit_size, 1}, DType::uint8);
  Tensor labels = Tensor::empty({count}, DType::uint8);
  if (count > 0) {
    draw_digits(static_cast<uint64_t>(seed), first, count, images.mutable_data<uint8_t>(),
                labels.mutable_data<uint8_t>());
  }
  return Dataset(images, labels);
}

}  // namespace

TrainTest digits(const DigitsOptions& options) {
  for (const int64_t count : {options.train, options.test}) {
    if (count < 0 || count > 100'000'000) {
      throw InvalidArgument(message("digits: expected from 0 to 100,000,000 images, got ", count, "."));
    }
  }
  return {part(options.seed, 0, options.train), part(options.seed, first_test_image, options.test)};
}

}  // namespace hebb::data
