/// Cutting a convolution into slices that are computed one by one on different threads: images of the batch and, where
/// there are few images, bands of rows. How it is cut depends on the shapes alone.
#pragma once

#include <vector>

#include "hebb/backend/cpu/onednn/onednn_api.h"
#include "hebb/ops/conv.h"

namespace hebb::onednn {

/// The problem of a convolution of x: (batch, spatial..., channels) to y: (batch, spatial..., filters).
ConvProblem problem_of(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& y);

/// The forward convolution that computes the gradient with respect to `problem`'s input from that of its output; its
/// weights are `exchanged`. Without axes when there is none: strides and paddings larger than the window have none.
ConvProblem exchanged(const ConvProblem& problem);

/// Floating-point operations, products with padding included.
double flops(const ConvProblem& problem);

/// The elements of y.
int64_t y_elements(const ConvProblem& problem);

/// A convolution on a part of the tensors.
struct ConvSlice {
  ConvProblem problem;
  int64_t x_offset = 0, y_offset = 0;  ///< in elements
};

/// Slices of whole images, all of about the same size, at most `count`.
std::vector<ConvSlice> slices_of_images(const ConvProblem& problem, int64_t count);

/// Slices for the forward pass: of images, and of bands of rows where the batch is small.
std::vector<ConvSlice> slices_of_rows(const ConvProblem& problem);

/// How many slices of images a pass is worth when a slice should have `least` operations; a power of two.
int64_t count_slices(const ConvProblem& problem, double least, int64_t most);

/// An operation takes about 5 picoseconds on one core, and a slice should take ten times as long as starting it.
inline constexpr double least_flops_of_slice = 2e6;

}  // namespace hebb::onednn
