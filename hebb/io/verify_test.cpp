#include "hebb/io/verify.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/io/sample.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

TEST_F(ModelFileTest, TellsWhatIsInAFile) {
  for (const char* name : {"m.keras", "m.h5"}) {
    Sequential model({Input({4}), Dense(3, {.activation = "relu"}), Dropout(0.5), Dense(2)});
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.train_on_batch(random::normal({5, 4}), random::normal({5, 2}));
    model.save(file(name));
    const io::Verification seen = io::verify(file(name));
    EXPECT_EQ(seen.problems, std::vector<std::string>{}) << name;
    EXPECT_TRUE(seen.loads);
    EXPECT_EQ(seen.class_name, "Sequential");
    EXPECT_EQ(seen.layers.at("Dense"), 2);
    EXPECT_EQ(seen.parameters.trainable, 23);
    EXPECT_EQ(seen.optimizer, "Adam");
    EXPECT_EQ(seen.iterations, 1);
    EXPECT_EQ(seen.version, io::keras_version);
    ASSERT_TRUE(seen.sample_difference) << name;
    EXPECT_EQ(*seen.sample_difference, 0) << name;
  }
  EXPECT_THROW(io::verify(file("missing.keras")), IoError);
}

TEST_F(ModelFileTest, FindsWeightsThatAreNoNumbers) {
  Sequential model({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "second"})});
  Tensors weights = model.get_weights();
  weights[0].mutable_data<float>()[1] = NAN;
  weights[3].mutable_data<float>()[0] = INFINITY;
  model.set_weights(weights);
  model.save(file("m.keras"));
  const io::Verification seen = io::verify(file("m.keras"));
  ASSERT_EQ(seen.problems.size(), 2u);
  EXPECT_NE(seen.problems[0].find("layer 'first' (Dense), weight 'kernel': of 12 values 1"), std::string::npos);
  EXPECT_NE(seen.problems[1].find("layer 'second' (Dense), weight 'bias': of 2 values 0"), std::string::npos);
  EXPECT_FALSE(seen.sample_difference) << "there is nothing to compare";
}

TEST_F(ModelFileTest, FindsNegativeVariancesAndStatesThatAreNoNumbers) {
  for (const char* name : {"m.keras", "m.h5"}) {
    Sequential model({Input({4}), Dense(3), BatchNormalization({.name = "norm"})});
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.train_on_batch(random::normal({5, 4}), random::normal({5, 3}));
    Tensors weights = model.get_weights();
    weights.back().mutable_data<float>()[1] = -5;
    model.set_weights(weights);
    const Tensor slot = model.optimizer()->variables().back();
    write_variable(slot, full(slot.shape(), NAN, slot.dtype()));
    model.save(file(name));
    const std::vector<std::string> problems = io::verify(file(name)).problems;
    ASSERT_EQ(problems.size(), 2u) << name;
    EXPECT_NE(
        problems[0].find("layer 'norm' (BatchNormalization), weight 'moving_variance': of 3 values 1 are below 0"),
        std::string::npos)
        << problems[0];
    EXPECT_NE(
        problems[1].find("the state of the optimizer 'Adam', '" + slot.name() + "': of 3 values 3 are no numbers"),
        std::string::npos)
        << problems[1];
  }
}

TEST_F(ModelFileTest, FindsWeightsOfLayersThatTheModelLacks) {
  const Sequential inner({Input({3}), Dense(3), Dense(2)}, "inner"), less({Input({3}), Dense(2)}, "inner");
  const auto archive = [&](const Model& nested, const char* name) {
    const Tensor x = Input({4});
    Model(Tensors{x}, {nested(Dense(3)(x))}, "m").save(file(name));
    return std::make_unique<ZipReader>(file(name));
  };
  const auto a = archive(inner, "a.keras"), b = archive(less, "b.keras");
  EXPECT_EQ(io::verify(file("a.keras")).problems, std::vector<std::string>());
  // The smaller model with what is left of the larger one.
  io::Hdf5Writer weights;
  for (const char* place : {"/layers/dense/vars/0", "/layers/sequential/layers/dense_1/vars/0"})
    weights.write(place, numbers(std::string(place).find("dense_1") == std::string::npos ? Shape{4, 3} : Shape{3, 2}));
  weights.write("/layers/dense/vars/1", numbers({3}));
  weights.write("/layers/sequential/layers/dense/vars/0", numbers({3, 2}));
  weights.write("/layers/sequential/layers/dense/vars/1", numbers({2}));
  weights.write("/layers/foo/vars/0", numbers({2}));
  weights.make_group("/layers/input_layer/vars");
  const std::string path = keras_file(b->read("config.json", 1 << 20), weights.finish());
  EXPECT_NO_THROW(load_model(path));
  const std::vector<std::string> problems = io::verify(path).problems;
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_NE(problems[0].find("'/layers/foo': the model has no layer for these weights"), std::string::npos)
      << problems[0];
  EXPECT_NE(problems[1].find("'/layers/sequential/layers/dense_1': the model has no"), std::string::npos)
      << problems[1];
}

