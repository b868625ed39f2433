#include "hebb/tensor/shape.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

Shape::Shape(std::span<const int64_t> dims) {
  if (dims.size() > max_rank) {
    throw InvalidArgument(message("a shape has at most ", max_rank, " axes, got ", dims.size(), "."));
  }
  for (int64_t dim : dims) {
    if (dim < unknown) throw InvalidArgument(message("a shape's axes are at least 0 (or -1: unknown), got ", dim, "."));
    dims_[rank_++] = dim;
  }
}

int Shape::checked(int axis) const { return normalize_axis(axis, rank_, "Shape"); }

int64_t Shape::elements() const {
  int64_t product = 1;
  bool zero = false, overflow = false;
  for (int64_t dim : *this) {
    if (dim == unknown) throw InvalidArgument(message("the number of elements of ", to_string(), " is not known."));
    zero = zero || dim == 0;
    overflow = overflow || __builtin_mul_overflow(product, std::max<int64_t>(dim, 1), &product);
  }
  if (zero) return 0;
  if (overflow) throw InvalidArgument(message("the shape ", to_string(), " has more elements than 64 bits can count."));
  return product;
}

bool Shape::is_known() const {
  return std::none_of(begin(), end(), [](int64_t dim) { return dim == unknown; });
}

Shape Shape::with(int axis, int64_t dim) const {
  std::vector<int64_t> dims = to_vector();
  dims.insert(dims.begin() + (axis < 0 ? axis + rank_ + 1 : axis), dim);
  return Shape(dims);
}

Shape Shape::without(int axis) const {
  std::vector<int64_t> dims = to_vector();
  dims.erase(dims.begin() + checked(axis));
  return Shape(dims);
}

Shape Shape::sub(int first, int last) const { return Shape(std::span<const int64_t>(begin() + first, begin() + last)); }

std::string Shape::to_string() const {
  std::string out = "(";
  for (int i = 0; i < rank_; ++i) {
    if (i > 0) out += ", ";
    out += dims_[i] == unknown ? "None" : std::to_string(dims_[i]);
  }
  return out + (rank_ == 1 ? ",)" : ")");
}

int normalize_axis(int64_t axis, int rank, const char* what) {
  if (axis < -rank || axis >= rank) {
    throw InvalidArgument(
        message(what, ": axis ", axis, " is out of range for ", rank, rank == 1 ? " axis." : " axes."));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<int64_t> dims(static_cast<size_t>(rank));
  for (int i = 1; i <= rank; ++i) {
    const int64_t x = i <= a.rank() ? a[-i] : 1, y = i <= b.rank() ? b[-i] : 1;
    if (x != y && x != 1 && y != 1) {
      throw InvalidArgument(message("shapes ", a, " and ", b, " do not broadcast: axis ", -i, " is ", x, " in one and ",
                                    y, " in the other."));
    }
    dims[static_cast<size_t>(rank - i)] = x == 1 ? y : x;
  }
  return Shape(dims);
}

}  // namespace hebb
