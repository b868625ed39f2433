/// The loops that block functions are made of: they load vectors of the operands, apply a functor and store, and give
/// the last few elements to the same functor under a mask.

#if defined(HEBB_BACKEND_CPU_SIMD_BLOCK_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEBB_BACKEND_CPU_SIMD_BLOCK_LOOP_INL_H_
#undef HEBB_BACKEND_CPU_SIMD_BLOCK_LOOP_INL_H_
#else
#define HEBB_BACKEND_CPU_SIMD_BLOCK_LOOP_INL_H_
#endif

#include <cstring>

#include "hebb/backend/cpu/simd/block.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A vector whose first `count` lanes are those at `from`; the others are zero. Reads no more than it should.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_first(D d, const T* from, size_t count) {
  if constexpr (sizeof(T) >= 4) {
    return hn::MaskedLoad(hn::FirstN(d, count), d, from);
  } else {
    HWY_ALIGN T lanes[hn::MaxLanes(d)] = {};
    for (size_t i = 0; i < count; ++i) lanes[i] = from[i];
    return hn::Load(d, lanes);
  }
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_first(hn::Vec<D> v, D d, T* to, size_t count) {
  if constexpr (sizeof(T) >= 4) {
    hn::BlendedStore(v, hn::FirstN(d, count), d, to);
  } else {
    HWY_ALIGN T lanes[hn::MaxLanes(d)];
    hn::Store(v, d, lanes);
    for (size_t i = 0; i < count; ++i) to[i] = lanes[i];
  }
}

/// Full vectors: `count` is known to be all lanes.
struct AllLanes {
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> load(D d, const T* from, size_t) {
    return hn::LoadU(d, from);
  }
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void store(hn::Vec<D> v, D d, T* to, size_t) {
    hn::StoreU(v, d, to);
  }
};

struct FirstLanes {
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> load(D d, const T* from, size_t count) {
    return load_first(d, from, count);
  }
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void store(hn::Vec<D> v, D d, T* to, size_t count) {
    store_first(v, d, to, count);
  }
};

/// Booleans beside lanes of four bytes: as many bytes as the vector has lanes.
template <class D>
using BytesOf = hn::Rebind<uint8_t, D>;

/// A mask as booleans.
template <class How, class D>
HWY_INLINE void store_mask(hn::Mask<D> mask, D d, bool* to, size_t count) {
  auto* bytes = reinterpret_cast<uint8_t*>(to);
  const BytesOf<D> db;
#if HWY_TARGET <= HWY_AVX3
  const hn::Vec<BytesOf<D>> ones{_mm_maskz_set1_epi8(static_cast<__mmask16>(mask.raw), 1)};
  (void)d;
#else
  const hn::RebindToSigned<D> di;
  const auto ones = hn::DemoteTo(db, hn::And(hn::BitCast(di, hn::VecFromMask(d, mask)), hn::Set(di, 1)));
#endif
  How::store(ones, db, bytes, count);
}

/// Booleans as a mask.
template <class How, class D>
HWY_INLINE hn::Mask<D> load_mask(D d, const bool* from, size_t count) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(from);
  const BytesOf<D> db;
  const auto lanes = How::load(db, bytes, count);
#if HWY_TARGET <= HWY_AVX3
  (void)d;
  using Raw = decltype(hn::Mask<D>{}.raw);
  return hn::Mask<D>{static_cast<Raw>(_mm_test_epi8_mask(lanes.raw, lanes.raw) & ((1u << hn::MaxLanes(d)) - 1))};
#else
  const hn::RebindToSigned<D> di;
  return hn::RebindMask(d, hn::Ne(hn::PromoteTo(di, lanes), hn::Zero(di)));
#endif
}

/// Calls `body.template operator()<How>(i, lanes)` for each vector of `count` elements. `unroll` vectors stand in one
/// turn of the loop.
template <size_t unroll, class D, class Body>
HWY_INLINE void for_each_vector(D d, size_t count, Body body) {
  constexpr size_t lanes = hn::MaxLanes(d);
  size_t i = 0;
  if constexpr (unroll > 1) {
    for (; i + unroll * lanes <= count; i += unroll * lanes) {
      for (size_t k = 0; k < unroll; ++k) body.template operator()<AllLanes>(i + k * lanes, lanes);
    }
  }
  for (; i + lanes <= count; i += lanes) body.template operator()<AllLanes>(i, lanes);
  if constexpr (lanes > 1) {
    if (i < count) body.template operator()<FirstLanes>(i, count - i);
  }
}

