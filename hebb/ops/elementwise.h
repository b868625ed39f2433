/// Elementwise operations: one table, broadcasting as in NumPy, computed alone or fused into one loop.
///
///     Tensor y = 2.0 * exp(-square(x)) + 1.0;
///     Tensor clipped = maximum(x, 0.0);
///     Tensor chosen = select(greater(x, y), x, y);
///
/// Operands of different types are promoted (bool < uint8 < int32 < int64 < float32 < float64); a C++ number takes the
/// tensor's type. Functions of real numbers (exp, sqrt, divide, ...) turn integers into float32 first.
#pragma once

#include <span>
#include <string_view>

#include "hebb/ops/op.h"

namespace hebb {

/// What the elements of the result are.
enum class ResultType {
  same,     ///< the type of the operands
  boolean,  ///< a comparison or a logical operation
};

/// Which operands an operation takes.
enum class OperandType {
  any,       ///< all types
  floating,  ///< float32 and float64; others are cast to float32
  boolean,   ///< bool; others are compared with zero
};

/// One row of the table of elementwise operations.
struct ElementwiseRecord {
  std::string_view name;
  int arity;
  OperandType operands;
  ResultType result;
  /// null: not differentiable (its gradient is zero almost everywhere, or does not exist).
  Tensors (*gradient)(const GradientArgs& args);
  std::string_view doc;
  /// Where the tests draw operands from: open interval.
  double low, high;
  /// The largest error of a fast float32 kernel against the reference, in units in the last place.
  double max_ulp;
  /// An error that is allowed in any case: a result near 0 may be the difference of larger numbers.
  double max_absolute = 0;
};

/// All elementwise operations.
std::span<const ElementwiseRecord> elementwise_records();
/// The row with this name; InternalError when there is none.
const ElementwiseRecord& elementwise_record(std::string_view name);

class Elementwise : public Op {
 public:
  explicit Elementwise(const ElementwiseRecord& record) : record_(record) {}
  const ElementwiseRecord& record() const { return record_; }
  std::string_view name() const override { return record_.name; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  const ElementwiseRecord& record_;
};

/// Converts the elements to another type: to bool by comparison with zero, to an integer by truncation.
class Cast : public Op {
 public:
  explicit Cast(DType dtype) : dtype_(dtype) {}
  DType dtype() const { return dtype_; }
  std::string_view name() const override { return "cast"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
  bool takes_stored_types() const override { return true; }

 private:
  DType dtype_;
};

Tensor cast(const Tensor& x, DType dtype);

Tensor negative(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor sign(const Tensor& x);
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor round(const Tensor& x);  ///< halves to even
Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);  ///< 1 / sqrt(x)
Tensor reciprocal(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor expm1(const Tensor& x);  ///< exp(x) - 1, exact near 0
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);  ///< log(1 + x), exact near 0
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);
Tensor asin(const Tensor& x);
Tensor acos(const Tensor& x);
Tensor atan(const Tensor& x);
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor asinh(const Tensor& x);
Tensor acosh(const Tensor& x);
Tensor atanh(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);  ///< 1 / (1 + exp(-x))
Tensor erf(const Tensor& x);
Tensor gelu(const Tensor& x);             ///< x P(X <= x), X normal (Hendrycks and Gimpel 2016)
Tensor gelu_derivative(const Tensor& x);  ///< of gelu
Tensor relu(const Tensor& x);             ///< max(x, 0); its gradient at 0 is 0
Tensor softplus(const Tensor& x);         ///< log(1 + exp(x)), without overflow
Tensor isnan(const Tensor& x);
Tensor isfinite(const Tensor& x);
Tensor logical_not(const Tensor& x);

Tensor add(const Tensor& a, const Tensor& b);
Tensor subtract(const Tensor& a, const Tensor& b);
Tensor multiply(const Tensor& a, const Tensor& b);
Tensor divide(const Tensor& a, const Tensor& b);
Tensor power(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor equal(const Tensor& a, const Tensor& b);
Tensor not_equal(const Tensor& a, const Tensor& b);
Tensor less(const Tensor& a, const Tensor& b);
Tensor less_equal(const Tensor& a, const Tensor& b);
Tensor greater(const Tensor& a, const Tensor& b);
Tensor greater_equal(const Tensor& a, const Tensor& b);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
/// Where `condition` holds, a; elsewhere b.
Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b);

Tensor add(const Tensor& a, double b);
Tensor subtract(const Tensor& a, double b);
Tensor subtract(double a, const Tensor& b);
Tensor multiply(const Tensor& a, double b);
Tensor divide(const Tensor& a, double b);
Tensor divide(double a, const Tensor& b);
Tensor power(const Tensor& a, double b);
Tensor power(double a, const Tensor& b);
Tensor maximum(const Tensor& a, double b);
Tensor minimum(const Tensor& a, double b);
Tensor equal(const Tensor& a, double b);
Tensor not_equal(const Tensor& a, double b);
Tensor less(const Tensor& a, double b);
Tensor less_equal(const Tensor& a, double b);
Tensor greater(const Tensor& a, double b);
Tensor greater_equal(const Tensor& a, double b);
Tensor select(const Tensor& condition, const Tensor& a, double b);
Tensor select(const Tensor& condition, double a, const Tensor& b);
/// Between `low` and `high`.
Tensor clip(const Tensor& x, double low, double high);

inline Tensor operator-(const Tensor& x) { return negative(x); }
inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return subtract(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return multiply(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return divide(a, b); }
inline Tensor operator+(const Tensor& a, double b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, double b) { return subtract(a, b); }
inline Tensor operator*(const Tensor& a, double b) { return multiply(a, b); }
inline Tensor operator/(const Tensor& a, double b) { return divide(a, b); }
inline Tensor operator+(double a, const Tensor& b) { return add(b, a); }
inline Tensor operator-(double a, const Tensor& b) { return subtract(a, b); }
inline Tensor operator*(double a, const Tensor& b) { return multiply(b, a); }
inline Tensor operator/(double a, const Tensor& b) { return divide(a, b); }

/// For a variable: `assign(a, a + b)`. For any other tensor the handle becomes the sum; other handles keep their value.
Tensor& operator+=(Tensor& a, const Tensor& b);
Tensor& operator-=(Tensor& a, const Tensor& b);
Tensor& operator*=(Tensor& a, const Tensor& b);
Tensor& operator/=(Tensor& a, const Tensor& b);
Tensor& operator+=(Tensor& a, double b);
Tensor& operator-=(Tensor& a, double b);
Tensor& operator*=(Tensor& a, double b);
Tensor& operator/=(Tensor& a, double b);

}  // namespace hebb
