#include "hebb/backend/cpu/simd/normalization_functions.h"

#include <cmath>
#include <type_traits>

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/normalization_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/block_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Calls `body.operator()<How>(i, left)` for the vectors of a row.
template <class Body>
HWY_INLINE void for_row(int64_t length, Body body) {
  for_each_vector<1>(D(), static_cast<size_t>(length), body);
}

struct Statistics {
  V mean, factor;
};

/// With the mean taken out first, large means cost no digits.
HWY_INLINE Statistics statistics_of(const float* x, int64_t length, float epsilon) {
  const D d;
  V sum = hn::Zero(d), squares = hn::Zero(d);
  for_row(length, [&]<class How>(size_t i, size_t left) HWY_ATTR { sum = hn::Add(sum, How::load(d, x + i, left)); });
  const V mean = hn::Set(d, across<SumOf>(d, sum) / static_cast<float>(length));
  for_row(length, [&]<class How>(size_t i, size_t left) HWY_ATTR {
    V centred = hn::Sub(How::load(d, x + i, left), mean);
    // What lies beyond the row is 0 when it is read, and is not any more.
    if constexpr (std::is_same_v<How, FirstLanes>) centred = hn::IfThenElseZero(hn::FirstN(d, left), centred);
    squares = hn::MulAdd(centred, centred, squares);
  });
  const float variance = across<SumOf>(d, squares) / static_cast<float>(length);
  return {mean, hn::Set(d, 1 / std::sqrt(variance + epsilon))};
}

void forward(const float* x, const float* gamma, const float* beta, float epsilon, int64_t rows, int64_t length,
             float* y) {
  const D d;
  for (int64_t row = 0; row < rows; ++row, x += length, y += length) {
    const Statistics s = statistics_of(x, length, epsilon);
    for_row(length, [&]<class How>(size_t i, size_t left) HWY_ATTR {
      const V normal = hn::Mul(hn::Sub(How::load(d, x + i, left), s.mean), s.factor);
      How::store(hn::MulAdd(normal, How::load(d, gamma + i, left), How::load(d, beta + i, left)), d, y + i, left);
    });
  }
}

void backward(const float* x, const float* gamma, const float* g, float epsilon, int64_t rows, int64_t length,
              float* of_x, float* of_gamma, float* of_beta) {
  const D d;
  const float per_element = 1 / static_cast<float>(length);
  for (int64_t row = 0; row < rows; ++row, x += length, g += length, of_x += length) {
    const Statistics s = statistics_of(x, length, epsilon);
    const auto normal = [&]<class How>(How, size_t i, size_t left)
                            HWY_ATTR { return hn::Mul(hn::Sub(How::load(d, x + i, left), s.mean), s.factor); };
    V sum = hn::Zero(d), products = hn::Zero(d);
    for_row(length, [&]<class How>(size_t i, size_t left) HWY_ATTR {
      const V n = normal(How(), i, left),
              given = How::load(d, g + i, left);  // beyond the row 0, and so are its products
      const V h = hn::Mul(given, How::load(d, gamma + i, left));
      sum = hn::Add(sum, h);
      products = hn::MulAdd(h, n, products);
      How::store(hn::MulAdd(given, n, How::load(d, of_gamma + i, left)), d, of_gamma + i, left);
      How::store(hn::Add(given, How::load(d, of_beta + i, left)), d, of_beta + i, left);
    });
    const V mean = hn::Set(d, across<SumOf>(d, sum) * per_element),
            product = hn::Set(d, across<SumOf>(d, products) * per_element);
    for_row(length, [&]<class How>(size_t i, size_t left) HWY_ATTR {
      const V h = hn::Mul(How::load(d, g + i, left), How::load(d, gamma + i, left));
      const V projected = hn::NegMulAdd(normal(How(), i, left), product, hn::Sub(h, mean));
      How::store(hn::Mul(projected, s.factor), d, of_x + i, left);
    });
  }
}

}  // namespace

NormalizationFunctions normalization_functions() { return {forward, backward}; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(normalization_functions);
NormalizationFunctions find_normalization_functions() { return HEBB_DISPATCH(normalization_functions)(); }
}  // namespace hebb::simd
#endif
