#include "hebb/io/model_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/zip.h"
#include "hebb/io/hdf5.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/symbolic.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

namespace fs = std::filesystem;

class ModelFileTest : public ::testing::Test {
 protected:
  ModelFileTest() {
    std::string name = (fs::temp_directory_path() / "hebb_model_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ModelFileTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  /// An archive of a configuration and the weights of another model's file.
  std::string keras_file(const std::string& config, const std::string& weights = io::Hdf5Writer().finish()) const {
    const std::string path = file("made.keras");
    write_zip(path, {{.name = "metadata.json", .bytes = R"({"keras_version": "3.15.1"})"},
                     {.name = "config.json", .bytes = config},
                     {.name = "model.weights.h5", .bytes = weights}});
    return path;
  }

  fs::path folder_;
};

template <class ErrorType>
std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const ErrorType& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("(another kind of error) ") + error.what();
  }
  return "(none)";
}

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

bool same(const Tensors& a, const Tensors& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].spec() != b[i].spec() || a[i].to_vector<double>() != b[i].to_vector<double>()) return false;
  }
  return true;
}

Tensor numbers(const Shape& shape, int64_t seed = 1) { return random::normal(shape, {.seed = seed}); }

Model small_model() {
  Sequential model({Input({4}), Dense(5, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam({.learning_rate = 0.01}), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// A configuration of a functional model of Dense layers, each called on the result of the one before.
std::string functional_json(const std::string& layers, const std::string& last) {
  return R"({"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "m", "layers": [)"
         R"({"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "x"}, "name": "x", "inbound_nodes": []})" +
         layers + R"(], "input_layers": ["x", 0, 0], "output_layers": [")" + last + R"(", 0, 0]}})";
}

std::string node(const std::vector<std::string>& from) {
  std::string tensors;
  for (const std::string& name : from) {
    tensors +=
        (tensors.empty() ? "" : ", ") +
        message(
            R"({"class_name": "__keras_tensor__", "config": {"shape": [null, 4], "dtype": "float32", "keras_history": [")",
            name, R"(", 0, 0]}})");
  }
  return message(R"({"args": [)", from.size() == 1 ? tensors : "[" + tensors + "]", R"(], "kwargs": {}})");
}

std::string entry(const std::string& class_name, const std::string& name, const std::string& config,
                  const std::string& nodes) {
  return message(R"(, {"module": "keras.layers", "class_name": ")", class_name, R"(", "config": {"name": ")", name,
                 R"(")", config, R"(}, "name": ")", name, R"(", "inbound_nodes": [)", nodes, "]}");
}

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

TEST_F(ModelFileTest, KeepsWhatIsFrozen) {
  Model model = small_model();
  model.get_layer(0).set_trainable(false);
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.trainable_weights().size(), 2u);
  EXPECT_TRUE(loaded.base().trainable());
}

TEST_F(ModelFileTest, KeepsLossesOfOnesOwnOpen) {
  Sequential model({Input({4}), Dense(2)});
  model.compile(
      {.optimizer = "adam", .loss = [](const Tensor& y, const Tensor& p) { return mean(abs(y - p), {.axes = {-1}}); }});
  const Tensor x = numbers({8, 4}), y = numbers({8, 2});
  model.train_on_batch(x, y);
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  ASSERT_TRUE(loaded.is_compiled());
  EXPECT_TRUE(same(loaded.optimizer()->variables(), model.optimizer()->variables()));
  EXPECT_THROW(loaded.train_on_batch(x, y), InvalidArgument);
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

// ---------------------------------------------------------------------------------------------------- damaged files

TEST_F(ModelFileTest, RefusesWhatIsCutOff) {
  for (const char* name : {"m.keras", "m.h5"}) {
    Model model = small_model();
    model.train_on_batch(numbers({2, 4}), Tensor::from(std::vector<int32_t>{0, 1}));
    model.save(file(name));
    const std::string whole = content(file(name));
    for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 61) {
      write(file(name), whole.substr(0, size));
      EXPECT_THROW(load_model(file(name)), IoError) << name << " of " << size;
    }
  }
  EXPECT_THROW(load_model(file("missing.keras")), IoError);
}

