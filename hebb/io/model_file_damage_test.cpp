// Model files that are damaged, made to do harm, or written by other programs: refused with what is wrong, or read.
#include <cstdlib>

#include "hebb/base/error.h"
#include "hebb/io/model_file_testing.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/symbolic.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

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
  const auto tensor = [](const std::string& name) {
    return message(R"({"class_name": "__keras_tensor__", "config": {"keras_history": [")", name, R"(", 0, 0]}})");
  };
  const auto with = [](const std::string& left, const std::string& right) {
    return message(R"({"args": [)", left, ", ", right, R"(], "kwargs": {}})");
  };
  // 5 - (x * 2 + 1.5 - 1) / 4
  const std::string numbers = operation("numpy", "Multiply", "m", "", with(tensor("x"), "2")) +
                              operation("numpy", "Add", "a", "", with("1.5", tensor("m"))) +
                              operation("numpy", "Subtract", "s", "", with(tensor("a"), "1")) +
                              operation("numpy", "TrueDivide", "d", "", with(tensor("s"), "4")) +
                              operation("numpy", "Subtract", "t", "", with("5", tensor("d")));
  model = load_model(keras_file(functional_json(numbers, "t")));
  EXPECT_EQ(model.predict(Tensor::from({1, -2, 3, -4}, {1, 4})).to_vector<float>(),
            (std::vector<float>{4.375, 5.875, 3.375, 6.875}));
  // Written as the operation again, with what it was called with.
  model = load_model(keras_file(functional_json(operation("numpy", "Power", "s", "", with(tensor("x"), "2")), "s")));
  EXPECT_EQ(model.predict(Tensor::from({1, -2, 3, -4}, {1, 4})).to_vector<float>(), (std::vector<float>{1, 4, 9, 16}));
  const std::string written = model.base().config().dump();
  EXPECT_NE(written.find("keras.src.ops.numpy"), std::string::npos) << written;
  EXPECT_NE(written.find("}}, 2]"), std::string::npos) << written;
  EXPECT_NE(written.find(R"("registered_name": "Power")"), std::string::npos) << written;
}

TEST_F(ModelFileTest, WritesNoEllipsisWhereKerasReadsNone) {
  const std::string item =
      R"(, {"module": "keras.src.ops.numpy", "class_name": "GetItem", "config": {"name": "e"}, "name": "e", )"
      R"("inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}, )"
      R"([{"class_name": "__ellipsis__", "config": {}}, null, 1]], "kwargs": {}}]})";
  Model model = load_model(keras_file(functional_json(item, "e")));
  const Tensor x = Tensor::from({1, -2, 3, -4}, {1, 4});
  EXPECT_EQ(model.output_shape(), Shape({Shape::unknown, 1}));
  EXPECT_EQ(model.predict(x).to_vector<float>(), std::vector<float>{-2});
  model.save(file("e.h5"));
  EXPECT_EQ(content(file("e.h5")).find("__ellipsis__"), std::string::npos);
  EXPECT_EQ(load_model(file("e.h5")).predict(x).to_vector<float>(), std::vector<float>{-2});
}

TEST_F(ModelFileTest, SaysWhichOperationItHasNot) {
  auto error = [&](const std::string& class_name, const std::string& config, const std::string& arguments) {
    const std::string path = keras_file(functional_json(
        message(R"(, {"module": "keras.src.ops.numpy", "class_name": ")", class_name, R"(", "config": {"name": "e")",
                config, R"(}, "name": "e", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": )",
                R"({"keras_history": ["x", 0, 0]}})", arguments, R"(], "kwargs": {}}]})"),
        "e"));
    return error_of<NotSupported>([&] { load_model(path); });
  };
  EXPECT_NE(error("Bincount", "", "").find("'e' (Bincount): hebb has none of this name"), std::string::npos);
  EXPECT_NE(error("GetItem", "", ", [0, 9]").find("the index 9 of an axis of 4"), std::string::npos);
  EXPECT_NE(error("Take", R"(, "axis": 1)", R"(, "a")").find("expected a tensor or numbers for 'indices'"),
            std::string::npos);
  EXPECT_NE(error("Pad", R"(, "pad_width": 1, "mode": "median")", "").find("constant"), std::string::npos);
}

