#include "cli/common.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "hebb/base/byte_source.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/zoo/zoo.h"

namespace hebb::cli {

namespace {

/// A value of an option as JSON: a number, a truth value, or else text.
Json option_value(const std::string& text) {
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  if (text == "none" || text == "None" || text == "null") return nullptr;
  try {
    const Json parsed = Json::parse(text, "option");
    if (parsed.is_number()) return parsed;
  } catch (const Error&) {
    // Not a number: text as it stands.
  }
  return text;
}

data::TrainTest points(const data::Points& train, const data::Points& test) {
  return {data::Dataset(train.x, train.y), data::Dataset(test.x, test.y)};
}

template <auto make, class Options>
data::TrainTest two_parts(Options options, int64_t seed) {
  options.seed = seed;
  const data::Points train = make(options);
  options.seed = seed + 1;
  return points(train, make(options));
}

/// The arrays of an .npz file by the promise's names.
data::Dataset from_npz(const std::string& path, const Model* model) {
  const std::vector<data::NamedTensor> arrays = data::read_npz(path);
  auto find = [&](const std::string& name) -> const Tensor* {
    for (const auto& [known, array] : arrays) {
      if (known == name) return &array;
    }
    return nullptr;
  };
  auto collect = [&](const char* letter, const std::vector<std::string>& names) {
    Tensors out;
    if (const Tensor* one = find(letter)) return Tensors{*one};
    for (const std::string& name : names) {
      if (const Tensor* array = find(name)) out.push_back(*array);
    }
    if (!out.empty()) return out;
    for (int i = 0;; ++i) {
      const Tensor* array = find(message(letter, i));
      if (!array) return out;
      out.push_back(*array);
    }
  };
  const bool known = model && model->base().is_connected();
  const Tensors x = collect("x", known ? model->base().input_names() : std::vector<std::string>());
  const Tensors y = collect("y", known ? model->base().output_names() : std::vector<std::string>());
  if (x.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, array] : arrays) names.push_back(name);
    throw IoError(message(path, ": expected an array 'x' (or 'x0', 'x1', ...), found ",
                          names.empty() ? "none" : join(names), "."));
  }
  if (y.empty())
    throw IoError(message(path, ": expected an array 'y' (or 'y0', 'y1', ...) with the targets, found none."));
  const Tensor* weight = find("sample_weight");
  return data::Dataset(x, y, weight ? cast(*weight, DType::float32) : Tensor());
}

/// One column is the target, the others are the inputs.
data::Dataset from_csv(const std::string& path, const std::string& target, std::vector<std::string>& class_names) {
  const data::CsvTable table = data::read_csv(path);
  const int64_t columns = table.values.shape()[1];
  if (columns < 2)
    throw IoError(message(path, ": expected at least two columns, one of them the target, found ", columns, "."));
  int64_t at = columns - 1;
  if (!target.empty()) as_usage([&] { at = table.column(target); });
  const NoTape no_tape;
  Tensors parts;
  if (at > 0) parts.push_back(slice(table.values, {0, 0}, {table.values.shape()[0], at}));
  if (at + 1 < columns) parts.push_back(slice(table.values, {0, at + 1}, {table.values.shape()[0], columns}));
  Tensor y = squeeze(slice(table.values, {0, at}, {table.values.shape()[0], at + 1}), 1);
  class_names = table.categories[static_cast<size_t>(at)];
  // Whole numbers from 0 on are classes.
  const std::vector<float> values = y.to_vector<float>();
  const bool whole = std::all_of(values.begin(), values.end(), [](float value) {
    return value >= 0 && value == static_cast<float>(static_cast<int64_t>(value));
  });
  if (whole) y = cast(y, DType::int32);
  return data::Dataset(concatenate(parts, 1), y);
}

}  // namespace

NamedOptions parse_named(const std::string& text, const std::string& what) {
  const size_t colon = text.find(':');
  NamedOptions out{text.substr(0, colon), Json::object()};
  if (out.name.empty()) throw UsageError(message(what, ": expected NAME[:option=value,...], got '", text, "'."));
  if (colon == std::string::npos) return out;
  for (const std::string& part : split(text.substr(colon + 1), ',')) {
    const size_t equals = part.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw UsageError(message(what, ": expected option=value, got '", part, "' in '", text, "'."));
    out.options.set(part.substr(0, equals), option_value(part.substr(equals + 1)));
  }
  return out;
}

