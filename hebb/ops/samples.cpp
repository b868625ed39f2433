#include "hebb/ops/samples.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Notes the operation instead of running it.
class Noting : public Recorder {
 public:
  Tensors record(const OpPtr& op, const Tensors& inputs, std::vector<Spec> outputs) override {
    ++operations;
    sample = {op, inputs};
    Tensors out;
    for (const Spec& spec : outputs) out.push_back(Tensor::empty(spec));
    return out;
  }
  Tensor read(const Tensor& variable) override { return variable; }
  void assign(const Tensor&, const Tensor&) override { throw InternalError("a sample assigns to a variable."); }

  int operations = 0;
  Sample sample;
};

/// The record's operands of these shapes; a select's first is a condition.
Sample elementwise_sample(const ElementwiseRecord& record, const std::vector<Shape>& shapes, DType dtype,
                          uint64_t seed) {
  Sample sample{std::make_shared<Elementwise>(record), {}};
  for (size_t i = 0; i < static_cast<size_t>(record.arity); ++i) {
    const bool condition = record.arity == 3 && i == 0;
    sample.inputs.push_back(draw(shapes[i], condition ? DType::boolean : dtype, record.low, record.high, seed + i));
  }
  return sample;
}

std::vector<Sample> elementwise_samples(const ElementwiseRecord& record) {
  // Each line: shapes of up to three operands. Sizes around those of vectors, and every way to broadcast.
  const std::vector<std::vector<Shape>> all_shapes = {
      {{}, {}, {}},
      {{1}, {1}, {1}},
      {{7}, {7}, {7}},
      {{0}, {0}, {0}},
      {{3, 0, 2}, {3, 1, 2}, {2}},
      {{17}, {}, {17}},
      {{3, 5}, {5}, {3, 1}},
      {{2, 1, 3}, {4, 1}, {2, 4, 3}},
      {{3, 1}, {1, 5}, {}},
      {{}, {2, 33}, {33}},
      {{4, 17}, {4, 1}, {1, 17}},
      {{5, 1, 6}, {5, 7, 6}, {7, 1}},
      {{1037}, {1037}, {1037}},
      {{13, 101}, {101}, {13, 101}},
      {{70001}, {70001}, {1}},
  };
  std::vector<Sample> samples;
  uint64_t seed = 1;
  for (DType dtype : detail::types_of(record)) {
    for (const std::vector<Shape>& shapes : all_shapes)
      samples.push_back(elementwise_sample(record, shapes, dtype, seed += 10));
  }
  return samples;
}

std::vector<Sample> cast_samples() {
  std::vector<Sample> samples;
  for (DType from : detail::all_types) {
    for (DType to : detail::all_types) {
      for (const Shape& shape : {Shape{}, Shape{7}, Shape{0}, Shape{3, 5}, Shape{1037}}) {
        // Half of the numbers are whole, so that some are zero.
        samples.push_back({std::make_shared<Cast>(to),
                           {draw(shape, from, from == DType::uint8 || to == DType::uint8 ? 0 : -5, 5, 1)}});
      }
    }
  }
  return samples;
}

/// Builds a program for fused_elementwise.
class Program {
 public:
  explicit Program(Tensors inputs) : inputs_(std::move(inputs)) {
    for (const Tensor& input : inputs_) registers_.push_back(input.dtype());
  }

  /// Appends an operation on registers; returns the register of the result.
  int operator()(std::string_view name, std::vector<int> operands) {
    const ElementwiseRecord& record = elementwise_record(name);
    const DType operand = registers_[static_cast<size_t>(operands.back())];
    return append(std::make_shared<Elementwise>(record), operands,
                  record.result == ResultType::boolean ? DType::boolean : operand);
  }
  int cast(int operand, DType to) { return append(std::make_shared<Cast>(to), {operand}, to); }

  Sample outputs(std::vector<int> registers, const Shape& shape) {
    return {std::make_shared<FusedElementwise>(static_cast<int>(inputs_.size()), steps_, std::move(registers), shape),
            inputs_};
  }
  Sample outputs_and_sums(std::vector<int> registers, const Shape& shape, std::vector<FusedSum> sums) {
    return {std::make_shared<FusedElementwise>(static_cast<int>(inputs_.size()), steps_, std::move(registers), shape,
                                               std::move(sums)),
            inputs_};
  }

