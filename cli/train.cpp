#include "cli/train.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "cli/augment.h"
#include "cli/interrupt.h"
#include "cli/models.h"
#include "cli/options.h"
#include "cli/run_record.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/resume.h"
#include "hebb/nn/trainer.h"

namespace hebb::cli {

namespace {

/// Ends the training after the step in which Ctrl-C was pressed.
class Interruptible : public CallbackBase {
 public:
  /// `steps` of an epoch; whether a validation follows them.
  Interruptible(int64_t steps, bool validates) : steps_(steps), validates_(validates) {}
  void on_train_batch_end(int64_t batch, const BatchLogs&) override {
    if (!interrupted()) return;
    cut_short_ = batch + 1 < steps_ || validates_;
    interrupt_training();
  }
  void on_epoch_end(int64_t, Logs&) override {
    if (interrupted()) interrupt_training();  // while it validated
  }
  /// Whether the last epoch is not complete.
  bool cut_short() const { return cut_short_; }

 private:
  int64_t steps_;
  bool validates_, cut_short_ = false;
};

/// Ends the training when the loss is lost for good: NaN among the data comes back in every epoch.
class StopAtBadData : public CallbackBase {
 public:
  explicit StopAtBadData(const LoadedData& data) : data_(data) {}
  void on_epoch_end(int64_t, Logs& logs) override {
    const double* loss = logs.find("loss");
    if (!loss || std::isfinite(*loss) || looked_) return;
    looked_ = true;
    reason_ = not_finite(data_);
    if (!reason_.empty()) stop_training();
  }
  const std::string& reason() const { return reason_; }

 private:
  const LoadedData& data_;
  bool looked_ = false;
  std::string reason_;
};

/// One JSON object for each epoch.
class JsonLines : public CallbackBase {
 public:
  explicit JsonLines(std::shared_ptr<const Interruptible> interruptible) : interruptible_(std::move(interruptible)) {}
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    Json line = Json::object({{"epoch", epoch + 1}});
    for (const auto& [name, value] : logs) line.set(name, json_number(value));
    if (interruptible_->cut_short()) line.set("interrupted", true);
    print_json(line);
  }