TEST_F(ModelFileTest, ReadsWhatNamesMeantInArchivesOfKeras2) {
  const std::string config = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 1], "dtype": "float32", "name": "x"}},
    {"class_name": "Activation", "config": {"name": "a", "activation": "hard_sigmoid"}}]}, "compile_config": {
    "optimizer": "sgd", "loss": "kullback_leibler_divergence", "metrics": ["logcosh"]}})";
  Model old = load_model(keras_file(config, io::Hdf5Writer().finish(), "2.15.0"));
  EXPECT_FLOAT_EQ(old.predict(ones({1, 1})).item(), 0.7);
  EXPECT_TRUE(old.is_compiled());
  Model today = load_model(keras_file(config), {.compile = false});
  EXPECT_FLOAT_EQ(today.predict(ones({1, 1})).item(), 2.0f / 3);
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
  // A function that meant something else.
  write(file("h.json"), R"({"class_name": "Sequential", "keras_version": "2.2.4", "config": [
    {"class_name": "Activation", "config": {"name": "h", "trainable": true, "batch_input_shape": [null, 3], "activation": "hard_sigmoid"}}]})");
  EXPECT_EQ(load_architecture(file("h.json")).predict(Tensor::from({-2.75, 0.0, 1.25}, {1, 3})).to_vector<float>(),
            (std::vector<float>{0, 0.5, 0.75}));
  // A class that Keras 3 has no longer, and an attention whose value stands under its name.
  write(file("t.json"), R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 3], "dtype": "float32", "name": "x"}},
    {"class_name": "ThresholdedReLU", "config": {"name": "t", "trainable": true, "dtype": "float32", "theta": 0.5}}]}})");
  EXPECT_EQ(load_architecture(file("t.json")).predict(Tensor::from({-1, 0.25, 0.75}, {1, 3})).to_vector<float>(),
            (std::vector<float>{0, 0, 0.75}));
  write(file("a.json"), R"({"class_name": "Functional", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4, 3], "dtype": "float32", "name": "x"}, "name": "x", "inbound_nodes": []},
    {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 2, 3], "dtype": "float32", "name": "y"}, "name": "y", "inbound_nodes": []},
    {"class_name": "MultiHeadAttention", "config": {"name": "a", "trainable": true, "dtype": "float32", "num_heads": 2, "key_dim": 2}, "name": "a", "build_config": {"input_shape": [null, 4, 3]},
     "inbound_nodes": [[["x", 0, 0, {"value": ["y", 0, 0]}]]]}],
    "input_layers": [["x", 0, 0], ["y", 0, 0]], "output_layers": [["a", 0, 0]]}})");
  EXPECT_EQ(load_architecture(file("a.json")).output_shape(), Shape({Shape::unknown, 4, 3}));
}

/// libhdf5 believes what a global heap says of the texts in it, reads behind it, or never comes to its end.
TEST_F(ModelFileTest, RefusesHeapsThatLie) {
  small_model().save(file("m.h5"));
  const std::string bytes = content(file("m.h5"));
  const size_t heap = bytes.find("GCOL");
  ASSERT_NE(heap, std::string::npos);
  EXPECT_EQ(bytes.find("GCOL", heap + 1), std::string::npos);
  const auto damaged = [&](size_t from, std::string with) {
    std::string out = bytes;
    out.replace(heap + from, with.size(), with);
    write(file("damaged.h5"), out);
    return error_of<IoError>([&] { load_model(file("damaged.h5")); });
  };
  const std::string length = std::string("\x00\x00\x51\x00\x00\x00\x00\x00", 8), none(8, '\0');
  EXPECT_NE(damaged(16 + 8, length).find("damaged.h5"), std::string::npos) << "of the first text, behind the end";
  EXPECT_NE(damaged(16, none + none).find("damaged.h5"), std::string::npos) << "free, of no size";
  EXPECT_NE(damaged(8, length).find("damaged.h5"), std::string::npos) << "of all, behind the end of the file";
}

