#include <cmath>

#include "cli/data.h"
#include "cli/models.h"
#include "cli/options.h"
#include "hebb/nn/progress.h"

namespace hebb::cli {

namespace {

struct Request {
  std::string model, data;
  TableOptions table;
  int64_t batch_size = 256;
  bool json = false;
};

/// The model and the data to judge it by.
Model load(const Request& request, LoadedData& data) {
  if (!is_file_name(request.model)) {
    // A built-in architecture has no weights but random ones; somebody may want to see from where training starts.
    data = load_data(request.data, request.table, nullptr);
    const zoo::MakeOptions made = made_for(data, {});
    Model model = load_any_model(request.model, &made);
    warn(message("hebb: warning: ", request.model,
                 " is not trained: its weights are random. Train it first (hebb train), and evaluate the file.\n"));
    return model;
  }
  // Loss and metrics are enough.
  std::string without;
  Model model =
      load_any_model(request.model, nullptr, {.on_bad_training = [&](const std::string& why) { without = why; }});
  if (!model.is_compiled() && !without.empty()) throw IoError(without);
  if (!model.is_compiled()) {
    throw IoError(message(request.model, is_architecture(request.model)
                                             ? ": an architecture has neither weights nor a loss. Train it with hebb "
                                               "train first, and evaluate what it writes."
                                             : ": the model was saved without a loss. Train it with hebb train first, "
                                               "or compile it in Keras before saving."));
  }
  data = load_data(request.data, request.table, &model);
  match_targets(data, model);
  warn_of_unknown_texts(data.texts, data.where);
  return model;
}

}  // namespace

void add_evaluate(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("evaluate", "loss and metrics of a trained model");
  auto request = std::make_shared<Request>();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5)")->required();
  add_text(command, "--data", request->data, "as for train; where the data has a test half, that is taken")->required();
  add_target(command, request->table, "the column of a CSV file that is predicted; default: the last");
  add_reading(command, request->table);
  add_batch_size(command, request->batch_size);
  command.add_flag("--json", request->json, "one JSON object on standard output")->disable_flag_override();
  add_threads(command);
  command.footer("Example: hebb evaluate digits.keras --data digits --json");
  command.callback([request, &status] {
    LoadedData data;
    Model model = load(*request, data);
    const Logs logs = model.evaluate(data.judged(), {.batch_size = request->batch_size});
    if (request->json) {
      print_json(logs_json(logs));
    } else {
      for (const auto& [name, value] : logs) print(message(name, ": ", log_number_text(value), "\n"));
    }
    status = 0;
    if (std::isfinite(logs["loss"])) return;
    if (const std::string bad = not_finite(data); !bad.empty())
      warn(message("hebb: warning: ", bad, ". The loss is not a number because of it.\n"));
  });
}

}  // namespace hebb::cli
