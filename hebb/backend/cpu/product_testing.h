/// What the tests of products and convolutions share: cases, and running a kernel against the reference.
#pragma once

#include <string>
#include <vector>

#include "hebb/ops/conv.h"
#include "hebb/ops/matmul.h"
#include "hebb/plan/kernel.h"

namespace hebb {

using Floats = std::vector<float>;

/// Between -1 and 1, the same for the same seed.
Floats random_floats(const Shape& shape, unsigned seed);

/// Runs a kernel on plain inputs, in whatever layouts it chose, and gives back a plain output. All memory has guards
/// before and behind it, which fail the test when they are overwritten; outputs and scratch are full of NaN before.
Floats run_product(const Kernel& kernel, const std::vector<Floats>& inputs, int64_t output_size);

bool same_bits(const Floats& a, const Floats& b);

/// A kernel against the reference: with plain weights and with weights that it may choose, on one thread and on three,
/// which have to give the same bits. `terms`: how many products make an element. `of_largest`: the error that is
/// allowed beyond that of rounding, as a part of the largest element. False when the maker refused.
bool expect_product(const Op& op, MakeKernel make, MakeKernel reference, const std::vector<Spec>& in, int64_t terms,
                    double of_largest = 0);

struct ConvCase {
  Shape x, kernel;
  ConvOptions options;  ///< complete

  Spec y() const { return Conv(options).infer(std::vector<Spec>{{x}, {kernel}})[0]; }
};

const std::vector<ConvCase>& conv_cases();

/// The four ways to be asked for a convolution; null makers are left out. `may_refuse(case)`: that it is no failure
/// when a maker does.
struct ConvMakers {
  MakeKernel conv, fused_conv, backward_input, backward_kernel;
  double of_largest = 0;  ///< as in expect_product
};
void expect_convolutions(const ConvMakers& makers, bool (*may_refuse)(const ConvCase&));

struct MatmulCase {
  Shape a, b;
  MatmulOptions options;
};

const std::vector<MatmulCase>& matmul_cases();

void expect_matmuls(MakeKernel matmul, MakeKernel fused_matmul);

}  // namespace hebb
