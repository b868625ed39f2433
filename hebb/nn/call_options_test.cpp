// `training` in the calls that make a functional model. What Keras 3.15 does: the call of the model goes before the
// calls in its graph, which hold where it is left open.
#include <gtest/gtest.h>

#include "hebb/base/text.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;
Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

const Tensor x = ones({4, 30});

/// Dropout in the mode that its call says.
Model dropping(OpenFlag training) {
  const Tensor input = Input({30}, {.name = "x"});
  return Model(input, Dropout(0.5, {.seed = 1, .name = "drop"})(input, {.training = training}));
}

bool drops(const Tensor& y) { return values(y) != values(x); }

TEST(CallOptions, HoldWhereTheModelsCallIsOpen) {
  EXPECT_TRUE(drops(dropping(true)(x)));
  EXPECT_FALSE(drops(dropping(false)(x)));
  EXPECT_FALSE(drops(dropping({})(x)));
}

TEST(CallOptions, GiveWayToTheModelsCall) {
  EXPECT_FALSE(drops(dropping(true)(x, {.training = false})));
  EXPECT_TRUE(drops(dropping(false)(x, {.training = true})));
  EXPECT_FALSE(drops(dropping(true).predict(x)));
}

TEST(CallOptions, GiveWayToTheCallAroundTheModel) {
  struct Outer : LayerBase {
    Model inner = dropping(true);
    Tensor call(const Tensor& input) override { return inner(input); }
    using LayerBase::call;
  };
  EXPECT_TRUE(drops(make_layer<Outer>()(x)));
  EXPECT_FALSE(drops(make_layer<Outer>()(x, {.training = false})));
}

TEST(CallOptions, GoDownIntoModelsInTheGraph) {
  const Tensor input = Input({30});
  EXPECT_FALSE(drops(Model(input, dropping(true)(input, {.training = false}))(x)));
  EXPECT_TRUE(drops(Model(input, dropping(false)(input, {.training = true}))(x)));
}

/// In fit Keras trains even where the graph says training = false; a layer that is not trainable keeps its moments.
TEST(CallOptions, GiveWayToFit) {
  for (const bool trainable : {true, false}) {
    const Tensor input = Input({30});
    const Layer normalization = BatchNormalization();
    Model model(input, Dense(1)(normalization(input, {.training = false})));
    normalization.set_trainable(trainable);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    const Floats before = values(normalization.weights()[2]);
    model.fit(x * 5.0, ones({4, 1}), {.verbose = 0});
    EXPECT_EQ(values(normalization.weights()[2]) != before, trainable);
  }
}

TEST(CallOptions, StandInTheConfiguration) {
  for (const OpenFlag training : {OpenFlag(), OpenFlag(false), OpenFlag(true)}) {
    const Json json = model_to_json(dropping(training).base());
    const Json& named = json.at("config").at("layers").at(1).at("inbound_nodes").at(size_t{0}).at("kwargs");
    EXPECT_EQ(named.dump(), training.is_set() ? message(R"({"training": )", training ? "true" : "false", "}") : "{}");
    Model again = model_from_json(json);
    EXPECT_EQ(model_to_json(again.base()), json);
    EXPECT_EQ(drops(again(x)), training.is_set() && training);
  }
}

/// A model's inputs have names that are for people: its calls take a list.
TEST(CallOptions, GiveAModelInAModelAListOfInputs) {
  const Tensor a = Input({2}, {.name = "a"}), b = Input({3}, {.name = "mask"});
  const Model inner(Tensors{a, b}, Concatenate()({a, b}), "inner");
  const Tensor c = Input({2}, {.name = "c"}), d = Input({3}, {.name = "d"});
  const Model outer(Tensors{c, d}, inner(Tensors{c, d}));
  const Json json = model_to_json(outer.base());
  const Json& layer = json.at("config").at("layers").at(2);
  const Json& call = layer.at("inbound_nodes").at(size_t{0});
  ASSERT_EQ(call.at("args").size(), 1u);
  EXPECT_EQ(call.at("args").at(size_t{0}).size(), 2u);
  EXPECT_EQ(call.at("kwargs").size(), 0u);
  EXPECT_TRUE(layer.at("build_config").contains("input_shape"));
  EXPECT_EQ(model_to_json(model_from_json(json).base()), json);
}

