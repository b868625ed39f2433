/// What the op suites share: running one kernel on a sample under watch, and comparing results.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/samples.h"
#include "hebb/plan/kernel.h"

namespace hebb {

/// A sample with its specs: what a call refers to.
struct Case {
  explicit Case(const Sample& sample) : op(sample.op), inputs(sample.inputs) {
    for (const Tensor& input : inputs) in.push_back(input.spec());
    out = op->infer(in);
  }

  Call call() const { return {*op, in, out}; }
  std::string text() const {
    std::string specs;
    for (const Spec& spec : in) specs += message(specs.empty() ? "" : ", ", spec);
    return message(op->name(), "(", specs, ") ", op->attributes());
  }

  OpPtr op;
  Tensors inputs;
  std::vector<Spec> in, out;
};

/// Runs a kernel in memory that is watched: inputs must keep their bytes, every byte of the outputs must be written,
/// none beyond. `overwrite` >= 0: output 0 lies in the memory of that input. `runs`: 1 leaves out the proof that every
/// byte is written.
inline Tensors run_watched(const Kernel& kernel, const Case& c, int overwrite = -1, int runs = 2) {
  constexpr size_t guard = 128;
  const FlushDenormals flush;
  Tensors results;
  // The second time with other bytes in the memory: what is not written differs.
  for (int run = 0; run < runs; ++run) {
    const std::byte fill{static_cast<unsigned char>(run == 0 ? 0xA5 : 0x3C)};
    std::vector<std::shared_ptr<Buffer>> buffers;
    auto allocate = [&](size_t bytes) {
      buffers.push_back(Buffer::allocate(static_cast<int64_t>(bytes + guard)));
      std::memset(buffers.back()->data(), static_cast<int>(fill), bytes + guard);
      return buffers.back()->data();
    };
    std::vector<const void*> in;
    std::vector<void*> out;
    std::vector<size_t> in_bytes, out_bytes;
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      const LayoutPtr layout = kernel.input_layout(static_cast<int>(i));
      in_bytes.push_back(static_cast<size_t>(layout ? layout->bytes() : c.in[i].bytes()));
      std::byte* memory = allocate(in_bytes.back());
      if (layout) {
        layout->pack(c.inputs[i].raw(), memory);
      } else if (in_bytes.back() > 0) {
        std::memcpy(memory, c.inputs[i].raw(), in_bytes.back());
      }
      in.push_back(memory);
    }
    for (size_t i = 0; i < c.out.size(); ++i) {
      const LayoutPtr layout = kernel.output_layout(static_cast<int>(i));
      out_bytes.push_back(static_cast<size_t>(layout ? layout->bytes() : c.out[i].bytes()));
      const bool in_place = i == 0 && overwrite >= 0;
      out.push_back(in_place ? const_cast<void*>(in[static_cast<size_t>(overwrite)]) : allocate(out_bytes.back()));
    }
    const auto scratch_bytes = static_cast<size_t>(kernel.scratch_bytes());
    std::byte* scratch = allocate(scratch_bytes);

    run_kernel(kernel, {in.data(), out.data(), scratch});

    auto expect_guard = [&](const void* memory, size_t bytes, const char* what) {
      const auto* end = static_cast<const std::byte*>(memory) + bytes;
      for (size_t k = 0; k < guard; ++k) {
        if (end[k] != fill) return void(ADD_FAILURE() << c.text() << ": wrote beyond " << what);
      }
    };
    for (size_t i = 0; i < in.size(); ++i) {
      expect_guard(in[i], in_bytes[i], "an input");
      if (static_cast<int>(i) == overwrite || kernel.input_layout(static_cast<int>(i)) || in_bytes[i] == 0) continue;
      EXPECT_EQ(std::memcmp(in[i], c.inputs[i].raw(), in_bytes[i]), 0) << c.text() << ": changed input " << i;
    }
    expect_guard(scratch, scratch_bytes, "the scratch memory");
    for (size_t i = 0; i < out.size(); ++i) {
      expect_guard(out[i], out_bytes[i], "an output");
      const LayoutPtr layout = kernel.output_layout(static_cast<int>(i));
      Tensor result = Tensor::empty(c.out[i]);
      if (layout) {
        layout->unpack(out[i], result.mutable_raw());
      } else if (out_bytes[i] > 0) {
        std::memcpy(result.mutable_raw(), out[i], out_bytes[i]);
      }
      const auto* bytes = static_cast<const std::byte*>(result.raw());
      const auto size = static_cast<size_t>(c.out[i].bytes());
      if (run == 0) {
        results.push_back(result);
      } else {
        EXPECT_TRUE(size == 0 || std::memcmp(results[i].raw(), bytes, size) == 0)
            << c.text() << ": output " << i << " depends on what was in the memory before";
      }
    }
  }
  return results;
}

