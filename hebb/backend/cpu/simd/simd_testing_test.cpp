#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/backend/cpu/simd/targets.h"
#include "hebb/base/philox.h"
#include "hebb/base/threads.h"
#include "hwy/highway.h"

namespace hebb::simd {

namespace {

constexpr size_t guard = 256;
constexpr std::byte guard_byte{0x5A};

/// Memory with guards on both sides.
class Guarded {
 public:
  explicit Guarded(int64_t bytes) : bytes_(static_cast<size_t>(bytes)), memory_(bytes_ + 2 * guard + 64, guard_byte) {
    auto address = reinterpret_cast<uintptr_t>(memory_.data()) + guard;
    offset_ = (address + 63) / 64 * 64 - reinterpret_cast<uintptr_t>(memory_.data());
    std::memset(data(), 0xFF, bytes_);
  }
  std::byte* data() { return memory_.data() + offset_; }
  bool intact() const {
    const auto is_guard = [](std::byte b) { return b == guard_byte; };
    const auto begin = memory_.begin() + static_cast<ptrdiff_t>(offset_);
    return std::all_of(memory_.begin(), begin, is_guard) &&
           std::all_of(begin + static_cast<ptrdiff_t>(bytes_), memory_.end(), is_guard);
  }

 private:
  size_t bytes_, offset_;
  std::vector<std::byte> memory_;
};

std::vector<Spec> specs_of(const Tensors& tensors) {
  std::vector<Spec> specs;
  for (const Tensor& tensor : tensors) specs.push_back(tensor.spec());
  return specs;
}

Tensors run_made(const Kernel& kernel, const Tensors& inputs, const std::vector<Spec>& out_specs, int overwritten) {
  std::vector<const void*> in;
  for (const Tensor& input : inputs) in.push_back(input.raw());
  std::vector<Guarded> memory;
  std::vector<void*> out;
  for (const Spec& spec : out_specs) memory.emplace_back(spec.bytes());
  for (Guarded& one : memory) out.push_back(one.data());
  if (overwritten >= 0) {
    std::memcpy(out[0], in[static_cast<size_t>(overwritten)], static_cast<size_t>(out_specs[0].bytes()));
    in[static_cast<size_t>(overwritten)] = out[0];
  }
  Guarded scratch(kernel.scratch_bytes());
  {
    const FlushDenormals flush;
    run_kernel(kernel, {in.data(), out.data(), scratch.data()});
  }
  EXPECT_TRUE(scratch.intact()) << "wrote outside of its scratch memory";
  Tensors results;
  for (size_t i = 0; i < memory.size(); ++i) {
    EXPECT_TRUE(memory[i].intact()) << "wrote outside of output " << i;
    results.push_back(Tensor::empty(out_specs[i]));
    if (out_specs[i].bytes() > 0)
      std::memcpy(results.back().mutable_raw(), memory[i].data(), static_cast<size_t>(out_specs[i].bytes()));
  }
  return results;
}

/// Floats in order as integers, so that neighbours differ by one.
template <class T>
int64_t order_of(T value) {
  using Bits = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
  const auto bits = std::bit_cast<Bits>(value);
  return bits < 0 ? int64_t{std::numeric_limits<Bits>::min()} - bits : bits;
}

template <class T>
void compare(const Tensor& got, const Tensor& expected, double ulps, double absolute, const std::string& what) {
  const T *a = static_cast<const T*>(got.raw()), *b = static_cast<const T*>(expected.raw());
  int shown = 0;
  for (int64_t i = 0; i < got.size() && shown < 5; ++i) {
    bool same = a[i] == b[i];
    if constexpr (std::is_floating_point_v<T>) {
      if (!same) same = std::isnan(a[i]) && std::isnan(b[i]);
      // Denormal numbers, and denormal parts of a sum, may be flushed to zero.
      const bool tiny = std::abs(a[i] - b[i]) <= 2 * std::numeric_limits<T>::min();
      if (!same && !std::isnan(a[i]) && !std::isnan(b[i]) && std::isfinite(a[i]) == std::isfinite(b[i])) {
        const double apart = std::abs(static_cast<double>(order_of(a[i])) - static_cast<double>(order_of(b[i])));
        same = tiny || apart <= ulps || std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])) <= absolute;
      }
    }
    if (!same) {
      ++shown;
      ADD_FAILURE() << what << " element " << i << " of " << got.spec().to_string() << ": got " << +a[i]
                    << ", expected " << +b[i];
    }
  }
}

}  // namespace