const std::vector<DatasetRecord>& dataset_records() {
  static const std::vector<DatasetRecord> records = {
      {"digits", "28x28 handwritten-looking digits that hebb draws itself: 60,000 and 10,000 images",
       [](int64_t) { return data::digits(); }},
      {"mnist", "28x28 handwritten digits: 60,000 and 10,000 images, from files that you have",
       [](int64_t) { return data::mnist(); }},
      {"moons", "two half circles that interleave: 1,000 and 1,000 points",
       [](int64_t seed) { return two_parts<data::moons>(data::MoonsOptions{.samples = 1000, .noise = 0.2}, seed); }},
      {"circles", "a circle around a smaller one: 1,000 and 1,000 points",
       [](int64_t seed) {
         return two_parts<data::circles>(data::CirclesOptions{.samples = 1000, .noise = 0.1, .factor = 0.5}, seed);
       }},
      {"blobs", "three clouds of points: 1,000 and 1,000 points",
       [](int64_t seed) {
         return two_parts<data::blobs>(data::BlobsOptions{.samples = 1000, .center_points = {{-4, 0}, {4, 0}, {0, 5}}},
                                       seed);
       }},
      {"spirals", "two arms that wind around one another: 1,000 and 1,000 points",
       [](int64_t seed) {
         return two_parts<data::spirals>(data::SpiralsOptions{.samples = 1000, .noise = 0.02}, seed);
       }},
      {"xor", "the exclusive or with noise: 1,000 and 1,000 points",
       [](int64_t seed) {
         return two_parts<data::xor_problem>(data::XorOptions{.samples = 1000, .shuffle = true, .noise = 0.1}, seed);
       }},
  };
  return records;
}

bool is_file_name(const std::string& what) {
  return what.find('/') != std::string::npos || std::filesystem::exists(what) ||
         std::filesystem::path(what).has_extension();
}

LoadedData load_data(const std::string& what, const std::string& target, const Model* model) {
  std::vector<std::string> names;
  for (const DatasetRecord& record : dataset_records()) {
    if (record.name == what) return {record.load(0), what, {}};
    names.push_back(record.name);
  }
  if (!is_file_name(what))
    throw UsageError(
        message(unknown_name("data set", what, names), " A file or folder of that name does not exist either."));
  if (!std::filesystem::exists(what)) throw IoError(message(what, ": no such file or folder."));
  LoadedData out{{}, std::filesystem::path(what).filename().string(), {}};
  if (std::filesystem::is_directory(what)) {
    if (!data::is_idx_folder(what)) {
      throw IoError(message(what,
                            ": expected a folder with MNIST's four IDX files (train-images-idx3-ubyte, ..., plain or "
                            "gzipped), found none of them."));
    }
    out.parts = data::mnist({.path = what});
    return out;
  }
  const std::string ending = std::filesystem::path(what).extension().string();
  if (ending == ".npz") {
    out.parts.train = from_npz(what, model);
  } else if (ending == ".csv" || ending == ".tsv") {
    out.parts.train = from_csv(what, target, out.class_names);
  } else {
    throw IoError(
        message(what, ": data in a file '", ending, "' cannot be read. Use .npz, .csv, or a folder with IDX files."));
  }
  return out;
}

int64_t class_count(const Tensor& targets) {
  if (targets.rank() == 2 && targets.shape().back() > 1) return targets.shape().back();
  int64_t most = 0;
  for (int64_t label : targets.to_vector<int64_t>()) most = std::max(most, label);
  return most + 1;
}

Model load_any_model(const std::string& what, const data::Dataset* data) {
  const std::string ending = std::filesystem::path(what).extension().string();
  if (ending == ".json") {
    return load_architecture(what);
  }
  for (const io::ModelFormat& format : io::model_formats()) {
    if (ending == format.ending) return load_model(what);
  }
  const NamedOptions named = parse_named(what, "MODEL");
  std::vector<std::string> names;
  for (const zoo::ArchitectureRecord& record : zoo::architecture_records()) names.push_back(record.name);
  if (std::find(names.begin(), names.end(), named.name) == names.end()) {
    if (is_file_name(what)) return load_model(what);  // says which endings there are
    throw UsageError(
        message(unknown_name("model", named.name, names), " For a file give its path, ending in .keras or .h5."));
  }
  zoo::MakeOptions options{.options = named.options};
  if (data && !data->empty()) {
    const Spec& input = data->source().components().front();
    options.input_shape = input.shape;
    options.bytes = input.dtype == DType::uint8;
    options.classes = class_count(data->y());
  }
  Model model;
  as_usage([&] { model = zoo::make(named.name, options); });
  return model;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const Json& json) {
  print(json.dump() + "\n");
  std::fflush(stdout);
}

void warn(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json logs_json(const Logs& logs) {
  Json out = Json::object();
  for (const auto& [name, value] : logs) out.set(name, json_number(value));
  return out;
}

void as_usage(const std::function<void()>& body) {
  try {
    body();
  } catch (const InvalidArgument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace hebb::cli
