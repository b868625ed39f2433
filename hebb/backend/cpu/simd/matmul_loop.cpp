#include <algorithm>
#include <vector>

#include "hebb/backend/cpu/simd/fused_loop.h"
#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/text.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// A product of matrices by strips of rows, and the loop on each strip while it lies in the core's cache.
///
/// The gradient of a large weight is as large as the weight: written and read again it takes longer than computing it
/// where a batch is small. And what a layer gives for each position of a batch of sequences goes past the cache.
class SimdMatmulLoop : public Kernel {
 public:
  /// Elements of a strip, on the stack.
  static constexpr int64_t strip_elements = 32768;

  SimdMatmulLoop(const Call& call, const MatmulLoop& op)
      : functions_(simd::find_gemm_functions<float>()), has_bias_(op.has_bias()), keeps_product_(op.keeps_product()) {
    const auto& matmul = static_cast<const Matmul&>(op.matmul());
    const Shape &a = call.in[0].shape, whole = op.product_spec(call.in).shape;
    rows_ = whole[0];
    block_.columns = block_.c_step = whole[1];
    block_.depth = a[matmul.transpose_a() ? 0 : 1];
    block_.a_row = matmul.transpose_a() ? 1 : block_.depth;
    block_.a_column = matmul.transpose_a() ? rows_ : 1;
    block_.b_step = block_.columns;
    turns_b_ = matmul.transpose_b();
    cut(whole.elements());
    const std::vector<Spec> inputs = op.loop_inputs(call.in);
    for (int reg = 0; reg < op.loop().inputs(); ++reg) {
      const Spec& spec = inputs[static_cast<size_t>(reg)];
      const bool is_product = reg == op.operand(), is_whole = spec.shape.elements() == whole.elements();
      operands_.push_back({is_product ? -1 : static_cast<int>(op.input_of_register(reg)),
                           is_whole ? block_.columns * size_of(spec.dtype) : 0});
    }
    for (const Spec& out : call.out) out_row_bytes_.push_back(block_.columns * size_of(out.dtype));
    loop_outputs_ = out_row_bytes_.size() - (keeps_product_ ? 1 : 0);
  }

  /// False, with the reason, when there is no loop for the strips.
  bool make_loops(const MatmulLoop& op, std::span<const Spec> in, Refusal& why) {
    if (strips_ == 0) return true;
    for (const int64_t rows : {strip_rows_, rows_ - (strips_ - 1) * strip_rows_}) {
      const Shape shape{rows, block_.columns};
      std::vector<Spec> inputs = op.loop_inputs(in);
      for (Spec& spec : inputs) spec.shape = spec.shape.elements() == rows_ * block_.columns ? shape : Shape{};
      loops_.push_back(simd::make_fused_loop(op.loop(), shape, inputs, why));
      if (!loops_.back()) return false;
    }
    return true;
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return turns_b_ ? 2 : 1; }
  int64_t pieces(int phase) const override { return phase + 1 == phases() ? strips_ : turning_pieces(); }
  int64_t scratch_bytes() const override {
    return turns_b_ ? block_.depth * block_.columns * static_cast<int64_t>(sizeof(float)) : 0;
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (phase + 1 < phases()) return turn(piece, args);
    alignas(64) float strip[strip_elements];
    const int64_t row = piece * strip_rows_;
    simd::GemmBlock<float> block = block_;
    block.a = args.input<float>(0) + row * block.a_row;
    block.b = turns_b_ ? reinterpret_cast<const float*>(args.scratch) : args.input<float>(1);
    block.c = keeps_product_ ? args.output<float>(loop_outputs_) + row * block.columns : strip;
    block.rows = std::min(strip_rows_, rows_ - row);
    if (has_bias_) block.column_bias = args.input<float>(2);

    const void* in[MatmulLoop::most_inputs];
    void* out[MatmulLoop::most_inputs];
    simd::Memory soon[MatmulLoop::most_inputs];
    size_t arrays = 0;
    for (size_t i = 0; i < operands_.size(); ++i) {
      const Operand& operand = operands_[i];
      in[i] = operand.input < 0 ? reinterpret_cast<const std::byte*>(block.c)
                                : args.input<std::byte>(static_cast<size_t>(operand.input)) + row * operand.row_bytes;
      if (operand.input >= 0 && operand.row_bytes > 0) soon[arrays++] = {in[i], block.rows * operand.row_bytes};
    }
    block.soon = {soon, arrays};
    functions_.block(block);

    for (size_t i = 0; i < loop_outputs_; ++i) out[i] = args.output<std::byte>(i) + row * out_row_bytes_[i];
    const simd::FusedLoop& loop = *loops_[piece == strips_ - 1 ? 1 : 0];
    for (int64_t part = 0; part < loop.pieces(0); ++part) loop.run(0, part, {in, out, nullptr});
  }

