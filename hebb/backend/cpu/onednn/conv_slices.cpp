#include "hebb/backend/cpu/onednn/conv_slices.h"

#include <algorithm>
#include <numeric>

namespace hebb::onednn {

namespace {

int64_t product(const std::vector<int64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

int64_t x_image(const ConvProblem& p) { return product(p.input) * p.channels; }
int64_t y_image(const ConvProblem& p) { return product(p.output) * p.filters; }

int64_t power_of_two_below(double value) {
  int64_t power = 1;
  while (static_cast<double>(2 * power) <= value) power *= 2;
  return power;
}

/// The rows [first, last) of the output, from the rows of the input that they see. No rows are left where a band sees
/// padding alone.
ConvSlice band(const ConvProblem& p, int64_t image, int64_t first, int64_t last) {
  ConvSlice slice{p, 0, 0};
  const int64_t row = x_image(p) / p.input[0];
  const int64_t begin = first * p.strides[0] - p.low[0];
  const int64_t end = (last - 1) * p.strides[0] - p.low[0] + (p.window[0] - 1) * p.dilations[0] + 1;
  const int64_t seen_begin = std::max<int64_t>(begin, 0), seen_end = std::min(end, p.input[0]);
  slice.problem.batch = 1;
  slice.problem.output[0] = last - first;
  slice.problem.input[0] = std::max<int64_t>(seen_end - seen_begin, 0);
  slice.problem.low[0] = seen_begin - begin;
  slice.problem.high[0] = end - seen_end;
  slice.x_offset = image * x_image(p) + seen_begin * row;
  slice.y_offset = image * y_image(p) + first * (y_image(p) / p.output[0]);
  return slice;
}

}  // namespace

ConvProblem problem_of(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& y) {
  ConvProblem p;
  p.batch = x.front();
  p.groups = options.groups;
  p.channels = x.back();
  p.filters = y.back();
  p.input = x.sub(1, x.rank() - 1).to_vector();
  p.window = kernel.sub(0, kernel.rank() - 2).to_vector();
  p.output = y.sub(1, y.rank() - 1).to_vector();
  p.strides = options.strides;
  p.dilations = options.dilations;
  p.low = options.low;
  p.high = options.high;
  return p;
}

ConvProblem exchanged(const ConvProblem& problem) {
  ConvProblem p = problem;
  std::swap(p.channels, p.filters);
  std::swap(p.input, p.output);
  for (size_t i = 0; i < p.input.size(); ++i) {
    const int64_t reach = (p.window[i] - 1) * p.dilations[i];
    p.low[i] = reach - problem.low[i];
    p.high[i] = p.output[i] - p.input[i] + reach - p.low[i];
    if (problem.strides[i] != 1 || p.low[i] < 0 || p.high[i] < 0) return {};
  }
  return p;
}

double flops(const ConvProblem& p) {
  return 2.0 * static_cast<double>(p.batch * product(p.output) * product(p.window)) *
         static_cast<double>(p.channels / p.groups * p.filters);
}

int64_t y_elements(const ConvProblem& problem) { return problem.batch * y_image(problem); }

std::vector<ConvSlice> slices_of_images(const ConvProblem& problem, int64_t count) {
  count = std::clamp<int64_t>(count, 1, problem.batch);
  std::vector<ConvSlice> slices;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = i * problem.batch / count, last = (i + 1) * problem.batch / count;
    ConvSlice slice{problem, first * x_image(problem), first * y_image(problem)};
    slice.problem.batch = last - first;
    slices.push_back(std::move(slice));
  }
  return slices;
}

std::vector<ConvSlice> slices_of_rows(const ConvProblem& p) {
  constexpr int64_t wanted = 16;
  constexpr double least_flops_of_band = 5e6;  // shorter ones reload the weights too often
  const double image_flops = flops(p) / static_cast<double>(p.batch);
  const int64_t room = power_of_two_below(static_cast<double>(wanted) / static_cast<double>(p.batch));
  const int64_t bands = std::min({room, power_of_two_below(image_flops / least_flops_of_band), p.output[0] / 2});
  if (p.batch >= wanted || bands < 2) return slices_of_images(p, count_slices(p, least_flops_of_slice, 64));
  std::vector<ConvSlice> slices;
  for (int64_t image = 0; image < p.batch; ++image) {
    for (int64_t i = 0; i < bands; ++i) {
      slices.push_back(band(p, image, i * p.output[0] / bands, (i + 1) * p.output[0] / bands));
      if (slices.back().problem.input[0] == 0) return slices_of_images(p, p.batch);
    }
  }
  return slices;
}

int64_t count_slices(const ConvProblem& problem, double least, int64_t most) {
  return std::min({power_of_two_below(flops(problem) / least), most, problem.batch});
}

}  // namespace hebb::onednn
