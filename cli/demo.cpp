#include "cli/common.h"

namespace hebb::cli {

void add_demo(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("demo", "the main job on the embedded data: a network learns to read digits");
  auto request = std::make_shared<TrainRequest>();
  request->model = "mnist-cnn";
  request->data = "digits";
  request->epochs = 3;
  request->is_demo = true;
  request->out = "demo.keras";
  request->report = "demo.png";
  command->add_option("--epochs", request->epochs, "times through the 60,000 images")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1000}));
  command->add_option("--data", request->data, "another data set of images")->capture_default_str();
  command->add_option("--out", request->out, "where the trained model goes")->capture_default_str();
  command->add_option("--report", request->report, "where the picture goes")->capture_default_str();
  command->add_option("--seed", request->seed, "rules every random choice")->capture_default_str();
  command->footer("Example: hebb demo");
  command->callback([request, &status] {
    warn(message("Training ", request->model, " on ", request->data, ".\n"));
    status = train(*request);
    if (status != 0) return;
    Model model = load_model(request->out);
    const LoadedData data = load_data(request->data, "", nullptr);
    const double accuracy = model.evaluate(data.parts.test, {.batch_size = 256})["accuracy"];
    char line[160];
    std::snprintf(line, sizeof line, "Test accuracy: %.2f %% of %lld images\n", 100 * accuracy,
                  static_cast<long long>(data.parts.test.size()));
    print(line);
    print(message("Model:   ", request->out, "  (Keras opens it: keras.models.load_model(\"", request->out,
                  "\"))\nPicture: ", request->report, "\nGo on:   hebb train ", request->out, " --data ", request->data,
                  " --epochs 2 --out better.keras --report better.png\n"));
  });
}

}  // namespace hebb::cli
