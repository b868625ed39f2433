#include "hebb/io/model_file.h"

#include <sys/stat.h>

#include <cstdlib>

#include "hebb/base/error.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/nn/adapt.h"
#include "hebb/nn/compile_config.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/notes.h"
#include "hebb/nn/symbolic.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

// ---------------------------------------------------------------------------------------------------- the whole way

TEST_F(ModelFileTest, KeepsWeightsTrainingAndOptimizer) {
  for (const char* name : {"m.keras", "m.h5", "m.hdf5"}) {
    Model model = small_model();
    const Tensor x = numbers({8, 4}), y = Tensor::from(std::vector<int32_t>{0, 1, 2, 0, 1, 2, 0, 1});
    model.train_on_batch(x, y);
    model.optimizer().set_learning_rate(0.25);
    model.save(file(name));
    Model loaded = load_model(file(name));
    EXPECT_EQ(loaded.name(), model.name());
    EXPECT_TRUE(same(loaded.weights(), model.weights()));
    EXPECT_TRUE(same(loaded.optimizer()->variables(), model.optimizer()->variables()));
    EXPECT_EQ(loaded.optimizer().learning_rate(), 0.25);
    EXPECT_TRUE(same({loaded.predict(x)}, {model.predict(x)}));
    const Logs one = model.train_on_batch(x, y), other = loaded.train_on_batch(x, y);
    EXPECT_EQ(one["loss"], other["loss"]);
    EXPECT_EQ(one["accuracy"], other["accuracy"]);
    EXPECT_TRUE(same(loaded.weights(), model.weights())) << name;
    EXPECT_FALSE(load_model(file(name), {.compile = false}).is_compiled());
  }
}

