// Samples of operations that make categories of values.

#include "hebb/ops/categories.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/samples.h"

namespace hebb::detail {

namespace {

using Samples = std::vector<Sample>;
constexpr DType integer_types[] = {DType::int32, DType::int64, DType::uint8};

Tensor ascending(DType dtype, const std::vector<int64_t>& values) { return cast(Tensor::from(values), dtype); }

Samples digitize_samples() {
  Samples samples;
  for (DType dtype : {DType::float32, DType::float64, DType::int32, DType::int64, DType::uint8}) {
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{3, 5}, Shape{0}, Shape{129}}) {
      for (const auto& values : std::vector<std::vector<int64_t>>{{}, {2}, {0, 1, 1, 4, 9}}) {
        const Tensor boundaries = ascending(dtype, values);
        samples.push_back(sample_of([&] { return digitize(draw(shape, dtype, 0, 10, 1), boundaries); }));
      }
    }
  }
  return samples;
}

Samples hash_bucket_samples() {
  Samples samples;
  for (DType dtype : integer_types) {
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{3, 5}, Shape{0}, Shape{129}}) {
      for (const std::optional<HashSalt>& salt : {std::optional<HashSalt>(), std::optional<HashSalt>(HashSalt{3, -4})})
        samples.push_back(sample_of([&] { return hash_bucket(draw(shape, dtype, 0, 200, 1), 7, salt); }));
    }
  }
  return samples;
}

Samples hash_cross_samples() {
  Samples samples;
  for (DType dtype : integer_types) {
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{5, 1}, Shape{0}}) {
      const Tensor a = draw(shape, dtype, 0, 200, 1), b = draw(shape, dtype, 0, 9, 2);
      samples.push_back(sample_of([&] { return hash_cross({a, b}, 7); }));
      samples.push_back(sample_of([&] { return hash_cross({a, b, a}, 1000); }));
    }
  }
  return samples;
}

}  // namespace

std::vector<OperationRecord> category_operation_records() {
  using enum GradientRule;
  const Tolerance exact{};
  return {
      {"digitize", "how many of the ascending boundaries are not above a value", none, exact, digitize_samples},
      {"hash_bucket", "a number's bin, by a hash of its decimal digits", none, exact, hash_bucket_samples},
      {"hash_cross", "the bin of what stands at the same place in several tensors, by a hash", none, exact,
       hash_cross_samples},
  };
}

}  // namespace hebb::detail
