#include "hebb/backend/cpu/simd/fused_loop.h"

#include <algorithm>
#include <cstring>

#include "hebb/backend/cpu/simd/parts.h"

namespace hebb::simd {

namespace {

/// Room of a piece, on the stack of its thread: what a first-level cache holds.
constexpr int64_t stack_bytes = 48 * 1024;
constexpr int64_t largest_block = 1024;
constexpr int64_t smallest_block = 64;
/// Rows of at least this many elements are computed in parts of one row, shorter ones several at a time.
constexpr int64_t long_row = 256;

/// Writes `count` copies of the element at `from`.
void splat(const std::byte* from, int64_t bytes, std::byte* to, int64_t count) {
  const auto fill = [&](auto value) {
    std::memcpy(&value, from, sizeof value);
    for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * static_cast<int64_t>(sizeof value), &value, sizeof value);
  };
  if (bytes == 4) return fill(uint32_t{});
  if (bytes == 8) return fill(uint64_t{});
  fill(uint8_t{});
}

}  // namespace

/// What a step needs to know of the block that it computes.
struct FusedLoop::Block {
  const KernelArgs& args;
  std::byte* stack;
  int64_t row;     ///< the first row, or the only one
  int64_t column;  ///< the first element of the row
  int64_t count;   ///< elements
};

FusedLoop::FusedLoop(const Shape& shape, std::span<const Spec> inputs, std::span<const int64_t> kept)
    : inputs_(static_cast<int>(inputs.size())) {
  for (const Spec& spec : inputs)
    registers_.push_back({.dtype = spec.dtype, .whole = spec.shape.elements() == shape.elements()});
  // A sum steps through the loop as an input with the shape of its result would.
  std::vector<Spec> operands(inputs.begin(), inputs.end());
  for (const int64_t elements : kept) {
    int axis = shape.rank();
    for (int64_t behind = 1; axis > 0 && behind < elements; --axis) behind *= shape[axis - 1];
    std::vector<int64_t> trailing;
    for (int i = axis; i < shape.rank(); ++i) trailing.push_back(shape[i]);
    operands.push_back({Shape(trailing)});
    sums_.push_back({.kept = elements});
  }
  join_axes(shape, operands);
}

/// Axes that every input steps through alike are joined; the last one left is the row.
void FusedLoop::join_axes(const Shape& shape, std::span<const Spec> inputs) {
  const size_t count = inputs.size();
  std::vector<int64_t> dims;
  std::vector<std::vector<int64_t>> steps;  // for each axis the steps of all inputs
  std::vector<int64_t> size_so_far(count, 1);
  // From the last axis to the first, so that a contiguous input's step is the number of its elements behind the axis.
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (shape[axis] == 1) continue;
    std::vector<int64_t> step(count);
    for (size_t i = 0; i < count; ++i) {
      const int own = axis - (shape.rank() - inputs[i].shape.rank());
      const int64_t dim = own >= 0 ? inputs[i].shape[own] : 1;
      step[i] = dim == 1 ? 0 : size_so_far[i];
      size_so_far[i] *= dim;
    }
    bool joins = !dims.empty();
    for (size_t i = 0; joins && i < count; ++i) joins = step[i] == steps.back()[i] * dims.back();
    if (joins) {
      dims.back() *= shape[axis];
    } else {
      dims.push_back(shape[axis]);
      steps.push_back(std::move(step));
    }
  }
  if (dims.empty()) {  // one element: as good as a row that every input runs along with
    dims.push_back(1);
    steps.emplace_back(count, 1);
  }
  row_ = dims.front();
  const auto inner = [&](size_t i) -> int64_t& {
    return i < registers_.size() ? registers_[i].inner : sums_[i - registers_.size()].inner;
  };
  const auto outer = [&](size_t i) -> auto& {
    return i < registers_.size() ? registers_[i].outer : sums_[i - registers_.size()].outer;
  };
  for (size_t i = 0; i < count; ++i) inner(i) = steps.front()[i];
  for (size_t axis = dims.size(); axis-- > 1;) {
    const auto at = static_cast<size_t>(outer_rank_++);
    outer_dims_[at] = dims[axis];
    rows_ *= dims[axis];
    for (size_t i = 0; i < count; ++i) outer(i)[at] = steps[axis][i];
  }
}