TEST_F(ModelFileTest, KeepsNotes) {
  Sequential model({Input({2}), Dense(1)});
  EXPECT_EQ(find_note(model, "csv"), nullptr);
  const Json note = Json::object({{"words", Json::array({"ä", std::string(100'000, 'x')})}});
  set_note(model, "csv", note);
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    const Model loaded = load_model(file(name));
    const Json* read = find_note(loaded, "csv");
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(*read, note) << name;
  }
}

TEST_F(ModelFileTest, HoldsThreeStoredEntries) {
  const Model model = small_model();
  model.save(file("m.keras"));
  const ZipReader archive(file("m.keras"));
  ASSERT_EQ(archive.entries().size(), 3u);
  EXPECT_EQ(archive.entries()[0].name, "metadata.json");
  EXPECT_EQ(archive.entries()[1].name, "config.json");
  EXPECT_EQ(archive.entries()[2].name, "model.weights.h5");
  for (const auto& entry : archive.entries()) EXPECT_EQ(entry.size, entry.stored_size);
  const Json metadata = Json::parse(archive.read("metadata.json", 1000));
  EXPECT_EQ(metadata.at("keras_version").as_string(), "3.15.1");
  EXPECT_EQ(metadata.at("date_saved").as_string().size(), 19u);
  const io::Hdf5Reader weights(archive.read("model.weights.h5", 1 << 20), "weights");
  EXPECT_EQ(weights.string_attribute("/layers/dense_1/vars", "name"), model.layers()[1].name());
  EXPECT_EQ(weights.children("/layers"), (std::vector<std::string>{"dense", "dense_1"}));
  EXPECT_EQ(weights.children("/optimizer/vars"), (std::vector<std::string>{"0", "1"}));
}

TEST_F(ModelFileTest, SavesModelsOfAnyKind) {
  // Shared and nested layers, several inputs and outputs, layers in an order that differs from that of their making.
  const InputTensor left = Input({4}, {.name = "left"}), right = Input({4}, {.name = "right"}),
                    unused = Input({2}, {.name = "unused"});
  const Layer shared = Dense(4, {.activation = "tanh"});
  Sequential inner({Input({4}), Dense(6), BatchNormalization(), Dense(4)});
  const InputTensor z = Input({4});
  const Model function(z, Tensors{Dense(4)(z), Dense(2)(z)});
  const Tensors two = function.call_many({shared(inner(right))});
  const Tensor sum = Add()({shared(left), inner(two[0])});
  const Tensors again = function.call_many({sum});
  Model model(Tensors{left, right, unused}, Tensors{again[0], Concatenate()({two[1], again[1], again[1]}), sum},
              "whole");
  const Tensors x = {numbers({3, 4}, 1), numbers({3, 4}, 2), numbers({3, 2}, 3)};
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    Model loaded = load_model(file(name));
    EXPECT_TRUE(same(loaded.weights(), model.weights())) << name;
    EXPECT_TRUE(same(loaded.predict_all(x), model.predict_all(x))) << name;
    EXPECT_EQ(model_to_json(loaded.base()), model_to_json(model.base())) << name;
    EXPECT_EQ(loaded.layers().size(), model.layers().size());
  }
}

TEST_F(ModelFileTest, SavesPartsOfModels) {
  const InputTensor x = Input({4});
  const Tensor hidden = Dense(5)(x), out = Dense(2)(hidden);
  const Model whole(x, out);
  Model head(hidden, out);  // begins at the result of a layer
  EXPECT_EQ(head.layers().size(), 2u);
  EXPECT_EQ(head.count_params(), 12);
  head.save(file("head.keras"));
  const Tensor given = numbers({3, 5});
  EXPECT_TRUE(same({load_model(file("head.keras")).predict(given)}, {head.predict(given)}));
  EXPECT_TRUE(same(head.weights(), {whole.weights()[2], whole.weights()[3]}));
}

TEST_F(ModelFileTest, SavesWhatIsNotBuilt) {
  Sequential model({Dense(3), Dense(2)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.layers().size(), 2u);
  EXPECT_FALSE(loaded.base().is_connected());
  loaded.fit(numbers({8, 4}), numbers({8, 2}), {.epochs = 1, .verbose = 0});
  EXPECT_EQ(loaded.optimizer()->variables().size(), 2 + 2 * 4u);
}

/// A model whose outputs are a list of one has them so in its file, and a list around the metrics.
TEST_F(ModelFileTest, KeepsTheMetricsOfAListOfOneOutput) {
  Model model = small_model();
  const std::string output = model.base().output_names().front();
  model.base().set_structures({}, Json::parse(R"([[")" + output + R"(", 0, 0]])"));
  model.compile({.loss = "mse", .metrics = {"mae", "mape"}, .weighted_metrics = {"mse", "msle"}});
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    Model loaded = load_model(file(name));
    const CompileOptions& options = loaded.base().trainer().options();
    for (const MetricLists& metrics : {options.metrics, options.weighted_metrics}) {
      ASSERT_EQ(metrics.by_position().size(), 1u) << name;
      EXPECT_EQ(metrics.by_position().front().size(), 2u) << name;
    }
  }
}

/// The inner model is called before the file gives it its vocabulary.
TEST_F(ModelFileTest, KeepsWhatALookupInAModelInsideLearned) {
  const Layer lookup = IntegerLookup();
  const Tensor given = Tensor::from(std::vector<int64_t>{7, 3, 7, 5}, {4, 1});
  adapt(lookup, given);
  const auto from = Input({1}, {.dtype = DType::int64}), x = Input({1}, {.dtype = DType::int64});
  const Model inner(from, lookup(from));
  Model model(x, inner(x));
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_TRUE(same({loaded.predict(given)}, {model.predict(given)}));
}

TEST_F(ModelFileTest, KeepsDictsOfInputsAndOutputs) {
  // Keras writes {"q": input} and {"r": ..., "a": ...} so; it flattens them by the alphabet.
  const std::string inputs = R"("input_layers": {"q": ["i", 0, 0]})";
  const auto dense = [](const std::string& name) {
    return R"({"class_name": "Dense", "config": {"name": ")" + name + R"(", "units": 1}, "name": ")" + name +
           R"(", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": )" +
           R"(["i", 0, 0]}}], "kwargs": {}}]})";
  };
  write(file("m.json"),
        R"({"class_name": "Functional", "config": {"name": "f", "layers": [{"class_name": "InputLayer", "config": )"
        R"({"batch_shape": [null, 3], "name": "i"}, "name": "i", "inbound_nodes": []}, )" +
            dense("d") + ", " + dense("e") + "], " + inputs +
            R"(, "output_layers": {"r": ["d", 0, 0], "a": ["e", 0, 0]}}, "keras_version": "3.15.1"})");
  Model model = load_architecture(file("m.json"));
  model.compile({.optimizer = "sgd",
                 .loss = std::map<std::string, Loss>{{"r", "mse"}, {"a", "mse"}},
                 .metrics = std::map<std::string, std::vector<Metric>>{{"r", {"mae"}}}});
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.base().trainer().options().metrics.by_name().count("r"), 1u);
  const Json config = loaded.base().config();
  EXPECT_EQ(config.at("input_layers"), Json::parse(R"({"q": ["i", 0, 0]})"));
  EXPECT_EQ(config.at("output_layers"), Json::parse(R"({"a": ["e", 0, 0], "r": ["d", 0, 0]})"));
  const Logs logs = loaded.evaluate(Tensors{numbers({4, 3})}, Tensors{numbers({4, 1}), numbers({4, 1})});
  EXPECT_NE(logs.find("a_loss"), nullptr);
  EXPECT_NE(logs.find("r_loss"), nullptr);
  // Up to Keras 3.4, losses had the names of the layers; metrics up to Keras 3.11.
  const std::vector<std::string> layers = layers_of_output_keys(Json::parse(content(file("m.json"))));
  const Json by_layers = Json::parse(R"({"optimizer": "sgd", "loss": {"d": "mse", "e": "mae"}, "metrics": null})");
  const std::map<std::string, Loss> losses =
      compile_options_from_json(by_layers, model.base().output_names(), layers).loss.by_name();
  EXPECT_EQ(losses.at("r").to_json(), Json("mse"));
  EXPECT_EQ(losses.at("a").to_json(), Json("mae"));
}

TEST_F(ModelFileTest, SaysWhichLossOfOnesOwnItCannotHold) {
  Sequential model({Input({4}), Dense(2)}, "net");
  model.compile(
      {.optimizer = "adam", .loss = [](const Tensor& y, const Tensor& p) { return mean(abs(y - p), {.axes = {-1}}); }});
  const Tensor x = numbers({8, 4}), y = numbers({8, 2});
  model.train_on_batch(x, y);
  model.save(file("first.keras"));
  load_model(file("first.keras")).save(file("m.keras"));  // what is missing stays known
  Model loaded = load_model(file("m.keras"));
  EXPECT_FALSE(loaded.is_compiled());
  EXPECT_TRUE(same(loaded.optimizer()->variables(), model.optimizer()->variables()));
  EXPECT_EQ(error_of<InvalidArgument>([&] { loaded.fit(x, y, {.verbose = 0}); }),
            "layer 'net' (Sequential): is not compiled: its file could not hold the loss 'custom_loss', which is code "
            "of the program that saved it. Call compile() again and give that; with .optimizer = model.optimizer() "
            "training goes on where it stood.");
  loaded.compile({.optimizer = loaded.optimizer(), .loss = "mse"});
  EXPECT_NO_THROW(loaded.train_on_batch(x, y));
}

struct Scale : LayerBase {
  Tensor factor;
  Layer inner;
  void build(const Shape& input) override {
    factor = add_weight("factor", {input.back()}, "ones");
    inner = add_layer("inner", Dense(input.back()));
  }
  Tensor call(const Tensor& x) override { return inner(x * factor); }
  static Layer from_config(const Json& config) {
    const Layer layer = make_layer<Scale>();
    layer->read_base_config(config);
    return layer;
  }
};

TEST_F(ModelFileTest, ReadsLayersOfOnesOwn) {
  Sequential model({Input({4}), make_layer<Scale>()});
  model.save(file("m.keras"));
  const std::string error = error_of<IoError>([&] { load_model(file("m.keras")); });
  EXPECT_NE(error.find("'Scale'"), std::string::npos) << error;
  EXPECT_NE(error.find("register_layer"), std::string::npos) << error;
  const ZipReader archive(file("m.keras"));
  const Json config = Json::parse(archive.read("config.json", 1 << 20));
  EXPECT_EQ(config.at("config").at("layers").at(1).at("registered_name").as_string(), "Custom>Scale");
  const io::Hdf5Reader weights(archive.read("model.weights.h5", 1 << 20), "weights");
  EXPECT_TRUE(weights.has_dataset("/layers/scale/inner/vars/1"));

  register_layer("Scale", Scale::from_config);
  Model loaded = load_model(file("m.keras"));
  EXPECT_TRUE(same(loaded.weights(), model.weights()));
  EXPECT_EQ(loaded.layers()[0].name(), model.layers()[0].name());
}

TEST_F(ModelFileTest, ReadsArchitectures) {
  Model model = small_model();
  write(file("m.json"), model_to_json(model.base()).dump());
  Model loaded = load_architecture(file("m.json"));
  EXPECT_EQ(loaded.count_params(), model.count_params());
  EXPECT_GT(loaded.weights()[0].data<float>()[0], -1);
  EXPECT_NE(loaded.weights()[0].data<float>()[0], 0) << "the initializers have run";
  EXPECT_FALSE(loaded.is_compiled());
  EXPECT_THROW(load_architecture(file("none.json")), IoError);
}

TEST_F(ModelFileTest, ReplacesTheFileAsAWhole) {
  Model model = small_model();
  model.save(file("m.keras"));
  const std::string before = content(file("m.keras"));
  ASSERT_EQ(::chmod(folder_.c_str(), 0500), 0);
  if (::geteuid() != 0) {
    EXPECT_THROW(model.save(file("m.keras")), IoError);
  }
  ASSERT_EQ(::chmod(folder_.c_str(), 0700), 0);
  EXPECT_EQ(content(file("m.keras")), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "no temporary file is left";
  EXPECT_THROW(model.save(file("no/such/folder/m.keras")), IoError);
  EXPECT_THROW(model.save(file("m.h5x")), IoError);
  EXPECT_THROW(model.save(file("m.weights.h5")), IoError);
  EXPECT_THROW(load_model(file("m")), IoError);
}

// ------------------------------------------------------------------------------------------------- small decisions

/// As Keras writes it behind `.h5` of the same model; it reads its default optimizer there.
TEST_F(ModelFileTest, CompilesWithTheDefaultWhereTheOptimizerIsLeftOut) {
  const Model model = load_model(keras_file(R"({"class_name": "Sequential", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "x"}}]},
    "compile_config": {"loss": "mse", "metrics": null}})"));
  ASSERT_TRUE(model.is_compiled());
  EXPECT_EQ(model.optimizer()->class_name(), "RMSprop");
}

/// In `.h5` files its weights stand in a group of the name of the wrapper's own kernel.
TEST_F(ModelFileTest, KeepsALayerOfTheNameOfAWeight) {
  Sequential model({Input({4}), SpectralNormalization(Dense(3, {.name = "kernel"}))});
  model.save(file("m.h5"));
  EXPECT_TRUE(same(load_model(file("m.h5")).weights(), model.weights()));
}

/// Keras builds an activation that is a layer at the first call: a file that was written before has nothing of it.
TEST_F(ModelFileTest, OpensActivationsThatWereNotBuilt) {
  const Layer slopes = PReLU({.alpha_initializer = Constant(0.5)});
  for (const auto& [inner, plain] : {std::pair(Dense(3, {.activation = slopes}), Dense(3)),
                                     {LSTM(3, {.activation = PReLU({.alpha_initializer = Constant(0.5)})}), LSTM(3)}}) {
    const bool is_dense = inner.class_name() == "Dense";
    const Shape shape = is_dense ? Shape{4} : Shape{2, 4};
    const Sequential model({Input(shape), inner, Dense(2)}), without({Input(shape), plain, Dense(2)});
    io::ModelFile parts = io::take_apart(without, io::Purpose::writing);
    std::string config = model_to_json(model.base()).dump();
    const std::string built = R"(, "build_config": {"input_shape": [null, 3]}})";
    const size_t at = config.find(built);
    ASSERT_NE(at, std::string::npos);
    parts.model = Json::parse(config.replace(at, built.size(), "}"));
    for (const char* name : {"m.keras", "m.h5"}) {
      io::format_of(name).write(parts, file(name));
      const Model loaded = load_model(file(name));
      ASSERT_EQ(loaded.weights().size(), without.weights().size() + 1);
      const size_t alpha = is_dense ? 2 : 3;
      EXPECT_EQ(loaded.weights()[alpha].to_vector<float>(), std::vector<float>(3, 0.5f)) << name;
      EXPECT_TRUE(same({loaded.weights().front(), loaded.weights().back()},
                       {without.weights().front(), without.weights().back()}));
    }
  }
}

/// Where Keras finds them: the activation of the cell is the layer's as well.
TEST_F(ModelFileTest, KeepsTheActivationsOfCells) {
  const Sequential model({Input({2, 4}), LSTM(3, {.activation = PReLU(), .recurrent_activation = PReLU()})});
  EXPECT_EQ(model.weights().size(), 5u);
  for (const Tensor& weight : model.weights()) write_variable(weight, numbers(weight.shape()));
  model.save(file("m.keras"));
  const io::Hdf5Reader weights(ZipReader(file("m.keras")).read("model.weights.h5", 1 << 20), "weights");
  EXPECT_TRUE(weights.has_dataset("/layers/lstm/activation/vars/0"));
  EXPECT_TRUE(weights.has_dataset("/layers/lstm/cell/recurrent_activation/vars/0"));
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    EXPECT_TRUE(same(load_model(file(name)).weights(), model.weights()));
  }
}

/// Operations of the names of layers; `.h5` files do not say of which module an entry is.
TEST_F(ModelFileTest, TellsOperationsFromLayersInH5) {
  Model model = model_from_json(Json::parse(R"({"class_name": "Functional", "config": {"name": "f", "layers": [
    {"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
     "config": {"name": "x", "batch_shape": [null, 3], "dtype": "float32"}},
    {"module": "keras.src.ops.numpy", "class_name": "Multiply", "name": "multiply", "config": {"name": "multiply"},
     "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32",
                                  "keras_history": ["x", 0, 0]}}, 2.0], "kwargs": {}}]},
    {"module": "keras.src.ops.nn", "class_name": "Softmax", "name": "softmax", "config": {"name": "softmax", "axis": 1},
     "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32",
                                  "keras_history": ["multiply", 0, 0]}}], "kwargs": {}}]}],
    "input_layers": ["x", 0, 0], "output_layers": ["softmax", 0, 0]}})"));
  model.save(file("m.h5"));
  Model loaded = load_model(file("m.h5"));
  EXPECT_EQ(model_to_json(loaded.base()), model_to_json(model.base()));
  EXPECT_EQ(loaded.get_layer("softmax")->module(), "keras.src.ops.nn");
  EXPECT_TRUE(same(loaded.predict_all({numbers({2, 3})}), model.predict_all({numbers({2, 3})})));
}