TEST_F(ModelFileTest, NamesAnOptimizersVariableThatIsMissing) {
  Model model = small_model();
  model.train_on_batch(numbers({8, 4}), Tensor::from(std::vector<int32_t>{0, 1, 2, 0, 1, 2, 0, 1}));
  model.save(file("m.keras"));
  const ZipReader archive(file("m.keras"));
  const io::Hdf5Reader all(archive.read("model.weights.h5", 1 << 20), "weights");
  io::Hdf5Writer rest;
  for (const char* layer : {"/layers/dense", "/layers/dense_1", "/optimizer"}) {
    const std::string group = std::string(layer) + "/vars";
    rest.make_group(group);
    for (const std::string& name : all.children(group)) {
      const std::string place = group + "/" + name;
      if (place != "/optimizer/vars/3") rest.write(place, all.read(place, all.spec(place)));
    }
  }
  const std::string path = keras_file(archive.read("config.json", 1 << 20), rest.finish());
  const std::string text = error_of<IoError>([&] { load_model(path); });
  EXPECT_NE(text.find("expected '/optimizer/vars/3', "), std::string::npos) << text;
  EXPECT_NO_THROW(load_model(path, {.compile = false}));
}

TEST_F(ModelFileTest, TellsWhoseWeightsAnOlderFileLacks) {
  const Sequential model({Input({4}), Dense(3, {.name = "first"}), Dense(2, {.name = "second"})}, "m");
  const auto damaged = [&](const std::vector<std::string>& kept, bool with_group) {
    model.save(file("m.h5"));
    io::Hdf5Writer out;
    {
      const io::Hdf5Reader whole(file("m.h5"));
      out.write_attribute("/", "model_config", *whole.string_attribute("/", "model_config"));
      if (with_group) {
        out.make_group("/model_weights");
        out.write_attribute("/model_weights", "layer_names", std::span<const std::string>(kept));
        for (const std::string& layer : kept) {
          const std::string group = "/model_weights/" + layer;
          out.make_group(group);
          out.write_attribute(group, "weight_names", std::span<const std::string>(std::vector<std::string>{"w"}));
          out.write(group + "/w", zeros({2}));
        }
      }
    }
    write(file("m.h5"), out.finish());
    return error_of<IoError>([&] { load_model(file("m.h5")); });
  };
  const std::string one = damaged({"first", "third"}, true);
  EXPECT_NE(one.find("'/model_weights/first': expected 2 weights for layer 'first' (Dense)"), std::string::npos) << one;
  const std::string other = damaged({"third"}, true);
  EXPECT_NE(
      other.find("the file has 1. It has none for layer 'first' (Dense), layer 'second' (Dense). The model has no "
                 "layer 'third'."),
      std::string::npos)
      << other;
  const std::string all = damaged({}, false);
  EXPECT_NE(all.find("expected a group /model_weights"), std::string::npos) << all;
}

TEST_F(ModelFileTest, KnowsWeightsOfKeras3UnderAnOlderName) {
  Sequential model({Input({4}), Dense(3)});
  model.save_weights(file("m.weights.h5"));
  fs::rename(file("m.weights.h5"), file("x.h5"));
  const std::string opened = error_of<IoError>([&] { load_model(file("x.h5")); });
  const std::string read = error_of<IoError>([&] { model.load_weights(file("x.h5")); });
  for (const std::string& error : {opened, read})
    EXPECT_NE(error.find("give it a name that ends in .weights.h5"), std::string::npos) << error;
}

}  // namespace
}  // namespace hebb
