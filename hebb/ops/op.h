/// Operations: what a computation is made of. Each has a shape rule and a gradient rule that is written in operations
/// again, so that one rule serves the tape (numbers), the trace (symbols) and gradients of gradients.
///
///     class Transpose : public Op { name, attributes, infer, gradient };
///     Tensor transpose(const Tensor& x, std::vector<int64_t> axes) { return apply_one(std::make_shared<Transpose>(axes), {x}); }
///
/// Everything that computes goes through the one door, `apply_op`: it infers the specs of the outputs, then records the
/// operation while a graph is being traced, or else runs it at once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {

using AttributeValue = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, Tensor>;

/// An operation's parameters by name. One list prints, compares and hashes an operation: two operations of one name
/// with equal attributes compute the same.
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<std::string_view, AttributeValue>> values) : values_(values) {}

  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  bool empty() const { return values_.empty(); }
  /// "axes=[1, 0], keepdims=true". A constant tensor is shown by its spec and, when small, its values.
  std::string to_string() const;
  /// A text that differs whenever the attributes do; constant tensors enter by their address.
  std::string key() const;

 private:
  std::vector<std::pair<std::string_view, AttributeValue>> values_;
};

/// What a gradient rule gets. An output gradient that is not defined stands for zero.
struct GradientArgs {
  const Tensors& inputs;
  const Tensors& outputs;
  const Tensors& output_gradients;
  const std::vector<bool>& wanted;  ///< of which inputs the gradient is needed; others may be left undefined
};

class Op {
 public:
  virtual ~Op() = default;

  virtual std::string_view name() const = 0;
  virtual Attributes attributes() const { return {}; }
  /// The outputs' specs. InvalidArgument, naming the operation, the specs and the remedy, when the inputs do not fit.
  virtual std::vector<Spec> infer(std::span<const Spec> inputs) const = 0;
  /// The gradients of the inputs, one for each; undefined where there is none (an integer, a condition).
  virtual Tensors gradient(const GradientArgs& args) const = 0;
  /// Whether inputs and outputs may be of a stored type (tensor/dtype.h).
  virtual bool takes_stored_types() const { return false; }
};

using OpPtr = std::shared_ptr<const Op>;

/// An operation that was applied: what the tape and the trace are made of. The outputs are not held, so that a result
/// nobody needs is freed with its handle.
struct Node {
  OpPtr op;
  Tensors inputs;
  std::vector<uint64_t> input_versions;  // of the variables among the inputs, when they were read
  std::vector<Spec> output_specs;
  std::vector<std::shared_ptr<Buffer>> output_buffers;  // eager: the results, for gradient rules that need them
  uint64_t sequence = 0;                                // increases with every node: a topological order
  Node() = default;
  ~Node();  // not recursive: a chain of a million operations must not overflow the stack
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
};

/// Applies an operation. Concrete inputs: runs it. While tracing: records it. InvalidArgument when the inputs do not
/// fit, NotSupported when one is symbolic (an operation on the output of a layer belongs into a layer).
Tensors apply_op(OpPtr op, const Tensors& inputs);
/// The same for an operation with one output.
Tensor apply_one(OpPtr op, const Tensors& inputs);

/// The i-th output of a node as a tensor; equal to every other handle of that output.
Tensor output_of(const std::shared_ptr<Node>& node, int index);

/// Records instead of running: what a trace is to `apply_op`.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual Tensors record(const OpPtr& op, const Tensors& inputs, std::vector<Spec> outputs) = 0;
  /// The value that stands for a concrete tensor at this point of the trace: of a variable its latest, of another a
  /// constant.
  virtual Tensor read(const Tensor& tensor) = 0;
  virtual void assign(const Tensor& variable, const Tensor& value) = 0;
};

/// The calling thread's recorder, or null: operations run at once.
Recorder* current_recorder();

/// Makes a recorder current while it lives; null suspends tracing, so that operations run at once again.
class WithRecorder {
 public:
  explicit WithRecorder(Recorder* recorder);
  ~WithRecorder();
  WithRecorder(const WithRecorder&) = delete;
  WithRecorder& operator=(const WithRecorder&) = delete;

 private:
  Recorder* outer_;
};

/// While it lives, operations that run at once are not put on the tape: results cannot be asked for gradients.
class NoTape {
 public:
  NoTape();
  ~NoTape();
  NoTape(const NoTape&) = delete;
  NoTape& operator=(const NoTape&) = delete;

 private:
  bool outer_;
};

/// Runs an operation on concrete inputs. The backend defines it (backend/eager.cpp); ops may not look up there.
std::vector<std::shared_ptr<Buffer>> run_eagerly(const Op& op, std::span<const Tensor> inputs,
                                                 std::span<const Spec> outputs);

/// `variable = value`: at once, or as an update of the graph being traced.
void assign(const Tensor& variable, const Tensor& value);

/// A tensor's value here and now: inside a trace what the trace reads for it, otherwise the tensor itself.
Tensor read(const Tensor& tensor);

}  // namespace hebb