TEST_F(ModelFileTest, RefusesTwoLayersOfOneName) {
  const auto dense = [](const char* name) {
    return message(R"({"class_name": "Dense", "config": {"name": ")", name, R"(", "units": 4}})");
  };
  const std::string sequential =
      R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" + dense("a") + ", " + dense("a") + "]}}";
  const std::string functional = functional_json(
      entry("Dense", "a", R"(, "units": 4)", node({"x"})) +
          R"(, {"module": "keras.layers", "class_name": "Dense", "config": {"name": "a", "units": 4}, "name": "b", "inbound_nodes": [)" +
          node({"a"}) + "]}",
      "b");
  for (const std::string& config : {sequential, functional}) {
    const std::string error = error_of<IoError>([&] { load_model(keras_file(config)); });
    EXPECT_NE(error.find("two layers have the name 'a'"), std::string::npos) << error;
  }
}

TEST_F(ModelFileTest, TellsWhatIsInAFileOfWeights) {
  Sequential model({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "second"})});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.train_on_batch(random::normal({5, 4}), random::normal({5, 2}));
  Tensors weights = model.get_weights();
  weights[3].mutable_data<float>()[0] = INFINITY;
  model.set_weights(weights);
  model.save_weights(file("m.weights.h5"));
  model.save_weights(file("m.h5"));
  const io::Verification today = io::verify(file("m.weights.h5")), old = io::verify(file("m.h5"));
  for (const io::Verification* seen : {&today, &old}) {
    ASSERT_TRUE(seen->weights);
    EXPECT_EQ(seen->weights->arrays, 4);
    EXPECT_EQ(seen->weights->parameters, 23);
    ASSERT_EQ(seen->problems.size(), 1u);
    EXPECT_NE(seen->problems[0].find("of 2 values 0 are no numbers and 1 infinite"), std::string::npos);
  }
  EXPECT_EQ(today.weights->groups, (std::map<std::string, int64_t>{{"layers/dense", 2}, {"layers/dense_1", 2}}));
  EXPECT_EQ(today.weights->optimizer_arrays, 10);
  EXPECT_EQ(today.parameters.optimizer, 48);
  EXPECT_EQ(old.weights->groups, (std::map<std::string, int64_t>{{"first", 2}, {"second", 2}}));
  write(file("bad.weights.h5"), "no HDF5");
  EXPECT_EQ(io::verify(file("bad.weights.h5")).problems.size(), 1u);
  EXPECT_THROW(io::verify(file("missing.weights.h5")), IoError);
}

TEST_F(ModelFileTest, FindsWeightsThatWereChanged) {
  Sequential model({Input({4}), Dense(3)});
  Sequential other({Input({4}), Dense(3)});
  model.save(file("m.keras"));
  other.save(file("o.keras"));
  const ZipReader a(file("m.keras")), b(file("o.keras"));
  write_zip(file("mixed.keras"), {{.name = "metadata.json", .bytes = a.read("metadata.json", 1 << 20)},
                                  {.name = "config.json", .bytes = a.read("config.json", 1 << 20)},
                                  {.name = "model.weights.h5", .bytes = b.read("model.weights.h5", 1 << 20)}});
  const io::Verification seen = io::verify(file("mixed.keras"));
  ASSERT_EQ(seen.problems.size(), 1u);
  EXPECT_NE(seen.problems[0].find("differ"), std::string::npos);
}

constexpr const char* strange_layers = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "in"}},
  {"class_name": "Lambda", "config": {"name": "code"}},
  {"class_name": "Dense", "config": {"name": "fine", "units": 3}},
  {"class_name": "Dence", "config": {"name": "odd", "units": 3}},
  {"class_name": "Sequential", "config": {"name": "inner", "layers": [
    {"class_name": "Dense", "config": {"name": "wrong", "units": "many"}}]}}]}})";