 private:
  std::shared_ptr<const Interruptible> interruptible_;
};

std::string run_file(const TrainRequest& request, const char* name) {
  return (std::filesystem::path(request.run) / name).string();
}

void check_request(const TrainRequest& request) {
  check_ending(request.out, {".keras", ".h5", ".hdf5"}, "--out");
  check_ending(request.history, {".json", ".csv"}, "--history");
  check_ending(request.report, {".png", ".svg", ".pdf", ".html"}, "--report");
  if (!request.validation.empty() && request.validation_split > 0) {
    throw UsageError(
        "--validation, --validation-split: expected one of them, got both. Validate with data of its own, or with a "
        "part "
        "of --data.");
  }
  if (request.device != "cpu") {
    if (request.device == "cuda")
      throw NotSupported("--device cuda: this hebb was built for the processor alone. Use --device cpu.");
    const std::vector<std::string> devices = {"cpu", "cuda"};
    throw UsageError(unknown_name("device", request.device, devices));
  }
  for (const std::string& path : {request.out, request.history, request.report}) check_writable(path);
  if (request.run.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(request.run, error);
  if (!std::filesystem::is_directory(request.run))
    throw IoError(message("--run ", request.run, ": cannot be made a folder: ", error.message(), "."));
  check_writable(run_file(request, "run.json"));
}

/// Says what a built-in architecture was made into for targets that are no class numbers.
void say_head(const TrainRequest& request, const zoo::MakeOptions& made) {
  if (request.quiet || made.head == zoo::Head::labels) return;
  struct Words {
    const char *targets, *activation, *loss;
  };
  const Words words = made.head == zoo::Head::numbers   ? Words{"real numbers", "", "mse"}
                      : made.head == zoo::Head::one_hot ? Words{"one-hot rows", ", softmax", "categorical_crossentropy"}
                                                        : Words{"0 or 1", ", sigmoid", "binary_crossentropy"};
  const std::string end = message("it ends in Dense(", made.classes, words.activation, ")");
  warn(request.loss.empty() ? message(request.model, ": the targets are ", words.targets, ", so ", end,
                                      " and learns with the loss ", words.loss, "\n")
                            : message(request.model, ": for the loss ", request.loss, " ", end, "\n"));
}

/// UsageError unless the checkpoint is one of MODEL.
void check_resumes(const TrainRequest& request, Model& resumed, const LoadedData& data) {
  std::error_code ignored;
  if (request.model == request.resume || std::filesystem::equivalent(request.model, request.resume, ignored)) return;
  zoo::MakeOptions made;
  const bool by_name = !is_file_name(request.model);
  if (by_name) {
    // The checkpoint's loss made its last layer what it is.
    Loss loss = loss_of(request);
    if (!loss && resumed.is_compiled()) {
      const auto& own = resumed.base().trainer().options().loss;
      if (own.list().size() == 1) loss = own.list().front();
    }
    made = made_for(data, loss);
  }
  Model named = load_any_model(request.model, by_name ? &made : nullptr);
  connect(named, data.parts.train);
  check_same_layers(resumed, request.resume, named, request.model);
}

/// Model and data, ready to be trained.
void load(const TrainRequest& request, const Augmentation& augmentation, Trained& out) {
  const std::string& model_name = request.resume.empty() ? request.model : request.resume;
  // A file says what its inputs are called; a built-in architecture is made for the data.
  if (is_file_name(model_name)) {
    // Another optimizer needs nothing of the file's.
    LoadOptions options = forgiving(model_name);
    if (request.optimizer.empty()) {
      options.on_warning = warn_while_loading;
      options.on_bad_training = [](const std::string& why) { throw IoError(why); };
    }
    out.model = load_any_model(model_name, nullptr, options);
    if (out.model.is_quantized()) {
      throw IoError(message(model_name,
                            ": the model is quantised, and cannot be trained. Train the model that it was made "
                            "of, and quantise the result again (hebb convert --quantize)."));
    }
    out.data = load_data(request.data, request.table, &out.model);
    if (request.loss.empty()) match_targets(out.data, out.model);
    if (augmentation.mixes_targets()) make_target_rows(out.data);
  } else {
    const Loss loss = loss_of(request);
    out.data = load_data(request.data, request.table, nullptr);
    // What is mixed has to be rows.
    if (augmentation.mixes_targets()) make_target_rows(out.data);
    const zoo::MakeOptions made = made_for(out.data, loss);
    out.model = load_any_model(model_name, &made);
    say_head(request, made);
  }
  try {
    connect(out.model, out.data.parts.train);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(message(request.data, ": ", error.what()));
  }
  adapt_layers(out.model, out.data, request.quiet);
  keep_texts(out.model, out.data, is_file_name(model_name) && !is_architecture(model_name), request.quiet);
  if (!request.resume.empty()) check_resumes(request, out.model, out.data);
}

data::Dataset validation_data(const TrainRequest& request, Trained& trained) {
  if (request.is_demo) return trained.data.parts.test;
  if (request.validation.empty()) return {};
  LoadedData loaded = load_data(request.validation, request.table, &trained.model);
  match_targets(loaded, trained.model);
  data::Dataset data = loaded.judged();
  try {
    connect(trained.model, data);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(message("--validation ", request.validation, ": ", error.what()));
  }
  return data;
}

/// Leaves the epochs and steps out that lie behind: the order of the examples follows from seed and epoch.
void go_on(FitOptions& options, const TrainRequest& request, const Trained& trained, int64_t examples) {
  if (dynamic_cast<const WholeSetOptimizer*>(trained.model.optimizer().operator->())) {
    throw UsageError(message("--resume: '", trained.model.optimizer()->settings().name,
                             "' keeps nothing in files to go on from as if never interrupted. Give ", request.resume,
                             " as MODEL to begin anew with its weights."));
  }
  const TrainingPosition at = position_after(steps_done(trained.model), examples, request.batch_size);
  options.initial_epoch = at.epoch;
  options.initial_step = at.step;
  if (at.epoch < options.epochs) return;
  options.initial_step = 0;
  warn(message("hebb: ", request.resume, " has been trained for ", at.epoch,
               " epochs already, so there is nothing left to do. --epochs is the epoch at which training ends.\n"));
}

/// Saves what there is to save, and says how it went: the exit status.
int finish(const TrainRequest& request, const Trained& trained, const std::string& bad_data) {
  const std::vector<double>* losses = trained.history.find("loss");
  const bool diverged = losses && !losses->empty() && !std::isfinite(losses->back());
  // A file that held a good model keeps it.
  if (!request.out.empty() && !diverged) trained.model.save(request.out);
  if (!request.history.empty()) write_history(trained.history, request.history);
  if (request.profile) warn(trained.model.describe_step());
  const std::string unsaved = request.out.empty() ? "" : message(" Nothing was saved to ", request.out, ".");
  if (diverged && !bad_data.empty()) {
    warn(message("hebb: ", bad_data, ". The loss is not a number either, and nothing can be learned.", unsaved,
                 " Fill such values in, or leave the examples out.\n"));
    return interrupted() ? 130 : 1;
  }
  if (diverged) {
    warn(message("hebb: training diverged: the loss is not a number.", unsaved,
                 " Try a lower learning rate, or scale the data.\n"));
    return interrupted() ? 130 : 1;
  }
  if (interrupted()) {
    warn(request.out.empty() ? "interrupted\n" : message("interrupted; saved to ", request.out, "\n"));
    return 130;
  }
  return 0;
}

/// Pages are written while the model learns: of --report, and of --run.
std::vector<std::string> pages_of(const TrainRequest& request) {
  std::vector<std::string> pages;
  if (is_page(request.report)) pages.push_back(request.report);
  if (!request.run.empty()) pages.push_back(run_file(request, "report.html"));
  return pages;
}

/// The pages of a training that has ended, and what else belongs into its folder.
/// `before` is what it went on from.
void save_pages(const TrainRequest& request, Trained& trained, RunRecord record, const History& before) {
  const bool diverged = trained.status == 1;
  const History history = joined(before, trained.history);
  const int64_t epochs = history.empty() ? 0 : history.epochs().back() + 1;
  record.state = message(diverged        ? "diverged"
                         : interrupted() ? "interrupted"
                                         : "done",
                         " after ", epochs, epochs == 1 ? " epoch" : " epochs");
  Judged judged;
  if (!diverged) judged = judge_held_out(trained.model, trained.data, trained.validation);
  viz::ReportPage page = page_of(record, history, &judged);
  page.model = trained.model;
  page.class_names = trained.data.class_names;
  for (const std::string& path : pages_of(request)) viz::save_report_page(page, path);
  if (request.run.empty()) return;
  if (!diverged) trained.model.save(run_file(request, "model.keras"));
  // With the epochs' numbers: a training that went on from elsewhere begins with a later one than the first.
  write_history(history, run_file(request, "history.json"), true);
  write_atomically(run_file(request, "run.json"), record.to_json().dump(2) + "\n");
}

}  // namespace

Trained train(const TrainRequest& request) {
  check_request(request);
  const Augmentation augmentation(request.augment);
  set_random_seed(request.seed);  // behind what takes seeds: the model begins as without it
  Trained out;
  const std::vector<Callback> callbacks = callbacks_of(request);
  load(request, augmentation, out);
  compile(out.model, request, out.data.parts.train);

  FitOptions options{
      .batch_size = request.batch_size, .epochs = request.epochs, .verbose = request.quiet || request.json ? 0 : 1};
  options.validation_split = request.validation_split;
  options.validation_data = out.validation = validation_data(request, out);
  options.shuffle = !request.no_shuffle;
  options.seed = request.seed;
  const bool validates = !options.validation_data.empty() || request.validation_split > 0;
  const int64_t examples = training_examples(out.data.parts.train.size(), request.validation_split);
  data::Dataset learned = out.data.parts.train;
  if (request.validation_split > 0) out.validation = learned.skip(examples);
  if (!augmentation.empty()) {
    // What is validated with stays as it is.
    if (request.validation_split > 0) options.validation_data = out.validation;
    options.validation_split = 0;
    learned = augmentation.applied(learned.take(examples), request.seed);
  }
  if (!request.resume.empty()) go_on(options, request, out, examples);
  const auto interruptible = std::make_shared<Interruptible>(steps_in_epoch(examples, request.batch_size), validates);
  const auto bad_data = std::make_shared<StopAtBadData>(out.data);
  options.callbacks = callbacks;
  options.callbacks.push_back(interruptible);
  options.callbacks.push_back(bad_data);
  if (request.json) options.callbacks.push_back(make_callback<JsonLines>(interruptible));
  if (request.profile) out.model.profile(true);
  RunRecord record;
  const EpochsBefore before = epochs_before(request, options.initial_epoch);
  const auto epoch_seconds = std::make_shared<std::vector<double>>(before.seconds);
  const std::vector<std::string> pages = pages_of(request);
  if (!pages.empty()) record = record_of(request, out);
  for (size_t i = 0; i < pages.size(); ++i) {
    // One of them counts the seconds for all.
    options.callbacks.push_back(
        refresh_page(pages[i], record, before.history, request.epochs, examples,
                     i == 0 ? epoch_seconds : std::make_shared<std::vector<double>>(before.seconds)));
  }

  {
    const NoteInterrupts until_saved;
    const auto begun = std::chrono::steady_clock::now();
    out.history = out.model.fit(learned, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    out.status = finish(request, out, bad_data->reason());
    if (!pages.empty()) {
      record.epoch_seconds = *epoch_seconds;
      add_resources(record, seconds, examples);
      save_pages(request, out, std::move(record), before.history);
    }
  }
  if (out.status == 0 && !request.report.empty() && !is_page(request.report)) save_report(out, request);
  return out;
}

void add_train(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("train", "trains a model and saves it");
  auto request = std::make_shared<TrainRequest>();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5, .json) or a built-in architecture (hebb models)")
      ->required();
  add_text(
      command, "--data", request->data,
      "a built-in data set (hebb datasets), .npz, .h5 (streamed), .csv, or a folder: images in a sub-folder for each "
      "class, MNIST's IDX files, CIFAR-10's binary batches")
      ->required();
  add_number(command, "--epochs", request->epochs, "times through the data", 1, int64_t{1} << 40);
  add_batch_size(command, request->batch_size);
  add_text(
      command, "--optimizer", request->optimizer,
      "NAME[:k=v,...], as sgd:learning_rate=0.1,momentum=0.9 (hebb optimizers); default: the model's own, else adam");
  add_text(command, "--loss", request->loss,
           "NAME[:k=v,...]; default: the model's own, else chosen from its output and the targets");
  add_text(command, "--metrics", request->metrics, "NAME,...; default: the model's own");
  add_text(command, "--validation", request->validation, "data to validate with after each epoch");
  add_fraction(command, "--validation-split", request->validation_split,
               "validate with this part of the data, the last: 0.1 is a tenth");
  add_number(command, "--seed", request->seed, "rules every random choice", std::numeric_limits<int64_t>::min(),
             std::numeric_limits<int64_t>::max());
  command.add_flag("--no-shuffle", request->no_shuffle, "take the examples in their order")->disable_flag_override();
  add_target(command, request->table, "the column of a CSV file that is to be predicted; default: the last");
  add_reading(command, request->table);
  command
      .add_option("--callback", request->callbacks,
                  "NAME[:k=v,...], repeatable: early_stopping:monitor=val_loss,patience=3")
      ->allow_extra_args(false);
  command
      .add_option("--augment", request->augment,
                  "NAME[:k=v,...], repeatable: change training examples at random, by layers in this order, as "
                  "random_translation:height_factor=0.1,width_factor=0.1 or random_zoom:height_factor=-0.2..0.1")
      ->allow_extra_args(false);
  add_text(command, "--out", request->out, "where the trained model goes, with its optimizer's state (.keras, .h5)");
  add_text(command, "--resume", request->resume, "go on from this file, a checkpoint of MODEL");
  add_text(command, "--history", request->history, "write the numbers of all epochs (.json, .csv)");
  add_text(command, "--log-dir", request->log_dir, "write event files for TensorBoard into this folder");
  add_text(command, "--report", request->report,
           "write a picture: curves, predictions for what was held out (.png, .svg, .pdf); or a page with all there is "
           "to see, which is written anew after each epoch (.html)");
  add_text(command, "--run", request->run,
           "a folder for all that belongs to the run: run.json, history.json, model.keras, report.html (hebb report)");
  add_text(command, "--device", request->device, "cpu or cuda")->capture_default_str();
  add_threads(command);
  command.add_flag("--json", request->json, "one JSON object a line on standard output instead of text")
      ->disable_flag_override();
  command.add_flag("--quiet", request->quiet, "no progress")->disable_flag_override();
  command.add_flag("--profile", request->profile, "show where the time of a step goes")->disable_flag_override();
  command
      .add_flag("--remat", request->remat,
                "take less memory and more time, with the same numbers: compute a part of the activations twice")
      ->disable_flag_override();
  command.footer("Example: hebb train mnist-cnn --data digits --epochs 3 --out digits.keras --report digits.png");
  command.callback([request, &status] { status = train(*request).status; });
}

}  // namespace hebb::cli
