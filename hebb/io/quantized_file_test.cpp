// Files of quantised models: what is read predicts what was written, to the bit.
#include "hebb/base/error.h"
#include "hebb/base/zip.h"
#include "hebb/io/model_file_testing.h"

namespace hebb {
namespace {

Model images() {
  Model model = Sequential({Input({9, 9, 2}), Conv2D(7, 3, {.padding = "same"}), BatchNormalization(), ReLU(),
                            Conv2D(5, 2, {.strides = 2, .use_bias = false}), Flatten(), Dense(20),
                            Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

TEST_F(ModelFileTest, KeepsQuantisedModels) {
  const Tensor x = numbers({6, 9, 9, 2}), y = Tensor::from(std::vector<int32_t>{0, 1, 2, 0, 1, 2});
  for (const bool calibrated : {true, false}) {
    for (const char* mode : {"int8", "bfloat16"}) {
      Model model = images();
      model.train_on_batch(x, y);
      if (calibrated) {
        model.quantize(mode, {.calibration = data::Dataset(x, y)});
      } else {
        model.quantize(mode);
      }
      model.save(file("q.keras"));
      Model loaded = load_model(file("q.keras"));
      EXPECT_TRUE(loaded.is_quantized());
      EXPECT_TRUE(same(loaded.weights(), model.weights())) << mode;
      EXPECT_TRUE(same({loaded.predict(x)}, {model.predict(x)})) << mode;
      EXPECT_EQ(loaded.evaluate(x, y)["loss"], model.evaluate(x, y)["loss"]);
      // And once more, the same file but for its date.
      loaded.save(file("again.keras"));
      EXPECT_TRUE(same(load_model(file("again.keras")).weights(), model.weights()));
    }
  }
}

TEST_F(ModelFileTest, ReadsWhatKerasSeesInAQuantisedFile) {
  Model model = images();
  const Tensor x = numbers({6, 9, 9, 2});
  model.quantize("int8", {.calibration = data::Dataset(Tensors{x}, Tensors{})});
  model.save(file("q.keras"));
  const std::string config = ZipReader(file("q.keras")).read("config.json", 1 << 20);
  EXPECT_NE(
      config.find(R"("class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"})"),
      std::string::npos)
      << config;
  const io::Hdf5Reader weights(ZipReader(file("q.keras")).read("model.weights.h5", 1 << 20), "q.keras");
  EXPECT_EQ(weights.read("/layers/dense/vars/0", {{80, 20}, DType::int8}).dtype(), DType::int8);
  EXPECT_EQ(weights.spec("/layers/dense/vars/2"), (Spec{{20}, DType::float32}));
  EXPECT_EQ(weights.spec("/layers/conv2d/vars/0"), (Spec{{3, 3, 2, 7}, DType::float32}));
}

TEST_F(ModelFileTest, RefusesQuantisedModelsWhereThereIsNoPlaceForThem) {
  Model model = images();
  model.quantize("bfloat16");
  EXPECT_NE(error_of<NotSupported>([&] { model.save(file("q.h5")); }).find("ends in .keras"), std::string::npos);
  EXPECT_NE(error_of<InvalidArgument>([&] { model.save_weights(file("q.weights.h5")); }).find("whole model"),
            std::string::npos);
  EXPECT_NE(error_of<InvalidArgument>([&] { model.load_weights(file("q.keras")); }).find("before quantize()"),
            std::string::npos);
}

TEST_F(ModelFileTest, RefusesDamagedQuantisations) {
  Model model = images();
  const Tensor x = numbers({6, 9, 9, 2});
  model.quantize("int8", {.calibration = data::Dataset(Tensors{x}, Tensors{})});
  model.save(file("q.keras"));
  const ZipReader archive(file("q.keras"));
  const std::string config = archive.read("config.json", 1 << 20), weights = archive.read("model.weights.h5", 1 << 20);
  const auto with = [&](const std::string& quantization) {
    const std::string metadata = message(R"({"hebb_quantization": {"layers/conv2d": )", quantization, "}}");
    write_zip(file("made.keras"), {{.name = "metadata.json", .bytes = metadata},
                                   {.name = "config.json", .bytes = config},
                                   {.name = "model.weights.h5", .bytes = weights}});
    return error_of<IoError>([&] { load_model(file("made.keras")); });
  };
  for (const char* wrong :
       {R"({})", R"({"mode": 1})", R"({"mode": "int7"})", R"({"mode": "int8"})", R"([])", R"("int8")",
        R"({"mode": "int8", "input_scale": -1, "input_zero_point": 0, "kernel_scale": [1, 1, 1, 1, 1, 1, 1]})",
        R"({"mode": "int8", "input_scale": 1, "input_zero_point": 256, "kernel_scale": [1, 1, 1, 1, 1, 1, 1]})",
        R"({"mode": "int8", "input_scale": 1, "input_zero_point": 0, "kernel_scale": [1, 1]})",
        R"({"mode": "int8", "input_scale": 1, "input_zero_point": 0})"}) {
    EXPECT_NE(with(wrong).find("the quantization of layer 'conv2d"), std::string::npos) << wrong << ": " << with(wrong);
  }
}

}  // namespace
}  // namespace hebb