TEST_F(ModelFileTest, ReportsAllLayersThatCannotBeMade) {
  const std::string path = keras_file(strange_layers);
  const std::string error = error_of<NotSupported>([&] { load_model(path); });
  EXPECT_NE(error.find("3 problems:"), std::string::npos) << error;
  EXPECT_NE(error.find("layers/code: layer 'code' (Lambda)"), std::string::npos) << error;
  EXPECT_NE(error.find("layers/odd: unknown layer 'Dence'. Did you mean 'Dense'?"), std::string::npos) << error;
  EXPECT_NE(error.find("layers/inner/wrong: "), std::string::npos) << error;
  const io::Verification seen = io::verify(path);
  EXPECT_EQ(seen.problems.size(), 3u);
  EXPECT_FALSE(seen.loads);
}

TEST_F(ModelFileTest, NamesASingleLayerThatCannotBeMade) {
  const auto problems = [&](const std::string& layer) {
    return io::verify(keras_file(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" + layer + "]}}"))
        .problems;
  };
  const std::vector<std::string> one = problems(R"({"class_name": "Dence", "config": {"name": "odd", "units": 3}})");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_NE(one[0].find("layers/odd: unknown layer 'Dence'. Did you mean 'Dense'?"), std::string::npos) << one[0];
  const std::vector<std::string> inside = problems(
      R"({"class_name": "Bidirectional", "config": {"name": "bi", "layer": {"class_name": "LSTN", "config": {"units": 3}}}})");
  ASSERT_EQ(inside.size(), 1u) << join(inside, "\n");
  EXPECT_NE(inside[0].find("layers/bi: unknown layer 'LSTN'. Did you mean 'LSTM'?"), std::string::npos) << inside[0];
  const std::vector<std::string> option =
      problems(R"({"class_name": "TFOpLambda", "config": {"name": "op", "function": "compat.v1.shape"}})");
  ASSERT_EQ(option.size(), 1u) << join(option, "\n");
  EXPECT_NE(option[0].find("layers/op: "), std::string::npos) << option[0];
}

TEST_F(ModelFileTest, SaysOfAModelOfAnotherClassOnlyThat) {
  const io::Verification seen =
      io::verify(keras_file(R"({"class_name": "Mine", "config": {"units": 3}, "registered_name": "Custom>Mine"})"));
  ASSERT_EQ(seen.problems.size(), 1u);
  EXPECT_NE(seen.problems[0].find("unknown class of models 'Mine'"), std::string::npos) << seen.problems[0];
}

TEST_F(ModelFileTest, TellsOfVocabulariesThatAreMissingOrEmpty) {
  const Layer words = StringLookup();
  const Tensor x = Input({1}, {.dtype = DType::string});
  Model model(x, words(x));
  model.save(file("empty.keras"));
  const io::Verification empty = io::verify(file("empty.keras"));
  ASSERT_EQ(empty.problems.size(), 1u);
  EXPECT_NE(empty.problems[0].find("expected a vocabulary for layer '" + words.name()), std::string::npos);
  set_vocabulary(words, {"the", "cat"});
  model.save(file("m.keras"));
  EXPECT_EQ(io::verify(file("m.keras")).problems, std::vector<std::string>());
  const ZipReader whole(file("m.keras"));
  std::deque<std::string> kept;
  std::vector<ZipItem> items;
  for (const ZipReader::Entry& entry : whole.entries()) {
    if (!entry.name.ends_with("vocabulary.txt"))
      items.push_back({.name = entry.name, .bytes = kept.emplace_back(whole.read(entry.name, 1 << 20))});
  }
  ASSERT_EQ(items.size(), 3u);
  write_zip(file("missing.keras"), items);
  const std::string error = error_of<IoError>([&] { load_model(file("missing.keras")); });
  EXPECT_NE(error.find("assets/layers/string_lookup/vocabulary.txt, the vocabulary of layer"), std::string::npos)
      << error;
  EXPECT_EQ(io::verify(file("missing.keras")).problems, std::vector<std::string>{error});
}

