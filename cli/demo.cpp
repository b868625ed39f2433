#include <cstdio>
#include <limits>

#include "cli/options.h"
#include "cli/train.h"

namespace hebb::cli {

void add_demo(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("demo", "the main job on the embedded data: a network learns to read digits");
  auto request = std::make_shared<TrainRequest>();
  request->model = "mnist-cnn";
  request->data = "digits";
  request->epochs = 3;
  request->is_demo = true;
  request->out = "demo.keras";
  request->report = "demo.png";
  add_number(command, "--epochs", request->epochs, "times through the 60,000 images", 1, 1000);
  add_text(command, "--data", request->data, "another data set of images")->capture_default_str();
  add_text(command, "--out", request->out, "where the trained model goes")->capture_default_str();
  add_text(command, "--report", request->report, "where the picture goes")->capture_default_str();
  add_number(command, "--seed", request->seed, "rules every random choice", std::numeric_limits<int64_t>::min(),
             std::numeric_limits<int64_t>::max());
  command.footer("Example: hebb demo");
  command.callback([request, &status] {
    warn(message("Training ", request->model, " on ", request->data, ".\n"));
    Trained trained = train(*request);
    status = trained.status;
    if (status != 0) return;
    // What a reader will go on with is the file, so that is what is judged.
    Model model = load_model(request->out);
    const data::Dataset& judged = trained.data.judged();
    const Logs logs = model.evaluate(judged, {.batch_size = 256});
    const char* const of = trained.data.has_test() ? "Test" : "Training";
    if (const double* accuracy = logs.find("accuracy")) {
      char line[160];
      std::snprintf(line, sizeof line, "%s accuracy: %.2f %% of %lld images\n", of, 100 * *accuracy,
                    static_cast<long long>(judged.size()));
      print(line);
    } else {
      print(message(of, " loss: ", number_text(static_cast<double>(static_cast<float>(logs["loss"]))), "\n"));
    }
    print(message("Model:   ", request->out, "  (Keras opens it: keras.models.load_model(\"", request->out,
                  "\"))\nPicture: ", request->report, "\nGo on:   hebb train ", request->out, " --data ", request->data,
                  " --epochs 2 --out better.keras --report better.png\n"));
  });
}

}  // namespace hebb::cli
