#include "hebb/ops/matmul.h"

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/ops/bfloat16_matmul.h"

namespace hebb {

std::unique_ptr<Kernel> make_reference_matmul(const Call& call, Refusal&) {
  const auto& op = static_cast<const Matmul&>(call.op);
  const Shape &a = call.in[0].shape, &out = call.out[0].shape;
  const int64_t m = out[-2], n = out[-1], k = a[op.transpose_a() ? -2 : -1];
  const int64_t batch = out.sub(0, out.rank() - 2).elements();
  // Element (i, j) of a matrix lies at i * row + j * column.
  struct Matrix {
    int64_t row, column;
  };
  const Matrix in_a = op.transpose_a() ? Matrix{1, m} : Matrix{k, 1};
  const Matrix in_b = op.transpose_b() ? Matrix{1, k} : Matrix{n, 1};
  const auto make = [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel(
        [=](const KernelArgs& args) {
          auto* sums = reinterpret_cast<double*>(args.scratch);  // a row of the output
          for (int64_t image = 0; image < batch; ++image) {
            const T* x = args.input<T>(0) + image * m * k;
            const T* y = args.input<T>(1) + image * k * n;
            T* product = args.output<T>() + image * m * n;
            for (int64_t i = 0; i < m; ++i) {
              std::fill_n(sums, n, 0.0);
              for (int64_t l = 0; l < k; ++l) {
                const double factor = x[i * in_a.row + l * in_a.column];
                for (int64_t j = 0; j < n; ++j) sums[j] += factor * y[l * in_b.row + j * in_b.column];
              }
              for (int64_t j = 0; j < n; ++j) product[i * n + j] = static_cast<T>(sums[j]);
            }
          }
        },
        {.scratch_bytes = n * static_cast<int64_t>(sizeof(double))});
  };
  return call.in[0].dtype == DType::float32 ? make(float{}) : make(double{});
}

std::unique_ptr<Kernel> make_reference_bfloat16_matmul(const Call& call, Refusal&) {
  const auto& op = static_cast<const Bfloat16Matmul&>(call.op);
  const bool has_bias = op.has_bias(), relu = op.relu();
  const int64_t rows = call.out[0].shape[0], columns = call.out[0].shape[1], terms = call.in[1].shape[0];
  return plain_kernel([=](const KernelArgs& args) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        double sum = has_bias ? args.input<float>(2)[j] : 0;
        for (int64_t k = 0; k < terms; ++k) {
          sum += static_cast<double>(args.input<float>(0)[i * terms + k]) *
                 as_number<double>(args.input<Bfloat16>(1)[k * columns + j]);
        }
        args.output<float>()[i * columns + j] = relu && sum <= 0 ? 0.f : static_cast<float>(sum);
      }
    }
  });
}

}  // namespace hebb