TEST_F(ModelFileTest, ReportsAllWeightsThatAreMissing) {
  Sequential model({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "second"})});
  model.save(file("m.keras"));
  const std::string path = keras_file(ZipReader(file("m.keras")).read("config.json", 1 << 20));
  const std::string error = error_of<IoError>([&] { load_model(path); });
  EXPECT_NE(error.find("'first'"), std::string::npos) << error;
  EXPECT_NE(error.find("'second'"), std::string::npos) << error;
  EXPECT_EQ(io::verify(path).problems.size(), 2u);
}

/// The configuration in a model's file, to be damaged.
class DamagedConfig {
 public:
  DamagedConfig(const Model& model, const std::string& path) {
    model.save(path);
    config_ = ZipReader(path).read("config.json", 1 << 20);
  }
  /// Where `from` stands once.
  DamagedConfig& replace(const std::string& from, const std::string& to) {
    const size_t at = config_.find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << config_;
    EXPECT_EQ(config_.find(from, at + 1), std::string::npos) << from;
    config_.replace(at, from.size(), to);
    return *this;
  }
  const std::string& config() const { return config_; }

 private:
  std::string config_;
};

/// How many of the texts have all of these parts.
int64_t count_with(const std::vector<std::string>& texts, std::initializer_list<const char*> parts) {
  return std::count_if(texts.begin(), texts.end(), [&](const std::string& text) {
    return std::all_of(parts.begin(), parts.end(),
                       [&](const char* part) { return text.find(part) != std::string::npos; });
  });
}

TEST_F(ModelFileTest, TellsAllThatIsWrongInAFile) {
  Sequential model({Input({4}), Dense(3, {.name = "first"}), Dropout(0.25, {.name = "second"}),
                    Dense(5, {.name = "third"}), Dense(6, {.name = "fourth"}), Dense(7, {.name = "fifth"})});
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  DamagedConfig damaged(model, file("m.keras"));
  damaged.replace(R"("class_name": "Dropout")", R"("class_name": "Dropuot")")
      .replace(R"("units": 5)", R"("units": -5, "bogus": 3)")
      .replace(R"("units": 6)", R"("units": 6, "use_bais": false)")
      .replace(R"("loss": "mse")", R"("loss": "mes")")
      .replace(R"("beta_1")", R"("beta_7")")
      .replace(R"(["mae"])", R"(["mae", "acuracy"])");
  io::Hdf5Writer weights;
  Tensor kernel = zeros({4, 3});
  kernel.mutable_data<float>()[5] = NAN;
  weights.write("/layers/dense/vars/0", kernel);  // and no bias
  Tensor bias = zeros({5});
  bias.mutable_data<float>()[4] = NAN;
  weights.write("/layers/dense_1/vars/0", zeros({3, 5}));
  weights.write("/layers/dense_1/vars/1", bias);
  weights.write("/layers/dense_2/vars/0", zeros({5, 6}));
  weights.write("/layers/dense_2/vars/1", zeros({6}));
  weights.write("/layers/dense_3/vars/0", zeros({9, 7}));
  weights.write("/layers/dense_3/vars/1", zeros({7}));
  const std::string path = keras_file(damaged.config(), weights.finish());

  const std::vector<std::string> all = io::verify(path).problems;
  const auto in_config = [&](const char* a, const char* b) { return count_with(all, {"config.json: layers/", a, b}); };
  EXPECT_EQ(in_config("layers/second: ", "unknown layer 'Dropuot'. Did you mean 'Dropout'?"), 1);
  EXPECT_EQ(in_config("layers/third: ", "units of at least 1, got -5"), 1);
  EXPECT_EQ(in_config("layers/third: ", "unknown option 'bogus'"), 1);
  EXPECT_EQ(in_config("layers/fourth: ", "unknown option 'use_bais'. Did you mean 'use_bias'?"), 1);
  EXPECT_EQ(count_with(all, {"compile_config: ", "unknown loss 'mes'"}), 1);
  EXPECT_EQ(count_with(all, {"compile_config: ", "Adam: unknown option 'beta_7'. Did you mean 'beta_1'?"}), 1);
  EXPECT_EQ(count_with(all, {"compile_config: ", "unknown metric 'acuracy'"}), 1);
  EXPECT_EQ(count_with(all, {"'/layers/dense/vars/1'", "'bias' of layer 'first' (Dense)", "missing"}), 1);
  EXPECT_EQ(count_with(all, {"'/layers/dense_3/vars/0'", "'kernel' of layer 'fifth' (Dense)", "(9, 7)"}), 1);
  EXPECT_EQ(count_with(all, {"layer 'first' (Dense), weight 'kernel': of 12 values 1"}), 1);
  // A layer that cannot be made may have some, too.
  EXPECT_EQ(count_with(all, {"layer 'third' (Dense), weight '/layers/dense_1/vars/1': of 5 values 1"}), 1);
  EXPECT_EQ(all.size(), 11u) << join(all, "\n");

  const std::string error = error_of<IoError>([&] { load_model(path); });
  EXPECT_NE(error.find("9 problems:"), std::string::npos) << error;
  for (const std::string& problem : all) {
    if (problem.find("are no numbers") == std::string::npos) {
      EXPECT_NE(error.find(problem), std::string::npos) << problem;
    }
  }
}

