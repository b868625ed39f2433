/// What the tests of model files share: a folder for them, small models, and configurations written by hand.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "hebb/base/text.h"
#include "hebb/base/zip.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/random.h"

namespace hebb {

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
  std::string keras_file(const std::string& config, const std::string& weights = io::Hdf5Writer().finish(),
                         const std::string& version = "3.15.1") const {
    const std::string path = file("made.keras");
    write_zip(path, {{.name = "metadata.json", .bytes = R"({"keras_version": ")" + version + R"("})"},
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

inline std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline bool same(const Tensors& a, const Tensors& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].spec() != b[i].spec() || a[i].to_vector<double>() != b[i].to_vector<double>()) return false;
  }
  return true;
}

inline Tensor numbers(const Shape& shape, int64_t seed = 1) { return random::normal(shape, {.seed = seed}); }

inline Model small_model() {
  Sequential model({Input({4}), Dense(5, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam({.learning_rate = 0.01}), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// A configuration of a functional model of Dense layers, each called on the result of the one before.
inline std::string functional_json(const std::string& layers, const std::string& last) {
  return R"({"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "m", "layers": [)"
         R"({"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "x"}, "name": "x", "inbound_nodes": []})" +
         layers + R"(], "input_layers": ["x", 0, 0], "output_layers": [")" + last + R"(", 0, 0]}})";
}

inline std::string node(const std::vector<std::string>& from) {
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

inline std::string entry(const std::string& class_name, const std::string& name, const std::string& config,
                         const std::string& nodes) {
  return message(R"(, {"module": "keras.layers", "class_name": ")", class_name, R"(", "config": {"name": ")", name,
                 R"(")", config, R"(}, "name": ")", name, R"(", "inbound_nodes": [)", nodes, "]}");
}

}  // namespace hebb
