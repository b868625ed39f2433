// Samples at the edges of the types: infinities, NaN, the largest and the smallest numbers.
#include <limits>

#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/samples.h"

namespace hebb {

namespace {

template <class T>
std::vector<T> edges() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, bool>) {
    return {false, true};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            2.5,
            3.5,
            -2.5,
            30.0,
            -30.0,
            T(1e-7),
            T(-1e-7),
            T(1e30),
            T(-1e30),
            88.0,
            -88.0,
            100.0,
            -100.0,
            300.7,
            T(3e9),
            T(-3e9),
            T(1e19),
            Limits::max(),
            Limits::lowest(),
            Limits::min(),
            -Limits::min(),
            Limits::infinity(),
            -Limits::infinity(),
            Limits::quiet_NaN()};
  } else {
    const T one = 1;
    return {T(0),
            one,
            T(0 - one),
            T(2),
            T(100),
            Limits::max(),
            T(Limits::max() - 1),
            Limits::min(),
            T(Limits::min() + 1),
            T(1 << 7),
            T(1 << 15)};
  }
}

/// All edges of a type as a tensor of this shape, of which one axis takes them.
Tensor edges_of(DType dtype, bool down) {
  return with_type(dtype, [&](auto zero) {
    const auto values = edges<decltype(zero)>();
    const auto count = static_cast<int64_t>(values.size());
    return Tensor::from(values, down ? Shape{count, 1} : Shape{1, count});
  });
}

Sample elementwise_edges(const ElementwiseRecord& record, DType dtype) {
  const Tensor across = edges_of(dtype, false), down = edges_of(dtype, true);
  Sample sample{std::make_shared<Elementwise>(record), {}};
  if (record.arity == 3) sample.inputs.push_back(draw({across.size(), across.size()}, DType::boolean, 0, 1, 1));
  sample.inputs.push_back(across);
  if (record.arity > 1) sample.inputs.push_back(down);
  return sample;
}

/// The same in a loop of its own.
Sample fused(const Sample& sample) {
  std::vector<Spec> in;
  for (const Tensor& input : sample.inputs) in.push_back(input.spec());
  const Spec out = sample.op->infer(in)[0];
  FusedStep step{sample.op, {-1, -1, -1}, out.dtype};
  for (size_t i = 0; i < in.size(); ++i) step.operands[i] = static_cast<int>(i);
  const int inputs = static_cast<int>(in.size());
  return {std::make_shared<FusedElementwise>(inputs, std::vector<FusedStep>{step}, std::vector<int>{inputs}, out.shape),
          sample.inputs};
}

std::vector<Sample> cast_edges() {
  std::vector<Sample> samples;
  for (DType from : detail::all_types) {
    for (DType to : detail::all_types) samples.push_back({std::make_shared<Cast>(to), {edges_of(from, false)}});
  }
  return samples;
}

/// The record's samples of moderate size, with one element of the first floating input replaced.
std::vector<Sample> with_special_element(const OperationRecord& record) {
  constexpr double specials[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()};
  std::vector<Sample> samples;
  size_t turn = 0;
  for (Sample& sample : record.samples()) {
    for (Tensor& input : sample.inputs) {
      if (!is_floating(input.dtype())) continue;
      if (input.size() == 0 || input.size() > 20000) break;
      std::vector<double> values = input.to_vector<double>();
      values[values.size() * 2 / 3] = specials[turn++ % 3];
      const WithRecorder at_once(nullptr);
      input = cast(Tensor::from(values, input.shape()), input.dtype());
      samples.push_back(sample);
      break;
    }
  }
  return samples;
}

}  // namespace

std::vector<Sample> edge_samples(const OperationRecord& record) {
  if (record.name == "cast") return cast_edges();
  std::vector<Sample> samples;
  for (const ElementwiseRecord& row : elementwise_records()) {
    if (row.name != record.name && record.name != "fused_elementwise") continue;
    for (DType dtype : detail::types_of(row)) {
      const Sample alone = elementwise_edges(row, dtype);
      samples.push_back(row.name == record.name ? alone : fused(alone));
    }
  }
  return samples.empty() ? with_special_element(record) : samples;
}

}  // namespace hebb
