#include "hebb/io/verify.h"

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/io/sample.h"
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

TEST_F(ModelFileTest, ReportsAllWeightsThatAreMissing) {
  Sequential model({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "second"})});
  model.save(file("m.keras"));
  const std::string path = keras_file(ZipReader(file("m.keras")).read("config.json", 1 << 20));
  const std::string error = error_of<IoError>([&] { load_model(path); });
  EXPECT_NE(error.find("'first'"), std::string::npos) << error;
  EXPECT_NE(error.find("'second'"), std::string::npos) << error;
  EXPECT_EQ(io::verify(path).problems.size(), 2u);
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
