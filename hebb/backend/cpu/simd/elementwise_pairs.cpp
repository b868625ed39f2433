// Two steps of a loop in one: what the first gives stays in a register. Compiled without contraction
// (hebbCompiler.cmake), so that both are rounded as they are alone.
#include <algorithm>

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/elementwise_pairs.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/block_loop-inl.h"
#include "hebb/backend/cpu/simd/block_tables.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

struct DifferenceOf {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Sub(a, b);
  }
};
/// The other way around: what the first step gave is taken from the third operand.
struct ReverseDifferenceOf {
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Sub(b, a);
  }
};

/// out = Second(First(a, b), c).
template <class First, class Second>
void pair_block(const BlockOperand* operands, void* out, size_t count) {
  const hn::ScalableTag<float> d;
  const auto *a = static_cast<const float*>(operands[0].data), *b = static_cast<const float*>(operands[1].data),
             *c = static_cast<const float*>(operands[2].data);
  const size_t a_mask = operands[0].mask, b_mask = operands[1].mask, c_mask = operands[2].mask;
  auto* to = static_cast<float*>(out);
  for_each_vector<2>(d, count, [=]<class How>(size_t i, size_t lanes) HWY_ATTR {
    const auto first = First::apply(d, How::load(d, a + (i & a_mask), lanes), How::load(d, b + (i & b_mask), lanes));
    How::store(Second::apply(d, first, How::load(d, c + (i & c_mask), lanes)), d, to + i, lanes);
  });
}

}  // namespace

std::span<const PairRow> pair_rows() {
#define HEBB_PAIRS(first, First)                                                                   \
  {first, "add", true, pair_block<First, SumOf>}, {first, "add", false, pair_block<First, SumOf>}, \
      {first, "multiply", true, pair_block<First, ProductOf>},                                     \
      {first, "multiply", false, pair_block<First, ProductOf>},                                    \
      {first, "subtract", true, pair_block<First, DifferenceOf>}, {                                \
    first, "subtract", false, pair_block<First, ReverseDifferenceOf>                               \
  }
  static constexpr PairRow rows[] = {HEBB_PAIRS("add", SumOf), HEBB_PAIRS("subtract", DifferenceOf),
                                     HEBB_PAIRS("multiply", ProductOf)};
#undef HEBB_PAIRS
  return rows;
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(pair_rows);

BlockFunction find_pair_function(std::string_view first, std::string_view second, bool first_is_left) {
  const std::span<const PairRow> rows = HEBB_DISPATCH(pair_rows)();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const PairRow& known) {
    return known.first == first && known.second == second && known.first_is_left == first_is_left;
  });
  return row == rows.end() ? nullptr : row->function;
}
}  // namespace hebb::simd
#endif
