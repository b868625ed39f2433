#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "cli/arrays.h"
#include "cli/models.h"
#include "cli/options.h"
#include "cli/table.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"

namespace hebb::cli {

namespace {

Tensors read_inputs(const std::string& path, const TableOptions& table, const Model& model) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (path == "-" || ending == ".csv" || ending == ".tsv") return read_inputs_table(path, table, model);
  check_no_table(table, path);
  if (ending == ".npy") return {data::read_npy(path)};
  if (ending == ".npz") return arrays_for(data::read_npz(path), path, "x", model.base().input_names()).arrays;
  if (ending == ".png" || ending == ".jpg" || ending == ".jpeg") {
    const Shape input = model.input_shape();
    return {data::read_image(path, {.grayscale = input.rank() == 4 && input.back() == 1})};
  }
  throw UsageError(
      message("--input: expected .npy, .npz, .csv, .png, .jpg or - for CSV on standard input, got '", path, "'."));
}

/// A vector of numbers for each example where the model wants images: gives it their shape.
Tensor fitted(const Tensor& x, const Shape& wanted) {
  if (x.rank() == wanted.rank() || x.rank() != 2) return x;
  int64_t elements = 1;
  for (int i = 1; i < wanted.rank(); ++i) {
    if (wanted[i] == Shape::unknown) return x;
    elements *= wanted[i];
  }
  if (x.shape().back() != elements) return x;
  return reshape(x, wanted.without(0).with(0, x.shape().front()));
}

Json nested(const Tensor& tensor) {
  const bool is_text = tensor.dtype() == DType::string;
  const std::vector<std::string> words = is_text ? to_texts(tensor) : std::vector<std::string>();
  const std::vector<double> values = is_text ? std::vector<double>() : tensor.to_vector<double>();
  size_t at = 0;
  auto build = [&](auto&& self, int axis) -> Json {
    if (axis == tensor.rank()) return is_text ? Json(words[at++]) : json_number(values[at++]);
    Json out = Json::array();
    for (int64_t i = 0; i < tensor.shape()[axis]; ++i) out.push_back(self(self, axis + 1));
    return out;
  };
  return build(build, 0);
}

/// Before anything is computed.
void check_output(const std::string& path) {
  const std::vector<std::string> endings = {".npy", ".npz", ".csv", ".json"};
  const std::string ending = std::filesystem::path(path).extension().string();
  if (path == "-") return;
  if (std::find(endings.begin(), endings.end(), ending) != endings.end()) return check_writable(path);
  throw UsageError(message("--output: expected .npy, .npz, .csv, .json or -, got '", path, "'."));
}

/// The names of the outputs; where one layer gives several, they are numbered from the second on.
std::vector<std::string> names_of_outputs(const Model& model) {
  std::vector<std::string> names;
  for (const std::string& name : model.base().output_names()) {
    std::string unique = name;
    for (int number = 1; std::find(names.begin(), names.end(), unique) != names.end(); ++number)
      unique = message(name, "_", number);
    names.push_back(unique);
  }
  return names;
}

void write_outputs(const Tensors& outputs, const std::string& path, const Model& model) {
  const std::string ending = std::filesystem::path(path).extension().string();
  const std::vector<std::string> names = names_of_outputs(model);
  if (ending == ".npz") {
    std::vector<data::NamedTensor> arrays;
    for (size_t i = 0; i < outputs.size(); ++i) arrays.emplace_back(names[i], outputs[i]);
    return data::write_npz(path, arrays);
  }
  if (ending == ".json") {
    Json all = Json::object();
    for (size_t i = 0; i < outputs.size(); ++i) all.set(names[i], nested(outputs[i]));
    return write_atomically(path, (outputs.size() == 1 ? nested(outputs[0]) : all).dump() + "\n");
  }
  if (outputs.size() > 1)
    throw UsageError(
        message("--output: the model has ", outputs.size(), " outputs (", join(names), "). Use .npz or .json."));
  if (ending == ".npy") return data::write_npy(path, outputs[0]);
  if (path == "-") return print(data::csv_text({}, outputs[0]));
  write_atomically(path, data::csv_text({}, outputs[0]));
}

void warn_of_nan(const Tensors& outputs, const std::string& model) {
  int64_t nans = 0, all = 0;
  for (const Tensor& output : outputs) {
    if (!is_floating(output.dtype())) continue;
    const std::vector<double> values = output.to_vector<double>();
    nans += std::count_if(values.begin(), values.end(), [](double value) { return std::isnan(value); });
    all += static_cast<int64_t>(values.size());
  }
  if (nans == 0) return;
  warn(message("hebb: warning: of ", all, " predicted values ", nans, nans == 1 ? " is no number" : " are no numbers",
               " (NaN). Where the input has none, the weights may: hebb verify ", model, " tells.\n"));
}

}  // namespace

void add_predict(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("predict", "the model's output for new data");
  struct Request {
    std::string model, input, output;
    TableOptions table;
    int64_t batch_size = 256;
  };
  auto request = std::make_shared<Request>();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5)")->required();
  add_text(command, "--input", request->input, ".npy, .npz, .csv, a PNG or JPEG image, or - for CSV on standard input")
      ->required();
  add_text(command, "--output", request->output, ".npy, .npz, .csv, .json, or - for CSV on standard output")
      ->required();
  add_reading(command, request->table);
  add_batch_size(command, request->batch_size);
  add_threads(command);
  command.footer("Example: hebb predict digits.keras --input seven.png --output -");
  command.callback([request, &status] {
    check_output(request->output);
    // Without the optimizer: its state can be twice as large as the weights.
    Model model = load_any_model(request->model, nullptr, {.compile = false});
    if (is_architecture(request->model)) {
      warn(message(
          "hebb: warning: ", request->model,
          " is not trained: its weights are random. Train it first (hebb train), and predict with the file.\n"));
    }
    Tensors inputs = read_inputs(request->input, request->table, model);
    for (const Tensor& input : inputs) {
      if (input.rank() < 1 || input.size() == 0)
        throw IoError(message(request->input, ": expected at least one example, got ", input.spec(), "."));
    }
    for (size_t i = 0; i < inputs.size() && i < model.base().inputs().size(); ++i)
      inputs[i] = fitted(inputs[i], model.base().inputs()[i].shape());
    const Tensors outputs = model.predict_all(inputs, {.batch_size = request->batch_size});
    write_outputs(outputs, request->output, model);
    warn_of_nan(outputs, request->model);
    status = 0;
  });
}

}  // namespace hebb::cli
