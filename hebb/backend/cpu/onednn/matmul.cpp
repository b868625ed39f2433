#include "hebb/ops/matmul.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hebb/backend/cpu/onednn/onednn.h"
#include "hebb/backend/cpu/onednn/onednn_api.h"
#include "hebb/base/threads.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace onednn {

namespace {

/// A product is worth cutting when each piece has this many operations: some 10 microseconds.
constexpr double least_flops_of_piece = 2e6;
/// More rows than this share what the library packs of b for one primitive.
constexpr int64_t least_rows = 64, least_columns = 64;
constexpr int64_t most_pieces = 64;

/// Products of matrices in blocks of rows and columns of the result, all the batch's matrices one after the other.
class BlockedMatmul : public Kernel {
 public:
  /// `whole` describes one of `batch` products that lie one behind the other.
  BlockedMatmul(int64_t batch, const MatmulProblem& whole, bool relu)
      : batch_(batch), whole_(whole), relu_(relu), a_size_(whole.m * whole.k), b_size_(whole.k * whole.n) {
    const double flops = 2.0 * static_cast<double>(whole.m * whole.n) * static_cast<double>(whole.k);
    auto wanted = static_cast<int64_t>(std::min(flops / least_flops_of_piece, static_cast<double>(most_pieces)));
    wanted = std::clamp<int64_t>(wanted, 1, std::max<int64_t>(most_pieces / batch, 1));
    row_blocks_ = std::clamp<int64_t>(whole.m / least_rows, 1, wanted);
    column_blocks_ = std::clamp<int64_t>(whole.n / least_columns, 1, std::max<int64_t>(wanted / row_blocks_, 1));
  }

  /// False when the library has no good implementation.
  bool make() {
    for (int64_t piece = 0; piece < row_blocks_ * column_blocks_; ++piece) {
      MatmulProblem block = whole_;
      block.m = rows(piece).second - rows(piece).first;
      block.n = columns(piece).second - columns(piece).first;
      auto [found, is_new] = index_.try_emplace({block.m, block.n}, primitives_.size());
      if (is_new) {
        const int64_t most = batch_ * row_blocks_ * column_blocks_;
        auto primitive = make_matmul(block, static_cast<int>(std::min<int64_t>(most, std::max(threads(), 8))));
        if (!primitive) return false;
        scratch_.push_back(scratch_bytes_);
        scratch_bytes_ += (primitive->scratch_bytes() + 63) / 64 * 64;
        primitives_.push_back(std::move(primitive));
      }
      primitive_of_.push_back(found->second);
    }
    name_ = "onednn:" + primitives_[0]->implementation();
    return true;
  }

  std::string_view implementation() const override { return name_; }
  int64_t pieces(int) const override { return batch_ * row_blocks_ * column_blocks_; }
  int64_t scratch_bytes() const override { return scratch_bytes_; }

  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t blocks = row_blocks_ * column_blocks_, image = piece / blocks, block = piece % blocks;
    const auto [first_row, last_row] = rows(block);
    const auto [first_column, last_column] = columns(block);
    const size_t index = primitive_of_[static_cast<size_t>(block)];
    float* out = args.output<float>() + image * whole_.m * whole_.n + first_row * whole_.out_row + first_column;
    primitives_[index]->execute({.a = args.input<float>(0) + image * a_size_ + first_row * whole_.a_row,
                                 .b = args.input<float>(1) + image * b_size_ + first_column * whole_.b_column,
                                 .bias = whole_.bias ? args.input<float>(2) + first_column : nullptr,
                                 .out = out,
                                 .scratch = args.scratch + scratch_[index]},
                                piece);
    if (!relu_) return;
    for (int64_t row = 0; row < last_row - first_row; ++row) {
      float* y = out + row * whole_.out_row;
      // NaN stays NaN, as it does not with the library's own relu.
      for (int64_t i = 0; i < last_column - first_column; ++i) y[i] = 0.0f > y[i] ? 0.0f : y[i];
    }
  }

 private:
  std::pair<int64_t, int64_t> rows(int64_t block) const {
    const int64_t i = block / column_blocks_;
    return {i * whole_.m / row_blocks_, (i + 1) * whole_.m / row_blocks_};
  }

  /// Edges between blocks of columns lie on multiples of a vector.
  std::pair<int64_t, int64_t> columns(int64_t block) const {
    const auto edge = [&](int64_t i) {
      return i == column_blocks_ ? whole_.n : i * whole_.n / column_blocks_ / 16 * 16;
    };
    return {edge(block % column_blocks_), edge(block % column_blocks_ + 1)};
  }

  int64_t batch_;
  MatmulProblem whole_;
  bool relu_;
  int64_t a_size_, b_size_, row_blocks_ = 1, column_blocks_ = 1, scratch_bytes_ = 0;
  std::string name_;
  std::map<std::pair<int64_t, int64_t>, size_t> index_;
  std::vector<size_t> primitive_of_;
  std::vector<std::unique_ptr<Primitive>> primitives_;
  std::vector<int64_t> scratch_;
};

std::unique_ptr<Kernel> make_product(const Call& call, const Matmul& op, bool bias, const std::string& activation,
                                     Refusal& why) {
  for (const Spec& spec : call.in) {
    if (spec.dtype != DType::float32) return why("float32 only");
    if (spec.shape.elements() == 0) return why("nothing to compute");
  }
  const Shape &a = call.in[0].shape, &out = call.out[0].shape;
  MatmulProblem problem;
  problem.m = out[-2];
  problem.n = out[-1];
  problem.k = op.transpose_a() ? a[-2] : a[-1];
  problem.a_row = op.transpose_a() ? 1 : problem.k;
  problem.a_column = op.transpose_a() ? problem.m : 1;
  problem.b_row = op.transpose_b() ? 1 : problem.n;
  problem.b_column = op.transpose_b() ? problem.k : 1;
  problem.out_row = problem.n;
  problem.bias = bias;
  if (activation != "relu") problem.activation = activation;
  auto kernel =
      std::make_unique<BlockedMatmul>(out.elements() / (problem.m * problem.n), problem, activation == "relu");
  if (!kernel->make()) return why("oneDNN has no fast implementation");
  return kernel;
}

}  // namespace

}  // namespace onednn

std::unique_ptr<Kernel> make_onednn_matmul(const Call& call, Refusal& why) {
  return onednn::make_product(call, static_cast<const Matmul&>(call.op), false, "", why);
}

std::unique_ptr<Kernel> make_onednn_fused_matmul(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::string& activation = op.activation();
  if (op.has_addend()) return why("no addend");
  if (!activation.empty() && activation != "relu" && !onednn::supports_activation(activation)) {
    return why("relu, tanh and sigmoid only");
  }
  return onednn::make_product(call, static_cast<const Matmul&>(op.product()), op.has_bias(), activation, why);
}

}  // namespace hebb