/// Keras writes the place of one output, and a list of places of several.
TEST_F(ModelFileTest, TellsAllThatIsWrongInACompiledGraph) {
  for (const bool is_one : {true, false}) {
    const InputTensor in = Input({4});
    const Tensor x = Dropout(0.5)(in), y = Dense(3, {.name = "p"})(x), z = Dense(2, {.name = "q"})(x);
    Model model(in, is_one ? Tensors{y} : Tensors{y, z});
    model.compile({.optimizer = "adam", .loss = "mse"});
    const std::string path = keras_file(DamagedConfig(model, file("g.keras"))
                                            .replace(R"("class_name": "Dropout")", R"("class_name": "Dropuot")")
                                            .replace(R"("loss": "mse")", R"("loss": "mes")")
                                            .config());
    const std::vector<std::string> all = io::verify(path).problems;
    EXPECT_EQ(count_with(all, {"unknown layer 'Dropuot'"}), 1);
    EXPECT_EQ(count_with(all, {"unknown loss 'mes'"}), 1) << join(all, "\n");
    EXPECT_THROW(load_model(path), Error);
  }
}

TEST_F(ModelFileTest, TellsAllThatIsWrongInWeightsAndTraining) {
  Sequential model({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "second"})});
  model.compile({.optimizer = "adam", .loss = "mse"});
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    const bool is_old = std::string(name) == "m.h5";
    const std::string root = is_old ? "/model_weights/" : "/layers/";
    io::Hdf5Writer weights;
    Tensor kernel = zeros({4, 3});
    kernel.mutable_data<float>()[5] = INFINITY;
    std::string path;
    if (!is_old) {
      weights.write("/layers/dense/vars/0", kernel);
      weights.write("/layers/dense/vars/1", zeros({3}));
      weights.write("/layers/dense_1/vars/0", zeros({4, 2}));
      path = keras_file(DamagedConfig(model, file(name)).replace(R"("loss": "mse")", R"("loss": "mes")").config(),
                        weights.finish());
    } else {
      const io::Hdf5Reader saved(file(name));
      std::string training = *saved.string_attribute("/", "training_config");
      training.replace(training.find("mean_squared_error"), 18, "mes");
      weights.write_attribute("/", "model_config", *saved.string_attribute("/", "model_config"));
      weights.write_attribute("/", "training_config", training);
      weights.make_group("/model_weights");
      const std::vector<std::string> layers = {"first", "second"};
      weights.write_attribute("/model_weights", "layer_names", std::span<const std::string>(layers));
      for (const std::string& layer : layers) {
        const std::vector<std::string> names = {layer + "/kernel", layer + "/bias"};
        weights.make_group("/model_weights/" + layer);
        weights.write_attribute("/model_weights/" + layer, "weight_names", std::span<const std::string>(names));
      }
      weights.write("/model_weights/first/first/kernel", kernel);
      weights.write("/model_weights/first/first/bias", zeros({3}));
      weights.write("/model_weights/second/second/kernel", zeros({4, 2}));
      path = file("damaged.h5");
      write(path, weights.finish());
    }
    const std::vector<std::string> all = io::verify(path).problems;
    EXPECT_EQ(count_with(all, {"'kernel' of layer 'second' (Dense)", "(3, 2)", "(4, 2)"}), 1);
    EXPECT_EQ(count_with(all, {"'bias' of layer 'second' (Dense)"}), 1);
    EXPECT_EQ(count_with(all, {"unknown loss 'mes'"}), 1);
    EXPECT_EQ(count_with(all, {"layer 'first' (Dense), weight 'kernel'", "1 infinite"}), 1);
    EXPECT_EQ(all.size(), 4u) << join(all, "\n");
  }
}

