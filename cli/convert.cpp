#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "cli/data.h"
#include "cli/models.h"
#include "cli/options.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/progress.h"

namespace hebb::cli {

namespace {

struct Request {
  std::string in, out, quantize, calibrate;
  TableOptions table;
  int64_t samples = 1024;
  bool json = false;
};

/// What calibrates, and what the loss of accuracy is measured on.
struct Calibration {
  data::Dataset train, judged;
  bool has_targets = false;
};

Calibration load_calibration(const Request& request, const Model& model) {
  if (std::filesystem::path(request.calibrate).extension() == ".npy") {
    const data::Dataset inputs(Tensors{data::read_npy(request.calibrate)}, Tensors{});
    return {inputs, inputs, false};
  }
  const LoadedData data = load_data(request.calibrate, request.table, &model);
  return {data.parts.train, data.judged(), model.is_compiled()};
}

/// How far the outputs of two models are apart.
struct Distance {
  double mean = 0, largest = 0;
  std::optional<double> equal_decisions = {};  ///< the share of examples of which both make the same class
};

Distance distance(const Tensor& before, const Tensor& after) {
  const std::vector<double> a = before.to_vector<double>(), b = after.to_vector<double>();
  Distance out;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(a[i] - b[i]);
    out.mean += difference / static_cast<double>(a.size());
    out.largest = std::max(out.largest, difference);
  }
  const auto classes = static_cast<size_t>(before.shape().back());
  if (before.rank() != 2 || classes < 2) return out;
  size_t equal = 0;
  const auto decision = [&](const std::vector<double>& values, size_t row) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * classes);
    return std::max_element(first, first + static_cast<std::ptrdiff_t>(classes)) - first;
  };
  const size_t rows = a.size() / classes;
  for (size_t row = 0; row < rows; ++row) equal += decision(a, row) == decision(b, row) ? 1 : 0;
  out.equal_decisions = static_cast<double>(equal) / static_cast<double>(rows);
  return out;
}

/// Numbers by name, before and after.
struct Report {
  std::vector<std::pair<std::string, std::pair<double, double>>> pairs;
  std::vector<std::pair<std::string, double>> single;

  void print_text() const {
    for (const auto& [name, values] : pairs) {
      const bool whole = name.ends_with("_bytes");
      const auto text = [&](double value) { return whole ? number_text(value) : log_number_text(value); };
      print(message(name, ": ", text(values.first), " -> ", text(values.second), "\n"));
    }
    for (const auto& [name, value] : single) print(message(name, ": ", log_number_text(value), "\n"));
  }
  Json json() const {
    Json out = Json::object();
    for (const auto& [name, values] : pairs) {
      const bool whole = name.ends_with("_bytes");
      const auto number = [&](double value) { return whole ? Json(static_cast<int64_t>(value)) : json_number(value); };
      out.set(name, Json::object({{"before", number(values.first)}, {"after", number(values.second)}}));
    }
    for (const auto& [name, value] : single) out.set(name, json_number(value));
    return out;
  }
};

int64_t weight_bytes(const Model& model) {
  int64_t bytes = 0;
  for (const Tensor& weight : model.weights()) bytes += weight.spec().bytes();
  return bytes;
}

void check_usage(const Request& request) {
  const std::vector<std::string> modes = {"int8", "bfloat16"};
  if (request.quantize.empty()) {
    if (!request.calibrate.empty() || request.json)
      throw UsageError("--calibrate and --json: expected --quantize int8 or bfloat16 with them.");
    return;
  }
  if (std::find(modes.begin(), modes.end(), request.quantize) == modes.end())
    throw UsageError(message("--quantize: ", unknown_name("mode", request.quantize, modes)));
  if (std::filesystem::path(request.out).extension() != ".keras") {
    throw UsageError(message("--quantize: expected OUT to end in .keras, the only format with a place for it, got '",
                             request.out, "'."));
  }
  if (is_architecture(request.in))
    throw UsageError("--quantize: expected IN to be the file of a trained model; an architecture has no weights.");
}

Report quantize_and_save(Model& model, const Request& request) {
  Report report;
  Calibration data;
  if (!request.calibrate.empty()) data = load_calibration(request, model);
  constexpr int64_t most_compared = 10000, batch_size = 256;
  Tensor outputs;
  Logs before;
  data::Dataset compared;
  if (!data.judged.empty()) {
    compared = data.judged.take(std::min(most_compared, data.judged.size()));
    outputs = model.predict(compared, {.batch_size = batch_size});
    if (data.has_targets) before = model.evaluate(data.judged, {.batch_size = batch_size});
  }
  const int64_t bytes = weight_bytes(model);
  model.quantize(request.quantize, {.calibration = data.train, .calibration_samples = request.samples});
  report.pairs.push_back({"weight_bytes", {static_cast<double>(bytes), static_cast<double>(weight_bytes(model))}});
  model.save(request.out);
  report.pairs.push_back({"file_bytes",
                          {static_cast<double>(std::filesystem::file_size(request.in)),
                           static_cast<double>(std::filesystem::file_size(request.out))}});
  if (!outputs.defined()) return report;
  if (data.has_targets) {
    const Logs after = model.evaluate(data.judged, {.batch_size = batch_size});
    for (const auto& [name, value] : before) report.pairs.push_back({name, {value, after[name]}});
  }
  const Distance found = distance(outputs, model.predict(compared, {.batch_size = batch_size}));
  report.single.emplace_back("mean_difference", found.mean);
  report.single.emplace_back("largest_difference", found.largest);
  if (found.equal_decisions) report.single.emplace_back("equal_decisions", *found.equal_decisions);
  return report;
}

}  // namespace

void add_convert(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("convert", "between model formats; the ending says which");
  auto request = std::make_shared<Request>();
  add_text(command, "IN", request->in, "a file (.keras, .h5, .json) or a built-in architecture")->required();
  add_text(command, "OUT", request->out, "a file (.keras, .h5, or .json for the architecture alone)")->required();
  add_text(command, "--quantize", request->quantize, "smaller weights, quicker predictions: int8 or bfloat16");
  add_text(command, "--calibrate", request->calibrate,
           "data as for train, or inputs alone (.npy): gives int8 its ranges and shows what is lost");
  add_number(command, "--calibrate-samples", request->samples, "examples that give ranges", 1, int64_t{1} << 31);
  add_target(command, request->table, "the column of a CSV file that is predicted; default: the last");
  add_reading(command, request->table);
  command.add_flag("--json", request->json, "what --quantize did, as one JSON object")->disable_flag_override();
  add_threads(command);
  command.footer(
      "Example: hebb convert old.h5 new.keras\n"
      "         hebb convert digits.keras small.keras --quantize int8 --calibrate digits");
  command.callback([request, &status] {
    check_usage(*request);
    if (!request->quantize.empty()) check_writable(request->out);
    LoadOptions options = forgiving(request->in);
    options.on_warning = warn_while_loading;
    Model model = load_any_model(request->in, nullptr, options);
    if (!request->quantize.empty()) {
      const Report report = quantize_and_save(model, *request);
      if (request->json) {
        print_json(report.json());
      } else {
        report.print_text();
      }
    } else if (std::filesystem::path(request->out).extension() == ".json") {
      write_atomically(request->out, model_to_json(model.base()).dump() + "\n");
    } else {
      model.save(request->out);
    }
    status = 0;
  });
}

}  // namespace hebb::cli
