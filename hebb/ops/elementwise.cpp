#include "hebb/ops/elementwise.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

Tensor as_operand(const Tensor& x, OperandType wanted) {
  if (wanted == OperandType::floating && !is_floating(x.dtype())) return cast(x, DType::float32);
  if (wanted == OperandType::boolean) return cast(x, DType::boolean);
  return x;
}

/// The row's shared operation: rows have no attributes, so one object serves all calls.
OpPtr elementwise_op(std::string_view name) {
  static const std::vector<OpPtr> ops = [] {
    std::vector<OpPtr> all;
    for (const ElementwiseRecord& record : elementwise_records()) all.push_back(std::make_shared<Elementwise>(record));
    return all;
  }();
  for (const OpPtr& op : ops) {
    if (op->name() == name) return op;
  }
  throw InternalError(message("there is no elementwise operation '", name, "'."));
}

Tensor unary(std::string_view name, const Tensor& x) {
  const OpPtr op = elementwise_op(name);
  return apply_one(op, {as_operand(x, static_cast<const Elementwise&>(*op).record().operands)});
}

Tensor binary(std::string_view name, const Tensor& a, const Tensor& b) {
  const OpPtr op = elementwise_op(name);
  const OperandType wanted = static_cast<const Elementwise&>(*op).record().operands;
  const Tensor x = as_operand(a, wanted), y = as_operand(b, wanted);
  const DType common = promote(x.dtype(), y.dtype());
  return apply_one(op, {cast(x, common), cast(y, common)});
}

/// A C++ number beside a tensor: of the tensor's type, unless that is an integer and the number is not whole.
Tensor number_like(double value, const Tensor& other) {
  DType dtype = other.dtype();
  if (dtype == DType::boolean) dtype = DType::int32;
  if (!is_floating(dtype) && value != static_cast<double>(static_cast<int64_t>(value))) dtype = DType::float32;
  return Tensor::scalar(value, dtype);
}

Tensor& update(Tensor& target, const Tensor& value) {
  if (target.is_variable()) {
    assign(target, cast(value, target.dtype()));
  } else {
    target = value;
  }
  return target;
}

}  // namespace

std::vector<Spec> Elementwise::infer(std::span<const Spec> inputs) const {
  if (inputs.size() != static_cast<size_t>(record_.arity)) {
    throw InternalError(message(record_.name, ": expected ", record_.arity, " operands, got ", inputs.size(), "."));
  }
  const bool is_select = record_.arity == 3;
  const DType dtype = inputs.back().dtype;
  for (size_t i = is_select ? 1 : 0; i < inputs.size(); ++i) {
    if (inputs[i].dtype != dtype) {
      throw InvalidArgument(message(record_.name, ": expected operands of one type, got ", inputs[i].dtype, " and ",
                                    dtype, ". Use cast()."));
    }
  }
  if (is_select && inputs[0].dtype != DType::boolean) {
    throw InvalidArgument(message("select: expected a condition of type bool, got ", inputs[0].dtype, "."));
  }
  if (record_.operands == OperandType::floating && !is_floating(dtype)) {
    throw InvalidArgument(message(record_.name, ": expected float32 or float64, got ", dtype, ". Use cast()."));
  }
  if (record_.operands == OperandType::boolean && dtype != DType::boolean) {
    throw InvalidArgument(message(record_.name, ": expected bool, got ", dtype, ". Compare with zero first."));
  }
  Shape shape = inputs[0].shape;
  try {
    for (const Spec& input : inputs.subspan(1)) shape = broadcast_shapes(shape, input.shape);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(message(record_.name, ": ", error.what()));
  }
  return {Spec{shape, record_.result == ResultType::boolean ? DType::boolean : dtype}};
}

Tensors Elementwise::gradient(const GradientArgs& args) const {
  if (!record_.gradient) return Tensors(args.inputs.size());
  return record_.gradient(args);
}

Attributes Cast::attributes() const { return {{"dtype", std::string(name_of(dtype_))}}; }

std::vector<Spec> Cast::infer(std::span<const Spec> inputs) const { return {Spec{inputs[0].shape, dtype_}}; }

