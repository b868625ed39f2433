// Layers that look tokens up against what real Keras computes and learns (tests/goldens/make_lookups.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/adapt.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"
#include "hebb/tensor/texts.h"

namespace hebb {
namespace {

using goldens::near;

class LookupGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("lookups")[GetParam()]; }
  std::string name() const { return golden().at("name").as_string(); }
  Layer layer() const {
    return layer_from_json(Json::object({{"class_name", golden().at("layer")}, {"config", golden().at("config")}}));
  }
  Tensors inputs() const { return goldens::tensors(golden().at("inputs")); }
  void check(const Tensor& actual) const {
    const Tensor expected = goldens::tensor(golden().at("output"));
    ASSERT_EQ(actual.shape(), expected.shape()) << name();
    if (expected.dtype() == DType::string) {
      EXPECT_EQ(to_texts(actual), to_texts(expected)) << name();
    } else {
      EXPECT_TRUE(near(actual, expected, 1e-6)) << name();
    }
  }
};

TEST_P(LookupGolden, AtOnce) { check(layer()(inputs())); }

TEST_P(LookupGolden, InAPlan) {
  const Layer made = layer();
  const Tensors xs = inputs();
  if (xs.front().dtype() == DType::string || goldens::tensor(golden().at("output")).dtype() == DType::string)
    GTEST_SKIP() << "no plan holds texts";
  PlanCache plans([&](const Tensors& traced) { return Tensors{made(traced)}; });
  check(plans.run(xs).front());
}

TEST_P(LookupGolden, InAModel) {
  const Layer made = layer();
  Tensors symbols;
  const Tensors xs = inputs();
  for (const Tensor& x : xs) symbols.push_back(Input(x.shape().without(0), {.dtype = x.dtype()}));
  const Tensor y = made(symbols);
  Model model(symbols, y);
  check(model.predict_on_batch(xs));
  if (goldens::tensor(golden().at("output")).rank() > 0) check(model.predict(xs));
  check(model(xs));
  // What Keras expects; it has an axis of 1 more where texts stand in one that they lose.
  const Json& shape = golden().at("shape");
  const bool lost =
      golden().at("layer").as_string() == "TextVectorization" && y.rank() < static_cast<int>(shape.size());
  ASSERT_EQ(static_cast<size_t>(y.rank()), shape.size() - (lost ? 1 : 0)) << name();
  EXPECT_EQ(y.shape().front(), Shape::unknown) << name();
  for (size_t axis = 1; axis < shape.size() && !lost; ++axis) {
    EXPECT_EQ(y.shape()[static_cast<int>(axis)], shape.at(axis).is_null() ? Shape::unknown : shape.at(axis).as_int())
        << name();
  }
}

TEST_P(LookupGolden, Configuration) {
  const Layer made = layer();
  EXPECT_TRUE(goldens::same_json(made->config(), golden().at("config"))) << name();
  if (made.as<KeepsVocabulary>()) {
    EXPECT_EQ(get_vocabulary(made), goldens::strings(golden().at("vocabulary"))) << name();
  }
  const Layer again = layer_from_json(Json::parse(layer_to_json(made).dump()));
  EXPECT_EQ(again->config().dump(), made->config().dump()) << name();
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::cases("lookups")[info.param].at("name").as_string();
}
INSTANTIATE_TEST_SUITE_P(Keras, LookupGolden, ::testing::Range(size_t{0}, goldens::cases("lookups").size()), case_name);

TEST(LookupGolden, CrossesTextsWithNumbers) {
  const Json& golden = goldens::file("lookups").at("mixed").at(size_t{0});
  const Tensor crossed = HashedCrossing(1000003)(goldens::tensors(golden.at("inputs")));
  EXPECT_TRUE(near(crossed, goldens::tensor(golden.at("output")), 0));
}

TEST(LookupGolden, LearnsWhatKerasLearns) {
  for (const Json& golden : goldens::file("lookups").at("adapted").items()) {
    const std::string name = golden.at("name").as_string();
    const Layer layer =
        layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("before")}}));
    const std::vector<Tensor> batches = goldens::tensors(golden.at("batches"));
    if (batches.size() == 1) {
      adapt(layer, batches.front());
    } else if (batches.front().dtype() == DType::string) {
      std::vector<std::string> all;
      int64_t rows = 0;
      for (const Tensor& batch : batches) {
        for (const std::string& text : to_texts(batch)) all.push_back(text);
        rows += batch.shape().front();
      }
      const Shape shape = batches.front().shape().without(0).with(0, rows);
      adapt(layer, data::Dataset(texts(all, shape), Tensor()), {.batch_size = batches.front().shape().front()});
    } else {
      adapt(layer, data::Dataset(Tensors{concatenate(batches, 0)}, Tensors()),
            {.batch_size = batches.front().shape().front()});
    }
    EXPECT_EQ(get_vocabulary(layer), goldens::strings(golden.at("vocabulary"))) << name;
    EXPECT_TRUE(goldens::same_json(layer->config(), golden.at("config"))) << name;
    const Json& weights = golden.at("idf_weights");
    const Tensor& learned = layer.as<KeepsVocabulary>()->vocabulary().idf_weights();
    ASSERT_EQ(learned.defined() ? static_cast<size_t>(learned.size()) : 0, weights.size()) << name;
    for (size_t i = 0; i < weights.size(); ++i)
      EXPECT_NEAR(learned.data<float>()[i], weights.at(i).as_double(), 1e-6) << name << ": " << i;
  }
}

}  // namespace
}  // namespace hebb
