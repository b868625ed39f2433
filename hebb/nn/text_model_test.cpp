// Models that take texts: whatever a model can do, it does with the numbers that its layers make of texts.

#include <gtest/gtest.h>

#include <functional>

#include "hebb/base/error.h"
#include "hebb/nn/adapt.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"
#include "hebb/tensor/texts.h"

namespace hebb {
namespace {

using Words = std::vector<std::string>;

const Words& reviews() {
  static const Words all = {"a good film", "bad", "good good cast", "a bad film", "fine", "really bad cast"};
  return all;
}
Tensor labels() { return Tensor::from(std::vector<float>{1, 0, 1, 0, 1, 0}, {6, 1}); }

TextVectorizationOptions known(std::optional<int64_t> length = {}) {
  return {.output_sequence_length = length, .vocabulary = {"good", "bad", "film", "cast", "a", "fine", "really"}};
}

/// The model behind a layer that takes texts.
std::vector<Layer> rest() { return {Embedding(9, 4), GlobalAveragePooling1D(), Dense(1, {.activation = "sigmoid"})}; }

Sequential text_model(const Layer& words, const std::vector<Layer>& behind) {
  Sequential model({Input({1}, {.dtype = DType::string}), words});
  for (const Layer& layer : behind) model.add(layer);
  model.compile({.optimizer = SGD({.learning_rate = 0.5}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  return model;
}

std::vector<float> values(const Tensor& tensor) { return tensor.to_vector<float>(); }

std::string failure(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "(none)";
}

/// The same weights behind the indices that the layer makes.
TEST(TextModel, TrainsAsTheModelBehindItDoes) {
  const Layer words = TextVectorization(known(3));
  Sequential with_texts = text_model(words, rest());
  std::vector<Layer> behind = {Input({3}, {.dtype = DType::int64})};
  for (const Layer& layer : rest()) behind.push_back(layer);
  Sequential without(behind);
  without.compile({.optimizer = SGD({.learning_rate = 0.5}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  const Tensor x = texts(reviews()), indices = words(x);
  without.layers()[0].set_weights(with_texts.get_layer(1).get_weights());
  without.layers()[2].set_weights(with_texts.get_layer(3).get_weights());
  const FitOptions options{.batch_size = 4, .epochs = 3, .verbose = 0, .seed = 3};
  const History one = with_texts.fit(x, labels(), options), other = without.fit(indices, labels(), options);
  EXPECT_EQ(one["loss"], other["loss"]);
  EXPECT_EQ(values(with_texts.predict(x)), values(without.predict(indices)));
  EXPECT_EQ(values(with_texts.predict(x, {.batch_size = 2})), values(without.predict(indices)));
  EXPECT_EQ(values(with_texts.predict_on_batch(x)), values(without.predict(indices)));
  EXPECT_EQ(values(with_texts(x)), values(without(indices)));
  EXPECT_EQ(with_texts.evaluate(x, labels(), {.verbose = 0})["loss"],
            without.evaluate(indices, labels(), {.verbose = 0})["loss"]);
  EXPECT_EQ(with_texts.train_on_batch(x, labels())["loss"], without.train_on_batch(indices, labels())["loss"]);
  EXPECT_EQ(with_texts.test_on_batch(x, labels())["loss"], without.test_on_batch(indices, labels())["loss"]);
}

TEST(TextModel, TakesBatchesAsLongAsTheirLongestText) {
  Sequential model = text_model(TextVectorization(known()), rest());
  const Tensor x = texts(reviews());
  model.fit(x, labels(), {.batch_size = 2, .epochs = 2, .verbose = 0});
  const std::vector<float> by_two = values(model.predict(x, {.batch_size = 2}));
  for (int64_t first = 0; first < 6; first += 2) {
    const Tensor pair = texts({reviews()[static_cast<size_t>(first)], reviews()[static_cast<size_t>(first) + 1]});
    const std::vector<float> alone = values(model.predict_on_batch(pair));
    EXPECT_EQ(alone[0], by_two[static_cast<size_t>(first)]);
    EXPECT_EQ(alone[1], by_two[static_cast<size_t>(first) + 1]);
  }
}

TEST(TextModel, CountsNothingInEmptyTexts) {
  const Layer counts = TextVectorization({.output_mode = "count", .vocabulary = {"a"}});
  EXPECT_EQ(values(counts(texts({"", ""}))), (std::vector<float>{0, 0, 0, 0}));
  EXPECT_EQ(TextVectorization({.vocabulary = {"a"}})(texts({"", ""})).shape(), (Shape{2, 0}));
}

TEST(TextModel, FindsOutThatItTakesTexts) {
  std::vector<Layer> layers = {TextVectorization(known(3))};
  for (const Layer& layer : rest()) layers.push_back(layer);
  Sequential model(layers);
  model.compile({.optimizer = "sgd", .loss = "binary_crossentropy"});
  model.fit(texts(reviews()), labels(), {.verbose = 0});
  EXPECT_EQ(model.base().inputs().front().dtype(), DType::string);
}

TEST(TextModel, StandsInModels) {
  Sequential inner({Input({1}, {.dtype = DType::string}), TextVectorization(known(3)), Embedding(9, 4)});
  const auto text = Input({1}, {.dtype = DType::string, .name = "text"});
  const auto colour = Input({1}, {.dtype = DType::string, .name = "colour"});
  const auto size = Input({2}, {.name = "size"});
  const Tensor sides = StringLookup({.vocabulary = {"red", "blue"}, .output_mode = "one_hot"})(colour);
  const Tensor joined = Concatenate()({GlobalAveragePooling1D()(inner(text)), size, sides});
  Model middle({size, text, colour}, joined, "middle");
  const auto a = Input({1}, {.dtype = DType::string}), b = Input({1}, {.dtype = DType::string});
  const auto c = Input({2});
  Model model({a, b, c}, Dense(1)(middle({Dense(2)(c), a, b})));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensors x = {texts(reviews()), texts({"red", "blue", "green", "red", "red", "blue"}), ones({6, 2})};
  model.fit(x, Tensors{labels()}, {.batch_size = 4, .epochs = 2, .verbose = 0});
  EXPECT_EQ(values(model.predict(x)), values(model.base().call_many(x, {}).front()));
  EXPECT_EQ(values(model.predict_on_batch(x)), values(model.predict(x, {.batch_size = 5})));
}

TEST(TextModel, TakesPipelinesThatBeginWithTexts) {
  const std::vector<Layer> layers = {StringLookup({.vocabulary = {"red", "blue"}}),
                                     CategoryEncoding(3, {.output_mode = "one_hot"})};
  const Tensor x = Input({1}, {.dtype = DType::string}), words = texts({"blue", "red", "green"}, {3, 1});
  Model model(x, Dense(2)(Pipeline(layers)(x)));
  const Tensor indices = Input({1}, {.dtype = DType::int64});
  Model behind(indices, Dense(2)(layers[1](indices)));
  behind.set_weights(model.get_weights());
  EXPECT_EQ(values(model.predict(words)), values(behind.predict(Tensor::from(std::vector<int64_t>{2, 1, 0}, {3, 1}))));
  EXPECT_EQ(values(Pipeline(layers)(words)), values(layers[1](layers[0](words))));
}

TEST(TextModel, GivesTexts) {
  const auto x = Input({2}, {.dtype = DType::int64});
  Model model(x, StringLookup({.vocabulary = {"red", "blue"}, .invert = true})(x));
  const Tensor indices = Tensor::from(std::vector<int64_t>{0, 1, 2, 3}, {2, 2});
  const Words expected = {"[UNK]", "red", "blue", "[UNK]"};
  EXPECT_EQ(to_texts(model.predict(indices)), expected);
  EXPECT_EQ(to_texts(model.predict_on_batch(indices)), expected);
  EXPECT_EQ(to_texts(model(indices)), expected);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_THROW(model.fit(indices, indices), InvalidArgument);
}

TEST(TextModel, IsShuffledCutAndFrozenAsOthersAre) {
  Sequential model = text_model(TextVectorization(known(3)), rest());
  data::Dataset data(texts(reviews()), labels());
  const data::Dataset odd = data.select({1, 3, 5});
  EXPECT_EQ(to_texts(odd.x()), (Words{"bad", "a bad film", "really bad cast"}));
  Words seen;
  data::Batch kept;
  for (const data::Batch& batch : data.skip(1).batches({.batch_size = 2})) {
    for (const std::string& text : to_texts(batch.inputs[0])) seen.push_back(text);
    kept = batch;
  }
  EXPECT_EQ(seen, Words(reviews().begin() + 1, reviews().end()));
  const data::Batch some = data.gather(std::vector<int64_t>{4, 0});
  data = {};
  EXPECT_EQ(to_texts(some.inputs[0]), (Words{"fine", "a good film"}));  // though the data set is gone
  EXPECT_EQ(to_texts(kept.inputs[0]), Words{"really bad cast"});
  model.fit(texts(reviews()), labels(), {.verbose = 0, .validation_split = 0.5});
  const std::vector<float> before = values(model.predict(texts(reviews())));
  model.freeze({.batch_size = 3});
  EXPECT_EQ(values(model.predict(texts(reviews()))), before);
}

TEST(TextModel, SaysWhatItDoesNotTake) {
  Sequential model = text_model(TextVectorization(known(3)), rest());
  EXPECT_NE(failure([&] { model.predict(ones({2, 1})); }).find("expected texts for input"), std::string::npos);
  EXPECT_NE(failure([&] { model.fit(ones({6, 1}), labels()); }).find("expected texts for input"), std::string::npos);
  Sequential plain({Input({1}), Dense(1)});
  EXPECT_NE(failure([&] { plain.predict(texts({"a"})); }).find("expected numbers for input"), std::string::npos);
  EXPECT_NE(failure([&] { Dense(1)(Input({1}, {.dtype = DType::string})); }).find("expected numbers, got texts"),
            std::string::npos);
  EXPECT_NE(failure([&] { Dense(1)(texts({"a"}, {1, 1})); }).find("TextVectorization()"), std::string::npos);
  EXPECT_NE(failure([&] { texts({"a"}) + 1.0; }).find("they are texts, not numbers"), std::string::npos);
  const data::Dataset data(texts({"a", "b"}), Tensor());
  EXPECT_THROW(data.map([](const Tensors&) { return Tensors{texts({"c", "d"})}; }), NotSupported);
  EXPECT_EQ(to_texts(data.map([](const Tensors& batch) { return batch; }).x()), (Words{"a", "b"}));
}

// ------------------------------------------------------------------------------------------------------- vocabularies

TEST(Vocabularies, AreRefusedWhereTheyDoNotFit) {
  const auto refused = [](const std::function<void()>& body, const std::string& text) {
    EXPECT_NE(failure(body).find(text), std::string::npos) << failure(body);
  };
  refused([] { StringLookup({.vocabulary = {"a", "b", "a"}}); }, "expected each token once, got 'a'");
  refused([] { StringLookup({.max_tokens = 2, .vocabulary = {"a", "b"}}); }, "expected at most max_tokens = 2");
  refused([] { StringLookup({.mask_token = "m", .vocabulary = {"a", "m"}}); }, "mask_token 'm'");
  refused([] { StringLookup({.vocabulary = {"a", "[UNK]"}, .invert = true}); }, "oov_token '[UNK]'");
  refused([] { StringLookup({.vocabulary = {"a"}, .output_mode = "tf_idf"}); }, "expected idf_weights");
  refused([] { StringLookup({.vocabulary = {"a"}, .idf_weights = {1.0}}); }, "idf_weights");
  refused([] { StringLookup({.vocabulary = {"a"}, .idf_weights = {1, 2}, .output_mode = "tf_idf"}); }, "each of 1");
  refused([] { StringLookup({.encoding = "latin-1"}); }, "UTF-8");
  refused([] { StringLookup()(texts({"a"})); }, "expected a vocabulary, got none");
  refused([] { StringLookup({.output_mode = "count"})(Input({2}, {.dtype = DType::string})); }, "pad_to_max_tokens");
  refused([] { StringLookup({.num_oov_indices = 0, .vocabulary = {"a"}})(texts({"b"})); }, "got 'b'");
  refused([] { IntegerLookup({.num_oov_indices = 0, .vocabulary = {5}})(Tensor::from(std::vector<int64_t>{7})); },
          "got '7'");
  refused([] { IntegerLookup({.vocabulary = {1}})(texts({"a"})); }, "Use StringLookup()");
  refused([] { StringLookup({.vocabulary = {"a"}})(ones({2})); }, "Use IntegerLookup()");
  refused([] { adapt(StringLookup({.vocabulary = {"a"}}), texts({"b"})); }, "got one that was given it");
  refused([] { adapt(StringLookup(), ones({2})); }, "expected texts");
  refused([] { get_vocabulary(Dense(1)); }, "expected a layer with a vocabulary");
  refused([] { TextVectorization({.output_mode = "one_hot"}); }, "no common length");
  refused([] { TextVectorization({.max_tokens = 1}); }, "(TextVectorization): expected max_tokens");
  refused([] { TextVectorization({.output_mode = "count", .output_sequence_length = 3}); }, "output_sequence_length");
  refused([] { TextVectorization(known())(texts({"a", "b"}, {1, 2})); }, "(batch, 1)");
  const Json code = Json::object({{"class_name", "function"}});
  refused(
      [&] {
        layer_from_json(
            Json::object({{"class_name", "TextVectorization"}, {"config", Json::object({{"standardize", code}})}}));
      },
      "a function of one's own");
  refused(
      [] {
        layer_from_json(
            Json::object({{"class_name", "TextVectorization"}, {"config", Json::object({{"ragged", true}})}}));
      },
      "ragged");
}

TEST(Vocabularies, MayChangeUntilResultsDependOnTheirSize) {
  const Layer indices = StringLookup();
  set_vocabulary(indices, {"a", "b"});
  set_vocabulary(indices, {"c"});
  EXPECT_EQ(get_vocabulary(indices), (Words{"[UNK]", "c"}));
  EXPECT_EQ(get_vocabulary(indices, false), Words{"c"});
  const Layer counts = StringLookup({.output_mode = "count"});
  set_vocabulary(counts, {"a", "b"});
  set_vocabulary(counts, {"b", "c"});
  EXPECT_THROW(set_vocabulary(counts, {"c"}), InvalidArgument);
  EXPECT_EQ(get_vocabulary(counts), (Words{"[UNK]", "b", "c"}));
}

/// Texts crossed with whole numbers, as in Keras's documentation, whose numbers these are (3.15.1 on TensorFlow).
TEST(TextModel, CrossesTextsWithNumbers) {
  const Tensor letters = texts({"A", "B", "A", "B", "A"}),
               codes = Tensor::from(std::vector<int64_t>{101, 101, 101, 102, 102}, {5});
  const std::vector<int64_t> bins = {1, 4, 1, 1, 3}, reversed = {656, 483, 656, 364, 680};
  EXPECT_EQ(HashedCrossing(5)(Tensors{letters, codes}).to_vector<int64_t>(), bins);
  EXPECT_EQ(HashedCrossing(1000)(Tensors{codes, letters}).to_vector<int64_t>(), reversed);

  const auto a = Input({1}, {.dtype = DType::string}), b = Input({1}, {.dtype = DType::int64}), c = Input({1});
  const Tensor crossed = HashedCrossing(10)(Tensors{a, b});
  const Tensor embedded = Flatten()(Embedding(10, 1, {.embeddings_initializer = "ones"})(crossed));
  Model model({a, b, c}, {Dense(1, {.kernel_initializer = "ones"})(Concatenate()(Tensors{embedded, c}))});
  model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
  const Tensors x = {reshaped_texts(letters, {5, 1}), reshape(codes, {5, 1}),
                     Tensor::from({.1f, .2f, .3f, .4f, .5f}, {5, 1})};
  const Tensors y = {Tensor::from({1.f, 0.f, 1.f, 0.f, 1.f}, {5, 1})};
  const History history = model.fit(x, y, {.batch_size = 2, .epochs = 3, .verbose = 0, .shuffle = false});
  const std::vector<double> losses = {0.5456305742263794, 0.244267538189888, 0.20246580243110657};
  for (size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(history["loss"][i], losses[i], 1e-6);
  EXPECT_NEAR(model.evaluate(x, y, {.batch_size = 2})["loss"], 0.17232337594032288, 1e-6);
  const std::vector<double> predicted = {0.5862563252449036, 0.46494370698928833, 0.7675603032112122,
                                         0.6438865065574646, 0.9248842597007751};
  const std::vector<float> predictions = values(model.predict_all(x).front());
  for (size_t i = 0; i < predicted.size(); ++i) EXPECT_NEAR(predictions[i], predicted[i], 1e-6);

  EXPECT_NE(failure([&] {
              HashedCrossing(5)(Tensors{letters, ones({5})});
            }).find("whole numbers or texts"),
            std::string::npos);
}

}  // namespace
}  // namespace hebb