Tensors Cast::gradient(const GradientArgs& args) const {
  const DType from = args.inputs[0].dtype();
  if (!is_floating(from) || !is_floating(dtype_)) return {Tensor()};
  return {cast(args.output_gradients[0], from)};
}

Tensor cast(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  return apply_one(std::make_shared<Cast>(dtype), {x});
}

#define HEBB_UNARY(name) \
  Tensor name(const Tensor& x) { return unary(#name, x); }
HEBB_UNARY(negative)
HEBB_UNARY(abs)
HEBB_UNARY(sign)
HEBB_UNARY(floor)
HEBB_UNARY(ceil)
HEBB_UNARY(round)
HEBB_UNARY(square)
HEBB_UNARY(sqrt)
HEBB_UNARY(rsqrt)
HEBB_UNARY(reciprocal)
HEBB_UNARY(exp)
HEBB_UNARY(expm1)
HEBB_UNARY(log)
HEBB_UNARY(log1p)
HEBB_UNARY(sin)
HEBB_UNARY(cos)
HEBB_UNARY(tan)
HEBB_UNARY(asin)
HEBB_UNARY(acos)
HEBB_UNARY(atan)
HEBB_UNARY(sinh)
HEBB_UNARY(cosh)
HEBB_UNARY(asinh)
HEBB_UNARY(acosh)
HEBB_UNARY(atanh)
HEBB_UNARY(tanh)
HEBB_UNARY(sigmoid)
HEBB_UNARY(erf)
HEBB_UNARY(gelu)
HEBB_UNARY(gelu_derivative)
HEBB_UNARY(relu)
HEBB_UNARY(softplus)
HEBB_UNARY(isnan)
HEBB_UNARY(isfinite)
HEBB_UNARY(logical_not)
#undef HEBB_UNARY

#define HEBB_BINARY(name)                                                       \
  Tensor name(const Tensor& a, const Tensor& b) { return binary(#name, a, b); } \
  Tensor name(const Tensor& a, double b) { return binary(#name, a, number_like(b, a)); }
HEBB_BINARY(add)
HEBB_BINARY(subtract)
HEBB_BINARY(multiply)
HEBB_BINARY(divide)
HEBB_BINARY(power)
HEBB_BINARY(maximum)
HEBB_BINARY(minimum)
HEBB_BINARY(equal)
HEBB_BINARY(not_equal)
HEBB_BINARY(less)
HEBB_BINARY(less_equal)
HEBB_BINARY(greater)
HEBB_BINARY(greater_equal)
#undef HEBB_BINARY

Tensor logical_and(const Tensor& a, const Tensor& b) { return binary("logical_and", a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return binary("logical_or", a, b); }
Tensor subtract(double a, const Tensor& b) { return binary("subtract", number_like(a, b), b); }
Tensor divide(double a, const Tensor& b) { return binary("divide", number_like(a, b), b); }
Tensor power(double a, const Tensor& b) { return binary("power", number_like(a, b), b); }

Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b) {
  const DType common = promote(a.dtype(), b.dtype());
  return apply_one(elementwise_op("select"), {cast(condition, DType::boolean), cast(a, common), cast(b, common)});
}
Tensor select(const Tensor& condition, const Tensor& a, double b) { return select(condition, a, number_like(b, a)); }
Tensor select(const Tensor& condition, double a, const Tensor& b) { return select(condition, number_like(a, b), b); }
Tensor clip(const Tensor& x, double low, double high) { return minimum(maximum(x, low), high); }

Tensor& operator+=(Tensor& a, const Tensor& b) { return update(a, a + b); }
Tensor& operator-=(Tensor& a, const Tensor& b) { return update(a, a - b); }
Tensor& operator*=(Tensor& a, const Tensor& b) { return update(a, a * b); }
Tensor& operator/=(Tensor& a, const Tensor& b) { return update(a, a / b); }
Tensor& operator+=(Tensor& a, double b) { return update(a, a + b); }
Tensor& operator-=(Tensor& a, double b) { return update(a, a - b); }
Tensor& operator*=(Tensor& a, double b) { return update(a, a * b); }
Tensor& operator/=(Tensor& a, double b) { return update(a, a / b); }

}  // namespace hebb
