#include "hebb/backend/cpu/onednn/onednn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <thread>

#include "hebb/backend/cpu/onednn/conv_slices.h"
#include "hebb/backend/cpu/onednn/weights.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/base/threads.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

Floats random_floats(const Shape& shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  Floats values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = distribution(generator);
  return values;
}

/// Memory as the plan gives it: aligned, and full of something that is not zero.
class Scratch {
 public:
  explicit Scratch(int64_t bytes) : memory_(static_cast<size_t>(bytes) + 64, std::byte{0x7f}) {}
  std::byte* get() {
    const auto address = reinterpret_cast<uintptr_t>(memory_.data());
    return memory_.data() + (64 - address % 64);
  }

 private:
  std::vector<std::byte> memory_;
};

/// Runs a kernel on plain inputs, in whatever layouts it chose, and gives back a plain output.
Floats run(const Kernel& kernel, const std::vector<Floats>& inputs, int64_t output_size) {
  std::vector<std::vector<std::byte>> packed(inputs.size());
  std::vector<const void*> in;
  for (size_t i = 0; i < inputs.size(); ++i) {
    in.push_back(inputs[i].data());
    if (const LayoutPtr layout = kernel.input_layout(static_cast<int>(i))) {
      packed[i].resize(static_cast<size_t>(layout->bytes()));
      layout->pack(inputs[i].data(), packed[i].data());
      in.back() = packed[i].data();
    }
  }
  Floats output(static_cast<size_t>(output_size), NAN);
  const LayoutPtr layout = kernel.output_layout(0);
  std::vector<std::byte> packed_output(layout ? static_cast<size_t>(layout->bytes()) : 0, std::byte{0x7f});
  void* out[] = {layout ? static_cast<void*>(packed_output.data()) : output.data()};
  Scratch scratch(kernel.scratch_bytes());
  run_kernel(kernel, {in.data(), out, scratch.get()});
  if (layout) {
    layout->unpack(packed_output.data(), output.data());
    // Places without an element are zero, so that an optimizer may go over all of them.
    std::vector<std::byte> again(packed_output.size());
    layout->pack(output.data(), again.data());
    EXPECT_EQ(std::memcmp(packed_output.data(), again.data(), again.size()), 0) << "gaps in the output are not zero";
  }
  return output;
}

/// Elements may differ by rounding. Operands below 1 make partial sums of about the square root of the number of terms,
/// and so many roundings of them add up to its square root again.
void expect_near(const Floats& got, const Floats& expected, int64_t terms, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size());
  const double allowed = 1.2e-7 * static_cast<double>(terms) + 2e-6;
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], expected[i], allowed + 1e-6 * std::abs(expected[i])) << what << ", element " << i;
  }
}

bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// A kernel against the reference: with plain weights and with weights that it may choose, on one thread and on three.
void check(const Op& op, MakeKernel make, MakeKernel reference, const std::vector<Spec>& in, int64_t terms,
           bool must_exist = true) {
  const std::vector<Spec> out = op.infer(in);
  std::vector<Floats> inputs;
  for (size_t i = 0; i < in.size(); ++i) inputs.push_back(random_floats(in[i].shape, static_cast<unsigned>(i + 1)));
  std::string what = std::string(op.name()) + " " + op.attributes().to_string();
  for (const Spec& spec : in) what += " " + spec.to_string();

  Call call{op, in, out};
  Refusal why;
  const int64_t size = out[0].shape.elements();
  const Floats expected = run(*reference(call, why), inputs, size);
  for (const bool free : {false, true}) {
    call.free_in = {false, free, false};
    call.free_out = {free};
    const auto kernel = make(call, why);
    if (!kernel) {
      EXPECT_FALSE(must_exist && __builtin_cpu_supports("avx2")) << what << ": " << why.reason();
      return;
    }
    if (!free) {
      EXPECT_EQ(kernel->input_layout(1), nullptr);
      EXPECT_EQ(kernel->output_layout(0), nullptr);
    }
    set_threads(1);
    const Floats alone = run(*kernel, inputs, size);
    set_threads(3);
    const Floats together = run(*kernel, inputs, size);
    set_threads(2);
    expect_near(alone, expected, terms, what + " by " + std::string(kernel->implementation()));
    EXPECT_TRUE(same_bits(alone, together)) << what;
  }
}

struct ConvCase {
  Shape x, kernel;
  ConvOptions options;
  bool must_exist = true;
};