TEST_F(ModelFileTest, RefusesMissingEntries) {
  small_model().save(file("m.keras"));
  const ZipReader archive(file("m.keras"));
  const std::string config = archive.read("config.json", 1 << 20), weights = archive.read("model.weights.h5", 1 << 20);
  write_zip(file("a.keras"), {{.name = "model.weights.h5", .bytes = weights}});
  EXPECT_NE(error_of<IoError>([&] { load_model(file("a.keras")); }).find("config.json"), std::string::npos);
  write_zip(file("b.keras"), {{.name = "config.json", .bytes = config}});
  EXPECT_NE(error_of<IoError>([&] { load_model(file("b.keras")); }).find("model.weights.h5"), std::string::npos);
  write_zip(file("c.keras"),
            {{.name = "config.json", .bytes = config}, {.name = "model.weights.h5", .bytes = weights}});
  EXPECT_NO_THROW(load_model(file("c.keras"))) << "metadata.json is for people";
  write_zip(file("d.keras"),
            {{.name = "config.json", .bytes = config}, {.name = "model.weights.h5", .bytes = "no HDF5"}});
  EXPECT_THROW(load_model(file("d.keras")), IoError);
  write_zip(file("e.keras"), {{.name = "config.json", .bytes = config},
                              {.name = "model.weights.h5", .bytes = io::Hdf5Writer().finish()}});
  EXPECT_THROW(load_model(file("e.keras")), IoError);
  for (const char* broken :
       {"", "{", "[]", "null", "3", R"({"class_name": 3, "config": {}})", R"({"class_name": "Sequential"})",
        R"({"class_name": "Sequential", "config": {"layers": 3}})",
        R"({"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}})"}) {
    EXPECT_THROW(load_model(keras_file(broken, weights)), IoError) << broken;
  }
}

TEST_F(ModelFileTest, RefusesWeightsThatDoNotFit) {
  small_model().save(file("m.keras"));
  const std::string config = ZipReader(file("m.keras")).read("config.json", 1 << 20);
  auto load = [&](const std::function<void(io::Hdf5Writer&)>& fill) {
    io::Hdf5Writer out;
    fill(out);
    const std::string path = keras_file(config, out.finish());
    return error_of<IoError>([&] { load_model(path); });
  };
  const Tensor kernel = numbers({4, 5}), bias = numbers({5}), kernel_1 = numbers({5, 3}), bias_1 = numbers({3});
  auto layers = [&](io::Hdf5Writer& out) {
    out.write("/layers/dense/vars/0", kernel);
    out.write("/layers/dense/vars/1", bias);
    out.write("/layers/dense_1/vars/0", kernel_1);
  };
  EXPECT_EQ(load([&](io::Hdf5Writer& out) {
              layers(out);
              out.write("/layers/dense_1/vars/1", bias_1);
              out.write("/metrics/auc/vars/0", numbers({200}));
            }),
            "(none)")
      << "groups that nobody asks for, and an optimizer without state";
  std::string error = load(layers);
  EXPECT_NE(error.find("/layers/dense_1/vars/1"), std::string::npos) << error;
  EXPECT_NE(error.find("missing"), std::string::npos) << error;
  error = load([&](io::Hdf5Writer& out) {
    layers(out);
    out.write("/layers/dense_1/vars/1", numbers({4}));
  });
  EXPECT_NE(error.find("(3,)"), std::string::npos) << error;
  EXPECT_NE(error.find("(4,)"), std::string::npos) << error;
  error = load([&](io::Hdf5Writer& out) {
    layers(out);
    out.write("/layers/dense_1/vars/1", bias_1);
    out.write("/layers/dense_1/vars/2", bias_1);
  });
  EXPECT_NE(error.find("more"), std::string::npos) << error;
  error = load([&](io::Hdf5Writer& out) {
    layers(out);
    out.write("/layers/dense_1/vars/1", bias_1);
    out.write("/optimizer/vars/0", Tensor::scalar(1, DType::int64));
    out.write("/optimizer/vars/1", Tensor::scalar(0.1));
    out.write("/optimizer/vars/2", kernel);
  });
  EXPECT_NE(error.find("expected 10 variables"), std::string::npos) << error;
  EXPECT_NE(error.find(".compile = false"), std::string::npos) << error;
}

