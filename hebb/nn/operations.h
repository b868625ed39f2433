/// The table of Keras's operations that functional models may hold (`OperationLayer`).
#pragma once

#include <string>
#include <vector>

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

/// The row of an operation, or null.
const OperationRecord* find_operation(const std::string& class_name);

/// Rows of one kind each.
const std::vector<OperationRecord>& elementwise_operations();
const std::vector<OperationRecord>& shaping_operations();
const std::vector<OperationRecord>& array_operations();
const std::vector<OperationRecord>& ordering_operations();
const std::vector<OperationRecord>& network_operations();
const std::vector<OperationRecord>& image_operations();

}  // namespace hebb::detail
