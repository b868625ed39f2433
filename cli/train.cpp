#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "cli/common.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/trainer.h"

namespace hebb::cli {

namespace {

volatile std::sig_atomic_t interrupted = 0;

/// Ends the training after the step in which Ctrl-C was pressed.
class Interruptible : public CallbackBase {
 public:
  void on_train_batch_end(int64_t, const BatchLogs&) override {
    if (interrupted) stop_training();
  }
};

/// One JSON object for each epoch.
class JsonLines : public CallbackBase {
 public:
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    Json line = Json::object({{"epoch", epoch + 1}});
    for (const auto& [name, value] : logs) line.set(name, json_number(value));
    print_json(line);
  }
};

class WithInterrupts {
 public:
  WithInterrupts() {
    interrupted = 0;
    old_ = std::signal(SIGINT, [](int) {
      interrupted = 1;
      std::signal(SIGINT, SIG_DFL);  // whoever presses it twice wants to leave at once
    });
  }
  ~WithInterrupts() { std::signal(SIGINT, old_); }
  WithInterrupts(const WithInterrupts&) = delete;
  WithInterrupts& operator=(const WithInterrupts&) = delete;

 private:
  void (*old_)(int);
};

/// The loss that goes with the model's output and the targets.
std::string suggested_loss(const Model& model, const data::Dataset& data) {
  const Shape output = model.output_shape();
  const Tensor y = data.y();
  if (is_floating(y.dtype()) && y.rank() == output.rank() && y.shape().back() == output.back()) {
    return output.back() > 1 ? "categorical_crossentropy" : "mse";
  }
  if (output.back() == 1) return is_floating(y.dtype()) ? "mse" : "binary_crossentropy";
  return is_floating(y.dtype()) ? "mse" : "sparse_categorical_crossentropy";
}

/// Applies what the command line says on top of what the model was compiled with.
void compile(Model& model, const TrainRequest& request, const data::Dataset& data) {
  const bool compiled = model.is_compiled();
  if (compiled && request.optimizer.empty() && request.loss.empty() && request.metrics.empty()) return;
  CompileOptions options;
  if (compiled) {
    options = model.base().trainer().options();
  } else {
    options.optimizer = "adam";
  }
  as_usage([&] {
    if (!request.optimizer.empty()) {
      const NamedOptions named = parse_named(request.optimizer, "--optimizer");
      options.optimizer = Optimizer::from_config(named.name, named.options);
    }
    if (!request.loss.empty()) {
      const NamedOptions named = parse_named(request.loss, "--loss");
      options.loss = named.options.size() > 0 ? Loss::from_config(named.name, named.options) : Loss(named.name);
    } else if (!compiled) {
      const std::string loss = suggested_loss(model, data);
      options.loss = Loss(loss);
      if (!request.quiet) warn(message("loss: ", loss, ", chosen from the model's output and the targets (--loss)\n"));
    }
    if (!request.metrics.empty()) {
      std::vector<Metric> metrics;
      for (const std::string& name : split(request.metrics, ',')) metrics.emplace_back(name);
      options.metrics = metrics;
    } else if (!compiled && options.loss.list().front()->class_name().find("Crossentropy") != std::string::npos) {
      options.metrics = {"accuracy"};
    }
  });
  model.compile(options);
}

void write_history(const History& history, const std::string& path) {
  if (std::filesystem::path(path).extension() == ".csv") {
    std::string text = "epoch";
    for (const auto& [name, values] : history) text += "," + name;
    text += "\n";
    for (size_t i = 0; i < history.epochs().size(); ++i) {
      text += std::to_string(history.epochs()[i]);
      for (const auto& [name, values] : history) text += "," + (i < values.size() ? number_text(values[i]) : "");
      text += "\n";
    }
    write_atomically(path, text);
  } else {
    write_atomically(path, history.to_json().dump(2) + "\n");
  }
}

void check_ending(const std::string& path, const std::vector<std::string>& endings, const char* option) {
  if (path.empty()) return;
  const std::string ending = std::filesystem::path(path).extension().string();
  if (std::find(endings.begin(), endings.end(), ending) == endings.end()) {
    throw UsageError(message(option, ": expected a file ending in ", join(endings), ", got '", path, "'."));
  }
}

/// An hour of training must not end with a folder that does not exist.
void check_writable(const std::string& path) {
  if (path.empty()) return;
  if (std::filesystem::is_directory(path)) throw IoError(message(path, ": is a folder. Give the name of a file."));
  const std::filesystem::path given = std::filesystem::path(path).parent_path(), folder = given.empty() ? "." : given;
  if (!std::filesystem::is_directory(folder))
    throw IoError(message(path, ": there is no folder ", folder.string(), ". Make it first."));
  if (access(folder.c_str(), W_OK) != 0)
    throw IoError(message(path, ": the folder ", folder.string(), " may not be written."));
}

void save_report(Model& model, const History& history, const LoadedData& data, const TrainRequest& request) {
  const data::Dataset& judged = data.has_test() ? data.parts.test : data.parts.train;
  viz::ReportOptions options{
      .title = message(request.model, " on ", data.name), .history = history, .class_names = data.class_names};
  const Spec& input = judged.source().components().front();
  const Shape output = model.output_shape();
  if (output.rank() == 2 && output.back() > 1) {
    options.outputs = model.predict(judged, {.batch_size = 256});
    options.truth = judged.y();
    if (input.shape.rank() == 3) options.images = judged.x();
  }
  viz::train_report(options).save(request.report);
}

}  // namespace

