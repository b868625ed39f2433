#include "hebb/ops/einsum.h"

#include <algorithm>
#include <map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// Axes by letter. Those of an ellipsis get digits.
using Axes = std::string;

bool has(const Axes& axes, char axis) { return axes.find(axis) != Axes::npos; }

/// Those of `axes` for which `keep` holds, in their order.
template <class Keep>
Axes chosen(const Axes& axes, Keep keep) {
  Axes out;
  std::copy_if(axes.begin(), axes.end(), std::back_inserter(out), keep);
  return out;
}

struct Equation {
  Axes a, b, out;
};

class Einsum {
 public:
  /// `b`: undefined for an equation of one operand.
  Einsum(const std::string& equation, const Tensor& a, const Tensor& b) : equation_(equation), a_(a), b_(b) {
    const size_t comma = equation.find(','), arrow = equation.find("->");
    if (arrow == std::string::npos || (comma != std::string::npos) != b.defined() || (b.defined() && arrow < comma)) {
      refuse(b.defined() ? "two operands and a result, such as \"ab,bc->ac\""
                         : "one operand and a result, such as \"abc->cb\"");
    }
    axes_.a = expanded(equation.substr(0, b.defined() ? comma : arrow), a);
    if (b.defined()) axes_.b = expanded(equation.substr(comma + 1, arrow - comma - 1), b);
    axes_.out = spelled(equation.substr(arrow + 2), most_elided_);
    read_sizes(axes_.a, a);
    if (b.defined()) read_sizes(axes_.b, b);
    for (const char axis : axes_.out) {
      if (!sizes_.contains(axis)) refuse(message("'", axis, "' of the result in an operand"));
    }
  }

  Tensor compute() {
    const Equation& e = axes_;
    drop_unused(a_, axes_.a, e.b);
    if (!b_.defined()) return moved(a_, e.a, e.out);
    drop_unused(b_, axes_.b, e.a);
    const Axes batch = chosen(e.out, [&](char axis) { return has(e.a, axis) && has(e.b, axis); });
    const Axes of_a = chosen(e.out, [&](char axis) { return !has(e.b, axis); }),
               of_b = chosen(e.out, [&](char axis) { return !has(e.a, axis); });
    const Axes summed = chosen(e.a, [&](char axis) { return has(e.b, axis) && !has(e.out, axis); });
    // The operand whose axes come last in the result is the right one.
    const bool swapped = of_a.size() > 0 && of_b.size() > 0 && e.out.back() == of_a.back();
    const Tensor product = swapped ? multiply(b_, e.b, of_b, a_, e.a, of_a, batch, summed)
                                   : multiply(a_, e.a, of_a, b_, e.b, of_b, batch, summed);
    const Axes order = swapped ? batch + of_b + of_a : batch + of_a + of_b;
    return moved(reshape(product, shape_of(order)), order, e.out);
  }

 private:
  [[noreturn]] void refuse(const std::string& expected) const {
    const std::string second = b_.defined() ? message(" and ", b_.spec()) : "";
    throw InvalidArgument(
        message("einsum: expected ", expected, ", got \"", equation_, "\" for ", a_.spec(), second, "."));
  }

  /// An operand's axes, those that "..." stands for among them.
  Axes expanded(const std::string& text, const Tensor& x) {
    const size_t dots = text.find("...");
    const auto letters = static_cast<int>(dots == std::string::npos ? text.size() : text.size() - 3);
    const int elided = x.rank() - letters;
    if (elided < 0 || (dots == std::string::npos && elided != 0))
      refuse(message("an axis of ", x.spec(), " for each letter"));
    if (dots != std::string::npos) most_elided_ = std::max(most_elided_, elided);
    return spelled(text, elided);
  }

  Axes spelled(const std::string& text, int elided) const {
    Axes out = text;
    if (const size_t dots = text.find("..."); dots != std::string::npos) {
      Axes digits;
      for (int i = 0; i < elided; ++i) digits.push_back(static_cast<char>('0' + i));
      out.replace(dots, 3, digits);
    }
    for (size_t i = 0; i < out.size(); ++i) {
      if (!std::isalnum(static_cast<unsigned char>(out[i]))) refuse("letters for axes");
      if (out.find(out[i], i + 1) != Axes::npos) refuse("every letter once in each place");
    }
    return out;
  }

  void read_sizes(const Axes& axes, const Tensor& x) {
    for (size_t i = 0; i < axes.size(); ++i) {
      const int64_t size = x.shape()[static_cast<int>(i)];
      if (sizes_.emplace(axes[i], size).first->second != size) refuse(message("one size for '", axes[i], "'"));
    }
  }

  /// Sums over axes that stand in this operand alone.
  void drop_unused(Tensor& x, Axes& axes, const Axes& others) const {
    std::vector<int64_t> unused;
    for (size_t i = 0; i < axes.size(); ++i) {
      if (!has(others, axes[i]) && !has(axes_.out, axes[i])) unused.push_back(static_cast<int64_t>(i));
    }
    if (unused.empty()) return;
    x = sum(x, {.axes = unused});
    axes = chosen(axes, [&](char axis) { return has(others, axis) || has(axes_.out, axis); });
  }

  Shape shape_of(const Axes& axes) const {
    std::vector<int64_t> sizes;
    for (const char axis : axes) sizes.push_back(sizes_.at(axis));
    return Shape(sizes);
  }

  static Tensor moved(const Tensor& x, const Axes& from, const Axes& to) {
    if (from == to) return x;
    std::vector<int64_t> axes;
    for (const char axis : to) axes.push_back(static_cast<int64_t>(from.find(axis)));
    return transpose(x, axes);
  }

  /// Matrices (batch, left, right), or (left, right) without a batch.
  Tensor as_matrices(const Tensor& x, const Axes& from, const Axes& batch, const Axes& left, const Axes& right) const {
    Shape shape{shape_of(left).elements(), shape_of(right).elements()};
    if (!batch.empty()) shape = shape.with(0, shape_of(batch).elements());
    return reshape(moved(x, from, batch + left + right), shape);
  }

  /// The left operand lies as (batch, own, summed) or as (batch, summed, own), the right one likewise: as it is, where
  /// that will do.
  Tensor multiply(const Tensor& left, const Axes& left_axes, const Axes& of_left, const Tensor& right,
                  const Axes& right_axes, const Axes& of_right, const Axes& batch, const Axes& summed) const {
    const bool turn_left = left_axes == batch + summed + of_left && !of_left.empty(),
               turn_right = right_axes == batch + of_right + summed && !of_right.empty();
    const Tensor x = turn_left ? as_matrices(left, left_axes, batch, summed, of_left)
                               : as_matrices(left, left_axes, batch, of_left, summed);
    const Tensor y = turn_right ? as_matrices(right, right_axes, batch, of_right, summed)
                                : as_matrices(right, right_axes, batch, summed, of_right);
    return matmul(x, y, {.transpose_a = turn_left, .transpose_b = turn_right});
  }

  std::string equation_;
  Tensor a_, b_;
  Equation axes_;
  int most_elided_ = 0;
  std::map<char, int64_t> sizes_;
};

}  // namespace

Tensor einsum(const std::string& equation, const Tensor& a, const Tensor& b) {
  return Einsum(equation, a, b).compute();
}

Tensor einsum(const std::string& equation, const Tensor& a) { return Einsum(equation, a, {}).compute(); }

}  // namespace hebb
