// Weights without their model: save_weights, load_weights, and the callback that writes them.
#include "hebb/base/error.h"
#include "hebb/io/legacy_weights.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/io/verify.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

using WeightsFileTest = ModelFileTest;

Model trained(const std::string& optimizer = "adam") {
  Sequential model({Input({4}), Dense(5, {.activation = "relu"}), BatchNormalization(), Dense(3)});
  model.compile({.optimizer = optimizer.c_str(), .loss = "mse"});
  for (int step = 0; step < 3; ++step) model.train_on_batch(numbers({8, 4}), numbers({8, 3}, 2));
  return model;
}

TEST_F(WeightsFileTest, KeepsWeightsAndOptimizer) {
  Model model = trained();
  model.save_weights(file("m.weights.h5"));
  Model other = trained();
  other.train_on_batch(numbers({8, 4}, 3), numbers({8, 3}, 4));
  ASSERT_FALSE(same(other.weights(), model.weights()));
  other.load_weights(file("m.weights.h5"));
  EXPECT_TRUE(same(other.weights(), model.weights()));
  EXPECT_TRUE(same(other.optimizer()->variables(), model.optimizer()->variables()));
  // Goes on as the other does.
  other.train_on_batch(numbers({8, 4}), numbers({8, 3}, 2));
  model.train_on_batch(numbers({8, 4}), numbers({8, 3}, 2));
  EXPECT_TRUE(same(other.weights(), model.weights()));
}

TEST_F(WeightsFileTest, HoldsWhatAModelFileHoldsOfThem) {
  Model model = trained();
  model.save_weights(file("m.weights.h5"));
  model.save(file("m.keras"));
  EXPECT_EQ(content(file("m.weights.h5")), ZipReader(file("m.keras")).read("model.weights.h5", 1 << 20));
}

TEST_F(WeightsFileTest, GivesWeightsToAModelWithoutThatOptimizer) {
  Model model = trained();
  model.save_weights(file("m.weights.h5"));
  Sequential plain({Input({4}), Dense(5, {.activation = "relu"}), BatchNormalization(), Dense(3)});
  plain.load_weights(file("m.weights.h5"));
  EXPECT_TRUE(same(plain.weights(), model.weights()));
  Model other = trained("sgd");
  const double steps = other.optimizer()->iterations().item();
  other.load_weights(file("m.weights.h5"));
  EXPECT_TRUE(same(other.weights(), model.weights()));
  EXPECT_EQ(other.optimizer()->iterations().item(), steps);
}

TEST_F(WeightsFileTest, AreReadFromModelFilesToo) {
  Model model = trained();
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(file(name));
    Model other = trained("sgd");
    other.load_weights(file(name));
    EXPECT_TRUE(same(other.weights(), model.weights())) << name;
  }
}

TEST_F(WeightsFileTest, ChangesNothingWhenSomethingDoesNotFit) {
  Model model = trained();
  model.save_weights(file("m.weights.h5"));
  Sequential wider({Input({4}), Dense(5), BatchNormalization(), Dense(7, {.name = "last"})});
  const Tensors before = wider.get_weights();
  const auto wrong = [&](int number, const char* expected, const char* found, const char* weight) {
    return message("\n- '", file("m.weights.h5"), "', '/layers/dense_1/vars/", number, "': expected the shape ",
                   expected, ", the file has ", found,
                   ". Its weights belong to another architecture. It is the weight '", weight,
                   "' of layer 'last' (Dense).");
  };
  EXPECT_EQ(error_of<IoError>([&] { wider.load_weights(file("m.weights.h5")); }),
            message("2 problems:", wrong(0, "(5, 7)", "(5, 3)", "kernel"), wrong(1, "(7,)", "(3,)", "bias")));
  EXPECT_TRUE(same(wider.weights(), before));
  Sequential longer({Input({4}), Dense(5), BatchNormalization(), Dense(3), Dense(2, {.name = "more"})});
  EXPECT_EQ(error_of<IoError>([&] { longer.load_weights(file("m.weights.h5")); }),
            message("'", file("m.weights.h5"),
                    "': expected '/layers/dense_2/vars' to hold the 2 weights of layer 'more' (Dense); they are "
                    "missing. The file is damaged, or its weights belong to another model."));
  Sequential bare({Input({4}), Dense(5, {.use_bias = false, .name = "bare"})});
  EXPECT_EQ(error_of<IoError>([&] { bare.load_weights(file("m.weights.h5")); }),
            message("'", file("m.weights.h5"),
                    "': expected 1 weights in '/layers/dense/vars', those of layer 'bare' "
                    "(Dense); the file has more. It is damaged, or its weights belong to another model."));
}