/// Inputs by name and flags, as Keras writes the calls of attention layers.
TEST(CallOptions, NameTheInputsOfAttention) {
  const Tensor query = Input({3, 4}, {.name = "query"}), value = Input({2, 4}, {.name = "value"}),
               mask = Input({3, 2}, {.dtype = DType::boolean, .name = "mask"});
  const CallOptions options{.inputs = {"", "", "attention_mask"}, .use_causal_mask = true};
  Model model({query, value, mask}, {MultiHeadAttention(2, 3)({query, value, mask}, options)});
  const Json json = model_to_json(model.base());
  const Json& call = json.at("config").at("layers").at(3).at("inbound_nodes").at(size_t{0});
  EXPECT_EQ(call.at("args").size(), 2u);
  EXPECT_TRUE(call.at("kwargs").contains("attention_mask"));
  EXPECT_EQ(call.at("kwargs").at("use_causal_mask"), Json(true));
  Model again = model_from_json(json);
  EXPECT_EQ(model_to_json(again.base()), json);
}

/// What a call says by its name files say by its name.
TEST(CallOptions, StandUnderTheirNames) {
  const Tensor query = Input({3, 4}), value = Input({2, 4});
  using Names = std::vector<std::string>;
  for (const auto& [names, in_front] :
       {std::pair(Names{}, 2u), {Names{"", "value"}, 1u}, {Names{"query", "value"}, 0u}}) {
    const Model model({query, value}, {MultiHeadAttention(2, 3)({query, value}, {.inputs = names})});
    const Json json = model_to_json(model.base());
    const Json& call = json.at("config").at("layers").at(2).at("inbound_nodes").at(size_t{0});
    EXPECT_EQ(call.at("args").size(), in_front);
    EXPECT_EQ(call.at("kwargs").size(), 2 - in_front);
    EXPECT_EQ(model_to_json(model_from_json(json).base()), json);
  }
}

/// Keras takes them in no other way, and builds the layer for what they belong to alone.
TEST(CallOptions, NameTheWeightsOfCategories) {
  const Tensor categories = Input({2}, {.dtype = DType::int64, .name = "categories"}), weights = Input({2});
  const Layer count = CategoryEncoding(3, {.output_mode = "count"});
  const Model model({categories, weights}, {count({categories, weights})});
  const Json json = model_to_json(model.base());
  const Json& layer = json.at("config").at("layers").at(2);
  const Json& call = layer.at("inbound_nodes").at(size_t{0});
  EXPECT_EQ(call.at("args").size(), 1u);
  EXPECT_TRUE(call.at("kwargs").contains("count_weights"));
  EXPECT_FALSE(layer.contains("build_config") && layer.at("build_config").contains("shapes_dict"));
  Model again = model_from_json(json);
  EXPECT_EQ(model_to_json(again.base()), json);
  const Tensors inputs = {Tensor::from(std::vector<int64_t>{0, 2}, {1, 2}), Tensor::from(Floats{2, 5}, {1, 2})};
  EXPECT_EQ(values(again.predict_all(inputs).front()), (Floats{2, 0, 5}));
}

/// Each cell of several has a list of its states, unless all have one.
TEST(CallOptions, GiveStackedCellsTheirStates) {
  const Tensor x = Input({4, 5}), h = Input({3}), c = Input({3}), d = Input({2});
  const Model model({x, h, c, d}, {RNN(StackedRNNCells({LSTMCell(3), GRUCell(2)}))({x, h, c, d})});
  const Json json = model_to_json(model.base());
  const Json& layer = json.at("config").at("layers").at(4);
  const Json& states = layer.at("inbound_nodes").at(size_t{0}).at("kwargs").at("initial_state");
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states.at(size_t{0}).size(), 2u);
  EXPECT_EQ(states.at(1).size(), 1u);
  EXPECT_EQ(layer.at("build_config").at("shapes_dict").at("initial_state_shape").dump(),
            "[[[null, 3], [null, 3]], [[null, 2]]]");
  EXPECT_EQ(model_to_json(model_from_json(json).base()), json);
}