int FusedLoop::push(std::string_view name, BlockFunction function, std::span<const int> operands, DType result,
                    double cost) {
  if (!function) return -1;
  Step step{name, function, {-1, -1, -1}, static_cast<int>(operands.size()), static_cast<int>(registers_.size())};
  std::copy(operands.begin(), operands.end(), step.operands.begin());
  Register made{.dtype = result};
  for (int operand : operands) {
    Register& reg = registers_[static_cast<size_t>(operand)];
    ++reg.uses;
    made.whole = made.whole || reg.whole;
  }
  steps_.push_back(step);
  registers_.push_back(made);
  cost_ += cost;
  return step.result;
}

int FusedLoop::add_step(std::string_view name, std::span<const int> operands, DType result) {
  const DType dtype = registers_[static_cast<size_t>(operands.back())].dtype;
  return push(name, find_block_function(name, dtype), operands, result, block_function_cost(name, dtype));
}

int FusedLoop::add_cast(int operand, DType to) {
  const DType from = registers_[static_cast<size_t>(operand)].dtype;
  return push({}, find_cast_function(from, to), std::span(&operand, 1), to, 1);
}

/// Where a step's result is read by one other alone, and there is a function for both, they become one: the result
/// stays in a register instead of going through the first-level cache.
void FusedLoop::join_steps() {
  for (size_t first = 0; first < steps_.size(); ++first) {
    const Register& between = registers_[static_cast<size_t>(steps_[first].result)];
    if (between.uses != 1 || between.place == Place::output || between.summed || !between.whole) continue;
    for (size_t second = first + 1; second < steps_.size(); ++second) {
      if (!join(steps_[first], steps_[second])) continue;
      steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(first--));
      break;
    }
  }
  for (size_t s = 0; s < steps_.size(); ++s) {
    registers_[static_cast<size_t>(steps_[s].result)].made_by = static_cast<int>(s);
    for (int k = 0; k < steps_[s].arity; ++k)
      registers_[static_cast<size_t>(steps_[s].operands[static_cast<size_t>(k)])].last_use = static_cast<int>(s);
  }
}

/// Takes `first` into `second` if that reads its result and there is a function for both.
bool FusedLoop::join(const Step& first, Step& second) const {
  const bool is_square = first.name == "square";
  if (second.arity != 2 || (first.arity != 2 && !is_square)) return false;
  const bool is_left = second.operands[0] == first.result;
  if (!is_left && second.operands[1] != first.result) return false;
  for (const int reg : {first.operands[0], first.result, second.operands[0], second.operands[1], second.result}) {
    if (registers_[static_cast<size_t>(reg)].dtype != DType::float32) return false;
  }
  const BlockFunction both = find_pair_function(is_square ? "multiply" : first.name, second.name, is_left);
  if (!both) return false;
  second = {{},
            both,
            {first.operands[0], first.operands[is_square ? 0 : 1], second.operands[is_left ? 1 : 0]},
            3,
            second.result};
  return true;
}

bool FusedLoop::finish(std::span<const int> outputs, std::span<const int> summed) {
  for (size_t i = 0; i < summed.size(); ++i) {
    Register& reg = registers_[static_cast<size_t>(summed[i])];
    Sum& sum = sums_[i];
    sum.reg = summed[i];
    sum.functions = find_reduce_functions(Reduce::Kind::sum, reg.dtype);
    sum.add = find_block_function("add", reg.dtype);
    if (summed[i] < inputs_ || !sum.functions.rows || !sum.add) return false;
    reg.summed = true;
    cost_ += 1;
  }
  outputs_.assign(outputs.begin(), outputs.end());
  for (size_t i = 0; i < outputs_.size(); ++i) {
    Register& reg = registers_[static_cast<size_t>(outputs_[i])];
    // A register that is an output twice is computed once and copied; the passes do not make such programs.
    if (outputs_[i] < inputs_ || reg.place == Place::output) return false;
    reg.place = Place::output;
    reg.index = static_cast<int>(i);
  }
  join_steps();
  for (int reg : summed) registers_[static_cast<size_t>(reg)].last_use = static_cast<int>(steps_.size());
  const int64_t elements = rows_ * row_;
  if (elements == 0) return true;  // no pieces
  int64_t block = largest_block;
  while (!fits(block)) {
    block /= 2;
    if (block < smallest_block) return false;
  }

  // Tens of thousands of elements to a piece: some ten microseconds, fewer where steps are costly.
  const int64_t in_piece = std::clamp<int64_t>(static_cast<int64_t>(131072 / cost_), 16384, 65536);
  blocks_in_piece_ = std::max<int64_t>(1, in_piece / block_);
  pieces_ = divide_up(blocks_, blocks_in_piece_);
  // Two or three pieces of so little work save less than a thread needs to fetch from another one's cache what that has
  // computed just before: the gradients of a small layer, which are then subtracted from its weights.
  constexpr double least_work = 150000;
  if (pieces_ <= 3 && (elements < in_piece * 3 / 2 || static_cast<double>(elements) * cost_ < least_work)) {
    pieces_ = 1;
  }
  // Pieces of the same size: a product that is cut alike leaves each thread what it reads here.
  blocks_in_piece_ = divide_up(blocks_, pieces_);
  for (Sum& sum : sums_) {
    sum.offset = scratch_bytes_;
    sum.stride = rounded_up(sum.kept * size_of(registers_[static_cast<size_t>(sum.reg)].dtype), 64);
    scratch_bytes_ += pieces_ * sum.stride;
  }
  return true;
}

