/// Tensors: n-dimensional arrays of one element type, in row-major order.
///
///     Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f}, {2, 2});
///     x.shape();                       // (2, 2)
///     x.data<float>()[3];              // 4
///     Tensor w = variable(zeros({3})); // can be assigned, and asked for its gradient
///
/// A `Tensor` is a handle: copying it shares the elements. A tensor is one of
///  - concrete: it has elements;
///  - a variable: concrete, and the only kind whose elements change (`assign`, `+=`, training);
///  - traced: a value of a graph that is being recorded, without elements yet;
///  - symbolic: the input or output of a layer in a model that is being built (`Input({28, 28, 1})`).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hebb/tensor/buffer.h"
#include "hebb/tensor/dtype.h"
#include "hebb/tensor/layout.h"
#include "hebb/tensor/shape.h"

namespace hebb {

struct Node;  // ops/node.h: an operation that was applied

/// What makes a tensor symbolic: the layer call that it comes from (nn/symbolic.h).
struct Symbol {
  virtual ~Symbol() = default;
};

class Tensor;

/// What a variable is brought back to after an optimizer changed it: from its value to the one it may have.
using VariableConstraint = std::function<Tensor(const Tensor& value)>;

/// What handles share. Code outside tensor/, ops/, autograd/, graph/ and plan/ has no need to look inside.
struct TensorBody {
  Spec spec;
  std::shared_ptr<Buffer> buffer;  // null while traced or symbolic
  LayoutPtr layout;                // variables only: the order of the elements, null: plain
  bool keep_plain = false;         // variables only: some plan cannot work with another order
  std::shared_ptr<Node> producer;  // the operation that made it, where a gradient may be asked for or a graph is traced
  int output_index = 0;            // which of the producer's outputs it is
  std::shared_ptr<Symbol> symbol;  // symbolic tensors only
  bool variable = false;
  bool trainable = true;                                 // variables only
  bool placeholder = false;                              // an input of a graph that is being traced
  std::shared_ptr<const VariableConstraint> constraint;  // variables only: null for none (nn/constraints.h)
  uint64_t version = 0;                                  // variables only: how often it was written
  std::string name;                                      // variables, symbolic tensors and placeholders: for people
  std::shared_ptr<TensorBody> mask;  // what layers say about its steps (nn/masking.h); operations pass none on
};

class Tensor {
 public:
  Tensor() = default;  ///< no tensor; `defined()` is false
  /// A vector of float32: `Tensor{1.f, -2.f, 0.5f}`.
  Tensor(std::initializer_list<float> values);
  explicit Tensor(std::shared_ptr<TensorBody> body) : body_(std::move(body)) {}

  /// A tensor of these elements; InvalidArgument unless there are as many as the shape has. Without a shape: a vector.
  template <class T>
  static Tensor from(const std::vector<T>& values, const Shape& shape) {
    return copy_of(dtype_of<T>, values.data(), static_cast<int64_t>(values.size()), shape);
  }
  template <class T>
  static Tensor from(const std::vector<T>& values) {
    return from(values, Shape{static_cast<int64_t>(values.size())});
  }
  static Tensor from(std::initializer_list<float> values, const Shape& shape);
  static Tensor from(const std::vector<bool>& values, const Shape& shape);
  /// A tensor with elements that are not initialised.
  static Tensor empty(const Spec& spec);
  static Tensor empty(const Shape& shape, DType dtype = DType::float32) { return empty(Spec{shape, dtype}); }
  /// One element, rank 0.
  static Tensor scalar(double value, DType dtype = DType::float32);

  bool defined() const { return body_ != nullptr; }
  const Spec& spec() const;
  const Shape& shape() const { return spec().shape; }
  DType dtype() const { return spec().dtype; }
  int rank() const { return shape().rank(); }
  /// Number of elements.
  int64_t size() const { return shape().elements(); }

  bool is_concrete() const { return body_ && body_->buffer; }
  bool is_variable() const { return body_ && body_->variable; }
  bool is_symbolic() const { return body_ && body_->symbol; }
  bool is_traced() const { return body_ && !body_->buffer && !body_->symbol; }
  const std::string& name() const;

  /// The elements, in row-major order. InvalidArgument when T is not the tensor's type, or the tensor has no elements
  /// (it is traced or symbolic). The pointer stays valid while the tensor lives; for a variable until it is written.
  template <class T>
  const T* data() const {
    return static_cast<const T*>(checked_data(dtype_of<T>));
  }
  const void* raw() const;
  /// To fill a tensor that was just made; InvalidArgument for a variable (assign to it instead).
  template <class T>
  T* mutable_data() {
    return static_cast<T*>(checked_mutable_data(dtype_of<T>));
  }
  void* mutable_raw();

  /// All elements, converted to T.
  template <class T>
  std::vector<T> to_vector() const;
  /// The value of a tensor of one element; InvalidArgument for any other.
  double item() const;

  /// "float32(2, 3) [[1, 2, 3], [4, 5, 6]]"; long axes are shortened.
  std::string to_string() const;

  const std::shared_ptr<TensorBody>& body() const { return body_; }

 private:
  static Tensor copy_of(DType dtype, const void* values, int64_t count, const Shape& shape);
  const void* checked_data(DType wanted) const;
  void* checked_mutable_data(DType wanted);

  std::shared_ptr<TensorBody> body_;
};

using Tensors = std::vector<Tensor>;

extern template std::vector<float> Tensor::to_vector() const;
extern template std::vector<double> Tensor::to_vector() const;
extern template std::vector<int32_t> Tensor::to_vector() const;
extern template std::vector<int64_t> Tensor::to_vector() const;
extern template std::vector<uint8_t> Tensor::to_vector() const;
extern template std::vector<bool> Tensor::to_vector() const;

/// A new variable with a copy of the tensor's elements.
Tensor variable(const Tensor& initial, const std::string& name = "", bool trainable = true);

/// Overwrites a variable's elements with those of a concrete tensor of the same spec; InvalidArgument otherwise. This
/// is the raw write; use `assign` (ops/assign.h), which also works while tracing.
void write_variable(const Tensor& variable, const Tensor& value);

/// Gives a variable elements of another type: all handles see it, and plans that were made for it are stale. A variable
/// of a stored type is no longer trainable. InvalidArgument when the shapes differ.
void replace_variable(const Tensor& variable, const Tensor& value);

/// Changes the order in which a variable's elements are stored; null is the plain order.
void set_variable_layout(const Tensor& variable, const LayoutPtr& layout);

Tensor zeros(const Shape& shape, DType dtype = DType::float32);
Tensor ones(const Shape& shape, DType dtype = DType::float32);
Tensor full(const Shape& shape, double value, DType dtype = DType::float32);
/// 0, 1, 2, ... count - 1.
Tensor arange(int64_t count, DType dtype = DType::float32);

}  // namespace hebb
