#include "hebb/backend/eager.h"

#include <gtest/gtest.h>

#include <thread>

#include "hebb/base/error.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

TEST(Eager, KernelsAreKeptByOperationAttributesAndSpecs) {
  forget_kernels();
  const Tensor x = ones({2, 3});
  exp(x);
  EXPECT_EQ(kept_kernel_count(), 1u);
  exp(zeros({2, 3}));
  EXPECT_EQ(kept_kernel_count(), 1u);
  exp(ones({3, 2}));
  exp(ones({2, 3}, DType::float64));
  log(x);
  EXPECT_EQ(kept_kernel_count(), 4u);
  sum(x, {.axes = {0}});
  sum(x, {.axes = {1}});
  EXPECT_EQ(kept_kernel_count(), 6u);
}

TEST(Eager, OperationsOfEqualSpecsAreToldApart) {
  const Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f}, {2, 2});
  EXPECT_EQ(reverse(x, {0}).to_vector<float>(), (Floats{3, 4, 1, 2}));
  EXPECT_EQ(reverse(x, {1}).to_vector<float>(), (Floats{2, 1, 4, 3}));
  EXPECT_EQ(matmul(x, x).to_vector<float>(), (Floats{7, 10, 15, 22}));
  EXPECT_EQ(matmul(x, x, {.transpose_b = true}).to_vector<float>(), (Floats{5, 11, 11, 25}));
}

TEST(Eager, TheNumberOfKernelsIsBounded) {
  forget_kernels();
  for (int64_t size = 1; size <= static_cast<int64_t>(kept_kernels) + 100; ++size) negative(ones({size}));
  EXPECT_EQ(kept_kernel_count(), kept_kernels);
  EXPECT_EQ(negative(ones({3})).to_vector<float>(), (Floats{-1, -1, -1}));
  forget_kernels();
  EXPECT_EQ(kept_kernel_count(), 0u);
}

TEST(Eager, ReshapeSharesTheElementsOfATensor) {
  const Tensor x = ones({2, 3});
  EXPECT_EQ(reshape(x, {6}).raw(), x.raw());
  EXPECT_EQ(stop_gradient(x).raw(), x.raw());
}

TEST(Eager, ReshapeCopiesAVariable) {
  const Tensor v = variable(ones({2, 3}));
  const Tensor flat = reshape(v, {6}), constant = stop_gradient(v);
  assign(v, zeros({2, 3}));
  EXPECT_EQ(flat.to_vector<float>(), (Floats{1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(constant.to_vector<float>(), (Floats{1, 1, 1, 1, 1, 1}));
}

TEST(Eager, VariablesInALayoutOfTheirOwnAreRead) {
  /// Negated elements: a layout that no kernel would take for the plain one.
  class Negated : public Layout {
   public:
    const std::string& name() const override { return name_; }
    int64_t bytes() const override { return 8; }
    void pack(const void* plain, void* packed) const override {
      for (int i = 0; i < 2; ++i) static_cast<float*>(packed)[i] = -static_cast<const float*>(plain)[i];
    }
    void unpack(const void* packed, void* plain) const override { pack(packed, plain); }

   private:
    std::string name_ = "negated";
  };
  const Tensor v = variable(Tensor{1.f, 2.f});
  set_variable_layout(v, std::make_shared<Negated>());
  EXPECT_EQ((v + v).to_vector<float>(), (Floats{2, 4}));
  EXPECT_EQ(reshape(v, {2, 1}).to_vector<float>(), (Floats{1, 2}));
  assign(v, Tensor{3.f, 4.f});
  EXPECT_EQ((v * 1.0).to_vector<float>(), (Floats{3, 4}));
}

TEST(Eager, ManyInputs) {
  Tensors parts;
  for (int i = 0; i < 100; ++i) parts.push_back(full({1}, i));
  EXPECT_EQ(concatenate(parts, 0).to_vector<float>(), arange(100).to_vector<float>());
}

TEST(Eager, EmptyTensors) {
  EXPECT_EQ(exp(ones({0, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(sum(ones({0, 3}), {.axes = {0}}).to_vector<float>(), (Floats{0, 0, 0}));
  EXPECT_EQ(matmul(ones({2, 0}), ones({0, 2})).to_vector<float>(), (Floats{0, 0, 0, 0}));
}

TEST(Eager, SeveralThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<double> results(4);
  for (size_t t = 0; t < results.size(); ++t) {
    threads.emplace_back([t, &results] {
      for (int repeat = 0; repeat < 50; ++repeat) {
        const Tensor x = full({64, 33 + static_cast<int64_t>(repeat % 7)}, static_cast<double>(t + 1));
        results[t] = max(softmax(x + x)).item() * static_cast<double>(x.shape().back()) +
                     sum(x).item() / static_cast<double>(x.size());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < results.size(); ++t) EXPECT_NEAR(results[t], 2.0 + static_cast<double>(t), 1e-5);
}

}  // namespace
}  // namespace hebb
