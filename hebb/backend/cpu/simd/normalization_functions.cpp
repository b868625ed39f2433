#include "hebb/backend/cpu/simd/normalization_functions.h"

#include <cmath>

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/normalization_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/across-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t lanes = hn::MaxLanes(D());

/// Full vectors of a row.
struct Whole {
  static HWY_INLINE V load(const float* from, int64_t) { return hn::LoadU(D(), from); }
  static HWY_INLINE V only(V v, int64_t) { return v; }
  static HWY_INLINE void store(V v, float* to, int64_t) { hn::StoreU(v, D(), to); }
};

/// The last one: zeros beyond the row.
struct Rest {
  static HWY_INLINE V load(const float* from, int64_t left) {
    return hn::MaskedLoad(hn::FirstN(D(), static_cast<size_t>(left)), D(), from);
  }
  static HWY_INLINE V only(V v, int64_t left) {
    return hn::IfThenElseZero(hn::FirstN(D(), static_cast<size_t>(left)), v);
  }
  static HWY_INLINE void store(V v, float* to, int64_t left) { store_part(v, D(), to, left); }
};

/// Calls `body.operator()<How>(i, left)` for the vectors of a row.
template <class Body>
HWY_INLINE void for_row(int64_t length, Body body) {
  int64_t i = 0;
  for (; i + lanes <= length; i += lanes) body.template operator()<Whole>(i, lanes);
  if (i < length) body.template operator()<Rest>(i, length - i);
}

struct Statistics {
  V mean, factor;
};

/// With the mean taken out first, large means cost no digits.
HWY_INLINE Statistics statistics_of(const float* x, int64_t length, float epsilon) {
  const D d;
  V sum = hn::Zero(d), squares = hn::Zero(d);
  for_row(length, [&]<class How>(int64_t i, int64_t left) HWY_ATTR { sum = hn::Add(sum, How::load(x + i, left)); });
  const V mean = hn::Set(d, across<SumOf>(d, sum) / static_cast<float>(length));
  for_row(length, [&]<class How>(int64_t i, int64_t left) HWY_ATTR {
    const V centred = How::only(hn::Sub(How::load(x + i, left), mean), left);
    squares = hn::MulAdd(centred, centred, squares);
  });
  const float variance = across<SumOf>(d, squares) / static_cast<float>(length);
  return {mean, hn::Set(d, 1 / std::sqrt(variance + epsilon))};
}

void forward(const float* x, const float* gamma, const float* beta, float epsilon, int64_t rows, int64_t length,
             float* y) {
  for (int64_t row = 0; row < rows; ++row, x += length, y += length) {
    const Statistics s = statistics_of(x, length, epsilon);
    for_row(length, [&]<class How>(int64_t i, int64_t left) HWY_ATTR {
      const V normal = hn::Mul(hn::Sub(How::load(x + i, left), s.mean), s.factor);
      How::store(hn::MulAdd(normal, How::load(gamma + i, left), How::load(beta + i, left)), y + i, left);
    });
  }
}

void backward(const float* x, const float* gamma, const float* g, float epsilon, int64_t rows, int64_t length,
              float* of_x, float* of_gamma, float* of_beta) {
  const D d;
  const float per_element = 1 / static_cast<float>(length);
  for (int64_t row = 0; row < rows; ++row, x += length, g += length, of_x += length) {
    const Statistics s = statistics_of(x, length, epsilon);
    const auto normal = [&]<class How>(How, int64_t i, int64_t left)
                            HWY_ATTR { return hn::Mul(hn::Sub(How::load(x + i, left), s.mean), s.factor); };
    V sum = hn::Zero(d), products = hn::Zero(d);
    for_row(length, [&]<class How>(int64_t i, int64_t left) HWY_ATTR {
      const V n = normal(How(), i, left), given = How::load(g + i, left);  // beyond the row 0, and so are its products
      const V h = hn::Mul(given, How::load(gamma + i, left));
      sum = hn::Add(sum, h);
      products = hn::MulAdd(h, n, products);
      How::store(hn::MulAdd(given, n, How::load(of_gamma + i, left)), of_gamma + i, left);
      How::store(hn::Add(given, How::load(of_beta + i, left)), of_beta + i, left);
    });
    const V mean = hn::Set(d, across<SumOf>(d, sum) * per_element),
            product = hn::Set(d, across<SumOf>(d, products) * per_element);
    for_row(length, [&]<class How>(int64_t i, int64_t left) HWY_ATTR {
      const V h = hn::Mul(How::load(g + i, left), How::load(gamma + i, left));
      const V projected = hn::NegMulAdd(normal(How(), i, left), product, hn::Sub(h, mean));
      How::store(hn::Mul(projected, s.factor), of_x + i, left);
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
