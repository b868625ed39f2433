/// The kernel behind every elementwise operation, alone or fused: a small program of block functions over one loop.
///
///     FusedLoop loop(shape, inputs);                               // specs of the inputs, which broadcast to the shape
///     int product = loop.add_step("multiply", {0, 1}, DType::float32);
///     loop.finish({product});                                      // from here on a kernel
///
/// The loop is cut into pieces and these into blocks of about a thousand elements. Each step runs over a block with one
/// call; what lies between steps stays on the stack of the thread that runs the piece, in the first-level cache. Inputs
/// that run along with the loop are read in place and the outputs are written in place.
///
/// Steps may also be summed over the loop's leading axes: each piece adds up its own blocks, and a second phase adds up
/// the pieces in their order.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"
#include "hebb/ops/fused.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

class FusedLoop : public Kernel {
 public:
  /// `kept`: for each sum to come, how many elements of the trailing axes it keeps.
  FusedLoop(const Shape& shape, std::span<const Spec> inputs, std::span<const int64_t> kept = {});

  /// Appends a step and returns its register, -1 when there is no block function for it.
  int add_step(std::string_view name, std::span<const int> operands, DType result);
  int add_cast(int operand, DType to);
  /// Decides where everything lies. False when the program needs more room than a piece has, or something cannot be
  /// summed. `summed`: the register of each sum.
  bool finish(std::span<const int> outputs, std::span<const int> summed = {});

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return joins_pieces() ? 2 : 1; }
  int64_t pieces(int phase) const override { return phase == 0 ? pieces_ : static_cast<int64_t>(sums_.size()); }
  int64_t scratch_bytes() const override { return joins_pieces() ? scratch_bytes_ : 0; }
  void run(int phase, int64_t piece, const KernelArgs& args) const override;
  bool may_overwrite(int in, int out) const override;

 private:
  /// Where the value of a register is found while a block is computed.
  enum class Place : uint8_t {
    input,     ///< in the input's memory, which runs along with the loop
    output,    ///< in the output's memory
    splat,     ///< copies of one value on the stack
    pattern,   ///< on the stack, the same in every block of a piece
    gathered,  ///< on the stack, collected from the input's memory for each block
    block,     ///< on the stack, computed by a step for each block
  };
  struct Register {
    DType dtype;
    Place place = Place::block;
    int index = -1;                                ///< of the input or output
    int64_t offset = 0;                            ///< on the stack, bytes
    int64_t inner = 0;                             ///< inputs: the step from one element of a row to the next, 0 or 1
    int made_by = -1;                              ///< the step whose result it is; -1: an input
    int last_use = -1;                             ///< the last step that reads it
    bool summed = false;                           ///< read once more, by a sum, when all steps are done
    bool running = false;                          ///< inputs: has an element for every position of the loop
    bool whole = false;                            ///< differs from block to block
    int uses = 0;                                  ///< by steps
    std::array<int64_t, Shape::max_rank> outer{};  ///< inputs: the steps along the other axes
  };
  struct Step {
    std::string_view name;  ///< of an elementwise operation; empty for a cast
    BlockFunction function;
    std::array<int, 3> operands;
    int arity;
    int result;
  };
  /// A sum. Its partial results, one for each piece, lie in the scratch memory.
  struct Sum {
    int64_t kept;       ///< elements of the result
    int64_t inner = 0;  ///< as for an input that has the result's shape
    std::array<int64_t, Shape::max_rank> outer{};
    int reg = -1;
    ReduceFunctions functions = {};
    BlockFunction add = nullptr;
    int64_t offset = 0;  ///< of the partial results, bytes
    int64_t stride = 0;  ///< from one piece's to the next, bytes
  };
  struct Block;

  bool joins_pieces() const { return !sums_.empty() && pieces_ > 1; }
  std::byte* partial(const Sum& sum, int64_t piece, const KernelArgs& args) const;
  void add_up(const Sum& sum, const Block& block, std::byte* to) const;
  const std::byte* address(const Register& reg, const Block& block) const;
  void join_axes(const Shape& shape, std::span<const Spec> inputs);
  bool fits(int64_t block);
  int push(std::string_view name, BlockFunction function, std::span<const int> operands, DType result, double cost);
  void join_steps();
  bool join(const Step& first, Step& second) const;
  void fill_once(const KernelArgs& args, std::byte* stack) const;
  void gather(const Register& from, const std::byte* data, int64_t first_row, int64_t rows, std::byte* to) const;
  int64_t outer_offset(const std::array<int64_t, Shape::max_rank>& steps, int64_t row) const;
  void run_step(const Step& step, const Block& block) const;

  int inputs_;
  std::vector<Register> registers_;
  std::vector<Step> steps_;
  std::vector<int> outputs_;
  std::vector<Sum> sums_;
  int64_t scratch_bytes_ = 0;
  std::vector<int> splats_, patterns_, gathered_;  ///< inputs that are brought to the stack
  std::vector<Step> once_splat_, once_pattern_, each_block_;

  std::array<int64_t, Shape::max_rank> outer_dims_{};
  int outer_rank_ = 0;
  int64_t rows_ = 1;           ///< the product of the outer axes
  int64_t row_ = 1;            ///< elements in a row
  int64_t block_ = 0;          ///< elements in a block
  int64_t rows_in_block_ = 0;  ///< 0: a block is a part of a row
  int64_t blocks_in_row_ = 1;
  int64_t blocks_ = 0;
  int64_t blocks_in_piece_ = 1;
  int64_t pieces_ = 0;
  double cost_ = 0;  ///< of one element
};

/// The loop of a fused operation over a shape, which may be a part of the operation's own. Null, with the reason, when
/// it cannot be made.
std::unique_ptr<FusedLoop> make_fused_loop(const FusedElementwise& op, const Shape& shape, std::span<const Spec> inputs,
                                           Refusal& why);

}  // namespace hebb::simd
