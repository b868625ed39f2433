#include <algorithm>

#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/matmul_finish.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/text.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

using simd::Finish;

/// Products that are deep beside their size: gradients of weights over all positions of a batch, and layers that make a
/// little of very much, as the first of a network often do.
///
/// Cut into blocks of the result, each piece would read a narrow strip of every row of B, and a part of A that others
/// read too. Here the depth is cut: a piece reads its rows of B from one end to the other, which the processor foresees
/// and which mostly the same core wrote when it updated them, and leaves a partial result; a second phase adds these in
/// their order.
class SimdDeepMatmul : public Kernel {
 public:
  /// Rows of the result. With more, A is packed in several parts, and B read again for each.
  static constexpr int64_t most_rows = 256;
  /// Of the result: the partial ones stay near.
  static constexpr int64_t most_elements = 131072;

  SimdDeepMatmul(const Call& call, bool transpose_a, const Finish& finish)
      : finish_(finish),
        functions_(simd::find_gemm_functions<float>()),
        sum_(simd::find_reduce_functions(Reduce::Kind::sum, DType::float32)) {
    if (finish.relu) finish_.activation = simd::find_block_function("relu", DType::float32);
    depth_ = call.in[1].shape[0];
    block_.rows = call.out[0].shape[0];
    block_.columns = block_.c_step = block_.b_step = call.out[0].shape[1];
    block_.a_row = transpose_a ? 1 : depth_;
    block_.a_column = transpose_a ? block_.rows : 1;
    constexpr int64_t depth_of_piece = 256, most_scratch = int64_t{8} << 20;
    const int64_t most_parts = std::max<int64_t>(2, most_scratch / (elements() * static_cast<int64_t>(sizeof(float))));
    parts_ = std::min(simd::divide_up(depth_, depth_of_piece), most_parts);
  }

  std::string_view implementation() const override { return "deep"; }
  int phases() const override { return 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? parts_ : simd::divide_up(elements(), strip); }
  int64_t scratch_bytes() const override { return parts_ * elements() * static_cast<int64_t>(sizeof(float)); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* partials = reinterpret_cast<float*>(args.scratch);
    if (phase == 1) {
      const int64_t first = piece * strip, count = std::min(strip, elements() - first);
      float* out = args.output<float>() + first;
      sum_.columns(partials + first, parts_, elements(), count, out);
      finish_.activate(out, count);
      return;
    }
    const int64_t first = depth_ * piece / parts_, last = depth_ * (piece + 1) / parts_;
    simd::GemmBlock<float> block = block_;
    block.a = args.input<float>(0) + first * block.a_column;
    block.b = args.input<float>(1) + first * block.b_step;
    block.c = partials + piece * elements();
    block.depth = last - first;
    if (finish_.has_bias && piece == 0) block.column_bias = args.input<float>(2);
    functions_.block(block);
  }

 private:
  /// Elements that are added up in one go.
  static constexpr int64_t strip = 4096;

  int64_t elements() const { return block_.rows * block_.columns; }

  Finish finish_;
  simd::GemmFunctions<float> functions_;
  simd::ReduceFunctions sum_;
  simd::GemmBlock<float> block_;
  int64_t depth_, parts_;
};

std::unique_ptr<Kernel> make(const Call& call, const Matmul& op, const Finish& finish, Refusal& why) {
  const Shape &out = call.out[0].shape, &a = call.in[0].shape, &b = call.in[1].shape;
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  if (a.rank() != 2 || b.rank() != 2 || op.transpose_b()) return why("one product, its second factor not transposed");
  // A product with a vector reads the matrix from one end to the other in any case.
  if (!op.transpose_a() && (out[0] == 1 || out[1] == 1)) return why("a product with a vector");
  const int64_t depth = b[0], least_depth = op.transpose_a() ? 1024 : 512;
  if (depth < least_depth || depth < 2 * std::max(out[0], out[1]) || out.elements() == 0)
    return why(message("not deep beside its size: ", depth, " for ", out));
  if (out[0] > SimdDeepMatmul::most_rows || out.elements() > SimdDeepMatmul::most_elements)
    return why(message("the partial results would not stay near: ", out));
  return std::make_unique<SimdDeepMatmul>(call, op.transpose_a(), finish);
}

}  // namespace

std::unique_ptr<Kernel> make_simd_deep_matmul(const Call& call, Refusal& why) {
  return make(call, static_cast<const Matmul&>(call.op), {}, why);
}

std::unique_ptr<Kernel> make_simd_deep_fused_matmul(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::optional<Finish> finish = simd::finish_of(op, call.in[0].dtype, why);
  return finish ? make(call, static_cast<const Matmul&>(op.product()), *finish, why) : nullptr;
}

}  // namespace hebb