/// Also one with an option dtype, as cumprod has it.
TEST_F(ModelFileTest, CallsAnUnknownOperationOfH5AnOperation) {
  Model model = model_from_json(Json::parse(R"({"class_name": "Functional", "config": {"name": "f", "layers": [
    {"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
     "config": {"name": "x", "batch_shape": [null, 3], "dtype": "float32"}},
    {"module": "keras.src.ops.nn", "class_name": "Softmax", "name": "p", "config": {"name": "p", "axis": 1},
     "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32",
                                  "keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
    "input_layers": ["x", 0, 0], "output_layers": ["p", 0, 0]}})"));
  io::ModelFile parts = io::take_apart(model, io::Purpose::writing);
  std::string text = parts.model.dump();
  const std::string config = R"("config": {"name": "p", "axis": 1})";
  const size_t at = text.find(config), name = text.find("\"Softmax\"");
  ASSERT_TRUE(at != std::string::npos && name != std::string::npos);
  text.replace(at, config.size(), R"("config": {"name": "p", "axis": 1, "dtype": null})");
  text.replace(name, 9, "\"NoSuchThing\"");
  parts.model = Json::parse(text);
  io::format_of("m.h5").write(parts, file("m.h5"));
  EXPECT_NE(error_of<NotSupported>([&] { load_model(file("m.h5")); }).find("operation 'p' (NoSuchThing)"),
            std::string::npos);
}

