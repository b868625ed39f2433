/// The table of all operations: a line of documentation, whether there is a gradient, how exact kernels are, and
/// samples to try them on. The op suite (tests/) goes over it, so that an operation is tested by standing here.
///
///     for (const OperationRecord& record : operation_records()) {
///       for (const Sample& sample : record.samples()) check(*sample.op, sample.inputs);
///     }
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hebb/ops/op.h"

namespace hebb {

struct ElementwiseRecord;

/// One call of an operation. The inputs' elements are the same in every run.
struct Sample {
  OpPtr op;
  Tensors inputs;
  /// For tolerances: an operation on the same inputs that says how large the numbers are that were summed (applied to
  /// the inputs' absolute values). Null: the operation itself.
  OpPtr magnitude = nullptr;
};

/// How far a fast float32 kernel may be from the reference. A result passes when one of the bounds holds; all zero: the
/// same numbers. Integers and booleans are always the same.
struct Tolerance {
  double ulp = 0;        ///< units in the last place of the reference's result
  double magnitude = 0;  ///< times the sum of the magnitudes: the operation applied to absolute values
  double absolute = 0;
};

/// What an operation's gradient rule is.
enum class GradientRule {
  differentiable,
  rounding,  ///< that of a cast: the gradient that comes in, through the operation itself
  once,      ///< differentiable, but its gradient's own rule refuses with NotSupported
  refused,   ///< such a gradient
  steps,     ///< zeros everywhere, which differences over a jump do not find
  none,      ///< not differentiable: the rule gives nothing
  internal,  ///< made by the passes, after differentiation
};

struct OperationRecord {
  std::string_view name;
  std::string_view doc;
  GradientRule gradient;
  Tolerance tolerance;
  std::function<std::vector<Sample>()> samples;
};

/// All operations, those of the elementwise table among them.
const std::vector<OperationRecord>& operation_records();

/// Numbers at the edges: for elementwise operations, alone and fused, every type's zeros of both signs, infinities,
/// NaN, largest and smallest numbers, paired with each other; for others samples with an infinity or NaN among the
/// elements.
std::vector<Sample> edge_samples(const OperationRecord& record);

/// Elements between `low` and `high` that depend on shape, type and `seed` alone; booleans are either.
Tensor draw(const Shape& shape, DType dtype, double low, double high, uint64_t seed);

namespace detail {
// One list for each family; samples.cpp joins them.
std::vector<OperationRecord> elementwise_operation_records();
std::vector<OperationRecord> structured_operation_records();
std::vector<OperationRecord> window_operation_records();
std::vector<OperationRecord> quantized_operation_records();
std::vector<OperationRecord> sequence_operation_records();
std::vector<OperationRecord> category_operation_records();
std::vector<OperationRecord> crossentropy_operation_records();

/// The types that an elementwise operation takes.
std::vector<DType> types_of(const ElementwiseRecord& record);

/// The operation that `call` applies, with its inputs; it must apply exactly one.
Sample sample_of(const std::function<Tensor()>& call);

inline constexpr DType all_types[] = {DType::float32, DType::float64, DType::int32,
                                      DType::int64,   DType::uint8,   DType::boolean};
inline constexpr DType float_types[] = {DType::float32, DType::float64};
}  // namespace detail

}  // namespace hebb
