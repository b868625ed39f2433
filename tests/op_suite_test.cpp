// Every operation with every kernel that takes it: what the table of operations (hebb/ops/samples.h) says, tried out.
#include "tests/op_suite.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "hebb/backend/registry.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

class OpSuite : public ::testing::TestWithParam<const OperationRecord*> {
 protected:
  const OperationRecord& record() const { return *GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Operations, OpSuite, each_operation(), operation_name);

/// The plain call, and what a plan may offer beyond; the references look at neither.
std::vector<Call> offers(const Case& c, const KernelMaker& maker) {
  if (maker.implementation == "reference") return {c.call()};
  std::vector<Call> calls = {c.call(), c.call(), c.call(), c.call()};
  calls[1].free_in.assign(c.in.size(), true);
  calls[1].free_out.assign(c.out.size(), true);
  calls[2].lasting_in.assign(c.in.size(), true);
  calls[2].free_in.assign(c.in.size(), true);
  calls[3].lasting_in.assign(c.in.size(), true);
  calls[3].runs_often = true;
  return calls;
}

TEST_P(OpSuite, InferenceIsRepeatable) {
  const std::vector<Sample> once = record().samples(), again = record().samples();
  ASSERT_FALSE(once.empty());
  ASSERT_EQ(once.size(), again.size());
  for (size_t i = 0; i < once.size(); ++i) {
    const Case a(once[i]), b(again[i]);
    EXPECT_EQ(once[i].op->name(), record().name);
    EXPECT_EQ(a.in, b.in);
    EXPECT_EQ(a.out, b.out);
    EXPECT_EQ(once[i].op->attributes().key(), again[i].op->attributes().key());
    for (const Spec& spec : a.out) EXPECT_TRUE(spec.shape.is_known());
  }
}

TEST_P(OpSuite, EveryKernelComputesWhatTheReferenceDoes) {
  for (const Sample& sample : record().samples()) {
    const Case c(sample);
    const Tensors expected = run_reference(c);
    const Tensors magnitude = magnitudes(sample, record().tolerance, c.out.size());
    for (const KernelMaker& maker : kernel_makers(record().name)) {
      for (const Call& call : offers(c, maker)) {
        Refusal why;
        const auto kernel = maker.make(call, why);
        if (!kernel) {
          EXPECT_FALSE(why.reason().empty()) << maker.implementation << " refuses " << c.text() << " without a reason";
          EXPECT_NE(maker.implementation, "reference") << c.text() << ": " << why.reason();
          continue;
        }
        EXPECT_EQ(kernel->implementation().substr(0, maker.implementation.size()), maker.implementation);
        const Tensors got = run_watched(*kernel, c);
        const bool exact = maker.implementation == "reference";
        for (size_t i = 0; i < got.size(); ++i) {
          ASSERT_TRUE(agree(expected[i], got[i], exact ? Tolerance{} : record().tolerance, magnitude[i]))
              << kernel->implementation() << ": " << c.text() << ", output " << i;
        }
        for (size_t i = 0; i < c.in.size(); ++i) {
          if (!kernel->may_overwrite(static_cast<int>(i), 0)) continue;
          ASSERT_EQ(c.in[i].bytes(), c.out[0].bytes()) << c.text();
          const Tensors in_place = run_watched(*kernel, c, static_cast<int>(i), 1);
          EXPECT_TRUE(agree(got[0], in_place[0]))
              << kernel->implementation() << " in place of input " << i << ": " << c.text();
        }
      }
    }
  }
}

/// What fast convolutions make of infinities and NaN: NaN in all elements of the tiles that see one, and in no tile
/// that sees none. Where the reference has neither, what came out stands for itself.
Tensor spread_over_tiles(const Tensor& expected, const Tensor& got) {
  std::vector<float> values = expected.to_vector<float>();
  const std::vector<float> seen = got.to_vector<float>();
  size_t spread = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    spread += std::isfinite(values[i]) && !std::isfinite(seen[i]);
    if (!std::isfinite(seen[i])) values[i] = seen[i];
  }
  EXPECT_LT(spread, values.size() / 2);
  return reshape(Tensor::from(values), expected.shape());
}