/// out = F(x), elements of one type.
template <class T, class F>
void unary_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<T> d;
  const auto* x = static_cast<const T*>(operands[0].data);
  const size_t mask = operands[0].mask;
  auto* to = static_cast<T*>(out);
  for_each_vector<2>(d, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    How::store(F::apply(d, How::load(d, x + (i & mask), lanes)), d, to + i, lanes);
  });
}

template <class T, class F>
void binary_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<T> d;
  const auto *a = static_cast<const T*>(operands[0].data), *b = static_cast<const T*>(operands[1].data);
  const size_t a_mask = operands[0].mask, b_mask = operands[1].mask;
  auto* to = static_cast<T*>(out);
  for_each_vector<2>(d, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    How::store(F::apply(d, How::load(d, a + (i & a_mask), lanes), How::load(d, b + (i & b_mask), lanes)), d, to + i,
               lanes);
  });
}

/// out = F(x), a condition.
template <class T, class F>
void test_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<T> d;
  const auto* x = static_cast<const T*>(operands[0].data);
  const size_t mask = operands[0].mask;
  auto* to = static_cast<bool*>(out);
  for_each_vector<1>(d, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    store_mask<How>(F::apply(d, How::load(d, x + (i & mask), lanes)), d, to + i, lanes);
  });
}

template <class T, class F>
void compare_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<T> d;
  const auto *a = static_cast<const T*>(operands[0].data), *b = static_cast<const T*>(operands[1].data);
  const size_t a_mask = operands[0].mask, b_mask = operands[1].mask;
  auto* to = static_cast<bool*>(out);
  for_each_vector<1>(d, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    store_mask<How>(F::apply(d, How::load(d, a + (i & a_mask), lanes), How::load(d, b + (i & b_mask), lanes)), d,
                    to + i, lanes);
  });
}

template <class T>
void select_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<T> d;
  const auto* condition = static_cast<const bool*>(operands[0].data);
  const auto *a = static_cast<const T*>(operands[1].data), *b = static_cast<const T*>(operands[2].data);
  const size_t condition_mask = operands[0].mask, a_mask = operands[1].mask, b_mask = operands[2].mask;
  auto* to = static_cast<T*>(out);
  for_each_vector<1>(d, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    const auto mask = load_mask<How>(d, condition + (i & condition_mask), lanes);
    How::store(hn::IfThenElse(mask, How::load(d, a + (i & a_mask), lanes), How::load(d, b + (i & b_mask), lanes)), d,
               to + i, lanes);
  });
}

/// A costly function of float32: its code stands once, for full vectors and the last one.
template <class F, int arity>
void costly_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<float> d;
  constexpr size_t lanes = hn::MaxLanes(d);
  const auto* a = static_cast<const float*>(operands[0].data);
  const float* b = arity == 2 ? static_cast<const float*>(operands[1].data) : a;
  const size_t a_mask = operands[0].mask, b_mask = arity == 2 ? operands[1].mask : 0;
  auto* to = static_cast<float*>(out);
  for (size_t i = 0; i < count; i += lanes) {
    const size_t left = count - i;
    const bool full = left >= lanes;
    const auto x = full ? hn::LoadU(d, a + (i & a_mask)) : load_first(d, a + (i & a_mask), left);
    auto y = x;
    if constexpr (arity == 2) {
      const auto second = full ? hn::LoadU(d, b + (i & b_mask)) : load_first(d, b + (i & b_mask), left);
      y = F::apply(d, x, second);
    } else {
      y = F::apply(d, x);
    }
    if (full) {
      hn::StoreU(y, d, to + i);
    } else {
      store_first(y, d, to + i, left);
    }
  }
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HEBB_BACKEND_CPU_SIMD_BLOCK_LOOP_INL_H_