/// As Keras writes LSTM(3)(sequences=x, initial_state=[h, c]).
TEST(CallOptions, NameTheSequence) {
  const Tensor x = Input({4, 5}), h = Input({3}), c = Input({3});
  const Json json = model_to_json(Model({x, h, c}, {LSTM(3)({x, h, c})}).base());
  std::string text = json.dump();
  const std::string args = R"("args": [)", kwargs = R"("kwargs": {"initial_state")";
  const size_t from = text.find(args), end = text.find(kwargs);
  ASSERT_TRUE(from != std::string::npos && end != std::string::npos);
  const std::string sequence = text.substr(from + args.size(), text.rfind(']', end) - from - args.size());
  text.replace(end, kwargs.size(), R"("kwargs": {"sequences": )" + sequence + R"(, "initial_state")");
  text.erase(from + args.size(), sequence.size());
  EXPECT_EQ(model_to_json(model_from_json(Json::parse(text)).base()), json);
}

/// Of inputs and outputs; those of a dict go by the alphabet.
TEST(Models, KeepHowTheirEndsAreNested) {
  const Tensor x = Input({2}, {.name = "x"}), y = Input({2}, {.name = "y"});
  const Tensors outputs = {Dense(1, {.name = "a"})(x), Dense(2, {.name = "b"})(x), Dense(3, {.name = "c"})(y)};
  const std::string written = model_to_json(Model({x, y}, outputs).base()).dump();
  for (const auto& [inputs, structure] :
       {std::pair(R"([[["x", 0, 0]], ["y", 0, 0]])", R"([[["a", 0, 0], ["b", 0, 0]], ["c", 0, 0]])"),
        {R"({"z": ["x", 0, 0], "k": [["y", 0, 0]]})", R"([{"z": ["a", 0, 0], "k": ["b", 0, 0]}, ["c", 0, 0]])"}}) {
    std::string text = written;
    const auto replace = [&](const std::string& from, const std::string& to) {
      const size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos);
      text.replace(at, from.size(), to);
    };
    replace(R"([["x", 0, 0], ["y", 0, 0]])", inputs);
    replace(R"([["a", 0, 0], ["b", 0, 0], ["c", 0, 0]])", structure);
    const Json given = Json::parse(text).at("config"), kept = model_to_json(model_from_json(Json::parse(text)).base());
    for (const char* ends : {"input_layers", "output_layers"})
      EXPECT_EQ(kept.at("config").at(ends).dump(), given.at(ends).dump());
  }
}

/// A layer that is called several times runs where Keras 3.15 runs its calls, whichever was made first: the further
/// from the outputs the earlier, then as they were met on the way back from the outputs.
TEST(SharedLayers, RunInKerassOrder) {
  struct Noting : LayerBase {
    std::vector<double> seen;
    Tensor call(const Tensor& input) override {
      if (input.is_concrete()) seen.push_back(input.to_vector<double>()[0]);
      return input;
    }
  };
  const Tensor one = Input({1}), two = Input({1}), three = Input({1});
  const Layer noting = make_layer<Noting>();
  const Tensor first = noting(one), second = noting(two);
  const Tensor behind = Activation("relu")(Activation("relu")(second));
  const Tensor third = noting(behind), fourth = noting(three);
  const auto order = [&](const Tensors& outputs) {
    noting.as<Noting>()->seen.clear();
    Model({one, two, three}, outputs).base().call_many({ones({1, 1}), ones({1, 1}) * 2.0, ones({1, 1}) * 4.0}, {});
    return noting.as<Noting>()->seen;
  };
  using Doubles = std::vector<double>;
  EXPECT_EQ(order({first, fourth, behind}), (Doubles{2, 4, 1}));
  EXPECT_EQ(order({first, fourth, third}), (Doubles{2, 4, 1, 2}));
  EXPECT_EQ(order({Add()({first, fourth}), Add()({second, fourth})}), (Doubles{2, 4, 1}));
}

}  // namespace
}  // namespace hebb