TEST_P(OpSuite, EveryKernelHandlesTheEdgesAsTheReferenceDoes) {
  for (const Sample& sample : edge_samples(record())) {
    const Case c(sample);
    const Tensors expected = run_reference(c);
    const Tensors magnitude = magnitudes(sample, record().tolerance, c.out.size());
    for (const KernelMaker& maker : kernel_makers(record().name)) {
      if (maker.implementation == "reference") continue;
      Refusal why;
      const auto kernel = maker.make(c.call(), why);
      if (!kernel) continue;
      const Tensors got = run_watched(*kernel, c, -1, 1);
      for (size_t i = 0; i < got.size(); ++i) {
        const Tensor wanted = maker.implementation == "winograd" ? spread_over_tiles(expected[i], got[i]) : expected[i];
        EXPECT_TRUE(agree(wanted, got[i], record().tolerance, magnitude[i]))
            << kernel->implementation() << ": " << c.text();
      }
    }
  }
}

TEST_P(OpSuite, TheBitsDoNotDependOnTheNumberOfThreads) {
  const int before = threads();
  std::vector<Tensors> one;
  for (int count : {1, 2}) {
    set_threads(count);
    size_t at = 0;
    for (const Sample& sample : record().samples()) {
      const Case c(sample);
      for (const KernelMaker& maker : kernel_makers(record().name)) {
        for (const Call& call : offers(c, maker)) {
          Refusal why;
          const auto kernel = maker.make(call, why);
          if (!kernel) continue;
          Tensors results = run_watched(*kernel, c, -1, 1);
          if (count == 1) {
            one.push_back(std::move(results));
            continue;
          }
          ASSERT_LT(at, one.size());
          for (size_t i = 0; i < results.size(); ++i) {
            const auto bytes = static_cast<size_t>(results[i].spec().bytes());
            ASSERT_TRUE(bytes == 0 || std::memcmp(one[at][i].raw(), results[i].raw(), bytes) == 0)
                << kernel->implementation() << ": " << c.text();
          }
          ++at;
        }
      }
    }
  }
  set_threads(before);
}

TEST_P(OpSuite, RunsEagerly) {
  for (const Sample& sample : record().samples()) {
    const Case c(sample);
    const Tensors expected = run_reference(c), got = apply_op(sample.op, sample.inputs);
    const Tensors magnitude = magnitudes(sample, record().tolerance, c.out.size());
    ASSERT_EQ(got.size(), c.out.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_TRUE(agree(expected[i], got[i], record().tolerance, magnitude[i])) << c.text();
    }
  }
}

// ------------------------------------------------------------------------------------- what must be in the tables

TEST(OpTables, EveryOperationHasADocLine) {
  std::set<std::string_view> names;
  for (const OperationRecord& record : operation_records()) {
    EXPECT_FALSE(record.doc.empty()) << record.name;
    EXPECT_TRUE(names.insert(record.name).second) << record.name << " stands twice in the table";
  }
}

TEST(OpTables, EveryOperationWithKernelsHasSamplesAndTheReverse) {
  std::set<std::string_view> with_kernels, with_samples;
  for (std::string_view name : kernel_operations()) with_kernels.insert(name);
  for (const OperationRecord& record : operation_records()) with_samples.insert(record.name);
  EXPECT_EQ(with_kernels, with_samples);
}

TEST(OpTables, EveryOperationEndsWithTheReference) {
  const std::set<std::string_view> known = {"winograd", "packed", "deep", "simd",
                                            "onednn",   "vnni",   "avx2", "reference"};
  for (std::string_view name : kernel_operations()) {
    const auto makers = kernel_makers(name);
    ASSERT_FALSE(makers.empty()) << name;
    EXPECT_EQ(makers.back().implementation, "reference") << name;
    std::set<std::string_view> implementations;
    for (const KernelMaker& maker : makers) {
      EXPECT_TRUE(known.contains(maker.implementation)) << name << ": " << maker.implementation;
      EXPECT_TRUE(implementations.insert(maker.implementation).second)
          << name << " names " << maker.implementation << " twice";
    }
  }
}

TEST(OpTables, UnknownOperationsHaveNoKernels) { EXPECT_TRUE(kernel_makers("matmull").empty()); }

TEST(OpTables, ElementwiseDomainsAndBoundsMakeSense) {
  for (const ElementwiseRecord& record : elementwise_records()) {
    EXPECT_LT(record.low, record.high) << record.name;
    EXPECT_GE(record.max_ulp, 0) << record.name;
    EXPECT_TRUE(record.arity >= 1 && record.arity <= 3) << record.name;
  }
}

}  // namespace
}  // namespace hebb