ConvOptions complete(ConvOptions options, const Shape& x) {
  const auto spatial = static_cast<size_t>(x.rank() - 2);
  if (options.strides.empty()) options.strides.assign(spatial, 1);
  if (options.dilations.empty()) options.dilations.assign(spatial, 1);
  if (options.low.empty()) options.low.assign(spatial, 0);
  if (options.high.empty()) options.high.assign(spatial, 0);
  return options;
}

const std::vector<ConvCase>& cases() {
  static const std::vector<ConvCase> all = {
      {{2, 12, 12, 1}, {5, 5, 1, 32}, {}},
      {{32, 8, 8, 32}, {5, 5, 32, 32}, {}},
      {{5, 9, 7, 16}, {3, 3, 16, 32}, {.low = {1, 1}, .high = {1, 1}}},
      {{3, 9, 8, 16}, {3, 3, 16, 16}, {.strides = {2, 2}, .low = {0, 0}, .high = {1, 1}}},
      {{3, 10, 11, 16}, {3, 2, 16, 48}, {.strides = {3, 2}, .low = {2, 1}, .high = {1, 0}}},
      {{2, 13, 13, 16}, {3, 3, 16, 16}, {.low = {2, 2}, .high = {2, 2}, .dilations = {2, 2}}},
      {{2, 13, 11, 16}, {3, 2, 16, 32}, {.strides = {2, 1}, .low = {1, 0}, .high = {2, 3}, .dilations = {3, 2}}},
      {{4, 8, 8, 64}, {1, 1, 64, 128}, {}},
      {{4, 8, 8, 16}, {1, 1, 16, 32}, {.strides = {2, 2}}},
      {{2, 6, 6, 32}, {3, 3, 32, 160}, {.low = {1, 1}, .high = {1, 1}}},  // several blocks of filters
      {{2, 7, 7, 3}, {3, 3, 3, 10}, {.low = {1, 1}, .high = {1, 1}}},     // nothing divides
      {{2, 7, 7, 17}, {3, 3, 17, 19}, {.low = {1, 1}, .high = {1, 1}}},
      {{2, 8, 8, 32}, {3, 3, 16, 32}, {.low = {1, 1}, .high = {1, 1}, .groups = 2}},
      {{2, 8, 8, 12}, {3, 3, 4, 6}, {.low = {1, 1}, .high = {1, 1}, .groups = 3}, false},
      {{2, 8, 8, 32}, {3, 3, 1, 32}, {.low = {1, 1}, .high = {1, 1}, .groups = 32}, false},  // depthwise
      {{4, 20, 16}, {3, 16, 32}, {.low = {1}, .high = {1}}},
      {{4, 21, 5}, {4, 5, 7}, {.strides = {2}, .low = {1}, .high = {2}}},
      {{2, 6, 5, 7, 16}, {3, 2, 3, 16, 16}, {.low = {1, 0, 1}, .high = {1, 1, 1}}},
      {{1, 64, 64, 16}, {3, 3, 16, 32}, {.low = {1, 1}, .high = {1, 1}}},                     // bands of rows
      {{1, 65, 64, 16}, {3, 3, 16, 32}, {.strides = {2, 1}, .low = {0, 1}, .high = {1, 1}}},  // bands with strides
      {{1, 70, 70, 16}, {3, 3, 16, 32}, {.low = {2, 2}, .high = {3, 3}, .dilations = {3, 3}}},
      {{37, 10, 10, 16}, {3, 3, 16, 16}, {.low = {1, 1}, .high = {1, 1}}},  // slices of two sizes
      {{1, 1, 1, 8}, {1, 1, 8, 8}, {}},
      {{2, 3, 3, 8}, {3, 3, 8, 8}, {}},  // one position
  };
  return all;
}

int64_t window_terms(const ConvCase& c) { return c.kernel.elements() / c.kernel.back(); }

TEST(Onednn, Conv) {
  for (const ConvCase& c : cases()) {
    const Conv op(complete(c.options, c.x));
    check(op, make_onednn_conv, make_reference_conv, {{c.x}, {c.kernel}}, window_terms(c), c.must_exist);
  }
}

TEST(Onednn, ConvBackwardInput) {
  for (const ConvCase& c : cases()) {
    const ConvOptions options = complete(c.options, c.x);
    const Shape y = Conv(options).infer(std::vector<Spec>{{c.x}, {c.kernel}})[0].shape;
    const ConvBackwardInput op(options, c.x);
    check(op, make_onednn_conv_backward_input, make_reference_conv_backward_input, {{y}, {c.kernel}},
          window_terms(c) / c.kernel[-2] * c.kernel.back(), c.must_exist);
  }
}