 private:
  int append(OpPtr op, const std::vector<int>& operands, DType dtype) {
    FusedStep step{std::move(op), {-1, -1, -1}, dtype};
    std::copy(operands.begin(), operands.end(), step.operands.begin());
    steps_.push_back(std::move(step));
    registers_.push_back(dtype);
    return static_cast<int>(registers_.size()) - 1;
  }

  Tensors inputs_;
  std::vector<DType> registers_;
  std::vector<FusedStep> steps_;
};

/// Sums of whole numbers, which are exact in any order: short and long rows, one piece and many, results that are
/// stored, summed or both, and sums of what is smaller than the loop.
std::vector<Sample> fused_sum_samples() {
  struct Case {
    Shape shape, kept;
  };
  const std::vector<Case> cases = {{{5}, {}},          {{1}, {}},           {{3, 4}, {4}},        {{3, 4}, {1, 4}},
                                   {{2, 3, 37}, {37}}, {{64, 300}, {300}},  {{40000}, {}},        {{9000, 16}, {16}},
                                   {{70, 1025}, {}},   {{6, 5, 4}, {5, 4}}, {{300, 3, 50}, {50}}, {{90, 2000}, {2000}},
                                   {{1, 7}, {7}},      {{6, 700, 5}, {5}}};
  std::vector<Sample> samples;
  for (DType dtype : detail::float_types) {
    for (const Case& c : cases) {
      Tensor whole = draw(c.shape, DType::int32, -8, 8, 1), row = draw({c.shape.back()}, DType::int32, -3, 3, 2);
      const WithRecorder at_once(nullptr);
      Shape columns = c.shape;
      if (columns.rank() > 1) columns[columns.rank() - 1] = 1;
      Program program({cast(whole, dtype), cast(row, dtype), cast(draw(columns, DType::int32, -2, 2, 3), dtype)});
      const int product = program("multiply", {0, 1}), moved = program("add", {product, 2});
      const int small = program("negative", {1});
      samples.push_back(program.outputs_and_sums({moved}, c.shape, {{product, c.kept}, {moved, c.kept}}));
      samples.push_back(program.outputs_and_sums({}, c.shape, {{moved, c.kept}, {small, c.kept}}));
    }
  }
  return samples;
}

