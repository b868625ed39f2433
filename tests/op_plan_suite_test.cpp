// Every operation in a plan: what is computed at once, traced and planned is the same, alone, among other operations
// that it may be fused with, on constants, on variables, and through its gradients.
#include "tests/op_suite.h"

#include "hebb/autograd/gradient.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

class OpPlans : public ::testing::TestWithParam<const OperationRecord*> {
 protected:
  const OperationRecord& record() const { return *GetParam(); }

  /// Samples of at most so many numbers.
  std::vector<Sample> small_samples(int64_t most_elements = 5000) const {
    std::vector<Sample> out;
    for (const Sample& sample : record().samples()) {
      int64_t elements = 0;
      for (const Tensor& input : sample.inputs) elements += input.size();
      if (elements <= most_elements) out.push_back(sample);
    }
    return out;
  }

  void expect_agreement(const Sample& sample, const Tensors& expected, const Tensors& got, const char* what) const {
    const Tensors magnitude = magnitudes(sample, record().tolerance, expected.size());
    ASSERT_EQ(expected.size(), got.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      // Each is as far from the reference as the tolerance says.
      Tolerance twice = record().tolerance;
      twice.ulp *= 2;
      twice.magnitude *= 2;
      twice.absolute *= 2;
      EXPECT_TRUE(agree(expected[i], got[i], twice, magnitude[i])) << what << ": " << Case(sample).text();
    }
  }
};

using OpPlansAmongOthers = OpPlans;
using OpPlanGradients = OpPlans;

INSTANTIATE_TEST_SUITE_P(Operations, OpPlans, each_operation(), operation_name);
INSTANTIATE_TEST_SUITE_P(Operations, OpPlansAmongOthers,
                         each_operation({GradientRule::differentiable, GradientRule::rounding, GradientRule::steps,
                                         GradientRule::none}),
                         operation_name);
INSTANTIATE_TEST_SUITE_P(Operations, OpPlanGradients, each_operation({GradientRule::differentiable}), operation_name);

TEST_P(OpPlans, ATraceInfersWhatIsComputed) {
  for (const Sample& sample : small_samples()) {
    const Case c(sample);
    const Graph graph = trace([&](const Tensors& in) { return apply_op(sample.op, in); }, c.in);
    graph.verify();
    ASSERT_EQ(graph.outputs.size(), c.out.size());
    for (size_t i = 0; i < c.out.size(); ++i) {
      EXPECT_EQ(graph.values[static_cast<size_t>(graph.outputs[i])].spec, c.out[i]) << c.text();
    }
    EXPECT_NE(graph.to_string().find(record().name), std::string::npos) << graph.to_string();
  }
}

TEST_P(OpPlans, AloneAndWithAndWithoutPasses) {
  for (const Sample& sample : small_samples()) {
    const Tensors expected = apply_op(sample.op, sample.inputs);
    for (const PlanOptions& options :
         {PlanOptions{}, PlanOptions{.skip_passes = {"all"}}, PlanOptions{.kernels = "reference"}}) {
      PlanCache plan([&](const Tensors& in) { return apply_op(sample.op, in); }, options);
      expect_agreement(sample, expected, plan.run(sample.inputs),
                       options.kernels.empty() ? "planned" : "planned with the reference");
    }
  }
}

TEST_P(OpPlans, OnConstants) {
  for (const Sample& sample : small_samples(300)) {
    PlanCache plan([&](const Tensors&) { return apply_op(sample.op, sample.inputs); });
    expect_agreement(sample, apply_op(sample.op, sample.inputs), plan.run({}), "on constants");
  }
}

TEST_P(OpPlans, OnVariablesThatKeepTheirValues) {
  for (const Sample& sample : small_samples()) {
    Tensors variables;
    for (const Tensor& input : sample.inputs) variables.push_back(variable(input));
    PlanCache plan([&](const Tensors&) { return apply_op(sample.op, variables); });
    const Tensors expected = apply_op(sample.op, sample.inputs);
    // The plan may give the variables another layout; nobody must see it.
    for (int repeat = 0; repeat < 2; ++repeat) expect_agreement(sample, expected, plan.run({}), "on variables");
    for (size_t i = 0; i < variables.size(); ++i) {
      const auto bytes = static_cast<size_t>(variables[i].spec().bytes());
      EXPECT_TRUE(bytes == 0 || std::memcmp(variables[i].raw(), sample.inputs[i].raw(), bytes) == 0)
          << Case(sample).text();
    }
    NoTape no_tape;
    expect_agreement(sample, expected, apply_op(sample.op, variables), "eagerly on a plan's variables");
  }
}

TEST_P(OpPlans, AssignedToAVariableThatItReads) {
  for (const Sample& sample : small_samples(300)) {
    const Case c(sample);
    for (size_t i = 0; i < c.in.size(); ++i) {
      if (c.in[i] != c.out[0]) continue;
      // The update may be written in place only where the operation does not read it any more.
      Tensors inputs = sample.inputs;
      inputs[i] = variable(inputs[i]);
      PlanCache plan([&](const Tensors&) {
        const Tensors results = apply_op(sample.op, inputs);
        assign(inputs[i], results[0]);
        return results;
      });
      const Tensors expected = apply_op(sample.op, sample.inputs);
      expect_agreement(sample, expected, plan.run({}), "assigned to its input");
      expect_agreement(sample, {expected[0]}, {inputs[i]}, "what was assigned");
    }
  }
}