int train(const TrainRequest& request) {
  check_ending(request.out, {".keras", ".h5", ".hdf5"}, "--out");
  check_ending(request.history, {".json", ".csv"}, "--history");
  check_ending(request.report, {".png", ".svg", ".pdf"}, "--report");
  for (const std::string& path : {request.out, request.history, request.report}) check_writable(path);
  if (request.device != "cpu") {
    if (request.device == "cuda")
      throw NotSupported("--device cuda: this hebb was built for the processor alone. Use --device cpu.");
    const std::vector<std::string> devices = {"cpu", "cuda"};
    throw UsageError(unknown_name("device", request.device, devices));
  }
  set_random_seed(request.seed);
  std::vector<Callback> callbacks;
  as_usage([&] {
    for (const std::string& text : request.callbacks) {
      const NamedOptions named = parse_named(text, "--callback");
      std::vector<std::string> names;
      const CallbackRecord* found = nullptr;
      for (const CallbackRecord& record : callback_records()) {
        names.push_back(record.name);
        if (record.name == named.name) found = &record;
      }
      if (!found) throw UsageError(unknown_name("callback", named.name, names));
      callbacks.push_back(found->from_config(named.options));
    }
  });

  const std::string model_name = request.resume.empty() ? request.model : request.resume;
  // A file says what its inputs are called; a built-in architecture is made for the data.
  std::optional<Model> from_file;
  if (is_file_name(model_name)) from_file = load_any_model(model_name, nullptr);
  const LoadedData data = load_data(request.data, request.target, from_file ? &*from_file : nullptr);
  Model model = from_file ? *from_file : load_any_model(model_name, &data.parts.train);
  if (!model.base().is_connected()) {
    const Spec& input = data.parts.train.source().components().front();
    model.base().build_for({input.shape.with(0, Shape::unknown)});
  }
  compile(model, request, data.parts.train);

  FitOptions options{
      .batch_size = request.batch_size, .epochs = request.epochs, .verbose = request.quiet || request.json ? 0 : 1};
  options.callbacks = callbacks;
  options.callbacks.push_back(make_callback<Interruptible>());
  if (request.json) options.callbacks.push_back(make_callback<JsonLines>());
  options.validation_split = request.validation_split;
  options.shuffle = !request.no_shuffle;
  options.seed = request.seed;
  if (!request.validation.empty()) {
    const LoadedData other = load_data(request.validation, request.target, &model);
    options.validation_data = other.has_test() ? other.parts.test : other.parts.train;
  } else if (request.is_demo) {
    options.validation_data = data.parts.test;
  }
  if (!request.resume.empty()) {
    // The epochs and steps that lie behind: the order of the examples follows from seed and epoch.
    const double split = options.validation_data.empty() ? request.validation_split : 0;
    const auto kept = static_cast<int64_t>(static_cast<double>(data.parts.train.size()) * (1 - split));
    const int64_t steps = (kept + request.batch_size - 1) / request.batch_size;
    const Tensor& iterations = model.optimizer()->iterations();
    const int64_t done = iterations.defined() ? static_cast<int64_t>(iterations.item()) : 0;
    options.initial_epoch = done / std::max<int64_t>(steps, 1);
    options.initial_step = done % std::max<int64_t>(steps, 1);
    if (options.initial_epoch >= options.epochs) {
      options.initial_step = 0;
      warn(message("hebb: ", request.resume, " has been trained for ", options.initial_epoch,
                   " epochs already, so there is nothing left to do. --epochs is the epoch at which training ends.\n"));
    }
  }
  if (request.profile) model.profile(true);

  History history;
  {
    const WithInterrupts with_interrupts;
    history = model.fit(data.parts.train, options);
  }
  const bool diverged = [&] {
    const std::vector<double>* losses = history.find("loss");
    return losses && !losses->empty() && !std::isfinite(losses->back());
  }();
  // A file that held a good model keeps it.
  if (!request.out.empty() && !diverged) model.save(request.out);
  if (!request.history.empty()) write_history(history, request.history);
  if (request.profile) warn(model.describe_step());
  if (interrupted) {
    warn(request.out.empty() ? "interrupted\n" : message("interrupted; saved to ", request.out, "\n"));
    return 130;
  }
  if (diverged) {
    warn(message("hebb: training diverged: the loss is not a number. ",
                 request.out.empty() ? "" : message("Nothing was saved to ", request.out, ". "),
                 "Look for NaN in the data, or try a lower learning rate.\n"));
    return 1;
  }
  if (!request.report.empty()) save_report(model, history, data, request);

  return 0;
}