TEST_F(ModelFileTest, TakesNoMemoryThatTheFileDoesNotFill) {
  const auto dense = [](const std::string& units) {
    return functional_json(entry("Dense", "d", R"(, "units": )" + units, node({"x"})), "d");
  };
  std::string error = error_of<IoError>([&] { load_model(keras_file(dense("100000000000"))); });
  EXPECT_NE(error.find("config.json"), std::string::npos) << error;
  EXPECT_NE(error.find("400000000000"), std::string::npos) << error;
  EXPECT_THROW(load_model(keras_file(dense("9223372036854775807"))), IoError);
  EXPECT_THROW(load_model(keras_file(dense("1e300"))), IoError);
  EXPECT_THROW(load_model(keras_file(dense("-1"))), IoError);
  // Many layers that are each small enough.
  std::string layers, last = "x";
  for (int i = 0; i < 100; ++i) {
    layers += entry("Dense", message("d", i), R"(, "units": 4000)", node({last}));
    last = message("d", i);
  }
  EXPECT_THROW(load_model(keras_file(functional_json(layers, last))), IoError);
  // A configuration of spaces.
  error = error_of<IoError>([&] { load_model(keras_file(std::string(100 << 20, ' '))); });
  EXPECT_NE(error.find("config.json"), std::string::npos) << error;
  // An architecture alone may be as large as the memory.
  write(file("m.json"), dense("100000000000000"));
  EXPECT_THROW(load_architecture(file("m.json")), IoError);
}

TEST_F(ModelFileTest, ReadsNestingUpToALimit) {
  std::string config = R"({"class_name": "Dense", "config": {"units": 2, "name": "d"}})";
  for (int depth = 0; depth < 20; ++depth) {
    config = message(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)", config,
                     R"(], "build_input_shape": [null, 4]}})");
  }
  EXPECT_THROW(load_model(keras_file(config)), IoError) << "weights are missing";
  write(file("m.json"), config);
  EXPECT_EQ(load_architecture(file("m.json")).count_params(), 10);
  write(file("deep.json"), std::string(1'000'000, '['));
  EXPECT_THROW(load_architecture(file("deep.json")), IoError);
  for (int depth = 0; depth < 2000; ++depth)
    config = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" + config + "]}}";
  write(file("deep.json"), config);
  EXPECT_THROW(load_architecture(file("deep.json")), IoError);
}

TEST_F(ModelFileTest, WalksNoPaths) {
  // x + x, and that plus itself, sixty times: 61 layers, 2^60 paths, a legal model.
  std::string layers, last = "x";
  for (int i = 0; i < 60; ++i) {
    layers += entry("Add", message("a", i), "", node({last, last}));
    last = message("a", i);
  }
  Model model = load_model(keras_file(functional_json(layers, last)));
  EXPECT_EQ(model.layers().size(), 61u);
  EXPECT_EQ(model.predict(ones({1, 4})).data<float>()[0], 0x1p60f);
  model.save(file("again.keras"));
  EXPECT_EQ(load_model(file("again.keras")).layers().size(), 61u);
}

TEST_F(ModelFileTest, RefusesModelsThatMultiply) {
  // Each model calls the one in it twice: 2^40 calls from a few kilobytes.
  std::string inner =
      R"({"module": "keras.layers", "class_name": "Activation", "config": {"name": "i", "activation": "relu"})";
  for (int i = 0; i < 40; ++i) {
    const std::string twice = inner + R"(, "name": "i", "inbound_nodes": [)" + node({"x"}) + ", " + node({"i"}) + "]}";
    std::string model = functional_json(", " + twice, "i");
    model.pop_back();
    inner = model;
    inner.replace(inner.find(R"("name": "m")"), 11, R"("name": "i")");
  }
  write(file("m.json"), inner + "}");
  const std::string error = error_of<IoError>([&] { load_architecture(file("m.json")); });
  EXPECT_NE(error.find("called more than"), std::string::npos) << error;
}