TEST_F(WeightsFileTest, SaysWhatIsWrong) {
  Model model = trained();
  EXPECT_EQ(error_of<IoError>([&] { model.save_weights(file("m.keras")); }),
            message("'", file("m.keras"),
                    "': expected a file name that ends in .weights.h5 for weights alone, or in .h5 for those that "
                    "Keras 2 reads. Rename it, or save the whole model with save()."));
  EXPECT_NE(error_of<IoError>([&] { model.save(file("m.weights.h5")); }).find("save_weights() and load_weights()"),
            std::string::npos);
  EXPECT_NE(error_of<IoError>([&] { model.load_weights(file("m.txt")); }).find("expected the file of a model"),
            std::string::npos);
  Sequential unbuilt({Dense(3)}, "unbuilt");
  EXPECT_EQ(error_of<InvalidArgument>([&] { unbuilt.save_weights(file("m.weights.h5")); }),
            "layer 'unbuilt' (Sequential): save_weights: it has no weights yet. Build it first: put Input() in front, "
            "or call it.");
  EXPECT_THROW(unbuilt.load_weights(file("m.weights.h5")), InvalidArgument);
  write(file("m.weights.h5"), "no HDF5");
  EXPECT_THROW(model.load_weights(file("m.weights.h5")), IoError);
}

TEST_F(WeightsFileTest, StandInTheFormatOfKeras2) {
  Model model = trained();
  model.save_weights(file("m.h5"));
  const io::Hdf5Reader written(file("m.h5"));
  EXPECT_FALSE(written.has_attribute("/", "model_config"));
  ASSERT_EQ(written.strings_attribute("/", "layer_names")->size(), 3u);
  EXPECT_EQ(written.strings_attribute("/" + model.layers()[1]->name(), "weight_names")->size(), 4u);
  Model other = trained("sgd");
  EXPECT_TRUE(other.load_weights(file("m.h5")).empty());
  EXPECT_TRUE(same(other.weights(), model.weights()));
  // Keras 2 wrote it whatever stood before ".h5".
  fs::copy_file(file("m.h5"), file("old.weights.h5"));
  Model again = trained("sgd");
  again.load_weights(file("old.weights.h5"));
  EXPECT_TRUE(same(again.weights(), model.weights()));
  EXPECT_NE(error_of<IoError>([&] { load_model(file("m.h5")); }).find("load_weights() of the model reads"),
            std::string::npos);
}

TEST_F(WeightsFileTest, PassOverWhatDoesNotFitWhereAllowed) {
  Model model = trained();
  for (const char* name : {"m.weights.h5", "m.keras", "m.h5"}) {
    if (std::string(name) == "m.keras") {
      model.save(file(name));
    } else {
      model.save_weights(file(name));
    }
    Sequential wider({Input({4}), Dense(5), BatchNormalization(), Dense(7, {.name = "last"})});
    const Tensors before = wider.get_weights();
    EXPECT_THROW(wider.load_weights(file(name)), IoError) << name;
    const std::vector<std::string> passed_over = wider.load_weights(file(name), {.skip_mismatch = true});
    ASSERT_FALSE(passed_over.empty()) << name;
    EXPECT_NE(passed_over[0].find("(5, 7)"), std::string::npos) << passed_over[0];
    EXPECT_TRUE(same({wider.get_weights()[0]}, {model.get_weights()[0]})) << name;
    EXPECT_TRUE(same({wider.get_weights()[6]}, {before[6]})) << name;
    if (std::string(name) == "m.h5") continue;
    EXPECT_NE(error_of<InvalidArgument>([&] { wider.load_weights(file(name), {.by_name = true}); }).find("Keras 2"),
              std::string::npos);
  }
}

