/// Shapes: the sizes of a tensor's axes.
///
///     Shape image = {28, 28, 1};
///     image.elements();        // 784
///     image.back();            // 1
///     image.to_string();       // "(28, 28, 1)"
///
/// In the shape of a symbolic tensor an axis can be `unknown` (-1, shown as None), as the batch axis of a model is.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "hebb/tensor/dtype.h"

namespace hebb {

class Shape {
 public:
  static constexpr int max_rank = 8;
  static constexpr int64_t unknown = -1;

  Shape() = default;  ///< a scalar's: rank 0, one element
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims);
  explicit Shape(const std::vector<int64_t>& dims) : Shape(std::span<const int64_t>(dims)) {}

  int rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }
  /// The size of an axis; negative axes count from the last. InvalidArgument when there is no such axis.
  int64_t operator[](int axis) const { return dims_[checked(axis)]; }
  int64_t& operator[](int axis) { return dims_[checked(axis)]; }
  int64_t front() const { return (*this)[0]; }
  int64_t back() const { return (*this)[-1]; }
  const int64_t* begin() const { return dims_; }
  const int64_t* end() const { return dims_ + rank_; }
  std::vector<int64_t> to_vector() const { return {begin(), end()}; }

  /// The product of all axes; 1 for a scalar. InvalidArgument when an axis is unknown or the product leaves int64.
  int64_t elements() const;
  bool is_known() const;

  /// With one more axis of size `dim` behind, or before `axis`.
  Shape with_back(int64_t dim) const { return with(rank_, dim); }
  Shape with(int axis, int64_t dim) const;
  Shape without(int axis) const;
  /// Axes [first, last).
  Shape sub(int first, int last) const;

  std::string to_string() const;  ///< "(32, 28, 28)", "(10,)", "()", with None for an unknown axis

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i) {
      if (a.dims_[i] != b.dims_[i]) return false;
    }
    return true;
  }

 private:
  int checked(int axis) const;

  int64_t dims_[max_rank] = {};
  int rank_ = 0;
};

/// The axis counted from the front; InvalidArgument, naming `what`, when it is out of [-rank, rank).
int normalize_axis(int64_t axis, int rank, const char* what);

/// NumPy's broadcasting of two shapes; InvalidArgument when they do not go together.
Shape broadcast_shapes(const Shape& a, const Shape& b);

/// Shape and element type: what is known of a tensor before its values are.
struct Spec {
  Shape shape;
  DType dtype = DType::float32;

  int64_t bytes() const { return shape.elements() * size_of(dtype); }
  std::string to_string() const { return std::string(name_of(dtype)) + shape.to_string(); }  ///< "float32(32, 10)"
  friend bool operator==(const Spec&, const Spec&) = default;
};

}  // namespace hebb