TEST_P(OpPlans, TheBitsDoNotDependOnTheNumberOfThreads) {
  const int before = threads();
  std::vector<Tensors> one;
  for (int count : {1, 2}) {
    set_threads(count);
    size_t at = 0;
    for (const Sample& sample : small_samples(20000)) {
      PlanCache plan([&](const Tensors& in) { return apply_op(sample.op, in); });
      Tensors results = plan.run(sample.inputs);
      if (count == 1) {
        one.push_back(std::move(results));
        continue;
      }
      for (size_t i = 0; i < results.size(); ++i) {
        const auto bytes = static_cast<size_t>(results[i].spec().bytes());
        EXPECT_TRUE(bytes == 0 || std::memcmp(one[at][i].raw(), results[i].raw(), bytes) == 0) << Case(sample).text();
      }
      ++at;
    }
  }
  set_threads(before);
}

/// Magnitudes that belong to a floating result; integers are exact.
Tensor magnitude_of(const Tensor& result, const Tensor& magnitude) {
  return magnitude.defined() && magnitude.dtype() == result.dtype() ? magnitude : Tensor();
}

/// The operation between others of its type that passes like to fuse.
Tensors among_others(const Sample& sample, const Tensors& inputs) {
  Tensors before;
  for (const Tensor& input : inputs) before.push_back(is_floating(input.dtype()) ? input * 0.5 + input * 0.5 : input);
  Tensors out;
  for (const Tensor& result : apply_op(sample.op, before)) {
    const Tensor number = is_floating(result.dtype()) ? result : cast(result, DType::float32);
    out.push_back(relu(number + 1.0) * 0.5);
    out.push_back(maximum(number, -3.0));
  }
  return out;
}

TEST_P(OpPlansAmongOthers, AreComputedAsAlone) {
  for (const Sample& sample : small_samples()) {
    PlanCache plan([&](const Tensors& in) { return among_others(sample, in); });
    const Tensors expected = among_others(sample, sample.inputs), got = plan.run(sample.inputs);
    const Tensors magnitude = magnitudes(sample, record().tolerance, Case(sample).out.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      // What is behind adds a rounding or two to numbers of this size.
      Tolerance tolerance = record().tolerance;
      tolerance.ulp = 2 * tolerance.ulp + 4;
      tolerance.magnitude = 2 * tolerance.magnitude;
      tolerance.absolute = 2 * tolerance.absolute + 1e-6;
      EXPECT_TRUE(agree(expected[i], got[i], tolerance, magnitude_of(expected[i], magnitude[i / 2])))
          << Case(sample).text() << ", output " << i;
    }
  }
}

/// The loss, its gradients, and the gradients of a directional derivative.
Tensors first_and_second_order(const Sample& sample, const Tensors& inputs) {
  Tensors wanted;
  for (const Tensor& input : inputs) {
    if (is_floating(input.dtype())) wanted.push_back(input);
  }
  const Tensor result = apply_one(sample.op, inputs);
  const Tensor loss = sum(result * draw(result.shape(), result.dtype(), -1, 1, 77));
  Tensors out = gradient(loss, wanted);
  Tensor slope = zeros({}, loss.dtype());
  for (size_t i = 0; i < wanted.size(); ++i)
    slope = slope + sum(out[i] * draw(out[i].shape(), out[i].dtype(), -1, 1, 55));
  for (const Tensor& second : gradient(slope, wanted)) out.push_back(second);
  out.push_back(loss);
  return out;
}

TEST_P(OpPlanGradients, TapedAndTracedGradientsAgree) {
  size_t checked = 0;
  for (const Sample& sample : small_samples(400)) {
    const Case c(sample);
    if (!is_floating(c.out[0].dtype) ||
        std::none_of(c.in.begin(), c.in.end(), [](const Spec& spec) { return is_floating(spec.dtype); }))
      continue;
    if (c.out[0].dtype == DType::float32 && c.in.back().dtype == DType::float64) continue;
    ++checked;
    Tensors variables;
    for (const Tensor& input : sample.inputs) variables.push_back(is_floating(input.dtype()) ? variable(input) : input);
    const Tensors expected = first_and_second_order(sample, variables);
    PlanCache plan([&](const Tensors& in) { return first_and_second_order(sample, in); });
    const Tensors got = plan.run(sample.inputs);
    ASSERT_EQ(expected.size(), got.size());
    const double precision = c.out[0].dtype == DType::float64 ? 1e-12 : 2e-5;
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(expected[i].spec(), got[i].spec()) << c.text();
      const std::vector<double> e = expected[i].to_vector<double>(), g = got[i].to_vector<double>();
      double largest = 1;
      for (double value : e) largest = std::isfinite(value) ? std::max(largest, std::abs(value)) : largest;
      for (size_t k = 0; k < e.size(); ++k) {
        if (e[k] == g[k] || (std::isnan(e[k]) && std::isnan(g[k]))) continue;
        ASSERT_NEAR(e[k], g[k], precision * largest) << c.text() << ", result " << i << ", element " << k;
      }
    }
  }
  EXPECT_GE(checked, 3u);
}

}  // namespace
}  // namespace hebb