/// The weights that cuDNN's LSTM of Keras 2 wrote belong together.
TEST_F(WeightsFileTest, OfCudnnDoNotFitAsAWhole) {
  const Tensors weights = {numbers({5, 12}), numbers({3, 12}), numbers({24})};
  io::Hdf5Writer out;
  io::write_legacy_weights(out, "", {{"", "", "lstm", {"kernel", "recurrent_kernel", "bias"}, weights}});
  write(file("m.h5"), out.finish());
  Sequential model({Input({2, 4}), LSTM(3, {.name = "lstm"})});
  const std::string text = error_of<IoError>([&] { model.load_weights(file("m.h5")); });
  EXPECT_NE(text.find("kernel"), std::string::npos);
  EXPECT_EQ(text.find("problems"), std::string::npos) << text;
  const Tensors before = model.get_weights();
  EXPECT_EQ(model.load_weights(file("m.h5"), {.skip_mismatch = true}).size(), 1u);
  EXPECT_TRUE(same(model.get_weights(), before));
}

/// Before Keras 3, what is inside of MultiHeadAttention was named as its private members.
TEST_F(WeightsFileTest, OfLayersInsideMayBeginWithAnUnderscore) {
  const auto attention = [] {
    const Tensor x = Input({3, 4});
    return Model(x, MultiHeadAttention(2, 5, {.name = "attention"})({x, x}));
  };
  Model model = attention(), other = attention();
  model.save_weights(file("m.weights.h5"));
  const io::Hdf5Reader today(file("m.weights.h5"));
  io::Hdf5Writer before;
  size_t moved = 0;
  for (const std::string& layer : today.children("/layers")) {
    before.make_group("/layers/" + layer + "/vars");
    for (const std::string& inner : today.children("/layers/" + layer)) {
      const std::string group = message("/layers/", layer, "/", inner, "/vars");
      if (inner == "vars" || !today.has_group(group)) continue;
      before.make_group(message("/layers/", layer, "/_", inner, "/vars"));
      for (const std::string& weight : today.children(group)) {
        const std::string dataset = message(group, "/", weight);
        before.write(message("/layers/", layer, "/_", inner, "/vars/", weight),
                     today.read(dataset, today.spec(dataset)));
        ++moved;
      }
    }
  }
  ASSERT_EQ(moved, 8u);
  write(file("before.weights.h5"), before.finish());
  ASSERT_FALSE(same(other.weights(), model.weights()));
  other.load_weights(file("before.weights.h5"));
  EXPECT_TRUE(same(other.weights(), model.weights()));
}

TEST_F(WeightsFileTest, OfAModelWithoutWeightsAreInOrder) {
  const Sequential model({Input({2, 4}), Flatten()});
  for (const char* name : {"m.weights.h5", "m.h5"}) {
    model.save_weights(file(name));
    EXPECT_TRUE(io::verify(file(name)).problems.empty()) << name;
  }
  write(file("m.weights.h5"), io::Hdf5Writer().finish());
  EXPECT_EQ(io::verify(file("m.weights.h5")).problems.size(), 1u);
}

TEST_F(WeightsFileTest, AreWrittenByTheCallback) {
  Model model = trained();
  model.fit(numbers({8, 4}), numbers({8, 3}, 2),
            {.epochs = 2,
             .verbose = 0,
             .callbacks = {ModelCheckpoint(file("e{epoch}.weights.h5"), {.save_weights_only = true})}});
  Model again = trained();
  again.load_weights(file("e2.weights.h5"));
  EXPECT_TRUE(same(again.weights(), model.weights()));
  EXPECT_THROW(ModelCheckpoint("m.keras", {.save_weights_only = true}), InvalidArgument);
  EXPECT_THROW(ModelCheckpoint("m.weights.h5"), InvalidArgument);
}

}  // namespace
}  // namespace hebb