/// Finds a place for every register when blocks have at most `block` elements; false when the stack is too small.
bool FusedLoop::fits(int64_t block) {
  rows_in_block_ = row_ >= std::min(long_row, block) ? 0 : std::min(block / row_, rows_);
  if (rows_in_block_ == 0) {
    blocks_in_row_ = std::max<int64_t>(1, divide_up(row_, block));
    block_ = std::max<int64_t>(1, rounded_up(divide_up(row_, blocks_in_row_), 16));
    blocks_in_row_ = std::max<int64_t>(1, divide_up(row_, block_));
    blocks_ = rows_ * blocks_in_row_;
  } else {
    block_ = rows_in_block_ * row_;
    blocks_ = divide_up(rows_, rows_in_block_);
  }

  splats_.clear();
  patterns_.clear();
  gathered_.clear();
  once_splat_.clear();
  once_pattern_.clear();
  each_block_.clear();

  int64_t used = 0;
  const auto reserve = [&](Register& reg, int64_t bytes) {
    reg.offset = used;
    used += rounded_up(bytes, 64);
  };
  const auto block_bytes = [&](const Register& reg) { return block_ * size_of(reg.dtype); };

  for (int i = 0; i < inputs_; ++i) {
    Register& reg = registers_[static_cast<size_t>(i)];
    reg.index = i;
    bool constant = true;  // along the outer axes
    reg.running = reg.inner == 1;
    int64_t expected = row_;
    for (int axis = outer_rank_; axis-- > 0;) {
      const int64_t step = reg.outer[static_cast<size_t>(axis)];
      constant = constant && step == 0;
      reg.running = reg.running && step == expected;
      expected *= outer_dims_[static_cast<size_t>(axis)];
    }
    if (constant && reg.inner == 0) {
      reg.place = Place::splat;
      splats_.push_back(i);
      reserve(reg, splat_bytes);
    } else if (rows_in_block_ == 0) {
      // Parts of one row: in place, or one value for the part.
      reg.place = reg.inner == 1 ? Place::input : Place::gathered;
      if (reg.place == Place::gathered) {
        gathered_.push_back(i);
        reserve(reg, splat_bytes);
      }
    } else if (reg.running) {
      reg.place = Place::input;
    } else {
      reg.place = constant ? Place::pattern : Place::gathered;
      (constant ? patterns_ : gathered_).push_back(i);
      reserve(reg, block_bytes(reg));
    }
  }

  // Slots of values between steps are used again when their values are not needed any more.
  struct Slot {
    int64_t offset, bytes;
    int free_after;  // the step
    DType dtype;
  };
  std::vector<Slot> slots;
  for (size_t s = 0; s < steps_.size(); ++s) {
    const Step& step = steps_[s];
    Register& result = registers_[static_cast<size_t>(step.result)];
    const auto all_at = [&](auto... places) {
      for (int k = 0; k < step.arity; ++k) {
        const Place place = registers_[static_cast<size_t>(step.operands[static_cast<size_t>(k)])].place;
        if (!((place == places) || ...)) return false;
      }
      return true;
    };
    if (result.place == Place::output) {
      each_block_.push_back(step);
    } else if (all_at(Place::splat) && !result.summed) {
      result.place = Place::splat;
      reserve(result, splat_bytes);
      once_splat_.push_back(step);
    } else if (rows_in_block_ > 0 && all_at(Place::splat, Place::pattern) && !result.summed) {
      result.place = Place::pattern;
      reserve(result, block_bytes(result));
      once_pattern_.push_back(step);
    } else {
      result.place = Place::block;
      each_block_.push_back(step);
      const int now = static_cast<int>(s);
      const int64_t bytes = rounded_up(block_bytes(result), 64);
      // A step may write over its own operand if it has the same type.
      const auto fits_here = [&](const Slot& slot) {
        return slot.bytes == bytes && (slot.free_after < now || (slot.free_after == now && slot.dtype == result.dtype));
      };
      const auto slot = std::find_if(slots.begin(), slots.end(), fits_here);
      if (slot != slots.end()) {
        result.offset = slot->offset;
        slot->free_after = std::max(result.last_use, now);
        slot->dtype = result.dtype;
      } else {
        reserve(result, bytes);
        slots.push_back({result.offset, bytes, std::max(result.last_use, now), result.dtype});
      }
    }
  }
  return used <= stack_bytes;
}

