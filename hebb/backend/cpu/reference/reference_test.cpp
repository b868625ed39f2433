// The oracle against numbers worked out by hand or by NumPy: everything else is only compared with the oracle.
#include "hebb/backend/cpu/reference/reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/base/philox.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/samples.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

/// The first output of an operation by its reference kernel.
Tensor run(const Op& op, const Tensors& inputs) {
  std::vector<Spec> in;
  for (const Tensor& input : inputs) in.push_back(input.spec());
  const std::vector<Spec> out = op.infer(in);
  const auto kernel = choose_kernel({op, in, out}, "reference");
  std::vector<const void*> from;
  for (const Tensor& input : inputs) from.push_back(input.raw());
  Tensors results;
  std::vector<void*> to;
  for (const Spec& spec : out) {
    results.push_back(Tensor::empty(spec));
    to.push_back(results.back().mutable_raw());
  }
  const auto scratch = Buffer::allocate(kernel->scratch_bytes());
  run_kernel(*kernel, {from.data(), to.data(), scratch->data()});
  return results[0];
}

/// The operation that `call` applies, by its reference kernel.
Tensor reference(const std::function<Tensor()>& call) {
  const Sample sample = detail::sample_of(call);
  return run(*sample.op, sample.inputs);
}

Tensor elementwise(std::string_view name, const Tensors& inputs) {
  return run(Elementwise(elementwise_record(name)), inputs);
}

Tensor numbers(const Shape& shape, DType dtype = DType::float32) {
  const Tensor flat = arange(shape.elements(), dtype);
  auto body = std::make_shared<TensorBody>(*flat.body());
  body->spec.shape = shape;
  return Tensor(body);
}

bool same(const Floats& a, const Floats& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float x, float y) { return x == y || (x != x && y != y); });
}

