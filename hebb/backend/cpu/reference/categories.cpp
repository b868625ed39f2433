#include "hebb/ops/categories.h"

#include <algorithm>
#include <charconv>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/base/fingerprint.h"

namespace hebb {

namespace {

/// Calls `body` with a value of the C++ type of integers.
template <class Body>
auto with_integer_type(DType dtype, Body&& body) {
  if (dtype == DType::uint8) return body(uint8_t{});
  return dtype == DType::int32 ? body(int32_t{}) : body(int64_t{});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_digitize(const Call& call, Refusal&) {
  const int64_t count = call.in[0].shape.elements(), boundaries = call.in[1].shape.elements();
  return with_type(call.in[0].dtype, [&](auto zero) {
    return plain_kernel([count, boundaries](const KernelArgs& args) {
      using T = decltype(zero);
      const T *x = args.input<T>(0), *first = args.input<T>(1);
      for (int64_t i = 0; i < count; ++i)
        args.output<int64_t>()[i] = std::upper_bound(first, first + boundaries, x[i]) - first;
    });
  });
}

std::unique_ptr<Kernel> make_reference_hash_bucket(const Call& call, Refusal&) {
  const auto& op = static_cast<const HashBucket&>(call.op);
  const int64_t count = call.in[0].shape.elements();
  return with_integer_type(call.in[0].dtype, [&](auto zero) {
    return plain_kernel([count, bins = static_cast<uint64_t>(op.bins()), salt = op.salt()](const KernelArgs& args) {
      const auto* x = args.input<decltype(zero)>(0);
      for (int64_t i = 0; i < count; ++i) {
        char digits[24];
        const char* end = std::to_chars(digits, digits + sizeof(digits), static_cast<int64_t>(x[i])).ptr;
        const std::string_view text(digits, static_cast<size_t>(end - digits));
        const uint64_t hash =
            salt ? siphash64(text, static_cast<uint64_t>(salt->first), static_cast<uint64_t>(salt->second))
                 : fingerprint64(text);
        args.output<int64_t>()[i] = static_cast<int64_t>(hash % bins);
      }
    });
  });
}

std::unique_ptr<Kernel> make_reference_hash_cross(const Call& call, Refusal&) {
  const auto bins = static_cast<uint64_t>(static_cast<const HashCross&>(call.op).bins());
  const int64_t count = call.in[0].shape.elements();
  return with_integer_type(call.in[0].dtype, [&](auto zero) {
    return plain_kernel([count, bins, inputs = static_cast<int>(call.in.size())](const KernelArgs& args) {
      constexpr uint64_t start = 956888297470;  // TensorFlow's
      for (int64_t i = 0; i < count; ++i) {
        uint64_t hash = start;
        for (int k = 0; k < inputs; ++k)
          hash = fingerprint_cat64(hash, static_cast<uint64_t>(args.input<decltype(zero)>(k)[i]));
        args.output<int64_t>()[i] = static_cast<int64_t>(hash % bins);
      }
    });
  });
}

}  // namespace hebb