/// As Keras writes `einsum("abc->ac", convert_to_tensor(x))`.
TEST_F(ModelFileTest, ComputesAnEinsumOfOneTensor) {
  Model model = model_from_json(Json::parse(R"({"class_name": "Functional", "config": {"name": "f", "layers": [
    {"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
     "config": {"name": "x", "batch_shape": [null, 2, 3], "dtype": "float32"}},
    {"module": "keras.src.ops.core", "class_name": "ConvertToTensor", "name": "convert_to_tensor",
     "config": {"name": "convert_to_tensor", "dtype": null, "sparse": null, "ragged": null},
     "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 2, 3],
                                  "dtype": "float32", "keras_history": ["x", 0, 0]}}], "kwargs": {}}]},
    {"module": "keras.src.ops.numpy", "class_name": "Einsum", "name": "einsum",
     "config": {"name": "einsum", "subscripts": "abc->ac"},
     "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 2, 3],
                                  "dtype": "float32", "keras_history": ["convert_to_tensor", 0, 0]}}], "kwargs": {}}]}],
    "input_layers": ["x", 0, 0], "output_layers": ["einsum", 0, 0]}})"));
  const Tensor x = numbers({4, 2, 3});
  EXPECT_TRUE(same(model.predict_all({x}), {sum(x, {.axes = {1}})}));
  model.save(file("m.keras"));
  EXPECT_EQ(model_to_json(load_model(file("m.keras")).base()), model_to_json(model.base()));
}

TEST(ModelFormats, AreFoundByTheEnding) {
  EXPECT_EQ(io::format_of("a/b.keras").ending, ".keras");
  EXPECT_EQ(io::format_of("B.KERAS").ending, ".keras");
  EXPECT_EQ(io::format_of("b.h5").ending, ".h5");
  EXPECT_THROW(io::format_of(".keras"), IoError);
  EXPECT_THROW(io::format_of("keras"), IoError);
}

}  // namespace
}  // namespace hebb
