#include "hebb/tensor/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "hebb/base/error.h"

namespace hebb {
namespace {

/// Runs `f` and returns the text of the InvalidArgument that it throws.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "no error";
}

/// Stores the elements in reverse order, with one more behind: different bytes, another size.
class Backwards : public Layout {
 public:
  explicit Backwards(int64_t count) : count_(count), name_("backwards " + std::to_string(count)) {}
  const std::string& name() const override { return name_; }
  int64_t bytes() const override { return (count_ + 1) * 4; }
  void pack(const void* plain, void* packed) const override {
    std::memset(packed, 0, static_cast<size_t>(bytes()));
    for (int64_t i = 0; i < count_; ++i)
      static_cast<float*>(packed)[count_ - 1 - i] = static_cast<const float*>(plain)[i];
  }
  void unpack(const void* packed, void* plain) const override {
    for (int64_t i = 0; i < count_; ++i)
      static_cast<float*>(plain)[i] = static_cast<const float*>(packed)[count_ - 1 - i];
  }

 private:
  int64_t count_;
  std::string name_;
};

TEST(Tensor, FromValues) {
  const Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f, 5.f, 6.f}, {2, 3});
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.dtype(), DType::float32);
  EXPECT_EQ(x.size(), 6);
  EXPECT_EQ(x.rank(), 2);
  EXPECT_EQ(x.data<float>()[4], 5);
  EXPECT_EQ((Tensor{1.f, 2.f}.shape()), (Shape{2}));
  EXPECT_EQ(Tensor::from(std::vector<int64_t>{7, 8}).dtype(), DType::int64);
  const Tensor mask = Tensor::from(std::vector<bool>{true, false, true}, {3});
  EXPECT_EQ(mask.dtype(), DType::boolean);
  EXPECT_TRUE(mask.data<bool>()[2]);
}

TEST(Tensor, TheNumberOfValuesMustFitTheShape) {
  EXPECT_EQ(error_of([] {
              Tensor::from({1.f, 2.f}, {3});
            }),
            "Tensor::from: expected 3 values for the shape (3,), got 2.");
}

TEST(Tensor, Makers) {
  EXPECT_EQ(zeros({2, 2}).to_vector<float>(), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(ones({2}, DType::int32).to_vector<int32_t>(), (std::vector<int32_t>{1, 1}));
  EXPECT_EQ(full({2}, 2.5, DType::float64).to_vector<double>(), (std::vector<double>{2.5, 2.5}));
  EXPECT_EQ(arange(4, DType::uint8).to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(arange(0).size(), 0);
  EXPECT_EQ(Tensor::scalar(3, DType::int64).item(), 3);
  EXPECT_EQ(Tensor::scalar(3).rank(), 0);
  EXPECT_EQ(zeros({3, 0, 2}).size(), 0);
}

TEST(Tensor, MemoryIsAligned) {
  for (int64_t size : {0, 1, 17, 1000}) EXPECT_EQ(reinterpret_cast<uintptr_t>(zeros({size}).raw()) % 64, 0u);
}

TEST(Tensor, CopiesShareTheElements) {
  Tensor a = zeros({3});
  const Tensor b = a;
  a.mutable_data<float>()[1] = 5;
  EXPECT_EQ(b.data<float>()[1], 5);
}

TEST(Tensor, TheTypeIsChecked) {
  const Tensor x = zeros({2});
  EXPECT_EQ(error_of([&] { x.data<double>(); }),
            "data<T>: expected T to be float32, the tensor's type, got float64. Use to_vector<T>() to convert.");
  EXPECT_THROW(zeros({2}).mutable_data<int32_t>(), InvalidArgument);
}

TEST(Tensor, UndefinedTensors) {
  const Tensor none;
  EXPECT_FALSE(none.defined());
  EXPECT_FALSE(none.is_concrete());
  EXPECT_FALSE(none.is_variable());
  EXPECT_FALSE(none.is_symbolic());
  EXPECT_FALSE(none.is_traced());
  EXPECT_EQ(none.to_string(), "undefined");
  EXPECT_EQ(error_of([&] { none.shape(); }), "a tensor is used that was never set. Give it a value first.");
}

TEST(Tensor, TensorsWithoutElementsSayWhy) {
  auto traced = std::make_shared<TensorBody>();
  traced->spec = {{2, 3}, DType::float32};
  const Tensor t(traced);
  EXPECT_TRUE(t.is_traced());
  EXPECT_EQ(t.to_string(), "float32(2, 3) (traced)");
  EXPECT_NE(error_of([&] { t.raw(); }).find("part of a graph that is being traced"), std::string::npos);
  auto symbolic = std::make_shared<TensorBody>();
  symbolic->spec = {{Shape::unknown, 3}, DType::float32};
  symbolic->symbol = std::make_shared<Symbol>();
  const Tensor s(symbolic);
  EXPECT_TRUE(s.is_symbolic());
  EXPECT_EQ(s.to_string(), "float32(None, 3) (symbolic)");
  EXPECT_NE(error_of([&] { s.raw(); }).find("Make a Model of it"), std::string::npos);
}

TEST(Tensor, ToVectorConverts) {
  const Tensor x = Tensor::from({-1.75f, 0.f, 2.5f}, {3});
  EXPECT_EQ(x.to_vector<int32_t>(), (std::vector<int32_t>{-1, 0, 2}));
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{-1.75, 0, 2.5}));
  EXPECT_EQ(x.to_vector<bool>(), (std::vector<bool>{true, false, true}));
}