std::vector<Sample> fused_elementwise_samples() {
  std::vector<Sample> samples;
  // Every elementwise operation inside a loop, with whole and with broadcast operands.
  for (const ElementwiseRecord& record : elementwise_records()) {
    for (DType dtype : detail::types_of(record)) {
      for (const Shape& shape : {Shape{5}, Shape{0}, Shape{3, 37}, Shape{1037}}) {
        const Shape row = shape.rank() == 2 ? Shape{37} : Shape{};
        std::vector<Shape> shapes = {shape, row, shape};
        Sample alone = elementwise_sample(record, shapes, dtype, 5);
        Program program(alone.inputs);
        std::vector<int> operands;
        for (int i = 0; i < record.arity; ++i) operands.push_back(i);
        const int result = program(record.name, operands);
        const int again = program("maximum", {result, result});
        samples.push_back(program.outputs({result, again}, shape));
      }
    }
  }
  // What the passes make of layers: bias, scale and activation; momentum; a dropout's mask; a loss on uint8 images.
  for (DType dtype : detail::float_types) {
    for (const Shape& shape : {Shape{2, 3}, Shape{6, 129}}) {
      const Shape row{shape.back()}, column{shape.front(), 1};
      Program activation({draw(shape, dtype, -2, 2, 1), draw(row, dtype, 0.5, 2, 2), draw(column, dtype, -1, 1, 3),
                          draw({}, dtype, 1, 2, 4)});
      const int scaled = activation("multiply", {0, 1}), moved = activation("add", {scaled, 2});
      const int bent = activation("tanh", {moved});
      samples.push_back(activation.outputs({activation("multiply", {bent, 3}), bent}, shape));

      Program momentum({draw(shape, dtype, -2, 2, 1), draw(shape, dtype, -1, 1, 2), draw(shape, dtype, -1, 1, 3),
                        draw({}, dtype, 0, 1, 4)});
      const int velocity = momentum("subtract", {momentum("multiply", {1, 3}), momentum("multiply", {2, 3})});
      samples.push_back(momentum.outputs({velocity, momentum("add", {0, velocity})}, shape));

      Program dropout({draw(shape, dtype, -2, 2, 1), draw(shape, DType::boolean, 0, 1, 2), draw({}, dtype, 0, 0.5, 3)});
      samples.push_back(dropout.outputs({dropout("select", {1, 0, 2}), dropout("logical_not", {1})}, shape));

      Program image({draw(shape, DType::uint8, 0, 255, 1), draw({}, dtype, 255, 256, 2), draw(row, dtype, 0, 1, 3)});
      const int part = image("divide", {image.cast(0, dtype), 1});
      const int wrong = image("greater", {image("abs", {image("subtract", {part, 2})}), 2});
      samples.push_back(image.outputs({part, image.cast(wrong, DType::int32), wrong}, shape));
    }
  }
  // Steps that are smaller than the loop, and a result that is.
  Program small({draw({4, 1}, DType::float32, -2, 2, 1), draw({}, DType::int32, 1, 3, 2),
                 draw({4, 33}, DType::float32, -2, 2, 3)});
  const int scalar = small.cast(1, DType::float32), column = small("multiply", {0, scalar});
  samples.push_back(small.outputs({column, small("add", {column, 2})}, {4, 33}));
  for (Sample& sample : fused_sum_samples()) samples.push_back(std::move(sample));
  return samples;
}

/// Momentum on the gradient of a weight: one strip and many, a last one that is shorter, either side transposed.
std::vector<Sample> matmul_loop_samples() {
  struct Case {
    int64_t m, k, n;
  };
  std::vector<Sample> samples;
  for (const Case& c : {Case{3, 4, 5}, {1, 1, 1}, {0, 3, 4}, {7, 0, 5}, {37, 20, 130}, {300, 9, 200}, {9, 3, 4096}}) {
    for (const MatmulOptions& options :
         {MatmulOptions{true, false}, MatmulOptions{false, false}, MatmulOptions{false, true}}) {
      const Shape shape{c.m, c.n}, a = options.transpose_a ? Shape{c.k, c.m} : Shape{c.m, c.k},
                                   b = options.transpose_b ? Shape{c.n, c.k} : Shape{c.k, c.n};
      const DType dtype = DType::float32;
      Program momentum({draw(shape, dtype, -2, 2, 1), draw({}, dtype, 0, 1, 2), draw(shape, dtype, -1, 1, 3),
                        draw(shape, dtype, -1, 1, 4)});
      const int velocity = momentum("subtract", {momentum("multiply", {0, 1}), momentum("multiply", {2, 1})});
      const Sample loop = momentum.outputs({velocity, momentum("add", {3, velocity})}, shape);
      samples.push_back(
          {std::make_shared<MatmulLoop>(std::make_shared<Matmul>(options),
                                        std::dynamic_pointer_cast<const FusedElementwise>(loop.op), 2),
           {draw(a, dtype, -1, 1, 5), draw(b, dtype, -1, 1, 6), loop.inputs[0], loop.inputs[1], loop.inputs[3]}});
    }
  }
  // An activation of a layer on a sequence, whose product is needed again.
  for (const Case& c : {Case{6, 4, 5}, {300, 20, 130}, {0, 2, 3}}) {
    for (const bool transposed : {false, true}) {
      const Shape shape{2, c.m / 2, c.n};
      Program swish({draw(shape, DType::float32, -1, 1, 1)});
      const Sample loop = swish.outputs({swish("multiply", {0, swish("sigmoid", {0})})}, shape);
      const auto matmul = std::make_shared<Matmul>(MatmulOptions{false, transposed});
      samples.push_back(
          {std::make_shared<MatmulLoop>(std::make_shared<FusedProduct>(matmul, true, ""),
                                        std::dynamic_pointer_cast<const FusedElementwise>(loop.op), 0, true),
           {draw({c.m, c.k}, DType::float32, -1, 1, 5),
            draw(transposed ? Shape{c.n, c.k} : Shape{c.k, c.n}, DType::float32, -1, 1, 6),
            draw({c.n}, DType::float32, -1, 1, 7)}});
    }
  }
  return samples;
}

}  // namespace

