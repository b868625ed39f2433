#include "cli/common.h"

namespace hebb::cli {

void add_evaluate(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("evaluate", "loss and metrics of a trained model");
  struct Request {
    std::string model, data, target;
    int64_t batch_size = 256;
    bool json = false;
  };
  auto request = std::make_shared<Request>();
  command->add_option("MODEL", request->model, "a file (.keras, .h5)")->required();
  command->add_option("--data", request->data, "as for train; where the data has a test half, that is taken")
      ->required();
  command->add_option("--target", request->target, "the column of a CSV file that is predicted; default: the last");
  command->add_option("--batch-size", request->batch_size, "examples a step")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
  command->add_flag("--json", request->json, "one JSON object on standard output");
  command->add_option_function<int>(
      "--threads", [](int count) { as_usage([&] { set_threads(count); }); }, "number of threads; default: all cores");
  command->footer("Example: hebb evaluate digits.keras --data digits --json");
  command->callback([request, &status] {
    Model model = load_any_model(request->model, nullptr);
    if (!model.is_compiled()) {
      throw IoError(message(request->model,
                            ": the model was saved without a loss. Train it with hebb train first, or compile it in "
                            "Keras before saving."));
    }
    const LoadedData data = load_data(request->data, request->target, &model);
    const Logs logs =
        model.evaluate(data.has_test() ? data.parts.test : data.parts.train, {.batch_size = request->batch_size});
    if (request->json) {
      print_json(logs_json(logs));
    } else {
      for (const auto& [name, value] : logs)
        print(message(name, ": ", number_text(static_cast<double>(static_cast<float>(value))), "\n"));
    }
    status = 0;
  });
}

}  // namespace hebb::cli
