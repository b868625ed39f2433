#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/cast.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/block_loop-inl.h"
#include "hebb/backend/cpu/simd/block_tables.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

/// Loads `From` lanes, as many as a vector of the wider type has, converts and stores.
template <class From, class To, class F>
void convert_block(const BlockOperand* operands, void* out, size_t count) {
  using Wide = std::conditional_t<(sizeof(From) > sizeof(To)), From, To>;
  const hn::ScalableTag<Wide> wide;
  const hn::Rebind<From, decltype(wide)> from;
  const hn::Rebind<To, decltype(wide)> to;
  const auto* x = static_cast<const From*>(operands[0].data);
  const size_t mask = operands[0].mask;
  auto* target = static_cast<To*>(out);
  for_each_vector<2>(wide, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    How::store(F::apply(to, How::load(from, x + (i & mask), lanes)), to, target + i, lanes);
  });
}

struct Convert {
  template <class D, class V>
  static HWY_INLINE hn::Vec<D> apply(D to, V x) {
    return hn::ConvertTo(to, x);
  }
};
struct Promote {
  template <class D, class V>
  static HWY_INLINE hn::Vec<D> apply(D to, V x) {
    return hn::PromoteTo(to, x);
  }
};
struct Demote {
  template <class D, class V>
  static HWY_INLINE hn::Vec<D> apply(D to, V x) {
    return hn::DemoteTo(to, x);
  }
};
struct BytesToFloat {
  template <class D, class V>
  static HWY_INLINE hn::Vec<D> apply(D to, V x) {
    return hn::ConvertTo(to, hn::PromoteTo(hn::RebindToSigned<D>(), x));
  }
};
/// Highway's conversion gives the nearest of what the type holds; NaN has to become 0.
struct Truncate {
  template <class D, class V>
  static HWY_INLINE hn::Vec<D> apply(D to, V x) {
    return hn::ConvertTo(to, hn::IfThenZeroElse(hn::IsNaN(x), x));
  }
};
struct NotZero {
  template <class D, class V>
  static HWY_INLINE auto apply(D d, V x) {
    return hn::Not(hn::Eq(x, hn::Zero(d)));  // true for NaN
  }
};

}  // namespace

BlockFunction find_vector_cast(DType from, DType to) {
  if (to == DType::float32) {
    // A boolean is a byte of 0 or 1.
    if (from == DType::uint8 || from == DType::boolean) return convert_block<uint8_t, float, BytesToFloat>;
    if (from == DType::int32) return convert_block<int32_t, float, Convert>;
    // One element at a time Highway turns what a float cannot hold into the largest float instead of infinity.
    if (from == DType::float64 && HWY_TARGET != HWY_SCALAR) return convert_block<double, float, Demote>;
  }
  if (from == DType::float32) {
    if (to == DType::float64) return convert_block<float, double, Promote>;
    if (to == DType::int32) return convert_block<float, int32_t, Truncate>;
    if (to == DType::boolean) return test_block<float, NotZero>;
  }
  return nullptr;
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(find_vector_cast);
BlockFunction vector_cast(DType from, DType to) { return HEBB_DISPATCH(find_vector_cast)(from, to); }
}  // namespace hebb::simd
#endif