inline Tensors run_reference(const Case& c) { return run_watched(*choose_kernel(c.call(), "reference"), c, -1, 1); }

/// The distance of two numbers in units in the last place of the expected one.
template <class T>
double ulps(T expected, T got) {
  const T size = std::abs(expected);
  const T ulp =
      std::max(std::nextafter(size, std::numeric_limits<T>::infinity()) - size, std::numeric_limits<T>::min());
  return std::abs(static_cast<double>(got) - static_cast<double>(expected)) / static_cast<double>(ulp);
}

template <class T>
::testing::AssertionResult same_numbers(const Tensor& expected, const Tensor& got, const Tolerance& tolerance,
                                        const Tensor& magnitude) {
  const T *e = expected.data<T>(), *g = got.data<T>();
  const T* m = magnitude.defined() ? magnitude.data<T>() : nullptr;
  for (int64_t i = 0; i < expected.size(); ++i) {
    if (e[i] == g[i] || (e[i] != e[i] && g[i] != g[i])) continue;
    if constexpr (std::is_floating_point_v<T>) {
      const double error = std::abs(static_cast<double>(g[i]) - static_cast<double>(e[i]));
      const bool finite = std::isfinite(e[i]) && std::isfinite(g[i]);
      if (finite && error <= tolerance.absolute) continue;
      if (finite && ulps(e[i], g[i]) <= tolerance.ulp) continue;
      if (finite && m && error <= tolerance.magnitude * static_cast<double>(m[i])) continue;
      return ::testing::AssertionFailure()
             << "element " << i << ": expected " << number_text(e[i]) << ", got " << number_text(g[i]) << " ("
             << (finite ? ulps(e[i], g[i]) : INFINITY) << " ulp, tolerance " << tolerance.ulp << "; error " << error
             << ", tolerance " << std::max(tolerance.absolute, m ? tolerance.magnitude * static_cast<double>(m[i]) : 0)
             << ")";
    } else {
      return ::testing::AssertionFailure() << "element " << i << ": expected " << +e[i] << ", got " << +g[i];
    }
  }
  return ::testing::AssertionSuccess();
}

inline ::testing::AssertionResult agree(const Tensor& expected, const Tensor& got, const Tolerance& tolerance = {},
                                        const Tensor& magnitude = {}) {
  if (expected.spec() != got.spec()) {
    return ::testing::AssertionFailure() << "expected " << expected.spec().to_string() << ", got "
                                         << got.spec().to_string();
  }
  return with_type(expected.dtype(),
                   [&](auto zero) { return same_numbers<decltype(zero)>(expected, got, tolerance, magnitude); });
}

/// How large the numbers are that each output was summed of; undefined tensors where the tolerance does not ask.
inline Tensors magnitudes(const Sample& sample, const Tolerance& tolerance, size_t outputs) {
  if (tolerance.magnitude == 0) return Tensors(outputs);
  Sample absolute{sample.magnitude ? sample.magnitude : sample.op, sample.inputs};
  for (Tensor& input : absolute.inputs) {
    if (is_floating(input.dtype())) input = abs(input);
  }
  return run_reference(Case(absolute));
}

/// One test for each operation (of these gradient rules): INSTANTIATE_TEST_SUITE_P(..., each_operation(),
/// operation_name).
inline auto each_operation(const std::vector<GradientRule>& rules = {GradientRule::differentiable, GradientRule::once,
                                                                     GradientRule::rounding, GradientRule::refused,
                                                                     GradientRule::none, GradientRule::internal}) {
  std::vector<const OperationRecord*> records;
  for (const OperationRecord& record : operation_records()) {
    if (std::find(rules.begin(), rules.end(), record.gradient) != rules.end()) records.push_back(&record);
  }
  return ::testing::ValuesIn(records);
}

inline std::string operation_name(const ::testing::TestParamInfo<const OperationRecord*>& info) {
  return std::string(info.param->name);
}

}  // namespace hebb
