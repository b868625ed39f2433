/// What the tests of the vector kernels share: running a maker on each instruction set, and comparing with the
/// reference.
#pragma once

#include <functional>
#include <string>

#include "hebb/ops/op.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

/// Calls `body` once for each instruction set that this processor has and the kernels are compiled for. The set's name
/// is part of every failure's message.
void for_each_target(const std::function<void()>& body);

struct Range {
  double low = -2, high = 2;
};
/// Numbers of the range (whole ones for integers), the same for the same seed. With `special`, among the floats also
/// zeros of both signs, infinities, NaN, denormal and huge numbers.
Tensor sample(const Spec& spec, uint64_t seed, Range range = {}, bool special = false);

/// Makes the kernel and runs it on memory with guards before and behind the outputs, which are filled with NaN first.
/// Fails the test when the maker refuses, or when a guard was overwritten.
Tensors run(MakeKernel maker, const Op& op, const Tensors& inputs);
Tensors run_reference(const Op& op, const Tensors& inputs);

/// Runs on inputs of one output that lies in the memory of input `in`.
Tensor run_in_place(MakeKernel maker, const Op& op, const Tensors& inputs, int in);

/// Expects equal specs and elements: floats at most `ulps` units in the last place or `absolute` apart, NaN where NaN.
void expect_close(const Tensor& got, const Tensor& expected, double ulps, double absolute = 0,
                  const std::string& what = "");
/// Expects the same bytes, but any NaN for NaN.
void expect_same(const Tensor& got, const Tensor& expected, const std::string& what = "");

/// Runs on every instruction set and compares with the reference.
void expect_agrees(MakeKernel maker, const Op& op, const Tensors& inputs, double ulps = 0, double absolute = 0);

}  // namespace hebb::simd