  bool may_overwrite(int in, int out) const override {
    if (static_cast<size_t>(out) >= loop_outputs_) return false;
    for (size_t reg = 0; reg < operands_.size(); ++reg) {
      if (operands_[reg].input != in) continue;
      return operands_[reg].row_bytes > 0 && std::all_of(loops_.begin(), loops_.end(), [&](const auto& loop) {
               return loop->may_overwrite(static_cast<int>(reg), out);
             });
    }
    return false;
  }

 private:
  /// How many rows a strip has. B is read anew for each.
  void cut(int64_t elements) {
    const int64_t columns = std::max<int64_t>(1, block_.columns);
    const int64_t full = strip_elements / columns;
    // Half of what the stack holds is better where the loop has most of the time.
    constexpr int64_t deep = 96;
    const int64_t most = block_.depth >= deep ? full : std::max(full / 2, std::min<int64_t>(32, full));
    strips_ = elements == 0 ? 0 : (rows_ + most - 1) / most;
    strip_rows_ = strips_ == 0 ? 0 : (rows_ + strips_ - 1) / strips_;
    strips_ = strip_rows_ == 0 ? 0 : (rows_ + strip_rows_ - 1) / strip_rows_;
  }

  // A transposed B would be turned round again for each strip: it is once, before.
  static constexpr int64_t turned_columns = 64;
  int64_t turning_pieces() const { return (block_.columns + turned_columns - 1) / turned_columns; }
  void turn(int64_t piece, const KernelArgs& args) const {
    const int64_t first = piece * turned_columns, count = std::min(turned_columns, block_.columns - first);
    functions_.transpose(args.input<float>(1) + first * block_.depth, block_.depth,
                         reinterpret_cast<float*>(args.scratch) + first, block_.columns, count, block_.depth);
  }

  /// Of the loop.
  struct Operand {
    int input;          ///< of the operation; -1 is the product
    int64_t row_bytes;  ///< 0: one value
  };

  simd::GemmFunctions<float> functions_;
  simd::GemmBlock<float> block_;  ///< strides, columns and depth
  bool has_bias_, keeps_product_, turns_b_ = false;
  size_t loop_outputs_ = 0;
  int64_t rows_, strip_rows_ = 0, strips_ = 0;
  std::vector<Operand> operands_;
  std::vector<int64_t> out_row_bytes_;
  std::vector<std::unique_ptr<simd::FusedLoop>> loops_;  ///< for a strip, and for the last one
};

}  // namespace

std::unique_ptr<Kernel> make_simd_matmul_loop(const Call& call, Refusal& why) {
  const auto& op = static_cast<const MatmulLoop&>(call.op);
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  if (op.loop().shape().back() > MatmulLoop::most_columns)
    return why(message("at most ", MatmulLoop::most_columns, " columns"));
  auto kernel = std::make_unique<SimdMatmulLoop>(call, op);
  if (!kernel->make_loops(op, call.in, why)) return nullptr;
  return kernel;
}

}  // namespace hebb