TEST_F(ModelFileTest, TellsAllOptionsThatAreWrongInOneLayer) {
  const std::string path = keras_file(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 8, 8, 3], "name": "in"}},
    {"class_name": "Conv2D", "config": {"name": "conv", "filters": "many", "kernel_size": [3, 3, 3], "padding": "vaild",
      "activation": "rleu", "kernel_initializer": {"class_name": "GlorotUnifrom", "config": {}}, "bogus": 1}},
    {"class_name": "TimeDistributed", "config": {"name": "each", "layer":
      {"class_name": "Dense", "config": {"name": "inner", "units": 0, "use_bias": "yes"}}}}]}})");
  const std::vector<std::string> all = io::verify(path).problems;
  for (const char* wrong :
       {"'filters'", "'kernel_size'", "unknown padding 'vaild'", "'rleu'", "'GlorotUnifrom'", "'bogus'"})
    EXPECT_EQ(count_with(all, {"layers/conv: layer 'conv' (Conv2D): ", wrong}), 1) << wrong;
  for (const char* wrong : {"units of at least 1, got 0", "'use_bias'"})
    EXPECT_EQ(count_with(all, {"layers/each: layer 'inner' (Dense): ", wrong}), 1) << wrong;
  EXPECT_EQ(all.size(), 8u) << join(all, "\n");
}

TEST_F(ModelFileTest, TellsAllThatIsWrongInAGraph) {
  const auto dense = [](const char* name, const char* config, const std::string& call) {
    return entry("Dense", name, config, call);
  };
  const auto call = [](const char* named) {
    return message(R"({"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}], )",
                   R"("kwargs": {)", named, "}}");
  };
  const std::string path = keras_file(functional_json(dense("a", R"(, "units": 3)", call(R"("alpha": 2)")) +
                                                          dense("b", R"(, "units": 3)", call(R"("beta": 2)")) +
                                                          dense("c", R"(, "units": 3, "bogus": 1)", node({"x"})),
                                                      "c"));
  const std::vector<std::string> all = io::verify(path).problems;
  EXPECT_EQ(count_with(all, {"layer 'a' (Dense): it is called with alpha"}), 1);
  EXPECT_EQ(count_with(all, {"layer 'b' (Dense): it is called with beta"}), 1);
  EXPECT_EQ(count_with(all, {"layers/c: layer 'c' (Dense): unknown option 'bogus'"}), 1);
  EXPECT_EQ(all.size(), 3u) << join(all, "\n");
  const std::string reshape = R"(, "target_shape": [3])";
  const std::vector<std::string> calls =
      io::verify(keras_file(functional_json(entry("Reshape", "r", reshape, node({"x"})) +
                                                entry("Reshape", "s", reshape, node({"x"})) +
                                                entry("Add", "t", "", node({"r", "s"})),
                                            "t")))
          .problems;
  EXPECT_EQ(count_with(calls, {"layer 'r' (Reshape)"}), 1);
  EXPECT_EQ(count_with(calls, {"layer 's' (Reshape)"}), 1);
  EXPECT_EQ(calls.size(), 2u) << join(calls, "\n");
}

TEST_F(ModelFileTest, SavingASampleLeavesTheModelAsItIs) {
  Sequential model({Input({4}), Dropout(0.5), Dense(3)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Tensor x = random::normal({5, 4}), y = random::normal({5, 3});
  model.train_on_batch(x, y);
  model.save(file("m.keras"));
  Model same = load_model(file("m.keras"));
  model.save(file("again.keras"));
  EXPECT_EQ(model.train_on_batch(x, y)["loss"], same.train_on_batch(x, y)["loss"]);
  EXPECT_EQ(model.get_weights()[0].to_vector<float>(), same.get_weights()[0].to_vector<float>());
}

TEST_F(ModelFileTest, SamplesOfModelsThatHaveNone) {
  EXPECT_TRUE(io::make_sample(Sequential({Dense(3)})).is_null()) << "no shapes";
  Sequential stateful({Input({5, 2}, {.batch_size = 3}), LSTM(4, {.stateful = true})});
  EXPECT_TRUE(io::make_sample(stateful).is_null());
}

}  // namespace
}  // namespace hebb
