#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"

namespace hebb::simd {

namespace {

std::vector<DType> types_of(const ElementwiseRecord& record) {
  switch (record.operands) {
    case OperandType::floating: return {DType::float32, DType::float64};
    case OperandType::boolean: return {DType::boolean};
    case OperandType::any: break;
  }
  return {DType::float32, DType::float64, DType::int32, DType::int64, DType::uint8, DType::boolean};
}

Tensors operands_of(const ElementwiseRecord& record, DType dtype, const std::vector<Shape>& shapes,
                    bool special = false) {
  Tensors operands;
  for (size_t i = 0; i < static_cast<size_t>(record.arity); ++i) {
    const bool condition = record.arity == 3 && i == 0;
    operands.push_back(
        sample({shapes[i], condition ? DType::boolean : dtype}, 17 + i, {record.low, record.high}, special));
  }
  return operands;
}

/// By the bounds of float32; float64 functions compute with the same library as the reference.
void expect_agrees_by_record(const ElementwiseRecord& record, const Tensors& inputs) {
  const bool is_float = inputs.back().dtype() == DType::float32;
  expect_agrees(make_simd_elementwise, Elementwise(record), inputs, is_float ? record.max_ulp : 0,
                is_float ? record.max_absolute : 0);
}

}  // namespace

TEST(SimdElementwise, AgreesWithTheReferenceInAllLengths) {
  for (const ElementwiseRecord& record : elementwise_records()) {
    for (DType dtype : types_of(record)) {
      for (int64_t size : {0, 1, 7, 16, 31, 100, 1024, 2051, 200001}) {
        if (size > 3000 && dtype != DType::float32) continue;
        expect_agrees_by_record(record, operands_of(record, dtype, {{size}, {size}, {size}}));
      }
    }
  }
}

TEST(SimdElementwise, AgreesAtInfinitiesZerosAndNaN) {
  for (const ElementwiseRecord& record : elementwise_records()) {
    for (DType dtype : {DType::float32, DType::float64}) {
      if (record.operands == OperandType::boolean) continue;
      // All of the line, not only the domain of the tests.
      ElementwiseRecord wide = record;
      wide.low = -100;
      wide.high = 100;
      expect_agrees_by_record(record, operands_of(wide, dtype, {{5000}, {5000}, {5000}}, true));
    }
  }
}

TEST(SimdElementwise, StaysWithinTheBoundOverAllFloats) {
  for (const ElementwiseRecord& record : elementwise_records()) {
    if (record.operands != OperandType::floating || record.arity != 1) continue;
    constexpr uint32_t step = 100003;  // a prime: all exponents, about 43,000 numbers
    Tensor x = Tensor::empty({(int64_t{1} << 32) / step + 1});
    float* data = x.mutable_data<float>();
    uint64_t bits = 0;
    for (int64_t i = 0; i < x.size(); ++i, bits += step) data[i] = std::bit_cast<float>(static_cast<uint32_t>(bits));
    expect_agrees_by_record(record, {x});
  }
}

TEST(SimdElementwise, BroadcastsEveryWay) {
  const std::vector<std::vector<Shape>> cases = {
      {{50, 10}, {10}, {}},
      {{50, 10}, {50, 1}, {1, 10}},
      {{7, 1000}, {1000}, {7, 1}},
      {{1, 1}, {3, 1}, {1, 4}},
      {{5, 1, 3}, {1, 4, 1}, {3}},
      {{300, 3, 20}, {3, 1}, {300, 1, 1}},
      {{2, 3, 4, 5}, {3, 1, 5}, {2, 1, 1, 1}},
      {{40, 1}, {1, 2000}, {}},
      {{6, 300}, {1, 1}, {6, 1}},
      {{0, 4}, {4}, {1, 1}},
      {{3, 1, 700}, {1, 5, 700}, {3, 5, 1}},
  };
  for (std::string_view name : {"subtract", "greater", "power", "select"}) {
    const ElementwiseRecord& record = elementwise_record(name);
    for (std::vector<Shape> shapes : cases) {
      for (int turn = 0; turn < 3; ++turn) {
        std::rotate(shapes.begin(), shapes.begin() + 1, shapes.end());
        expect_agrees_by_record(record, operands_of(record, DType::float32, shapes));
      }
    }
  }
}

TEST(SimdElementwise, GivesAnElementTheSameBitsWhereverItStands) {
  for (const ElementwiseRecord& record : elementwise_records()) {
    if (record.arity != 1 || record.operands != OperandType::floating) continue;
    const Elementwise op(record);
    const Tensor x = sample({{100}, DType::float32}, 3, {record.low, record.high});
    for_each_target([&] {
      const Tensor all = run(make_simd_elementwise, op, {x})[0];
      for (int64_t skip : {1, 5, 16, 77, 99}) {
        const std::vector<float> rest(x.data<float>() + skip, x.data<float>() + 100);
        const Tensor part = run(make_simd_elementwise, op, {Tensor::from(rest)})[0];
        EXPECT_EQ(std::memcmp(static_cast<const std::byte*>(all.raw()) + skip * size_of(all.dtype()), part.raw(),
                              static_cast<size_t>(part.spec().bytes())),
                  0)
            << record.name << " from " << skip;
      }
    });
  }
}

TEST(SimdElementwise, WritesOverAnOperandOfTheSameShapeAndType) {
  const Elementwise op(elementwise_record("subtract"));
  const Tensor a = sample({{70, 30}, DType::float32}, 1), b = sample({{70, 30}, DType::float32}, 2),
               row = sample({{30}, DType::float32}, 3);
  for_each_target([&] {
    expect_same(run_in_place(make_simd_elementwise, op, {a, b}, 0), run_reference(op, {a, b})[0]);
    expect_same(run_in_place(make_simd_elementwise, op, {a, b}, 1), run_reference(op, {a, b})[0]);
    expect_same(run_in_place(make_simd_elementwise, op, {row, b}, 1), run_reference(op, {row, b})[0]);
  });
  const std::vector<Spec> in = {row.spec(), b.spec()}, out = {b.spec()};
  Refusal why;
  EXPECT_FALSE(make_simd_elementwise({op, in, out}, why)->may_overwrite(0, 0));
}

TEST(SimdCast, AgreesBetweenAllTypes) {
  constexpr DType types[] = {DType::float32, DType::float64, DType::int32, DType::int64, DType::uint8, DType::boolean};
  for (DType from : types) {
    for (DType to : types) {
      if (from == to) continue;
      for (int64_t size : {1, 15, 33, 1000, 3001})
        expect_agrees(make_simd_cast, Cast(to), {sample({{size}, from}, 5, {-3, 260})});
      if (is_floating(from)) {
        expect_agrees(make_simd_cast, Cast(to), {sample({{500}, from}, 6, {-1e12, 1e12}, true)});
      }
    }
  }
}

namespace {

/// A fused program by names: "cast" takes the type of the step.
struct ProgramStep {
  std::string_view name;
  std::array<int, 3> operands;
  DType dtype = DType::float32;
};

FusedElementwise program(int inputs, const std::vector<ProgramStep>& steps, std::vector<int> outputs,
                         const Shape& shape) {
  std::vector<FusedStep> made;
  for (const ProgramStep& step : steps) {
    OpPtr op;
    if (step.name == "cast") {
      op = std::make_shared<Cast>(step.dtype);
    } else {
      op = std::make_shared<Elementwise>(elementwise_record(step.name));
    }
    made.push_back({op, step.operands, step.dtype});
  }
  return FusedElementwise(inputs, made, std::move(outputs), shape);
}

}  // namespace

TEST(SimdFused, JoinsTwoStepsWithTheSameBits) {
  const Shape shape{7, 333};
  for (const std::string_view first : {"add", "subtract", "multiply", "square"}) {
    for (const std::string_view second : {"add", "subtract", "multiply"}) {
      for (const bool is_left : {true, false}) {
        for (const Shape& other : {shape, Shape{333}, Shape{7, 1}, Shape{}}) {
          const std::array<int, 3> operands = {0, first == "square" ? -1 : 1, -1};
          const int last = is_left ? 3 : 2;
          const FusedElementwise op = program(3, {{first, operands}, {second, {last, 5 - last, -1}}}, {4}, shape);
          const Tensors inputs = {sample({shape, DType::float32}, 1), sample({other, DType::float32}, 2),
                                  sample({other, DType::float32}, 3)};
          expect_agrees(make_simd_fused_elementwise, op, inputs, 0);
        }
      }
    }
  }
}

/// A product that a later step reads too, or that is an output, stays; so does an input that such a step overwrites.
TEST(SimdFused, OverwritesNoInputThatAJoinedStepReadsLater) {
  // 2 = a b, 3 = a + a, 4 = 2 + 3: the product is computed with the sum, behind the step that makes the output 3.
  const FusedElementwise op =
      program(2, {{"multiply", {0, 1, -1}}, {"add", {0, 0, -1}}, {"add", {2, 3, -1}}}, {3, 4}, {5000});
  const Tensors inputs = {sample({{5000}, DType::float32}, 1), sample({{5000}, DType::float32}, 2)};
  expect_agrees(make_simd_fused_elementwise, op, inputs, 0);
  const std::vector<Spec> in = {inputs[0].spec(), inputs[1].spec()}, out = in;
  Refusal why;
  const auto kernel = make_simd_fused_elementwise({op, in, out}, why);
  EXPECT_FALSE(kernel->may_overwrite(1, 0));
  EXPECT_TRUE(kernel->may_overwrite(1, 1));
}

TEST(SimdFused, RunsAnOptimizerStepWithScalarsComputedInTheLoop) {
  // momentum = rate * momentum + gradient; parameter -= sqrt(speed) * momentum
  const FusedElementwise op = program(5,
                                      {{"multiply", {1, 3, -1}},   // 5
                                       {"add", {5, 2, -1}},        // 6: the new momentum
                                       {"sqrt", {4, -1, -1}},      // 7: a scalar
                                       {"multiply", {6, 7, -1}},   // 8
                                       {"subtract", {0, 8, -1}}},  // 9: the new parameter
                                      {6, 9}, {3, 1111});
  const Tensors inputs = {sample({{3, 1111}, DType::float32}, 1), sample({{3, 1111}, DType::float32}, 2),
                          sample({{3, 1111}, DType::float32}, 3), Tensor::scalar(0.9), Tensor::scalar(0.25)};
  expect_agrees(make_simd_fused_elementwise, op, inputs);
  const std::vector<Spec> in = {inputs[0].spec(), inputs[1].spec(), inputs[2].spec(), inputs[3].spec(),
                                inputs[4].spec()},
                          out = op.infer(in);
  Refusal why;
  const auto kernel = make_simd_fused_elementwise({op, in, out}, why);
  EXPECT_TRUE(kernel->may_overwrite(1, 0));
  EXPECT_TRUE(kernel->may_overwrite(0, 1));
  EXPECT_FALSE(kernel->may_overwrite(0, 0)) << "the parameter is read after the momentum is written";
  EXPECT_FALSE(kernel->may_overwrite(3, 0));
}

TEST(SimdFused, MixesTypesAndConditions) {
  // images (bytes) / 255 where a mask holds, else a row's default; and how far it is from the mean in float64
  for (const Shape& shape : {Shape{40, 28, 3}, Shape{5, 1000}, Shape{9}}) {
    const FusedElementwise op = program(4,
                                        {{"cast", {0, -1, -1}},                          // 4
                                         {"divide", {4, 3, -1}},                         // 5
                                         {"select", {1, 5, 2}},                          // 6
                                         {"greater", {6, 2, -1}, DType::boolean},        // 7
                                         {"logical_and", {7, 1, -1}, DType::boolean},    // 8
                                         {"cast", {8, -1, -1}},                          // 9
                                         {"exp", {2, -1, -1}},                           // 10: once for a pattern
                                         {"multiply", {9, 10, -1}},                      // 11
                                         {"cast", {11, -1, -1}, DType::float64},         // 12
                                         {"logical_not", {8, -1, -1}, DType::boolean}},  // 13
                                        {6, 12, 13}, shape);
    const Tensors inputs = {sample({shape, DType::uint8}, 1, {0, 256}), sample({shape, DType::boolean}, 2),
                            sample({{shape.back()}, DType::float32}, 3), Tensor::scalar(255)};
    expect_agrees(make_simd_fused_elementwise, op, inputs, 2, 1e-6);
  }
}

TEST(SimdFused, KeepsManyValuesAlive) {
  // All intermediate values are needed again at the end.
  std::vector<ProgramStep> steps;
  for (int i = 0; i < 40; ++i) steps.push_back({"sin", {i == 0 ? 0 : i, -1, -1}});
  int sum = 40;
  for (int i = 39; i > 0; --i) {
    steps.push_back({"add", {sum, i, -1}});
    sum = static_cast<int>(steps.size());
  }
  for (const Shape& shape : {Shape{3000}, Shape{100, 200}}) {
    expect_agrees(make_simd_fused_elementwise, program(1, steps, {sum}, shape), {sample({shape, DType::float32}, 1)},
                  100, 1e-4);
  }
}

TEST(SimdFused, GivesTheSameBitsAsTheStepsAlone) {
  const FusedElementwise op =
      program(2, {{"multiply", {0, 1, -1}}, {"add", {2, 0, -1}}, {"tanh", {3, -1, -1}}}, {4}, {777});
  const Tensor a = sample({{777}, DType::float32}, 1), b = sample({{777}, DType::float32}, 2);
  for_each_target([&] {
    const Tensor product = run(make_simd_elementwise, Elementwise(elementwise_record("multiply")), {a, b})[0];
    const Tensor sum = run(make_simd_elementwise, Elementwise(elementwise_record("add")), {product, a})[0];
    expect_same(run(make_simd_fused_elementwise, op, {a, b})[0],
                run(make_simd_elementwise, Elementwise(elementwise_record("tanh")), {sum})[0]);
  });
}

}  // namespace hebb::simd
