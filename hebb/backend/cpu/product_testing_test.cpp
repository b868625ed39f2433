#include "hebb/backend/cpu/product_testing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/base/threads.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace {

/// Memory as the plan gives it, aligned, with guards around it.
class Guarded {
 public:
  explicit Guarded(int64_t bytes) : bytes_(static_cast<size_t>(bytes)), memory_(bytes_ + 3 * guard, filling) {
    start_ = memory_.data() + guard + (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64);
  }
  ~Guarded() {
    for (const std::byte* at = memory_.data(); at < start_; ++at) ok(*at == filling);
    for (const std::byte* at = start_ + bytes_; at < memory_.data() + memory_.size(); ++at) ok(*at == filling);
  }
  std::byte* get() { return start_; }
  float* floats() { return reinterpret_cast<float*>(start_); }

 private:
  static constexpr size_t guard = 256;
  static constexpr std::byte filling{0xff};  // as floats: NaN

  void ok(bool condition) {
    if (!condition && !failed_) ADD_FAILURE() << "written outside of the memory given";
    failed_ |= !condition;
  }

  size_t bytes_;
  std::vector<std::byte> memory_;
  std::byte* start_;
  bool failed_ = false;
};

/// Elements may differ by rounding. Operands below 1 make partial sums of about the square root of the number of terms,
/// and so many roundings of them add up to its square root again.
void expect_near(const Floats& got, const Floats& expected, int64_t terms, double of_largest, const std::string& what) {
  ASSERT_EQ(got.size(), expected.size());
  double largest = 0;
  for (const float value : expected) largest = std::max<double>(largest, std::abs(value));
  const double allowed = 1.2e-7 * static_cast<double>(terms) + 2e-6 + of_largest * largest;
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], expected[i], allowed + 1e-6 * std::abs(expected[i])) << what << ", element " << i;
  }
}

std::string describe(const Op& op, const std::vector<Spec>& in) {
  std::string what = std::string(op.name()) + " " + op.attributes().to_string();
  for (const Spec& spec : in) what += " " + spec.to_string();
  return what;
}

ConvOptions complete(ConvOptions options, const Shape& x) {
  const auto spatial = static_cast<size_t>(x.rank() - 2);
  if (options.strides.empty()) options.strides.assign(spatial, 1);
  if (options.dilations.empty()) options.dilations.assign(spatial, 1);
  if (options.low.empty()) options.low.assign(spatial, 0);
  if (options.high.empty()) options.high.assign(spatial, 0);
  return options;
}

}  // namespace

Floats random_floats(const Shape& shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  Floats values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = distribution(generator);
  return values;
}

Floats run_product(const Kernel& kernel, const std::vector<Floats>& inputs, int64_t output_size) {
  std::vector<std::unique_ptr<Guarded>> memory;
  std::vector<const void*> in;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const LayoutPtr layout = kernel.input_layout(static_cast<int>(i));
    const size_t bytes = inputs[i].size() * sizeof(float);
    memory.push_back(std::make_unique<Guarded>(layout ? layout->bytes() : static_cast<int64_t>(bytes)));
    if (layout) {
      layout->pack(inputs[i].data(), memory.back()->get());
    } else {
      std::memcpy(memory.back()->get(), inputs[i].data(), bytes);
    }
    in.push_back(memory.back()->get());
  }
  const LayoutPtr layout = kernel.output_layout(0);
  const int64_t output_bytes = layout ? layout->bytes() : output_size * static_cast<int64_t>(sizeof(float));
  Guarded output(output_bytes), scratch(kernel.scratch_bytes());
  void* out[] = {output.get()};
  run_kernel(kernel, {in.data(), out, scratch.get()});
  Floats result(static_cast<size_t>(output_size));
  if (layout) {
    layout->unpack(output.get(), result.data());
    // Places without an element are zero, so that an optimizer may go over all of them.
    std::vector<std::byte> again(static_cast<size_t>(output_bytes));
    layout->pack(result.data(), again.data());
    EXPECT_EQ(std::memcmp(output.get(), again.data(), again.size()), 0) << "gaps in the output are not zero";
  } else {
    std::memcpy(result.data(), output.get(), result.size() * sizeof(float));
  }
  return result;
}

bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

bool expect_product(const Op& op, MakeKernel make, MakeKernel reference, const std::vector<Spec>& in, int64_t terms,
                    double of_largest) {
  const std::vector<Spec> out = op.infer(in);
  std::vector<Floats> inputs;
  for (size_t i = 0; i < in.size(); ++i) inputs.push_back(random_floats(in[i].shape, static_cast<unsigned>(i + 1)));
  Call call{op, in, out};
  Refusal why;
  const int64_t size = out[0].shape.elements();
  const Floats expected = run_product(*reference(call, why), inputs, size);
  const int before = threads();
  for (const bool free : {false, true}) {
    call.free_in = {false, free, false};
    call.free_out = {free};
    const auto kernel = make(call, why);
    if (!kernel) return false;
    if (!free) {
      EXPECT_EQ(kernel->input_layout(1), nullptr);
      EXPECT_EQ(kernel->output_layout(0), nullptr);
    }
    const std::string what = describe(op, in) + " by " + std::string(kernel->implementation());
    set_threads(1);
    const Floats alone = run_product(*kernel, inputs, size);
    set_threads(3);
    const Floats together = run_product(*kernel, inputs, size);
    set_threads(before);
    expect_near(alone, expected, terms, of_largest, what);
    EXPECT_TRUE(same_bits(alone, together)) << what;
  }
  return true;
}

const std::vector<ConvCase>& conv_cases() {
  static const std::vector<ConvCase> all = [] {
    std::vector<ConvCase> cases = {
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
        {{2, 8, 8, 12}, {3, 3, 4, 6}, {.low = {1, 1}, .high = {1, 1}, .groups = 3}},
        {{2, 8, 8, 32}, {3, 3, 1, 32}, {.low = {1, 1}, .high = {1, 1}, .groups = 32}},  // depthwise
        {{5, 9, 19, 21}, {3, 2, 1, 21}, {.strides = {2, 3}, .low = {1, 0}, .high = {0, 1}, .groups = 21}},
        {{40, 16, 15, 20}, {5, 5, 1, 20}, {.low = {4, 2}, .high = {4, 2}, .dilations = {2, 1}, .groups = 20}},
        {{3, 31, 24}, {4, 1, 24}, {.low = {3}, .groups = 24}},
        {{4, 20, 16}, {3, 16, 32}, {.low = {1}, .high = {1}}},
        {{4, 21, 5}, {4, 5, 7}, {.strides = {2}, .low = {1}, .high = {2}}},
        {{2, 6, 5, 7, 16}, {3, 2, 3, 16, 16}, {.low = {1, 0, 1}, .high = {1, 1, 1}}},
        {{1, 64, 64, 16}, {3, 3, 16, 32}, {.low = {1, 1}, .high = {1, 1}}},                     // bands of rows
        {{1, 65, 64, 16}, {3, 3, 16, 32}, {.strides = {2, 1}, .low = {0, 1}, .high = {1, 1}}},  // bands with strides
        {{1, 70, 70, 16}, {3, 3, 16, 32}, {.low = {2, 2}, .high = {3, 3}, .dilations = {3, 3}}},
        {{37, 10, 10, 16}, {3, 3, 16, 16}, {.low = {1, 1}, .high = {1, 1}}},  // slices of two sizes
        {{1, 1, 1, 8}, {1, 1, 8, 8}, {}},
        {{2, 3, 3, 8}, {3, 3, 8, 8}, {}},  // one position
        {{3, 11, 9, 3},
         {5, 5, 3, 20},
         {.strides = {2, 3}, .low = {2, 2}, .high = {1, 2}}},              // few channels, padding, strides
        {{6, 4, 4, 2}, {3, 3, 2, 40}, {.low = {1, 1}, .high = {1, 1}}},    // nearly all border
        {{7, 2, 2, 24}, {5, 5, 24, 24}, {.low = {2, 2}, .high = {2, 2}}},  // a window larger than the input
        {{2, 9, 9, 8}, {2, 2, 8, 8}, {.strides = {3, 3}}},                 // inputs that no output sees
        {{2, 5, 5, 8}, {3, 3, 8, 8}, {.low = {4, 0}, .high = {0, 4}}},     // outputs that see padding alone
        {{2, 30, 3, 4}, {3, 1, 4, 6}, {.low = {1, 0}, .high = {1, 0}, .dilations = {2, 1}}},  // tall
    };
    for (ConvCase& c : cases) c.options = complete(c.options, c.x);
    return cases;
  }();
  return all;
}