void add_train(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("train", "trains a model and saves it");
  auto request = std::make_shared<TrainRequest>();
  command->add_option("MODEL", request->model, "a file (.keras, .h5, .json) or a built-in architecture (hebb models)")
      ->required();
  command
      ->add_option("--data", request->data,
                   "a built-in data set (hebb datasets), .npz, .csv or a folder with IDX files")
      ->required();
  command->add_option("--epochs", request->epochs, "times through the data")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  command->add_option("--batch-size", request->batch_size, "examples a step")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
  command->add_option(
      "--optimizer", request->optimizer,
      "NAME[:k=v,...], as sgd:learning_rate=0.1,momentum=0.9 (hebb optimizers); default: the model's own, else adam");
  command->add_option("--loss", request->loss,
                      "NAME[:k=v,...]; default: the model's own, else chosen from its output and the targets");
  command->add_option("--metrics", request->metrics, "NAME,...; default: the model's own");
  command->add_option("--validation", request->validation, "data to validate with after each epoch");
  command
      ->add_option("--validation-split", request->validation_split,
                   "validate with this part of the data, the last: 0.1 is a tenth")
      ->check([](const std::string& text) {
        double value = -1;
        const bool valid = CLI::detail::lexical_cast(text, value) && value >= 0 && value < 1;
        return valid ? std::string() : message("expected a fraction from 0 to below 1, got '", text, "'");
      });
  command->add_option("--seed", request->seed, "rules every random choice")->capture_default_str();
  command->add_flag("--no-shuffle", request->no_shuffle, "take the examples in their order");
  command->add_option("--target", request->target,
                      "the column of a CSV file that is to be predicted; default: the last");
  command
      ->add_option("--callback", request->callbacks,
                   "NAME[:k=v,...], repeatable: early_stopping:monitor=val_loss,patience=3")
      ->allow_extra_args(false);
  command->add_option("--out", request->out, "where the trained model goes, with its optimizer's state (.keras, .h5)");
  command->add_option("--resume", request->resume, "go on from this file");
  command->add_option("--history", request->history, "write the numbers of all epochs (.json, .csv)");
  command->add_option("--report", request->report,
                      "write a picture: curves, test images with predictions (.png, .svg, .pdf)");
  command->add_option("--device", request->device, "cpu or cuda")->capture_default_str();
  command->add_option_function<int>(
      "--threads", [](int count) { as_usage([&] { set_threads(count); }); }, "number of threads; default: all cores");
  command->add_flag("--json", request->json, "one JSON object a line on standard output instead of text");
  command->add_flag("--quiet", request->quiet, "no progress");
  command->add_flag("--profile", request->profile, "show where the time of a step goes");
  command->footer("Example: hebb train mnist-cnn --data digits --epochs 3 --out digits.keras --report digits.png");
  command->callback([request, &status] { status = train(*request); });
}

}  // namespace hebb::cli