int64_t FusedLoop::outer_offset(const std::array<int64_t, Shape::max_rank>& steps, int64_t row) const {
  if (outer_rank_ <= 1) return row * steps[0];
  int64_t offset = 0;
  for (int axis = outer_rank_; axis-- > 0;) {
    const int64_t dim = outer_dims_[static_cast<size_t>(axis)];
    offset += row % dim * steps[static_cast<size_t>(axis)];
    row /= dim;
  }
  return offset;
}

/// Rows of an input that does not run along with the loop, one after the other.
void FusedLoop::gather(const Register& from, const std::byte* data, int64_t first_row, int64_t rows,
                       std::byte* to) const {
  const int64_t bytes = size_of(from.dtype);
  for (int64_t row = first_row; row < first_row + rows; ++row, to += row_ * bytes) {
    const std::byte* source = data + outer_offset(from.outer, row) * bytes;
    if (from.inner == 0) {
      splat(source, bytes, to, row_);
    } else {
      std::memcpy(to, source, static_cast<size_t>(row_ * bytes));
    }
  }
}

const std::byte* FusedLoop::address(const Register& reg, const Block& block) const {
  switch (reg.place) {
    case Place::input: {
      const auto* data = static_cast<const std::byte*>(block.args.in[reg.index]);
      const int64_t at = rows_in_block_ > 0 ? block.row * row_ : outer_offset(reg.outer, block.row) + block.column;
      return data + at * size_of(reg.dtype);
    }
    case Place::output:
      return static_cast<std::byte*>(block.args.out[reg.index]) +
             (block.row * row_ + block.column) * size_of(reg.dtype);
    default: return block.stack + reg.offset;
  }
}

void FusedLoop::run_step(const Step& step, const Block& block) const {
  BlockOperand operands[3];
  for (int k = 0; k < step.arity; ++k) {
    const Register& reg = registers_[static_cast<size_t>(step.operands[static_cast<size_t>(k)])];
    const bool one_value = reg.place == Place::splat || (rows_in_block_ == 0 && reg.place == Place::gathered);
    operands[k] = {address(reg, block), one_value ? same_element : each_element};
  }
  const Register& result = registers_[static_cast<size_t>(step.result)];
  const int64_t count =
      result.place == Place::splat ? static_cast<int64_t>(splat_bytes) / size_of(result.dtype) : block.count;
  step.function(operands, const_cast<std::byte*>(address(result, block)), static_cast<size_t>(count));
}

/// What is the same in all blocks of a piece.
void FusedLoop::fill_once(const KernelArgs& args, std::byte* stack) const {
  for (int i : splats_) {
    const Register& reg = registers_[static_cast<size_t>(i)];
    const int64_t bytes = size_of(reg.dtype);
    splat(static_cast<const std::byte*>(args.in[i]), bytes, stack + reg.offset,
          static_cast<int64_t>(splat_bytes) / bytes);
  }
  for (int i : patterns_) {
    const Register& reg = registers_[static_cast<size_t>(i)];
    // The first row, and then copies of twice as much each time.
    std::byte* to = stack + reg.offset;
    const int64_t row_bytes = row_ * size_of(reg.dtype), bytes = rows_in_block_ * row_bytes;
    std::memcpy(to, args.in[i], static_cast<size_t>(row_bytes));
    for (int64_t done = row_bytes; done < bytes; done *= 2)
      std::memcpy(to + done, to, static_cast<size_t>(std::min(done, bytes - done)));
  }
  const Block whole{args, stack, 0, 0, block_};
  for (const Step& step : once_splat_) run_step(step, whole);
  for (const Step& step : once_pattern_) run_step(step, whole);
}

