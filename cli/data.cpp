#include "cli/data.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/arrays.h"
#include "cli/models.h"
#include "hebb/data/array_names.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/text_stage.h"
#include "hebb/nn/trainer.h"

namespace hebb::cli {

namespace {

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

/// What the model calls its inputs and outputs; nothing before it knows.
struct LayerNames {
  std::vector<std::string> inputs, outputs;
  explicit LayerNames(const Model* model) {
    if (!model || !model->base().is_connected()) return;
    inputs = model->base().input_names();
    outputs = model->base().output_names();
  }
};

/// The arrays of an .npz file by the promise's names.
void from_npz(LoadedData& out, const std::string& path, const Model* model) {
  const std::vector<data::NamedTensor> file = data::read_npz(path);
  const LayerNames layers(model);
  NamedArrays all = arrays_for(file, path, "x", layers.inputs);
  const size_t inputs = all.arrays.size();
  const NamedArrays targets = arrays_for(file, path, "y", layers.outputs);
  all.arrays.insert(all.arrays.end(), targets.arrays.begin(), targets.arrays.end());
  all.names.insert(all.names.end(), targets.names.begin(), targets.names.end());
  Tensor weight;
  std::vector<Spec> of_targets;
  for (const Tensor& target : targets.arrays) of_targets.push_back(target.spec());
  for (const auto& [name, array] : file) {
    if (name != data::sample_weight_name) continue;
    data::check_weights(path, array.spec(), of_targets);
    weight = cast(array, DType::float32);
    all.names.push_back(name);
    all.arrays.push_back(weight);
  }
  std::vector<Spec> specs;
  for (const Tensor& array : all.arrays) specs.push_back(array.spec());
  data::check_examples(path, all.names, specs);
  const auto x_end = all.arrays.begin() + static_cast<std::ptrdiff_t>(inputs);
  out.parts.train = data::Dataset(Tensors(all.arrays.begin(), x_end),
                                  Tensors(x_end, x_end + static_cast<std::ptrdiff_t>(targets.arrays.size())), weight);
  out.array_names = all.names;
}

/// The datasets of an HDF5 file by the same names.
void from_hdf5(LoadedData& out, const std::string& path, const Model* model) {
  const LayerNames layers(model);
  out.parts.train = io::open_dataset(path, {.input_names = layers.inputs, .output_names = layers.outputs});
  out.array_names = out.parts.train.source().names();
}

/// What the folder holds is told from its files.
void from_folder(LoadedData& out, const std::string& path, const Model* model) {
  if (data::is_idx_folder(path)) {
    out.parts = data::mnist({.path = path});
  } else if (data::is_cifar10_folder(path)) {
    out.parts = data::cifar10({.path = path});
    out.class_names = data::cifar10_class_names();
  } else if (model && has_texts(model->base()) && data::has_class_folders(path)) {
    out.parts.train = data::text_folder(path);
    out.class_names = out.parts.train.class_names();
  } else if (data::has_class_folders(path)) {
    // A model says how large its images are, and whether they have colours.
    data::ImageFolderOptions options{.dtype = DType::uint8};
    if (model && model->base().is_connected() && model->base().inputs().front().rank() == 4) {
      const Shape& input = model->base().inputs().front().shape();
      if (input[1] != Shape::unknown) options.image_size.height = input[1];
      if (input[2] != Shape::unknown) options.image_size.width = input[2];
      if (input[3] == 1) options.color_mode = "grayscale";
    }
    out.parts.train = data::image_folder(path, options);
    out.class_names = out.parts.train.class_names();
  } else {
    throw IoError(message(path,
                          ": expected a folder with MNIST's four IDX files (train-images-idx3-ubyte, ..., plain or "
                          "gzipped), CIFAR-10's binary batches (data_batch_1.bin, ...) or a sub-folder of images "
                          "(of .txt files for a model that takes texts) for each class, found none of them."));
  }
}

/// "row 3", "example 3, place (2, 5)".
std::string place_text(const Spec& spec, int64_t at, const std::vector<std::string>& columns) {
  const int64_t in_example = std::max<int64_t>(spec.shape.without(0).elements(), 1);
  const int64_t example = at / in_example, place = at % in_example;
  if (spec.shape.rank() == 2 && static_cast<size_t>(spec.shape.back()) == columns.size())
    return message("column '", columns[static_cast<size_t>(place)], "', row ", example + 1);
  return message("example ", example, " (counted from 0)");
}

}  // namespace

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

LoadedData load_data(const std::string& what, const TableOptions& table, const Model* model) {
  std::vector<std::string> names;
  LoadedData out{{}, what, what, {}, {}, {}};
  const std::string ending = std::filesystem::path(what).extension().string();
  const bool is_table = ending == ".csv" || ending == ".tsv";
  for (const DatasetRecord& record : dataset_records()) names.push_back(record.name);
  const auto known = std::find(names.begin(), names.end(), what);
  if (known == names.end() && !is_file_name(what)) {
    throw UsageError(
        message(unknown_name("data set", what, names), " A file or folder of that name does not exist either."));
  }
  if (!is_table) check_no_table(table, what);
  if (known != names.end()) {
    out.parts = dataset_records()[static_cast<size_t>(known - names.begin())].load(0);
    return out;
  }
  std::error_code error;
  if (!std::filesystem::exists(what, error)) throw IoError(message(what, ": no such file or folder."));
  out.name = std::filesystem::path(what).filename().string();
  if (std::filesystem::is_directory(what, error)) {
    from_folder(out, what, model);
  } else if (ending == ".npz") {
    from_npz(out, what, model);
  } else if (ending == ".h5" || ending == ".hdf5") {
    from_hdf5(out, what, model);
  } else if (is_table) {
    learn_from_table(out, what, table, model);
  } else {
    throw IoError(message(what, ": data in a file '", ending,
                          "' cannot be read. Use .npz, .h5, .csv, or a folder (hebb train --help)."));
  }
  return out;
}

void make_target_rows(LoadedData& data, int64_t classes) {
  const data::Source& source = data.parts.train.source();
  const auto target = static_cast<size_t>(source.inputs());
  const Spec& spec = source.components()[target];
  if (source.targets() != 1 || is_floating(spec.dtype) || spec.shape.elements() != 1) return;
  if (classes == 0) classes = static_cast<int64_t>(max(data.parts.train.y()).item()) + 1;
  const auto as_rows = [target, classes](const Tensors& batch) {
    Tensors out = batch;
    out[target] = one_hot(reshape(batch[target], {batch[target].size()}), classes);
    return out;
  };
  for (data::Dataset* part : {&data.parts.train, &data.parts.test}) {
    if (!part->empty()) *part = part->map(as_rows);
  }
}

void match_targets(LoadedData& data, const Model& model) {
  if (!model.is_compiled() || !model.base().is_connected()) return;
  const auto& losses = model.base().trainer().options().loss.list();
  if (losses.size() == 1 && losses.front() && losses.front()->name() == "categorical_crossentropy")
    make_target_rows(data, model.output_shape().back());
}

std::string not_finite(const LoadedData& data) {
  const data::Dataset& all = data.parts.train;
  const std::vector<Spec>& components = all.source().components();
  constexpr int64_t most_numbers = 1 << 20;  // looked at in one go: the data may be larger than memory
  for (size_t i = 0; i < components.size(); ++i) {
    if (!is_floating(components[i].dtype)) continue;
    const int64_t numbers = std::max<int64_t>(components[i].shape.elements(), 1);
    const int64_t step = std::max<int64_t>(1, most_numbers / numbers);
    for (int64_t at = 0; at < all.size(); at += step) {
      const Tensor part = all.rows(static_cast<int64_t>(i), at, std::min(at + step, all.size()));
      const std::vector<double> values = part.to_vector<double>();
      const auto bad = std::find_if(values.begin(), values.end(), [](double value) { return !std::isfinite(value); });
      if (bad == values.end()) continue;
      const std::string array = i < data.array_names.size() ? message("array '", data.array_names[i], "', ") : "";
      return message(data.where, ": ", array,
                     place_text({components[i].shape.with(0, all.size()), components[i].dtype},
                                at * numbers + (bad - values.begin()), data.columns),
                     ": ", std::isnan(*bad) ? "not a number (a missing value?)" : "infinite, or too large for float32");
    }
  }
  return "";
}

}  // namespace hebb::cli