void expect_convolutions(const ConvMakers& makers, bool (*may_refuse)(const ConvCase&)) {
  const auto check = [&](const ConvCase& c, const Op& op, MakeKernel make, MakeKernel reference,
                         const std::vector<Spec>& in, int64_t terms) {
    if (!expect_product(op, make, reference, in, terms, makers.of_largest)) {
      EXPECT_TRUE(may_refuse(c)) << describe(op, in) << " was refused";
    }
  };
  const char* const activations[] = {"", "relu", "tanh", "sigmoid"};
  for (size_t i = 0; i < conv_cases().size(); ++i) {
    const ConvCase& c = conv_cases()[i];
    const int64_t filters = c.kernel.back(), terms = c.kernel.elements() / filters;
    check(c, Conv(c.options), makers.conv, make_reference_conv, {{c.x}, {c.kernel}}, terms);
    check(c, ConvBackwardInput(c.options, c.x), makers.backward_input, make_reference_conv_backward_input,
          {c.y(), {c.kernel}}, terms / c.kernel[-2] * filters);
    check(c, ConvBackwardKernel(c.options, c.kernel), makers.backward_kernel, make_reference_conv_backward_kernel,
          {{c.x}, c.y()}, c.y().shape.elements() / filters);
    for (const bool bias : {false, true}) {
      const FusedProduct fused(std::make_shared<Conv>(c.options), bias, activations[(i + bias) % 4]);
      std::vector<Spec> in = {{c.x}, {c.kernel}};
      if (bias) in.push_back({{filters}});
      check(c, fused, makers.fused_conv, make_reference_fused_product, in, terms);
    }
  }
}

const std::vector<MatmulCase>& matmul_cases() {
  static const std::vector<MatmulCase> all = [] {
    std::vector<MatmulCase> cases;
    const int64_t sizes[][3] = {{1, 1, 1},    {5, 7, 3},   {50, 784, 500}, {130, 33, 257},
                                {1, 100, 40}, {200, 3, 1}, {300, 64, 64}};
    for (const auto& [m, k, n] : sizes) {
      for (const bool ta : {false, true}) {
        for (const bool tb : {false, true}) {
          for (const int64_t batch : {0, 1, 3, 70}) {
            if (batch > 3 && m * k * n > 100000) continue;
            Shape a = ta ? Shape{k, m} : Shape{m, k}, b = tb ? Shape{n, k} : Shape{k, n};
            if (batch > 0) a = a.with(0, batch), b = b.with(0, batch);
            cases.push_back({a, b, {ta, tb}});
          }
        }
      }
    }
    return cases;
  }();
  return all;
}

void expect_matmuls(MakeKernel matmul, MakeKernel fused_matmul) {
  const std::string activations[] = {"", "relu", "tanh", "sigmoid"};
  size_t i = 0;
  for (const MatmulCase& c : matmul_cases()) {
    const int64_t terms = c.options.transpose_a ? c.a[-2] : c.a[-1],
                  columns = c.options.transpose_b ? c.b[-2] : c.b[-1];
    EXPECT_TRUE(expect_product(Matmul(c.options), matmul, make_reference_matmul, {{c.a}, {c.b}}, terms));
    const bool bias = i % 3 != 0;
    const FusedProduct fused(std::make_shared<Matmul>(c.options), bias, activations[i++ % 4]);
    std::vector<Spec> in = {{c.a}, {c.b}};
    if (bias) in.push_back({{columns}});
    EXPECT_TRUE(expect_product(fused, fused_matmul, make_reference_fused_product, in, terms));
  }
}

}  // namespace hebb