/// Where a piece adds up: in the result itself when it is the only one.
std::byte* FusedLoop::partial(const Sum& sum, int64_t piece, const KernelArgs& args) const {
  if (joins_pieces()) return args.scratch + sum.offset + piece * sum.stride;
  return static_cast<std::byte*>(args.out[outputs_.size() + static_cast<size_t>(&sum - sums_.data())]);
}

/// Adds a block to the sums at `to`.
void FusedLoop::add_up(const Sum& sum, const Block& block, std::byte* to) const {
  const Register& reg = registers_[static_cast<size_t>(sum.reg)];
  const std::byte* from = address(reg, block);
  const int64_t bytes = size_of(reg.dtype), rows = rows_in_block_ == 0 ? 1 : block.count / row_,
                width = rows_in_block_ == 0 ? block.count : row_;
  const auto add = [&](const std::byte* values, std::byte* sums, int64_t count) {
    const BlockOperand operands[] = {{sums, each_element}, {values, each_element}};
    sum.add(operands, sums, static_cast<size_t>(count));
  };
  alignas(64) std::byte block_sums[long_row * sizeof(double)];
  if (sum.inner == 0 && row_ > 1) {  // everything to one element, or to one for each row
    for (int64_t row = 0; row < rows; ++row) {
      sum.functions.rows(from + row * width * bytes, 1, width, block_sums);
      add(block_sums, to + outer_offset(sum.outer, block.row + row) * bytes, 1);
    }
  } else if (sum.kept == row_ && rows > 1) {
    sum.functions.columns(from, rows, row_, row_, block_sums);
    add(block_sums, to, row_);
  } else {
    for (int64_t row = 0; row < rows; ++row)
      add(from + row * width * bytes, to + (outer_offset(sum.outer, block.row + row) + block.column) * bytes, width);
  }
}

void FusedLoop::run(int phase, int64_t piece, const KernelArgs& args) const {
  if (phase == 1) {
    const Sum& sum = sums_[static_cast<size_t>(piece)];
    const int64_t bytes = size_of(registers_[static_cast<size_t>(sum.reg)].dtype);
    sum.functions.columns(args.scratch + sum.offset, pieces_, sum.stride / bytes, sum.kept,
                          args.out[outputs_.size() + static_cast<size_t>(piece)]);
    return;
  }
  alignas(64) std::byte stack[stack_bytes];
  fill_once(args, stack);
  for (const Sum& sum : sums_) {
    const int64_t bytes = sum.kept * size_of(registers_[static_cast<size_t>(sum.reg)].dtype);
    std::memset(partial(sum, piece, args), 0, static_cast<size_t>(bytes));
  }
  const int64_t first = piece * blocks_in_piece_, last = std::min(blocks_, first + blocks_in_piece_);
  for (int64_t b = first; b < last; ++b) {
    Block block{args, stack, 0, 0, 0};
    if (rows_in_block_ == 0) {
      block.row = b / blocks_in_row_;
      block.column = b % blocks_in_row_ * block_;
      block.count = std::min(block_, row_ - block.column);
      for (int i : gathered_) {
        const Register& reg = registers_[static_cast<size_t>(i)];
        const int64_t bytes = size_of(reg.dtype);
        const auto* data = static_cast<const std::byte*>(args.in[i]) + outer_offset(reg.outer, block.row) * bytes;
        splat(data, bytes, stack + reg.offset, static_cast<int64_t>(splat_bytes) / bytes);
      }
    } else {
      block.row = b * rows_in_block_;
      const int64_t rows = std::min(rows_in_block_, rows_ - block.row);
      block.count = rows * row_;
      for (int i : gathered_) {
        const Register& reg = registers_[static_cast<size_t>(i)];
        gather(reg, static_cast<const std::byte*>(args.in[i]), block.row, rows, stack + reg.offset);
      }
    }
    for (const Step& step : each_block_) run_step(step, block);
    for (const Sum& sum : sums_) add_up(sum, block, partial(sum, piece, args));
  }
}

bool FusedLoop::may_overwrite(int in, int out) const {
  if (static_cast<size_t>(out) >= outputs_.size()) return false;
  const Register& input = registers_[static_cast<size_t>(in)];
  const Register& result = registers_[static_cast<size_t>(outputs_[static_cast<size_t>(out)])];
  // Every block writes where it has read, but a later step must not find the input gone.
  return input.running && input.dtype == result.dtype && input.last_use <= result.made_by;
}

}  // namespace hebb::simd