TEST(Onednn, ConvBackwardKernel) {
  for (const ConvCase& c : cases()) {
    const ConvOptions options = complete(c.options, c.x);
    const Shape y = Conv(options).infer(std::vector<Spec>{{c.x}, {c.kernel}})[0].shape;
    const ConvBackwardKernel op(options, c.kernel);
    check(op, make_onednn_conv_backward_kernel, make_reference_conv_backward_kernel, {{c.x}, {y}},
          y.elements() / y.back(), c.must_exist);
  }
}

TEST(Onednn, FusedConv) {
  for (const std::string activation : {"", "relu", "tanh", "sigmoid"}) {
    for (const bool bias : {false, true}) {
      for (const ConvCase& c : cases()) {
        const FusedProduct op(std::make_shared<Conv>(complete(c.options, c.x)), bias, activation);
        std::vector<Spec> in = {{c.x}, {c.kernel}};
        if (bias) in.push_back({{c.kernel.back()}});
        check(op, make_onednn_fused_conv, make_reference_fused_product, in, window_terms(c), c.must_exist);
      }
    }
  }
}

struct MatmulCase {
  Shape a, b;
  MatmulOptions options;
};

std::vector<MatmulCase> matmul_cases() {
  std::vector<MatmulCase> all;
  const int64_t sizes[][3] = {{1, 1, 1},    {5, 7, 3},   {50, 784, 500}, {130, 33, 257},
                              {1, 100, 40}, {200, 3, 1}, {300, 64, 64}};
  for (const auto& [m, k, n] : sizes) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        for (const int64_t batch : {0, 1, 3, 70}) {
          if (batch > 3 && m * k * n > 100000) continue;
          Shape a = ta ? Shape{k, m} : Shape{m, k}, b = tb ? Shape{n, k} : Shape{k, n};
          if (batch > 0) a = a.with(0, batch), b = b.with(0, batch);
          all.push_back({a, b, {ta, tb}});
        }
      }
    }
  }
  return all;
}

int64_t inner_size(const MatmulCase& c) { return c.options.transpose_a ? c.a[-2] : c.a[-1]; }

TEST(Onednn, Matmul) {
  for (const MatmulCase& c : matmul_cases()) {
    check(Matmul(c.options), make_onednn_matmul, make_reference_matmul, {{c.a}, {c.b}}, inner_size(c));
  }
}

TEST(Onednn, FusedMatmul) {
  const std::string activations[] = {"", "relu", "tanh", "sigmoid"};
  const std::vector<MatmulCase> all = matmul_cases();
  for (size_t i = 0; i < all.size(); ++i) {
    for (const std::string& activation : {activations[i % 4], activations[i / 4 % 4]}) {
      const MatmulCase& c = all[i];
      const int64_t columns = c.options.transpose_b ? c.b[-2] : c.b[-1];
      const FusedProduct op(std::make_shared<Matmul>(c.options), true, activation);
      check(op, make_onednn_fused_matmul, make_reference_fused_product, {{c.a}, {c.b}, {{columns}}}, inner_size(c));
    }
  }
}

TEST(Onednn, PassesAgreeOnALayout) {
  const ConvOptions options = complete({.low = {1, 1}, .high = {1, 1}}, {8, 8, 8, 32});
  const std::vector<Spec> x = {{{8, 8, 8, 32}}}, kernel = {{{3, 3, 32, 160}}}, y = {{{8, 8, 8, 160}}};
  Refusal why;
  const auto make = [&](MakeKernel maker, const Op& op, const std::vector<Spec>& in, const std::vector<Spec>& out) {
    return maker(Call{op, in, out, {false, true}, {true}}, why);
  };
  const auto forward = make(make_onednn_conv, Conv(options), {x[0], kernel[0]}, y);
  const auto input =
      make(make_onednn_conv_backward_input, ConvBackwardInput(options, x[0].shape), {y[0], kernel[0]}, x);
  const auto weights =
      make(make_onednn_conv_backward_kernel, ConvBackwardKernel(options, kernel[0].shape), {x[0], y[0]}, kernel);
  ASSERT_TRUE(forward && input && weights);
  EXPECT_TRUE(same_layout(forward->input_layout(1), input->input_layout(1)));
  EXPECT_TRUE(same_layout(forward->input_layout(1), weights->output_layout(0)));
  // A batch of another size wants the same.
  const std::vector<Spec> x1 = {{{1, 8, 8, 32}}}, y1 = {{{1, 8, 8, 160}}};
  const auto single = make(make_onednn_conv, Conv(options), {x1[0], kernel[0]}, y1);
  EXPECT_TRUE(same_layout(forward->input_layout(1), single->input_layout(1)));
}

