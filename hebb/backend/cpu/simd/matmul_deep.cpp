#include <algorithm>

#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/text.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Products that are deep beside their size, as the gradients of weights over all positions of a batch are.
///
/// Cut into blocks of the result, each piece would read a narrow strip of every row of B, and a part of A that others
/// read too. Here the depth is cut: a piece reads its rows of both from one end to the other, which the processor
/// foresees, and leaves a partial result; a second phase adds these in their order.
class SimdDeepMatmul : public Kernel {
 public:
  static constexpr int64_t least_depth = 1024;
  /// Rows of the result. With more, A is packed in several parts, and B read again for each.
  static constexpr int64_t most_rows = 256;
  /// Of the result: the partial ones stay near.
  static constexpr int64_t most_elements = 131072;

  explicit SimdDeepMatmul(const Call& call)
      : functions_(simd::find_gemm_functions<float>()),
        sum_(simd::find_reduce_functions(Reduce::Kind::sum, DType::float32)) {
    depth_ = call.in[0].shape[0];
    block_.rows = call.out[0].shape[0];
    block_.columns = block_.c_step = block_.b_step = call.out[0].shape[1];
    block_.a_row = 1;
    block_.a_column = block_.rows;
    constexpr int64_t depth_of_piece = 256;
    parts_ = (depth_ + depth_of_piece - 1) / depth_of_piece;
  }

  std::string_view implementation() const override { return "deep"; }
  int phases() const override { return 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? parts_ : (elements() + strip - 1) / strip; }
  int64_t scratch_bytes() const override { return parts_ * elements() * static_cast<int64_t>(sizeof(float)); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* partials = reinterpret_cast<float*>(args.scratch);
    if (phase == 1) {
      const int64_t first = piece * strip, count = std::min(strip, elements() - first);
      sum_.columns(partials + first, parts_, elements(), count, args.output<float>() + first);
      return;
    }
    const int64_t first = depth_ * piece / parts_, last = depth_ * (piece + 1) / parts_;
    simd::GemmBlock<float> block = block_;
    block.a = args.input<float>(0) + first * block.a_column;
    block.b = args.input<float>(1) + first * block.b_step;
    block.c = partials + piece * elements();
    block.depth = last - first;
    functions_.block(block);
  }

 private:
  /// Elements that are added up in one go.
  static constexpr int64_t strip = 4096;

  int64_t elements() const { return block_.rows * block_.columns; }

  simd::GemmFunctions<float> functions_;
  simd::ReduceFunctions sum_;
  simd::GemmBlock<float> block_;
  int64_t depth_, parts_;
};

}  // namespace

std::unique_ptr<Kernel> make_simd_deep_matmul(const Call& call, Refusal& why) {
  const auto& op = static_cast<const Matmul&>(call.op);
  const Shape& out = call.out[0].shape;
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  if (out.rank() != 2 || !op.transpose_a() || op.transpose_b()) return why("one product, its first factor transposed");
  const int64_t depth = call.in[0].shape[0];
  const bool is_deep = depth >= SimdDeepMatmul::least_depth && depth >= 2 * std::max(out[0], out[1]);
  if (!is_deep || out[0] > SimdDeepMatmul::most_rows || out.elements() > SimdDeepMatmul::most_elements ||
      out.elements() == 0)
    return why(message("not deep beside its size: ", depth, " for ", out));
  return std::make_unique<SimdDeepMatmul>(call);
}

}  // namespace hebb