TEST_F(ModelFileTest, LoadsAndDropsLongChains) {
  std::string layers, last = "x";
  for (int i = 0; i < 3000; ++i) {
    layers += entry("Activation", message("a", i), R"(, "activation": "relu")", node({last}));
    last = message("a", i);
  }
  write(file("m.json"), functional_json(layers, last));
  EXPECT_EQ(load_architecture(file("m.json")).layers().size(), 3001u);
}

TEST_F(ModelFileTest, RefusesGraphsThatMakeNoSense) {
  auto error = [&](const std::string& layers, const std::string& last) {
    const std::string path = keras_file(functional_json(layers, last));
    return error_of<IoError>([&] { load_model(path); });
  };
  EXPECT_NE(error(entry("Add", "a", "", node({"b"})) + entry("Add", "b", "", node({"a"})), "b").find("loop"),
            std::string::npos);
  EXPECT_NE(error(entry("Add", "a", "", node({"nobody"})), "a").find("'nobody'"), std::string::npos);
  EXPECT_NE(error(entry("Add", "a", "", node({"x"})) + entry("Add", "a", "", node({"x"})), "a").find("two layers"),
            std::string::npos);
  EXPECT_NE(error("", "nobody").find("'nobody'"), std::string::npos);
  EXPECT_NE(error(entry("Flaten", "f", "", node({"x"})), "f").find("Did you mean 'Flatten'?"), std::string::npos);
}

TEST_F(ModelFileTest, NeverRunsCode) {
  auto error = [&](const std::string& layers, const std::string& last) {
    const std::string path = keras_file(functional_json(layers, last));
    return error_of<NotSupported>([&] { load_model(path); });
  };
  const std::string lambda =
      error(entry("Lambda", "l", R"(, "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}})",
                  node({"x"})),
            "l");
  EXPECT_NE(lambda.find("code in files is never run"), std::string::npos) << lambda;
  const std::string operation =
      R"(, {"module": "keras.src.ops.numpy", "class_name": "Einsum", "config": {"name": "e"}, "name": "e", )"
      R"("inbound_nodes": [)" +
      node({"x"}) + "]}";
  EXPECT_NE(error(operation, "e").find("Einsum"), std::string::npos) << error(operation, "e");
  const std::string custom =
      keras_file(R"({"module": "my.code", "class_name": "MyModel", "config": {}, "registered_name": "MyModel"})");
  EXPECT_NE(error_of<NotSupported>([&] { load_model(custom); }).find("'MyModel'"), std::string::npos);
}

TEST_F(ModelFileTest, TakesOperationsThatLayersStandFor) {
  auto operation = [](const std::string& module, const std::string& class_name, const std::string& name,
                      const std::string& config, const std::string& nodes) {
    return message(R"(, {"module": "keras.src.ops.)", module, R"(", "class_name": ")", class_name,
                   R"(", "config": {"name": ")", name, R"(")", config, R"(}, "registered_name": ")", class_name,
                   R"(", "name": ")", name, R"(", "inbound_nodes": [)", nodes, "]}");
  };
  const std::string both =
      R"({"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}, )"
      R"({"class_name": "__keras_tensor__", "config": {"keras_history": ["r", 0, 0]}}], "kwargs": {}})";
  const std::string layers = operation("nn", "Relu", "r", "", node({"x"})) + operation("numpy", "Add", "s", "", both) +
                             operation("numpy", "Concatenate", "c", R"(, "axis": -1)", node({"s", "x"})) +
                             operation("numpy", "Reshape", "h", R"(, "newshape": [-1, 2, 4])", node({"c"}));
  Model model = load_model(keras_file(functional_json(layers, "h")));
  EXPECT_EQ(model.output_shape(), Shape({Shape::unknown, 2, 4}));
  EXPECT_EQ(model.predict(Tensor::from({1, -2, 3, -4}, {1, 4})).to_vector<float>(),
            (std::vector<float>{2, -2, 6, -4, 1, -2, 3, -4}));
  const std::string number =
      R"({"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}, 2.0], "kwargs": {}})";
  const std::string path = keras_file(functional_json(operation("numpy", "Add", "s", "", number), "s"));
  EXPECT_NE(error_of<NotSupported>([&] { load_model(path); }).find("2.0"), std::string::npos);
}

