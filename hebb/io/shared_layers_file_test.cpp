// Layers that stand in several places of a model, in files.
#include "hebb/base/error.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/io/verify.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/symbolic.h"

namespace hebb {
namespace {

class SharedLayersFileTest : public ModelFileTest {};

TEST_F(SharedLayersFileTest, KeepsLayersShared) {
  const Tensor x = Input({5, 4});
  const Layer dense = Dense(4, {.activation = "tanh", .name = "shared"});
  const Sequential step({Input({4}), Dense(3), BatchNormalization()}, "step");
  const Tensor last = Reshape({1, 3})(step(GlobalAveragePooling1D()(x)));
  const Tensor all = TimeDistributed(dense)(dense(x));
  Model model(Tensors{x}, {Flatten()(Concatenate({.axis = 1})({Dense(3)(all), last, TimeDistributed(step)(x)}))});
  const Tensor given = numbers({3, 5, 4});
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    Model loaded = load_model(file(name));
    EXPECT_EQ(loaded.count_params(), model.count_params()) << name;
    EXPECT_EQ(loaded.weights().size(), model.weights().size()) << name;
    EXPECT_TRUE(same({loaded.predict(given)}, {model.predict(given)})) << name;
    EXPECT_EQ(io::take_apart(loaded).model, io::take_apart(model).model) << name;
  }
}

TEST_F(SharedLayersFileTest, KeepsActivationsShared) {
  const Tensor x = Input({4});
  const Layer slopes = PReLU();
  Model model(Tensors{x}, {Dense(4, {.activation = slopes})(Dense(4, {.activation = slopes})(x))});
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.count_params(), model.count_params());
  EXPECT_TRUE(same({loaded.predict(numbers({2, 4}))}, {model.predict(numbers({2, 4}))}));
}

TEST_F(SharedLayersFileTest, FindsALayerWhoseNumberKerasLost) {
  const Tensor x = Input({5, 4});
  const Layer dense = Dense(4, {.name = "shared"});
  Model model(Tensors{x}, {dense(TimeDistributed(dense, {.name = "first"})(x))});
  model.save(file("m.keras"));
  const ZipReader archive(file("m.keras"));
  std::string config = archive.read("config.json", 1 << 20);
  const std::string weights = archive.read("model.weights.h5", 1 << 20), id = R"(, "shared_object_id": 1)";
  // Of the layer inside of the wrapper, which comes first; Keras does not open what is left.
  ASSERT_NE(config.find(id), std::string::npos) << config;
  const std::string lost = config.erase(config.find(id), id.size());
  Model loaded = load_model(keras_file(lost, weights));
  EXPECT_EQ(loaded.count_params(), model.count_params());
  EXPECT_TRUE(same({loaded.predict(numbers({2, 5, 4}))}, {model.predict(numbers({2, 5, 4}))}));
  // A number that stands twice is lost nowhere.
  const std::string error = error_of<IoError>([&] {
    std::string twice = lost;
    twice.insert(twice.find(R"("input_layers")"), R"("other": {"shared_object_id": 1}, )");
    load_model(keras_file(twice, weights));
  });
  EXPECT_NE(error.find("'/layers/dense/vars' to hold the 2 weights of layer 'shared'"), std::string::npos) << error;
}

/// StackedRNNCells of one cell twice: Keras writes the cell's weights once.
TEST_F(SharedLayersFileTest, KeepsWhatStandsTwiceInOneLayer) {
  const InputTensor x = Input({3, 2});
  const Layer cell = GRUCell(2);
  Model model(x, RNN(StackedRNNCells({cell, cell}))(x));
  const Tensor given = numbers({2, 3, 2}), expected = model.predict(given);
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    Model loaded = load_model(file(name));
    EXPECT_TRUE(same({loaded.predict(given)}, {expected})) << name;
  }
}

/// Slopes that two graphs call, and that are a layer's activation besides.
TEST_F(SharedLayersFileTest, KeepsAnActivationOfTwoGraphs) {
  const Layer slopes = PReLU();
  const InputTensor a = Input({4}), x = Input({4});
  const Model inner(a, slopes(Dense(4)(a)));
  Model model(x, slopes(Dense(4, {.activation = slopes})(inner(x))));
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.count_params(), model.count_params());
  EXPECT_TRUE(same({loaded.predict(numbers({2, 4}))}, {model.predict(numbers({2, 4}))}));
}

/// A layer called in the graph of a model and in that of a model inside stays one layer. Keras, which would not open a
/// file with one number for both, finds the weights in each place.
TEST_F(SharedLayersFileTest, KeepsALayerOfTwoGraphs) {
  const Layer shared = Dense(4, {.name = "shared"});
  const InputTensor a = Input({4}), x = Input({4});
  const Model inner(a, Dense(4)(shared(a)), "inner");
  Model model(x, Dense(2)(shared(inner(x))));
  model.save(file("m.keras"));
  Model loaded = load_model(file("m.keras"));
  EXPECT_EQ(loaded.weights().size(), 6u);
  EXPECT_TRUE(same({loaded.predict(numbers({3, 4}))}, {model.predict(numbers({3, 4}))}));
  EXPECT_TRUE(io::verify(file("m.keras")).problems.empty());
  const ZipReader archive(file("m.keras"));
  EXPECT_EQ(archive.read("config.json", 1 << 20).find("\"shared_object_id"), std::string::npos);
  const io::Hdf5Reader weights(archive.read("model.weights.h5", 1 << 20), "weights");
  for (const char* place : {"/layers/functional/layers/dense/vars/0", "/layers/dense/vars/0"})
    EXPECT_TRUE(weights.has_dataset(place)) << place;
}

}  // namespace
}  // namespace hebb
