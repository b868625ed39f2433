#include "hebb/ops/indexing.h"

#include <cstring>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

/// Calls `body` with a value of the C++ type of indices.
template <class Body>
auto with_index_type(DType dtype, Body&& body) {
  if (dtype == DType::uint8) return body(uint8_t{});
  return dtype == DType::int32 ? body(int32_t{}) : body(int64_t{});
}

bool inside(int64_t index, int64_t rows) { return index >= 0 && index < rows; }

}  // namespace

std::unique_ptr<Kernel> make_reference_gather(const Call& call, Refusal&) {
  const Shape& table = call.in[0].shape;
  const int64_t rows = table.front(), count = call.in[1].shape.elements();
  const auto width = static_cast<size_t>(table.sub(1, table.rank()).elements() * size_of(call.in[0].dtype));
  return with_index_type(call.in[1].dtype, [&](auto zero) {
    return plain_kernel([rows, count, width](const KernelArgs& args) {
      const auto* indices = args.input<decltype(zero)>(1);
      for (int64_t i = 0; i < count; ++i) {
        std::byte* out = args.output<std::byte>() + static_cast<size_t>(i) * width;
        const int64_t index = indices[i];
        if (inside(index, rows)) {
          std::memcpy(out, args.input<std::byte>(0) + static_cast<size_t>(index) * width, width);
        } else {
          std::memset(out, 0, width);
        }
      }
    });
  });
}

std::unique_ptr<Kernel> make_reference_scatter_add(const Call& call, Refusal&) {
  const Shape& sums = call.out[0].shape;
  const int64_t rows = sums.front(), count = call.in[0].shape.elements(), width = sums.sub(1, sums.rank()).elements();
  return with_index_type(call.in[0].dtype, [&](auto index_zero) {
    return with_type(call.in[1].dtype, [&](auto value_zero) {
      using T = decltype(value_zero);
      using Sum = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
      return plain_kernel(
          [rows, count, width](const KernelArgs& args) {
            const auto* indices = args.input<decltype(index_zero)>(0);
            const T* values = args.input<T>(1);
            auto* sums = reinterpret_cast<Sum*>(args.scratch);
            std::fill_n(sums, rows * width, Sum(0));
            for (int64_t i = 0; i < count; ++i) {
              const int64_t index = indices[i];
              if (!inside(index, rows)) continue;
              for (int64_t k = 0; k < width; ++k) sums[index * width + k] += static_cast<Sum>(values[i * width + k]);
            }
            for (int64_t i = 0; i < rows * width; ++i) args.output<T>()[i] = narrow<T>(sums[i]);
          },
          {.scratch_bytes = rows * width * static_cast<int64_t>(sizeof(Sum))});
    });
  });
}

std::unique_ptr<Kernel> make_reference_one_hot(const Call& call, Refusal&) {
  const int64_t depth = call.out[0].shape.back(), count = call.in[0].shape.elements();
  return with_index_type(call.in[0].dtype, [&](auto index_zero) {
    return with_type(call.out[0].dtype, [&](auto zero) {
      return plain_kernel([depth, count](const KernelArgs& args) {
        using T = decltype(zero);
        const auto* indices = args.input<decltype(index_zero)>(0);
        for (int64_t i = 0; i < count; ++i) {
          for (int64_t k = 0; k < depth; ++k) args.output<T>()[i * depth + k] = static_cast<T>(indices[i] == k);
        }
      });
    });
  });
}

}  // namespace hebb
