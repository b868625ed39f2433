/// The table of Keras's operations that functional models may hold (`OperationLayer`).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/base/function_ref.h"
#include "hebb/nn/operation_layer.h"

namespace hebb::detail {

/// What a row of the table computes with: the operation's options, what it was called with, and the tensors of that.
struct OperationCall {
  const std::string& operation;
  const Json& config;
  const OperationArguments& arguments;
  const Tensors& tensors;

  /// The argument at a position, or of a name: a tensor, or a constant in the file. NotSupported where it is neither.
  Tensor tensor(size_t position, const std::string& name) const;
  /// Of an argument that is a list.
  Tensors list(size_t position, const std::string& name) const;
  /// An argument that is no tensor, or an option of that name; null where there is none.
  const Json* option(size_t position, const std::string& name) const;
  /// An option that is one whole number, several, or null: `rank` numbers counted from the front, all axes for null.
  std::vector<int64_t> axes(const std::string& name, int rank) const;
  /// An axis counted from the front; NotSupported where a tensor of this rank has none such.
  int64_t counted(int64_t axis, int rank) const;
  int64_t whole(const std::string& name, int64_t otherwise) const;
  double real(const std::string& name, double otherwise) const;
  bool flag(const std::string& name, bool otherwise) const;
  [[noreturn]] void refuse(const std::string& why) const;
};

struct OperationRecord {
  const char* class_name;
  const char* module;  ///< behind "keras.src.ops."
  Tensors (*compute)(const OperationCall& call);
};

/// Elements [first, last) of one axis.
Tensor part(const Tensor& x, int64_t axis, int64_t first, int64_t last);
/// Of the places `indices` of an axis: the axes of the indices stand where it stood. Zeros where there is no such
/// place.
Tensor parts_at(const Tensor& x, int64_t axis, const Tensor& indices);
/// With the axes `from` at the places `to`, and the others in their order.
Tensor with_order(const Tensor& x, std::vector<int64_t> from, std::vector<int64_t> to);
/// With what lies beside the edges as in a mirror, for each axis so many elements before and behind; `skip`: 1 where
/// the mirror stands on the outermost elements.
Tensor mirrored(const OperationCall& call, Tensor x, const std::vector<int64_t>& low, const std::vector<int64_t>& high,
                int64_t skip);
/// For what is defined on real numbers: whole ones become float32.
Tensor floating(const Tensor& x);
/// The elements of each row of an axis from the smallest to the largest.
Tensor in_order(const Tensor& x, int64_t axis);
/// Sums, or products, of all elements of an axis up to each.
Tensor running_sums(const Tensor& x, int64_t axis);
Tensor running_products(const Tensor& x, int64_t axis);
/// The images with their channels last, changed, and back; one image without a batch axis is a batch of one.
Tensors with_channels_last(const OperationCall& call, const Tensor& x, FunctionRef<Tensor(const Tensor&)> change);
/// Pieces of `length` elements of the last axis, one every `stride`: (..., count, length).
Tensor framed(const OperationCall& call, const Tensor& x, int64_t length, int64_t stride);
/// x of the equations a x = b, a (count, n, n), b (count, n, columns).
Tensor solved(const Tensor& a, const Tensor& b);
/// A number, or a list of them; -1 for null.
std::vector<int64_t> numbers(const Json& list);
/// The type that a configuration names; float32 for those of 16 bits, to which the layer rounds.
DType type_named(const std::string& name);
/// The numbers of an array in a file, or of a list, row by row, and its shape; nothing where it is neither.
struct Numbers {
  std::vector<int64_t> sizes;
  std::vector<double> values;
};
std::optional<Numbers> constant_numbers(const Json& json);
/// The same as a tensor; undefined where it is neither.
Tensor constant_tensor(const Json& json);

/// The row of an operation, or null.
const OperationRecord* find_operation(const std::string& class_name);

/// Rows of one kind each.
const std::vector<OperationRecord>& elementwise_operations();
const std::vector<OperationRecord>& activation_operations();
const std::vector<OperationRecord>& shaping_operations();
const std::vector<OperationRecord>& array_operations();
const std::vector<OperationRecord>& ordering_operations();
const std::vector<OperationRecord>& network_operations();
const std::vector<OperationRecord>& image_operations();
const std::vector<OperationRecord>& number_operations();
const std::vector<OperationRecord>& statistics_operations();
const std::vector<OperationRecord>& matrix_operations();
const std::vector<OperationRecord>& linear_algebra_operations();
const std::vector<OperationRecord>& scattering_operations();
const std::vector<OperationRecord>& window_operations();
const std::vector<OperationRecord>& fourier_operations();

}  // namespace hebb::detail
