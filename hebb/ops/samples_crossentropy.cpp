// Samples of the crossentropy of a softmax.

#include "hebb/ops/crossentropy.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/samples.h"

namespace hebb::detail {

namespace {

using Samples = std::vector<Sample>;

struct RowsOfClasses {
  Shape shape;
  int64_t axis;
};

const std::vector<RowsOfClasses>& rows_of_classes() {
  static const std::vector<RowsOfClasses> cases = {
      {{1}, 0},    {{5}, 0},    {{3, 5}, 1},   {{2, 3, 4}, 2}, {{4, 16}, 1},   {{3, 17}, 1}, {{2, 3, 1}, 2},
      {{0, 3}, 1}, {{3, 0}, 1}, {{70, 10}, 1}, {{3, 1000}, 1}, {{700, 33}, 1}, {{5, 3}, 0},  {{2, 3, 4}, 1},
  };
  return cases;
}

/// `inputs`: what the operation gets, from the case, the type and the targets. Labels are now and then no class.
template <class Operation, class Make>
Samples with_targets(Make inputs) {
  Samples samples;
  for (const RowsOfClasses& c : rows_of_classes()) {
    const Shape rows = c.shape.without(static_cast<int>(c.axis));
    const int64_t classes = c.shape[static_cast<int>(c.axis)];
    for (const DType dtype : float_types) {
      const auto add = [&](const Tensor& targets) {
        samples.push_back({std::make_shared<Operation>(c.axis), inputs(c, dtype, targets)});
      };
      add(draw(c.shape, dtype, 0, 1, 2));
      if (c.axis != c.shape.rank() - 1) continue;
      for (const DType labels : {DType::int32, DType::int64})
        add(cast(draw(rows, DType::float32, -1.5, static_cast<double>(classes) + 0.5, 3), labels));
    }
  }
  return samples;
}

Samples softmax_crossentropy_samples() {
  Samples samples = with_targets<SoftmaxCrossentropy>([](const RowsOfClasses& c, DType dtype, const Tensor& targets) {
    return Tensors{draw(c.shape, dtype, -4, 4, 1), targets};
  });
  // Exponentials that overflow or vanish where they are taken as they are.
  for (const double low : {900.0, -1000.0}) {
    samples.push_back({std::make_shared<SoftmaxCrossentropy>(1),
                       {draw({3, 9}, DType::float32, low, low + 100, 1), Tensor::from(std::vector<int32_t>{0, 8, 4})}});
  }
  return samples;
}

Samples softmax_crossentropy_backward_samples() {
  return with_targets<SoftmaxCrossentropyBackward>([](const RowsOfClasses& c, DType dtype, const Tensor& targets) {
    const Shape rows = c.shape.without(static_cast<int>(c.axis));
    return Tensors{draw(c.shape, dtype, 0, 1, 1), targets, draw(rows, dtype, -1, 1, 4)};
  });
}

}  // namespace

std::vector<OperationRecord> crossentropy_operation_records() {
  using enum GradientRule;
  return {
      {"softmax_crossentropy",
       "the crossentropies of softmaxes and targets or labels, and the softmaxes",
       differentiable,
       {.ulp = 16, .absolute = 2e-6},
       softmax_crossentropy_samples},
      {"softmax_crossentropy_backward",
       "the gradient of softmax_crossentropy by the logits",
       differentiable,
       {.ulp = 16, .absolute = 1e-6},
       softmax_crossentropy_backward_samples},
  };
}

}  // namespace hebb::detail