void for_each_target(const std::function<void()>& body) {
  const int64_t supported = supported_targets();
  for (const int64_t target : {int64_t{HWY_AVX3}, int64_t{HWY_AVX2}, int64_t{HWY_STATIC_TARGET}}) {
    if (target != HWY_STATIC_TARGET && (supported & target) == 0) continue;
    SCOPED_TRACE(hwy::TargetName(target));
    set_supported_targets(target);
    body();
  }
  set_supported_targets(0);
}

Tensor sample(const Spec& spec, uint64_t seed, Range range, bool special) {
  Tensor tensor = Tensor::empty(spec);
  PhiloxStream random(seed);
  with_type(spec.dtype, [&](auto zero) {
    using T = decltype(zero);
    T* data = static_cast<T*>(tensor.mutable_raw());
    for (int64_t i = 0; i < tensor.size(); ++i) {
      const double value = range.low + (range.high - range.low) * random.uniform_double();
      if constexpr (std::is_same_v<T, bool>) {
        data[i] = random.bits() & 1;
      } else {
        data[i] = static_cast<T>(value);
      }
      if constexpr (std::is_floating_point_v<T>) {
        using Limits = std::numeric_limits<T>;
        const T specials[] = {T(0),
                              T(-0.0),
                              T(1),
                              T(-1),
                              Limits::infinity(),
                              -Limits::infinity(),
                              Limits::quiet_NaN(),
                              Limits::max(),
                              Limits::lowest(),
                              Limits::denorm_min() * 1000,
                              Limits::min()};
        if (special && random.bits() % 4 == 0) data[i] = specials[random.bits() % std::size(specials)];
      }
    }
  });
  return tensor;
}

Tensors run(MakeKernel maker, const Op& op, const Tensors& inputs) {
  const std::vector<Spec> in = specs_of(inputs), out = op.infer(in);
  Refusal why;
  const auto kernel = maker({op, in, out}, why);
  if (!kernel) {
    ADD_FAILURE() << op.name() << " was refused: " << why.reason();
    return {};
  }
  return run_made(*kernel, inputs, out, -1);
}

Tensors run_reference(const Op& op, const Tensors& inputs) {
  const std::vector<Spec> in = specs_of(inputs), out = op.infer(in);
  return run_made(*choose_kernel({op, in, out}, "reference"), inputs, out, -1);
}

Tensor run_in_place(MakeKernel maker, const Op& op, const Tensors& inputs, int in) {
  const std::vector<Spec> in_specs = specs_of(inputs), out = op.infer(in_specs);
  Refusal why;
  const auto kernel = maker({op, in_specs, out}, why);
  EXPECT_TRUE(kernel && kernel->may_overwrite(in, 0));
  return run_made(*kernel, inputs, out, in)[0];
}

void expect_close(const Tensor& got, const Tensor& expected, double ulps, double absolute, const std::string& what) {
  ASSERT_EQ(got.spec(), expected.spec()) << what;
  with_type(got.dtype(), [&](auto zero) { compare<decltype(zero)>(got, expected, ulps, absolute, what); });
}

void expect_same(const Tensor& got, const Tensor& expected, const std::string& what) {
  expect_close(got, expected, 0, 0, what);
}

void expect_agrees(MakeKernel maker, const Op& op, const Tensors& inputs, double ulps, double absolute) {
  const Tensors expected = run_reference(op, inputs);
  for_each_target([&] {
    const Tensors got = run(maker, op, inputs);
    ASSERT_EQ(got.size(), expected.size());
    std::string what(op.name());
    what += " " + op.attributes().to_string();
    for (const Tensor& input : inputs) what += " " + input.spec().to_string();
    for (size_t i = 0; i < got.size(); ++i) expect_close(got[i], expected[i], ulps, absolute, what);
  });
}

}  // namespace hebb::simd
