#include "hebb/ops/op.h"

#include <atomic>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/rounding.h"

namespace hebb {

namespace {

thread_local Recorder* recorder = nullptr;
thread_local bool taping = true;
std::atomic<uint64_t> next_sequence{1};

std::string value_text(const AttributeValue& value, bool as_key) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
    std::string out = "[";
    for (size_t i = 0; i < list->size(); ++i) out += (i ? ", " : "") + std::to_string((*list)[i]);
    return out + "]";
  }
  const Tensor& tensor = std::get<Tensor>(value);
  if (as_key) return message(tensor.spec(), "@", reinterpret_cast<uintptr_t>(tensor.body().get()));
  return tensor.is_concrete() && tensor.size() <= 8 ? tensor.to_string() : tensor.spec().to_string();
}

bool tracked(const Tensor& tensor) { return tensor.is_variable() || tensor.body()->producer; }

}  // namespace

std::string Attributes::to_string() const {
  std::string out;
  for (const auto& [name, value] : values_) {
    if (!out.empty()) out += ", ";
    out += message(name, "=", value_text(value, false));
  }
  return out;
}

std::string Attributes::key() const {
  std::string out;
  for (const auto& [name, value] : values_) out += message(name, "=", value_text(value, true), ";");
  return out;
}

Node::~Node() {
  // Nodes that only this one holds are taken apart in a loop: their inputs' producers come onto the list in turn.
  std::vector<std::shared_ptr<Node>> list;
  auto take_producers = [&](Node& node) {
    for (Tensor& input : node.inputs) {
      if (input.defined() && input.body().use_count() == 1 && input.body()->producer) {
        list.push_back(std::move(input.body()->producer));
      }
    }
  };
  take_producers(*this);
  while (!list.empty()) {
    const std::shared_ptr<Node> node = std::move(list.back());
    list.pop_back();
    if (node.use_count() == 1) take_producers(*node);
  }
}

Tensor output_of(const std::shared_ptr<Node>& node, int index) {
  auto body = std::make_shared<TensorBody>();
  const auto at = static_cast<size_t>(index);
  body->spec = node->output_specs[at];
  if (!node->output_buffers.empty()) body->buffer = node->output_buffers[at];
  body->producer = node;
  body->output_index = index;
  return Tensor(std::move(body));
}

Tensors apply_op(OpPtr op, const Tensors& given) {
  const Tensors rounded = detail::rounds_variables() ? detail::with_rounded_variables(given) : Tensors();
  const Tensors& inputs = rounded.empty() ? given : rounded;
  std::vector<Spec> specs;
  specs.reserve(inputs.size());
  bool record = false, tape = false;
  for (const Tensor& input : inputs) {
    if (input.is_symbolic()) {
      throw NotSupported(message("operation ", op->name(), " on a symbolic tensor ", input.spec(),
                                 ": operations work on values. Use a layer such as Add() or Activation(), or put the "
                                 "operation into a layer of your own."));
    }
    if (input.dtype() == DType::string) {
      throw InvalidArgument(message("operation ", op->name(), " on ", input.spec(),
                                    ": expected numbers, got texts. Put a layer that takes texts before it, such as "
                                    "TextVectorization() or StringLookup()."));
    }
    if (is_stored_type(input.dtype()) && !op->takes_stored_types()) {
      throw NotSupported(message("operation ", op->name(), " on ", input.spec(), ", of which the elements are stored, ",
                                 "not computed with. Convert it with cast() first."));
    }
    specs.push_back(input.spec());
    record = record || input.is_traced();
    tape = tape || tracked(input);
  }
  std::vector<Spec> outputs = op->infer(specs);
  if (recorder) return recorder->record(op, inputs, std::move(outputs));
  if (record) {
    throw InvalidArgument(
        message("operation ", op->name(),
                " on a traced tensor after its trace has ended. Return it from the traced function."));
  }
  std::vector<std::shared_ptr<Buffer>> buffers = run_eagerly(*op, inputs, outputs);
  Tensors results;
  results.reserve(outputs.size());
  if (tape && taping) {
    auto node = std::make_shared<Node>();
    node->op = std::move(op);
    node->inputs = inputs;
    for (const Tensor& input : inputs) node->input_versions.push_back(input.body()->version);
    node->output_specs = std::move(outputs);
    node->output_buffers = std::move(buffers);
    node->sequence = next_sequence.fetch_add(1, std::memory_order_relaxed);
    for (size_t i = 0; i < node->output_specs.size(); ++i) results.push_back(output_of(node, static_cast<int>(i)));
    return results;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    auto body = std::make_shared<TensorBody>();
    body->spec = outputs[i];
    body->buffer = std::move(buffers[i]);
    results.emplace_back(std::move(body));
  }
  return results;
}

Tensor apply_one(OpPtr op, const Tensors& inputs) { return apply_op(std::move(op), inputs).front(); }

Recorder* current_recorder() { return recorder; }

WithRecorder::WithRecorder(Recorder* next) : outer_(std::exchange(recorder, next)) {}

WithRecorder::~WithRecorder() { recorder = outer_; }

NoTape::NoTape() : outer_(std::exchange(taping, false)) {}

NoTape::~NoTape() { taping = outer_; }

void assign(const Tensor& variable, const Tensor& value) {
  if (!variable.is_variable()) {
    throw InvalidArgument(
        message("only a variable can be assigned to, got ", variable.spec(), ". Make it with variable()."));
  }
  if (!recorder) return write_variable(variable, value);
  if (variable.spec() != value.spec()) {
    throw InvalidArgument(
        message("assign to variable '", variable.name(), "': expected ", variable.spec(), ", got ", value.spec(), "."));
  }
  recorder->assign(variable, value);
}

Tensor read(const Tensor& tensor) { return recorder && tensor.is_concrete() ? recorder->read(tensor) : tensor; }

}  // namespace hebb