TEST_F(ModelFileTest, ReadsHowKeras2WroteModels) {
  const std::string old = R"({"class_name": "Model", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32", "name": "x"}, "name": "x", "inbound_nodes": []},
    {"class_name": "Model", "config": {"name": "inner", "layers": [
       {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32", "name": "i"}, "name": "i", "inbound_nodes": []},
       {"class_name": "Dense", "config": {"name": "d", "units": 4, "kernel_initializer": "ones"}, "name": "d", "inbound_nodes": [[["i", 0, 0, {}]]]}],
       "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}, "name": "inner", "inbound_nodes": [[["x", 0, 0, {}]], [["inner", 1, 0, {}]]]},
    {"class_name": "Concatenate", "config": {"name": "c", "axis": -1}, "name": "c", "inbound_nodes": [[["inner", 1, 0, {}], ["inner", 2, 0, {}]]]}],
    "input_layers": [["x", 0, 0]], "output_layers": [["c", 0, 0]]}, "keras_version": "2.3.1", "backend": "tensorflow"})";
  write(file("m.json"), old);
  Model model = load_architecture(file("m.json"));
  EXPECT_EQ(model.predict(ones({1, 4})).to_vector<float>(), (std::vector<float>{4, 4, 4, 4, 16, 16, 16, 16}));
  // A list as the whole configuration, the input's shape in the first layer.
  write(file("s.json"),
        R"({"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "d", "units": 3,
    "batch_input_shape": [null, 4], "dtype": "float32"}}, {"class_name": "Activation", "config": {"activation": "relu"}}]})");
  EXPECT_EQ(load_architecture(file("s.json")).output_shape(), Shape({Shape::unknown, 3}));
}

// ------------------------------------------------------------------------------------------------- small decisions

TEST(OptimizerState, FitsFilesOfAllKinds) {
  const auto named = [](const Shape& shape, const std::string& name) { return variable(zeros(shape), name, false); };
  const Tensors adam = {named({}, "iteration"), named({}, "learning_rate"), named({2, 3}, "m"), named({2, 3}, "v")};
  using io::detail::match_optimizer_state;
  EXPECT_EQ(match_optimizer_state(adam, {}), (std::vector<int>{-1, -1, -1, -1}));
  EXPECT_EQ(match_optimizer_state(adam, {{}, {}}), (std::vector<int>{0, 1, -1, -1})) << "compiled, never trained";
  EXPECT_EQ(match_optimizer_state(adam, {{}, {}, {2, 3}, {2, 3}}), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(match_optimizer_state(adam, {{}, {2, 3}, {2, 3}}), (std::vector<int>{0, -1, 1, 2})) << "tf_keras";
  EXPECT_THROW(match_optimizer_state(adam, {{}, {}, {2, 3}, {3, 2}}), InvalidArgument);
  EXPECT_THROW(match_optimizer_state(adam, {{}, {}, {2, 3}, {2, 3}, {2, 3}}), InvalidArgument);
  const Tensors scheduled = {named({}, "iteration"), named({3}, "momentum")};
  EXPECT_EQ(match_optimizer_state(scheduled, {{}}), (std::vector<int>{0, -1}));
  EXPECT_EQ(match_optimizer_state(scheduled, {{}, {3}}), (std::vector<int>{0, 1}));
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