TEST(Onednn, LayoutsRoundTrip) {
  for (const ConvCase& c : cases()) {
    const ConvOptions options = complete(c.options, c.x);
    const Shape y = Conv(options).infer(std::vector<Spec>{{c.x}, {c.kernel}})[0].shape;
    for (const auto pass :
         {onednn::ConvPass::forward, onednn::ConvPass::backward_input, onednn::ConvPass::backward_kernel}) {
      const auto format = onednn::find_weights_format(onednn::problem_of(options, c.x, c.kernel, y), pass);
      if (!format) continue;
      const onednn::WeightsLayout layout(c.kernel, onednn::placement(*format));
      const Floats plain = random_floats(c.kernel, 1);
      Floats packed(static_cast<size_t>(layout.bytes()) / sizeof(float), NAN), back(plain.size());
      layout.pack(plain.data(), packed.data());
      layout.unpack(packed.data(), back.data());
      EXPECT_TRUE(same_bits(plain, back)) << layout.name();
      double sum = 0, packed_sum = 0;
      for (float value : plain) sum += value;
      for (float value : packed) packed_sum += value;
      EXPECT_NEAR(sum, packed_sum, 1e-3) << layout.name();
    }
  }
}

TEST(Onednn, RefusesWhatItCannot) {
  Refusal why;
  const Conv op(complete({}, {2, 8, 8, 16}));
  const std::vector<Spec> doubles = {{{2, 8, 8, 16}, DType::float64}, {{3, 3, 16, 16}, DType::float64}};
  const std::vector<Spec> out = op.infer(doubles);
  EXPECT_EQ(make_onednn_conv({op, doubles, out}, why), nullptr);
  EXPECT_EQ(why.reason(), "float32 only");
  const std::vector<Spec> empty = {{{0, 8, 8, 16}}, {{3, 3, 16, 16}}}, no_out = {{{0, 6, 6, 16}}};
  EXPECT_EQ(make_onednn_conv({op, empty, no_out}, why), nullptr);
  const FusedProduct fused(std::make_shared<Conv>(complete({}, {2, 8, 8, 16})), false, "softplus");
  const std::vector<Spec> in = {{{2, 8, 8, 16}}, {{3, 3, 16, 16}}}, good_out = {{{2, 6, 6, 16}}};
  EXPECT_EQ(make_onednn_fused_conv({fused, in, good_out}, why), nullptr);
}

TEST(Onednn, ActivationsPassNanOn) {
  for (const std::string activation : {"relu", "tanh", "sigmoid"}) {
    const FusedProduct op(std::make_shared<Conv>(complete({}, {1, 4, 4, 16})), false, activation);
    const std::vector<Spec> in = {{{1, 4, 4, 16}}, {{1, 1, 16, 16}}}, out = op.infer(in);
    Refusal why;
    const auto kernel = make_onednn_fused_conv({op, in, out}, why);
    if (!kernel) continue;
    Floats x(256, 1.0f);
    x[3] = NAN;
    const Floats y = run(*kernel, {x, Floats(256, 1.0f)}, 256);
    EXPECT_TRUE(std::isnan(y[0])) << activation;
    EXPECT_FALSE(std::isnan(y[16])) << activation;
  }
}

// One kernel serves plans that run on several threads of the user's at the same time.
TEST(Onednn, RunsOnSeveralThreadsAtOnce) {
  const Conv op(complete({.low = {1, 1}, .high = {1, 1}}, {32, 8, 8, 16}));
  const std::vector<Spec> in = {{{32, 8, 8, 16}}, {{3, 3, 16, 160}}}, out = op.infer(in);
  Refusal why;
  const auto kernel = make_onednn_conv({op, in, out}, why);
  ASSERT_TRUE(kernel);
  std::vector<std::vector<Floats>> inputs;
  std::vector<Floats> expected;
  for (unsigned i = 0; i < 4; ++i) {
    inputs.push_back({random_floats(in[0].shape, 10 + i), random_floats(in[1].shape, 20 + i)});
    expected.push_back(run(*kernel, inputs.back(), out[0].shape.elements()));
  }
  std::vector<int> wrong(4);
  std::vector<std::thread> users;
  for (size_t i = 0; i < 4; ++i) {
    users.emplace_back([&, i] {
      for (int repeat = 0; repeat < 20; ++repeat) {
        wrong[i] += !same_bits(run(*kernel, inputs[i], out[0].shape.elements()), expected[i]);
      }
    });
  }
  for (std::thread& user : users) user.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

}  // namespace
}  // namespace hebb
