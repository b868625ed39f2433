#include "hebb/data/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "hebb/base/error.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb::data {
namespace {

using Floats = std::vector<float>;
Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

/// Example i is (2 i, 2 i + 1) with the target i.
Dataset pairs(int64_t count) {
  Floats x;
  std::vector<int32_t> y;
  for (int64_t i = 0; i < count; ++i) {
    x.push_back(static_cast<float>(2 * i));
    x.push_back(static_cast<float>(2 * i + 1));
    y.push_back(static_cast<int32_t>(i));
  }
  return Dataset(Tensor::from(x, {count, 2}), Tensor::from(y));
}

std::vector<int32_t> labels(const Dataset& data) { return data.y().to_vector<int32_t>(); }

TEST(Dataset, OfArrays) {
  const Dataset data = pairs(4);
  EXPECT_EQ(data.size(), 4);
  EXPECT_FALSE(data.empty());
  EXPECT_TRUE(Dataset().empty());
  EXPECT_EQ(data.x().shape(), (Shape{4, 2}));
  EXPECT_EQ(data.y().dtype(), DType::int32);
  EXPECT_FALSE(data.weight().defined());
  EXPECT_FALSE(data.source().is_weighted());
}

TEST(Dataset, RefusesArraysThatDoNotFit) {
  EXPECT_THROW(Dataset(ones({4, 2}), ones({3})), InvalidArgument);
  EXPECT_THROW(Dataset(Tensor::scalar(1), ones({1})), InvalidArgument);
  EXPECT_THROW(Dataset(Tensors{}, Tensors{}), InvalidArgument);
  EXPECT_THROW(Dataset(ones({4, 2}), ones({4}), ones({3})), InvalidArgument);
  EXPECT_THROW(Dataset(ones({4, 2}), ones({4}), ones({4}, DType::float64)), InvalidArgument);
  EXPECT_THROW(Dataset::weighted({ones({4, 2})}, {ones({4})}, {ones({4}), ones({4})}), InvalidArgument);
  EXPECT_NO_THROW(Dataset(ones({4, 2}), ones({4}), ones({4, 1})));
  try {
    Dataset(ones({4, 2}), ones({4}), ones({3}));
    ADD_FAILURE() << "took too few weights";
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(),
                 "Dataset: expected as many examples in every array, got float32(4, 2) as x and float32(3,) as the "
                 "sample weights. Give each of the 4 examples its weight, or take() as many of the others.");
  }
}