TEST(ReferenceElementwise, NaNGoesThrough) {
  const Tensor x{nan_value, 1.f, nan_value}, y{1.f, nan_value, nan_value};
  for (const char* name : {"add", "maximum", "minimum", "multiply"}) {
    EXPECT_TRUE(same(elementwise(name, {x, y}).to_vector<float>(), {nan_value, nan_value, nan_value})) << name;
  }
  for (const char* name : {"relu", "abs", "sign", "floor", "sigmoid", "softplus", "tanh"}) {
    EXPECT_TRUE(std::isnan(elementwise(name, {x}).data<float>()[0])) << name;
  }
  EXPECT_EQ(elementwise("equal", {x, x}).to_vector<bool>(), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(elementwise("not_equal", {x, x}).to_vector<bool>(), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(elementwise("less", {x, y}).to_vector<bool>(), (std::vector<bool>{false, false, false}));
}

TEST(ReferenceElementwise, Edges) {
  EXPECT_EQ(elementwise("round", {Tensor{0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 2.4f}}).to_vector<float>(),
            (Floats{0, 2, 2, 0, -2, 2}));
  EXPECT_EQ(elementwise("sigmoid", {Tensor{-inf, -100.f, 0.f, 100.f, inf}}).to_vector<float>(),
            (Floats{0, 3.783506e-44f, 0.5, 1, 1}));
  EXPECT_EQ(elementwise("softplus", {Tensor{-inf, 0.f, 100.f, inf}}).to_vector<float>(),
            (Floats{0, 0.6931472f, 100, inf}));
  EXPECT_EQ(elementwise("sign", {Tensor{-3.f, -0.f, 0.f, inf}}).to_vector<float>(), (Floats{-1, 0, 0, 1}));
  EXPECT_FALSE(std::signbit(elementwise("abs", {Tensor{-0.f}}).data<float>()[0]));
  EXPECT_EQ(elementwise("power", {Tensor{0.f, 2.f, -2.f, 4.f}, Tensor{0.f, 10.f, 3.f, 0.5f}}).to_vector<float>(),
            (Floats{1, 1024, -8, 2}));
  EXPECT_EQ(elementwise("isfinite", {Tensor{1.f, inf, nan_value}}).to_vector<bool>(),
            (std::vector<bool>{true, false, false}));
  EXPECT_EQ(elementwise("isnan", {Tensor{1.f, inf, nan_value}}).to_vector<bool>(),
            (std::vector<bool>{false, false, true}));
}

TEST(ReferenceElementwise, IntegersWrapAround) {
  const auto bytes = [](std::vector<uint8_t> values) { return Tensor::from(values); };
  EXPECT_EQ(elementwise("add", {bytes({250, 1}), bytes({10, 1})}).to_vector<int64_t>(), (Ints{4, 2}));
  EXPECT_EQ(elementwise("negative", {bytes({1, 0})}).to_vector<int64_t>(), (Ints{255, 0}));
  constexpr int64_t largest = std::numeric_limits<int64_t>::max(), smallest = std::numeric_limits<int64_t>::min();
  const Tensor wide = Tensor::from(Ints{largest, smallest});
  EXPECT_EQ(elementwise("add", {wide, Tensor::from(Ints{1, -1})}).to_vector<int64_t>(), (Ints{smallest, largest}));
  EXPECT_EQ(elementwise("abs", {wide}).to_vector<int64_t>(), (Ints{largest, smallest}));
  EXPECT_EQ(elementwise("square", {Tensor::from(std::vector<int32_t>{1 << 16, 3})}).to_vector<int64_t>(), (Ints{0, 9}));
}

TEST(ReferenceElementwise, BooleansAddAsOrAndMultiplyAsAnd) {
  const Tensor a = Tensor::from(std::vector<bool>{false, false, true, true}, {4});
  const Tensor b = Tensor::from(std::vector<bool>{false, true, false, true}, {4});
  EXPECT_EQ(elementwise("add", {a, b}).to_vector<bool>(), (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(elementwise("multiply", {a, b}).to_vector<bool>(), (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(elementwise("subtract", {a, b}).to_vector<bool>(), (std::vector<bool>{false, true, true, false}));
  EXPECT_EQ(elementwise("logical_or", {a, b}).to_vector<bool>(), (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(elementwise("less", {a, b}).to_vector<bool>(), (std::vector<bool>{false, true, false, false}));
}

TEST(ReferenceElementwise, Broadcasts) {
  EXPECT_EQ(elementwise("add", {numbers({2, 3}), numbers({3})}).to_vector<float>(), (Floats{0, 2, 4, 3, 5, 7}));
  EXPECT_EQ(elementwise("subtract", {numbers({3, 1}), numbers({2})}).to_vector<float>(), (Floats{0, -1, 1, 0, 2, 1}));
  const Tensor condition = Tensor::from(std::vector<bool>{true, false}, {2, 1});
  EXPECT_EQ(elementwise("select", {condition, numbers({2}), numbers({2, 2})}).to_vector<float>(), (Floats{0, 1, 2, 3}));
}

TEST(ReferenceCast, TruncatesAndKeepsToTheRange) {
  const Tensor x{1.9f, -1.9f, 3e9f, -3e9f, nan_value, inf};
  EXPECT_EQ(run(Cast(DType::int32), {x}).to_vector<int64_t>(), (Ints{1, -1, 2147483647, -2147483648, 0, 2147483647}));
  EXPECT_EQ(run(Cast(DType::uint8), {x}).to_vector<int64_t>(), (Ints{1, 0, 255, 0, 0, 255}));
  EXPECT_EQ(run(Cast(DType::int64), {x}).to_vector<int64_t>(),
            (Ints{1, -1, 3000000000, -3000000000, 0, std::numeric_limits<int64_t>::max()}));
  EXPECT_EQ(run(Cast(DType::boolean), {Tensor{0.f, -0.f, 0.1f, nan_value}}).to_vector<bool>(),
            (std::vector<bool>{false, false, true, true}));
  EXPECT_EQ(run(Cast(DType::uint8), {Tensor::from(Ints{256, -1, 7})}).to_vector<int64_t>(), (Ints{0, 255, 7}));
  EXPECT_EQ(run(Cast(DType::float32), {Tensor::from(Ints{16777217})}).to_vector<float>(), (Floats{16777216}));
}

TEST(ReferenceReduce, OverAxes) {
  const Tensor x = numbers({2, 3, 2});
  EXPECT_EQ(reference([&] { return sum(x, {.axes = {1}}); }).to_vector<float>(), (Floats{6, 9, 24, 27}));
  EXPECT_EQ(reference([&] { return sum(x, {.axes = {0, 2}}); }).to_vector<float>(), (Floats{14, 22, 30}));
  EXPECT_EQ(reference([&] { return max(x, {.axes = {0}}); }).to_vector<float>(), (Floats{6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(reference([&] { return min(x); }).item(), 0);
  EXPECT_EQ(reference([&] { return prod(Tensor{2.f, 3.f, -4.f}); }).item(), -24);
}

TEST(ReferenceReduce, NothingAndNaN) {
  EXPECT_EQ(reference([] { return sum(zeros({0})); }).item(), 0);
  EXPECT_EQ(reference([] { return prod(zeros({0})); }).item(), 1);
  EXPECT_TRUE(std::isnan(reference([] { return max(Tensor{1.f, nan_value, 3.f}); }).item()));
  EXPECT_TRUE(std::isnan(reference([] { return min(Tensor{nan_value, 1.f}); }).item()));
  EXPECT_EQ(reference([] { return max(Tensor{-inf, -inf}); }).item(), -inf);
}

TEST(ReferenceReduce, BooleansAreCounted) {
  const Tensor x = Tensor::from(std::vector<bool>{true, false, true}, {3});
  EXPECT_EQ(reference([&] { return sum(x); }).item(), 2);
  EXPECT_EQ(reference([&] { return max(x); }).dtype(), DType::boolean);
  EXPECT_EQ(reference([&] { return min(x); }).item(), 0);
}

TEST(ReferenceReduce, SumsAreExactToTheLastPlace) {
  // One large number and many that are each below half a unit of its last place.
  Floats values(100001, 0.25f);
  values[0] = 16777216.f;
  EXPECT_EQ(reference([&] { return sum(Tensor::from(values)); }).item(), 16777216.0 + 25000);
}

TEST(ReferenceReduce, ArgumentsOfExtremesAreTheFirst) {
  EXPECT_EQ(reference([] { return argmax(Tensor{1.f, 3.f, 3.f}, 0); }).item(), 1);
  EXPECT_EQ(reference([] { return argmin(Tensor{1.f, 3.f, 1.f}, 0); }).item(), 0);
  EXPECT_EQ(reference([] { return argmax(Tensor{1.f, nan_value, inf, nan_value}, 0); }).item(), 1);
  EXPECT_EQ(reference([] { return argmin(Tensor{nan_value, -inf}, 0); }).item(), 0);
  EXPECT_EQ(reference([] { return argmax(numbers({2, 3}), 0); }).to_vector<int64_t>(), (Ints{1, 1, 1}));
}

TEST(ReferenceSoftmax, IsStable) {
  const Tensor y = reference([] { return softmax(Tensor{1000.f, 1000.f, -1000.f}, 0); });
  EXPECT_EQ(y.to_vector<float>(), (Floats{0.5, 0.5, 0}));
  const Tensor z = reference([] { return log_softmax(Tensor{1000.f, 1000.f, -1000.f}, 0); });
  EXPECT_EQ(z.to_vector<float>(), (Floats{-0.6931472f, -0.6931472f, -2000.6931f}));
  EXPECT_TRUE(std::isnan(reference([] { return softmax(Tensor{1.f, nan_value}, 0); }).data<float>()[0]));
}

TEST(ReferenceShaping, MovesElements) {
  const Tensor x = numbers({2, 3});
  EXPECT_EQ(reference([&] { return transpose(x); }).to_vector<float>(), (Floats{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(reference([&] {
              return broadcast_to(numbers({2, 1}), {2, 3});
            }).to_vector<float>(),
            (Floats{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(reference([&] {
              return concatenate({x, numbers({2, 1})}, 1);
            }).to_vector<float>(),
            (Floats{0, 1, 2, 0, 3, 4, 5, 1}));
  EXPECT_EQ(reference([&] { return slice(x, {0, 0}, {2, 3}, {1, 2}); }).to_vector<float>(), (Floats{0, 2, 3, 5}));
  EXPECT_EQ(reference([&] { return pad(numbers({2}), {1}, {2}, {1}); }).to_vector<float>(), (Floats{0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(reference([&] { return reverse(x, {1}); }).to_vector<float>(), (Floats{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(reference([&] {
              return transpose(numbers({2, 2, 2}), {2, 0, 1});
            }).to_vector<float>(),
            (Floats{0, 2, 4, 6, 1, 3, 5, 7}));
}

TEST(ReferenceIndexing, IndicesOutsideGiveNothing) {
  const Tensor indices = Tensor::from(Ints{2, -1, 0, 3, 2});
  EXPECT_EQ(reference([&] {
              return gather(numbers({3, 2}), indices);
            }).to_vector<float>(),
            (Floats{4, 5, 0, 0, 0, 1, 0, 0, 4, 5}));
  EXPECT_EQ(reference([&] { return scatter_add(indices, numbers({5}), 3); }).to_vector<float>(), (Floats{2, 0, 4}));
  EXPECT_EQ(reference([&] { return one_hot(indices, 3); }).to_vector<float>(),
            (Floats{0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(ReferenceMatmul, Transposes) {
  const Tensor a = numbers({2, 3}), b = numbers({3, 2});
  EXPECT_EQ(reference([&] { return matmul(a, b); }).to_vector<float>(), (Floats{10, 13, 28, 40}));
  EXPECT_EQ(reference([&] { return matmul(a, a, {.transpose_b = true}); }).to_vector<float>(), (Floats{5, 14, 14, 50}));
  EXPECT_EQ(reference([&] { return matmul(b, b, {.transpose_a = true}); }).to_vector<float>(),
            (Floats{20, 26, 26, 35}));
  EXPECT_EQ(reference([&] { return matmul(b, a, {true, true}); }).to_vector<float>(), (Floats{10, 28, 13, 40}));
}

TEST(ReferenceConv, OneAxisByHand) {
  const Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f}, {1, 4, 1}), kernel = Tensor::from({1.f, 10.f, 100.f}, {3, 1, 1});
  // A correlation: the kernel is not turned round.
  EXPECT_EQ(reference([&] { return conv(x, kernel); }).to_vector<float>(), (Floats{321, 432}));
  EXPECT_EQ(reference([&] { return conv(x, kernel, {.low = {1}, .high = {1}}); }).to_vector<float>(),
            (Floats{210, 321, 432, 43}));
  EXPECT_EQ(reference([&] { return conv(x, kernel, {.strides = {2}, .low = {1}}); }).to_vector<float>(),
            (Floats{210, 432}));
  EXPECT_EQ(reference([&] { return conv(x, kernel, {.high = {1}, .dilations = {2}}); }).to_vector<float>(),
            (Floats{31}));
}

TEST(ReferenceConv, GroupsDoNotSeeEachOther) {
  const Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f}, {1, 2, 2}),
               kernel = Tensor::from({1.f, 10.f, 100.f, 1000.f}, {1, 1, 4});
  EXPECT_EQ(reference([&] { return conv(x, kernel, {.groups = 2}); }).to_vector<float>(),
            (Floats{1, 10, 200, 2000, 3, 30, 400, 4000}));
}

TEST(ReferenceConv, BackwardByHand) {
  const Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f}, {1, 4, 1}), kernel = Tensor::from({1.f, 10.f, 100.f}, {3, 1, 1});
  const Tensor dout = Tensor::from({1.f, 2.f}, {1, 2, 1});
  EXPECT_EQ(reference([&] {
              return conv_backward_input(dout, kernel, {1, 4, 1});
            }).to_vector<float>(),
            (Floats{1, 12, 120, 200}));
  EXPECT_EQ(reference([&] { return conv_backward_kernel(x, dout, {3, 1, 1}); }).to_vector<float>(), (Floats{5, 8, 11}));
}

TEST(ReferencePool, ByHand) {
  const Tensor x = Tensor::from({1.f, 5.f, 5.f, 2.f, 0.f}, {1, 5, 1});
  const PoolOptions overlapping{.window = {3}, .strides = {1}};
  EXPECT_EQ(reference([&] { return max_pool(x, overlapping); }).to_vector<float>(), (Floats{5, 5, 5}));
  const Tensor dout = Tensor::from({1.f, 2.f, 4.f}, {1, 3, 1});
  // The first maximum of the windows stands at places 1, 1 and 2.
  EXPECT_EQ(reference([&] { return max_pool_backward(x, dout, overlapping); }).to_vector<float>(),
            (Floats{0, 3, 4, 0, 0}));
  EXPECT_EQ(reference([&] {
              return max_pool_pick(x, numbers({1, 5, 1}), overlapping);
            }).to_vector<float>(),
            (Floats{1, 1, 2}));
  EXPECT_EQ(reference([&] { return average_pool(x, {.window = {2}}); }).to_vector<float>(), (Floats{3, 3.5}));
  // Places outside do not count.
  const PoolOptions padded{.window = {3}, .strides = {2}, .low = {1}, .high = {1}};
  EXPECT_EQ(reference([&] { return average_pool(x, padded); }).to_vector<float>(), (Floats{3, 4, 1}));
  EXPECT_EQ(reference([&] {
              return average_pool_backward(Tensor::from({6.f, 6.f, 6.f}, {1, 3, 1}), {1, 5, 1}, padded);
            }).to_vector<float>(),
            (Floats{3, 5, 2, 5, 3}));
}

TEST(ReferencePool, NaNIsTheMaximum) {
  const Tensor x = Tensor::from({1.f, nan_value, 5.f, nan_value}, {1, 4, 1});
  EXPECT_TRUE(std::isnan(reference([&] { return max_pool(x, {.window = {4}}); }).item()));
  EXPECT_EQ(reference([&] {
              return max_pool_backward(x, ones({1, 1, 1}), {.window = {4}});
            }).to_vector<float>(),
            (Floats{0, 1, 0, 0}));
}

TEST(ReferenceRandom, IsThePhiloxStreamInItsOrder) {
  const Tensor uniform = reference([] { return random_uniform(random_state(0x1234567890, 0x300000002), {200}); });
  const Tensor normal = reference([] { return random_normal(random_state(0x1234567890, 0x300000002), {200}); });
  for (uint32_t element : {0u, 1u, 15u, 16u, 47u, 63u, 64u, 100u, 199u}) {
    const auto words = philox4x32({element / 64 * 16 + element % 16, 0, 2, 3}, {0x34567890, 0x12});
    const uint32_t own = element / 16 % 4;
    EXPECT_EQ(uniform.data<float>()[element], static_cast<float>(words[own] >> 8) * 0x1p-24f);
    const uint32_t first = own & ~1u;
    const double radius = std::sqrt(-2 * std::log(1 - (words[first] >> 8) * 0x1p-24)),
                 angle = 2 * M_PI * ((words[first + 1] >> 8) * 0x1p-24);
    EXPECT_NEAR(normal.data<float>()[element], radius * (own % 2 == 0 ? std::cos(angle) : std::sin(angle)), 1e-6);
  }
}

TEST(ReferenceFused, StepsRunInOrder) {
  // y = relu(a * b + c), and where it is positive
  const auto step = [](const char* name, std::array<int, 3> operands, DType dtype = DType::float32) {
    return FusedStep{std::make_shared<Elementwise>(elementwise_record(name)), operands, dtype};
  };
  const FusedElementwise op(3, {step("multiply", {0, 1, -1}), step("add", {3, 2, -1}), step("relu", {4, -1, -1})}, {5},
                            {2, 2});
  const Tensor a = Tensor::from({1.f, 2.f, 3.f, 4.f}, {2, 2}), b{10.f, -10.f}, c = Tensor::scalar(5);
  EXPECT_EQ(run(op, {a, b, c}).to_vector<float>(), (Floats{15, 0, 35, 0}));
}

TEST(ReferenceFused, ProductBiasActivation) {
  const FusedProduct op(std::make_shared<Matmul>(MatmulOptions{}), true, "relu");
  EXPECT_EQ(run(op, {numbers({2, 2}), numbers({2, 2}), Tensor{-3.f, 1.f}}).to_vector<float>(), (Floats{0, 4, 3, 12}));
}

}  // namespace
}  // namespace hebb