TEST(Tensor, ItemNeedsOneElement) {
  EXPECT_EQ((Tensor::from({4.f}, {1, 1}).item()), 4);
  EXPECT_EQ(error_of([] { zeros({2}).item(); }),
            "item(): expected a tensor of one element, got float32(2,). Reduce it first, or use data().");
}

TEST(Tensor, Text) {
  EXPECT_EQ(Tensor::from({1.f, 2.f, 3.f, 4.5f}, {2, 2}).to_string(), "float32(2, 2) [[1, 2], [3, 4.5]]");
  EXPECT_EQ(Tensor::scalar(7, DType::int32).to_string(), "int32() 7");
  EXPECT_EQ(zeros({0}).to_string(), "float32(0,) []");
  EXPECT_EQ(arange(20, DType::int64).to_string(), "int64(20,) [0, 1, 2, 3, ..., 16, 17, 18, 19]");
  const Tensor rows = arange(60, DType::int64);
  auto body = std::make_shared<TensorBody>(*rows.body());
  body->spec.shape = {20, 3};
  EXPECT_EQ(
      Tensor(body).to_string(),
      "int64(20, 3) [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], ..., [48, 49, 50], [51, 52, 53], [54, 55, 56], "
      "[57, 58, 59]]");
}

TEST(Variable, HoldsACopy) {
  Tensor initial = ones({2});
  const Tensor v = variable(initial, "kernel");
  initial.mutable_data<float>()[0] = 9;
  EXPECT_EQ(v.data<float>()[0], 1);
  EXPECT_TRUE(v.is_variable());
  EXPECT_TRUE(v.is_concrete());
  EXPECT_EQ(v.name(), "kernel");
  EXPECT_TRUE(v.body()->trainable);
  EXPECT_FALSE(variable(initial, "", false).body()->trainable);
}

TEST(Variable, IsWrittenByAssignmentAlone) {
  Tensor v = variable(zeros({2}), "bias");
  EXPECT_EQ(error_of([&] { v.mutable_data<float>(); }),
            "a variable's elements are changed by assign(), not through mutable_data().");
  const uint64_t before = v.body()->version;
  write_variable(v, Tensor{3.f, 4.f});
  EXPECT_EQ(v.to_vector<float>(), (std::vector<float>{3, 4}));
  EXPECT_GT(v.body()->version, before);
  EXPECT_EQ(error_of([&] { write_variable(v, zeros({3})); }),
            "assign to variable 'bias': expected float32(2,), got float32(3,).");
  EXPECT_THROW(write_variable(v, zeros({2}, DType::float64)), InvalidArgument);
  EXPECT_THROW(write_variable(zeros({2}), zeros({2})), InvalidArgument);
}

TEST(Variable, CanBeAssignedToItself) {
  const Tensor v = variable(Tensor{3.f, 4.f});
  write_variable(v, v);
  EXPECT_EQ(v.to_vector<float>(), (std::vector<float>{3, 4}));
}

TEST(VariableLayout, IsInvisibleToReaders) {
  const Tensor v = variable(Tensor{1.f, 2.f, 3.f});
  set_variable_layout(v, std::make_shared<Backwards>(3));
  EXPECT_EQ(reinterpret_cast<const float*>(v.body()->buffer->data())[0], 3);
  EXPECT_EQ(v.to_vector<float>(), (std::vector<float>{1, 2, 3}));
  write_variable(v, Tensor{4.f, 5.f, 6.f});
  EXPECT_EQ(reinterpret_cast<const float*>(v.body()->buffer->data())[0], 6);
  EXPECT_EQ(v.to_vector<float>(), (std::vector<float>{4, 5, 6}));
  EXPECT_EQ(v.to_string(), "float32(3,) [4, 5, 6]");
  set_variable_layout(v, nullptr);
  EXPECT_EQ(reinterpret_cast<const float*>(v.body()->buffer->data())[0], 4);
  EXPECT_EQ(v.to_vector<float>(), (std::vector<float>{4, 5, 6}));
}

TEST(VariableLayout, TheSameLayoutChangesNothing) {
  const Tensor v = variable(Tensor{1.f, 2.f});
  set_variable_layout(v, std::make_shared<Backwards>(2));
  const void* before = v.body()->buffer->data();
  set_variable_layout(v, std::make_shared<Backwards>(2));  // another object with the same name
  EXPECT_EQ(v.body()->buffer->data(), before);
}

TEST(VariableLayout, SeveralVariablesCanBeReadAtOnce) {
  std::vector<Tensor> variables;
  std::vector<const float*> read;
  for (int i = 0; i < 20; ++i) {
    variables.push_back(variable(full({2}, i)));
    set_variable_layout(variables.back(), std::make_shared<Backwards>(2));
  }
  for (const Tensor& v : variables) read.push_back(v.data<float>());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(read[static_cast<size_t>(i)][1], i);
}

TEST(VariableLayout, AVariableCopiesThePlainOrder) {
  const Tensor v = variable(Tensor{1.f, 2.f});
  set_variable_layout(v, std::make_shared<Backwards>(2));
  EXPECT_EQ(variable(v).to_vector<float>(), (std::vector<float>{1, 2}));
}

TEST(Buffer, ViewsKeepTheWholeAlive) {
  std::weak_ptr<Buffer> whole;
  std::shared_ptr<Buffer> view;
  {
    auto buffer = Buffer::allocate(256);
    whole = buffer;
    buffer->data()[64] = std::byte{7};
    view = Buffer::view(buffer, 64, 32);
  }
  EXPECT_FALSE(whole.expired());
  EXPECT_EQ(view->data()[0], std::byte{7});
  EXPECT_EQ(view->bytes(), 32);
  view.reset();
  EXPECT_TRUE(whole.expired());
}

}  // namespace
}  // namespace hebb