Tensor draw(const Shape& shape, DType dtype, double low, double high, uint64_t seed) {
  const WithRecorder at_once(nullptr);
  Tensor out = Tensor::empty(shape, dtype);
  PhiloxStream random(seed, static_cast<uint64_t>(dtype));
  with_any_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* values = static_cast<T*>(out.mutable_raw());
    const int64_t count = out.size();
    for (int64_t i = 0; i < count; ++i) {
      const double uniform = random.uniform_double();
      if constexpr (std::is_same_v<T, bool>) {
        values[i] = uniform < 0.5;
      } else if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, Bfloat16>) {
        values[i] = as_number<T>(low + (high - low) * uniform);
      } else {
        const double least = std::is_unsigned_v<T> ? std::max(low, 0.0) : low;
        values[i] = static_cast<T>(std::lround(least + (high - least) * uniform));
      }
    }
  });
  return out;
}

namespace detail {

std::vector<DType> types_of(const ElementwiseRecord& record) {
  using enum DType;
  switch (record.operands) {
    case OperandType::any: return {float32, float64, int32, int64, uint8, boolean};
    case OperandType::floating: return {float32, float64};
    case OperandType::boolean: break;
  }
  return {boolean};
}

Sample sample_of(const std::function<Tensor()>& call) {
  Noting noting;
  {
    const WithRecorder recording(&noting);
    call();
  }
  if (noting.operations != 1) {
    throw InternalError(message("a sample applies ", noting.operations, " operations; one was expected."));
  }
  return noting.sample;
}

GradientRule rule_of(const ElementwiseRecord& record) {
  if (record.name.starts_with("round_to_")) return GradientRule::rounding;
  for (const std::string_view name : {"sign", "floor", "ceil", "round"}) {
    if (record.name == name) return GradientRule::steps;
  }
  return record.gradient ? GradientRule::differentiable : GradientRule::none;
}

std::vector<OperationRecord> elementwise_operation_records() {
  std::vector<OperationRecord> records;
  for (const ElementwiseRecord& record : elementwise_records()) {
    records.push_back(
        {record.name, record.doc, rule_of(record), {.ulp = record.max_ulp, .absolute = record.max_absolute}, [&record] {
           return elementwise_samples(record);
         }});
  }
  records.push_back({"cast",
                     "the elements as another type: to bool by comparison with zero, to an integer by truncation",
                     GradientRule::differentiable,
                     {},
                     cast_samples});
  records.push_back({"fused_elementwise",
                     "several elementwise operations in one loop",
                     GradientRule::internal,
                     {.ulp = 16, .absolute = 1e-6},
                     fused_elementwise_samples});
  records.push_back({"matmul_loop",
                     "a loop over a product of matrices that is never written",
                     GradientRule::internal,
                     {.ulp = 16, .absolute = 1e-5},
                     matmul_loop_samples});
  return records;
}

}  // namespace detail

const std::vector<OperationRecord>& operation_records() {
  static const std::vector<OperationRecord> all = [] {
    std::vector<OperationRecord> records = detail::elementwise_operation_records();
    for (OperationRecord& record : detail::structured_operation_records()) records.push_back(std::move(record));
    for (OperationRecord& record : detail::window_operation_records()) records.push_back(std::move(record));
    for (OperationRecord& record : detail::quantized_operation_records()) records.push_back(std::move(record));
    for (OperationRecord& record : detail::sequence_operation_records()) records.push_back(std::move(record));
    for (OperationRecord& record : detail::category_operation_records()) records.push_back(std::move(record));
    for (OperationRecord& record : detail::crossentropy_operation_records()) records.push_back(std::move(record));
    return records;
  }();
  return all;
}

}  // namespace hebb