TEST(Dataset, Slices) {
  const Dataset data = pairs(10);
  EXPECT_EQ(labels(data.slice(2, 5)), (std::vector<int32_t>{2, 3, 4}));
  EXPECT_EQ(values(data.slice(2, 4).x()), (Floats{4, 5, 6, 7}));
  EXPECT_EQ(labels(data.take(2)), (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(labels(data.skip(8)), (std::vector<int32_t>{8, 9}));
  EXPECT_EQ(data.take(100).size(), 10);
  EXPECT_TRUE(data.slice(3, 3).empty());
  EXPECT_EQ(labels(data.slice(2, 8).slice(1, 3)), (std::vector<int32_t>{3, 4}));
  EXPECT_THROW(data.slice(-1, 3), InvalidArgument);
  EXPECT_THROW(data.slice(5, 3), InvalidArgument);
  EXPECT_THROW(data.skip(11), InvalidArgument);
  EXPECT_EQ(data.slice(2, 5).x().raw(), static_cast<const void*>(data.x().data<float>() + 4)) << "the same memory";
}

TEST(Dataset, Splits) {
  const auto [head, tail] = pairs(10).split(0.75);
  EXPECT_EQ(head.size(), 7);
  EXPECT_EQ(labels(tail), (std::vector<int32_t>{7, 8, 9}));
  EXPECT_THROW(pairs(10).split(1.5), InvalidArgument);
  EXPECT_TRUE(pairs(10).split(0).first.empty());
  EXPECT_TRUE(pairs(10).split(1).second.empty());
}

TEST(Dataset, Selects) {
  const Dataset chosen = pairs(10).select({9, 0, 9});
  EXPECT_EQ(labels(chosen), (std::vector<int32_t>{9, 0, 9}));
  EXPECT_EQ(values(chosen.x()), (Floats{18, 19, 0, 1, 18, 19}));
  EXPECT_EQ(labels(chosen.slice(1, 3)), (std::vector<int32_t>{0, 9}));
  EXPECT_EQ(labels(chosen.select({2, 1})), (std::vector<int32_t>{9, 0}));
  EXPECT_THROW(pairs(10).select({10}), InvalidArgument);
  EXPECT_THROW(pairs(10).select({-1}), InvalidArgument);
}

TEST(Dataset, Gathers) {
  const std::vector<int64_t> which = {3, 1};
  const Batch batch = pairs(5).gather(which);
  EXPECT_EQ(values(batch.inputs[0]), (Floats{6, 7, 2, 3}));
  EXPECT_EQ(batch.targets[0].to_vector<int32_t>(), (std::vector<int32_t>{3, 1}));
  const std::vector<int64_t> beyond = {5};
  EXPECT_THROW(pairs(5).gather(beyond), InvalidArgument);
}

/// Counts what is read of it; not in memory.
class Counted : public Source {
 public:
  int64_t size() const override { return 100'000; }
  const std::vector<Spec>& components() const override { return components_; }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_wanted(indices, out);
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    most = std::max(most, indices.size());
    for (size_t i = 0; i < indices.size(); ++i) {
      if (out[0]) static_cast<float*>(out[0])[i] = 1;
      if (out[1]) static_cast<int32_t*>(out[1])[i] = static_cast<int32_t>(indices[i]);
    }
    if (out[0]) inputs_read += indices.size();
    if (out[1]) targets_read += indices.size();
  }
  mutable size_t inputs_read = 0, targets_read = 0, most = 0;

 private:
  std::vector<Spec> components_ = {Spec{Shape{}}, Spec{Shape{}, DType::int32}};
};

TEST(Dataset, ReadsOneComponentInPieces) {
  const auto source = std::make_shared<Counted>();
  const Dataset data(source);
  const std::vector<int32_t> all = labels(data);
  EXPECT_EQ(all.size(), 100'000u);
  EXPECT_EQ(all.back(), 99'999);
  EXPECT_EQ(source->targets_read, 100'000u);
  EXPECT_EQ(source->inputs_read, 0u);
  EXPECT_LT(source->most, 100'000u);
  EXPECT_EQ(data.skip(70'000).rows(1, 1, 3).to_vector<int32_t>(), (std::vector<int32_t>{70'001, 70'002}));
  EXPECT_EQ(source->inputs_read, 0u);
  EXPECT_EQ(data.rows(0, 5, 5).shape(), Shape{0});
  EXPECT_THROW(data.rows(2, 0, 1), InvalidArgument);
  EXPECT_THROW(data.rows(0, 0, 100'001), InvalidArgument);
}

TEST(Dataset, GathersWantedComponentsOfAnySource) {
  const Dataset mapped = pairs(5).map([](const Tensors& batch) {
    return Tensors{batch[0] * 2.0, batch[1]};
  });  // knows no better
  EXPECT_EQ(mapped.rows(1, 2, 4).to_vector<int32_t>(), (std::vector<int32_t>{2, 3}));
  EXPECT_EQ(values(mapped.rows(0, 2, 3)), (Floats{8, 10}));
}

TEST(Dataset, Maps) {
  const Dataset doubled = pairs(5).map([](const Tensors& batch) {
    return Tensors{sum(batch[0], {.axes = {1}}), batch[1]};
  });
  EXPECT_EQ(doubled.source().components()[0], Spec{Shape{}});
  EXPECT_EQ(values(doubled.x()), (Floats{1, 5, 9, 13, 17}));
  EXPECT_EQ(values(doubled.slice(3, 5).x()), (Floats{13, 17}));
  EXPECT_EQ(values(doubled.map([](const Tensors& batch) {
                            return Tensors{batch[0] * 2.0, batch[1]};
                          })
                       .x()),
            (Floats{2, 10, 18, 26, 34}));
}

TEST(Dataset, AMapMustKeepExamplesAndComponents) {
  const Dataset data = pairs(5);
  EXPECT_THROW(data.map([](const Tensors& batch) { return Tensors{batch[0]}; }), InvalidArgument);
  EXPECT_THROW(data.map([](const Tensors& batch) { return Tensors{sum(batch[0]), batch[1]}; }), InvalidArgument);
  EXPECT_THROW(data.take(0).map([](const Tensors& batch) { return batch; }), InvalidArgument);
  // One that changes its mind about the shape.
  const Dataset fickle = data.map([](const Tensors& batch) {
    return Tensors{batch[0].shape()[0] == 1 ? batch[0] : sum(batch[0], {.axes = {1}}), batch[1]};
  });
  EXPECT_THROW(fickle.x(), InvalidArgument);
}

TEST(Dataset, BatchesWithStructuredBinding) {
  std::vector<int32_t> seen;
  std::vector<int64_t> sizes;
  for (auto [x, y] : pairs(7).batches({.batch_size = 3})) {
    EXPECT_EQ(x.shape(), (Shape{y.shape()[0], 2}));
    EXPECT_EQ(values(x)[0], static_cast<float>(2 * y.to_vector<int32_t>()[0]));
    for (const int32_t label : y.to_vector<int32_t>()) seen.push_back(label);
    sizes.push_back(x.shape()[0]);
  }
  EXPECT_EQ(seen, (std::vector<int32_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(sizes, (std::vector<int64_t>{3, 3, 1}));
}

TEST(Dataset, BatchesWithoutTheRemainder) {
  auto batches = pairs(7).batches({.batch_size = 3, .drop_remainder = true});
  EXPECT_EQ(batches.size(), 2);
  int count = 0;
  for (const Batch& batch : batches) {
    EXPECT_EQ(batch.inputs[0].shape()[0], 3);
    ++count;
  }
  EXPECT_EQ(count, 2);
}

TEST(Dataset, BatchesKeepTheirValues) {
  std::vector<Tensor> kept;
  for (auto [x, y] : pairs(9).batches({.batch_size = 2})) kept.push_back(y);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].to_vector<int32_t>()[0], static_cast<int32_t>(2 * i));
}

TEST(Dataset, ShufflesByTheSeed) {
  const Dataset data = pairs(50);
  auto order = [&](int64_t seed, int64_t epoch) {
    std::vector<int32_t> out;
    for (auto [x, y] : data.batches({.batch_size = 7, .shuffle = true, .seed = seed, .epoch = epoch})) {
      const std::vector<int32_t> part = y.to_vector<int32_t>();
      for (size_t i = 0; i < part.size(); ++i) EXPECT_EQ(values(x)[2 * i], static_cast<float>(2 * part[i]));
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  };
  const std::vector<int32_t> first = order(1, 0);
  EXPECT_EQ(order(1, 0), first);
  EXPECT_NE(order(2, 0), first);
  EXPECT_NE(order(1, 1), first);
  EXPECT_NE(first, labels(data));
  EXPECT_EQ(std::set<int32_t>(first.begin(), first.end()).size(), 50u) << "each example once";
}

TEST(Dataset, WeightsAndSeveralComponents) {
  const Dataset data(Tensors{ones({3, 2}), zeros({3, 4}, DType::uint8)}, Tensors{ones({3}), full({3, 2}, 5)},
                     Tensor{1, 2, 3});
  EXPECT_EQ(data.source().inputs(), 2);
  EXPECT_EQ(data.source().targets(), 2);
  EXPECT_EQ(values(data.weight()), (Floats{1, 2, 3}));
  EXPECT_EQ(data.x(1).dtype(), DType::uint8) << "bytes stay bytes";
  EXPECT_THROW(data.x(2), InvalidArgument);
  EXPECT_THROW(data.y(2), InvalidArgument);
  float weight = 1;
  for (const Batch& batch : data.batches({.batch_size = 1})) {
    EXPECT_EQ(batch.inputs.size(), 2u);
    EXPECT_EQ(batch.targets[1].shape(), (Shape{1, 2}));
    EXPECT_EQ(batch.weight.item(), weight++);
  }
}

TEST(Dataset, WithoutTargets) {
  const Dataset data(ones({3, 2}), Tensor());
  EXPECT_EQ(data.source().targets(), 0);
  for (auto [x, y] : data.batches()) {
    EXPECT_EQ(x.shape()[0], 3);
    EXPECT_FALSE(y.defined());
  }
}

TEST(Dataset, EmptyHasNoBatches) {
  auto batches = pairs(5).take(0).batches();
  EXPECT_EQ(batches.size(), 0);
  for ([[maybe_unused]] const Batch& batch : batches) FAIL();
}

TEST(Dataset, AnErrorInAMapIsThrownInTheLoop) {
  const Dataset data = pairs(1000).map([](const Tensors& batch) {
    for (const int32_t label : batch[1].to_vector<int32_t>()) {
      if (label == 700) throw IoError("no such example");
    }
    return batch;
  });
  auto walk = [&] {
    for ([[maybe_unused]] const Batch& batch : data.batches({.batch_size = 8})) continue;
  };
  EXPECT_THROW(walk(), IoError);
}

}  // namespace
}  // namespace hebb::data
