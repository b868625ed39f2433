#include "cli/run_record.h"

#include <sys/resource.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "hebb/base/atomic_file.h"
#include "hebb/base/threads.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb::cli {

namespace {

namespace fs = std::filesystem;

Json table_json(const viz::PageTable& table) {
  Json out = Json::object();
  for (const auto& [name, value] : table) out.set(name, value);
  return out;
}

viz::PageTable table_from(const Json& json) {
  viz::PageTable out;
  for (const auto& [name, value] : json.members()) out.emplace_back(name, value.as_string());
  return out;
}

/// A file's whole path, so that the record is good in another folder; a built-in name as it is.
std::string whole_path(const std::string& what) {
  std::error_code ignored;
  return !what.empty() && fs::exists(what, ignored) ? fs::absolute(what, ignored).string() : what;
}

std::string options_text(const std::string& name, const Json& config) {
  std::string out;
  for (const auto& [key, value] : config.members()) {
    const bool average = key.find("ema_") != std::string::npos || key == "use_ema";
    if (key == "name" || value.is_null() || value.is_object() || (average && !config.get("use_ema", false))) continue;
    // float32's 0.1 is written as it was given.
    out += message(out.empty() ? "" : ", ", key, " ",
                   value.is_string()   ? value.as_string()
                   : value.is_number() ? viz::short_number(value.as_double(), 6)
                                       : value.dump());
  }
  return out.empty() ? name : message(name, " (", out, ")");
}

std::string specs_text(const data::Dataset& data) {
  const data::Source& source = data.source();
  std::string out;
  for (int64_t i = 0; i < source.inputs() + source.targets(); ++i) {
    out += message(i == 0                 ? ""
                   : i == source.inputs() ? " → "
                                          : ", ",
                   source.components()[static_cast<size_t>(i)].shape.empty()
                       ? std::string(name_of(source.components()[static_cast<size_t>(i)].dtype))
                       : source.components()[static_cast<size_t>(i)].to_string());
  }
  return out;
}

/// "0: 5,923, 1: 6,742, ...": for whole numbers of at most 20 classes in memory.
std::string classes_text(const data::Dataset& data, const std::vector<std::string>& names) {
  const data::Source& source = data.source();
  if (source.arrays().empty() || source.targets() != 1) return "";
  const Tensor y = data.y();
  if (is_floating(y.dtype()) || y.size() != data.size()) return "";
  std::map<int64_t, int64_t> counts;
  for (const int64_t number : y.to_vector<int64_t>()) ++counts[number];
  constexpr size_t most = 20;
  if (counts.size() > most) return message(counts.size(), " different");
  std::string out;
  for (const auto& [number, count] : counts) {
    const bool named = number >= 0 && static_cast<size_t>(number) < names.size();
    out += message(out.empty() ? "" : ", ", named ? names[static_cast<size_t>(number)] : std::to_string(number), ": ",
                   viz::count_text(count));
  }
  return out;
}

std::string seconds_text(double seconds) {
  if (seconds < 120) return viz::short_number(seconds) + " s";
  const auto minutes = static_cast<int64_t>(seconds / 60);
  const int64_t rest = std::llround(seconds) - minutes * 60;
  return minutes < 120 ? message(minutes, " min ", rest, " s") : message(minutes / 60, " h ", minutes % 60, " min");
}

/// The numbers of the history's i-th epoch.
Logs epoch_of(const History& history, size_t i) {
  Logs logs;
  for (const auto& [name, values] : history) {
    if (i < values.size()) logs.set(name, values[i]);
  }
  return logs;
}

class RefreshPage : public CallbackBase {
 public:
  RefreshPage(std::string path, RunRecord record, History before, int64_t epochs, int64_t examples,
              std::shared_ptr<std::vector<double>> epoch_seconds)
      : path_(std::move(path)),
        record_(std::move(record)),
        history_(std::move(before)),
        epochs_(epochs),
        examples_(examples),
        epoch_seconds_(std::move(epoch_seconds)) {}
  void on_train_begin() override {
    begun_ = Clock::now();
    write(message("beginning, ", epochs_, epochs_ == 1 ? " epoch" : " epochs"), begun_);
  }
  void on_epoch_begin(int64_t) override { epoch_begun_ = Clock::now(); }
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    const Clock::time_point now = Clock::now();
    epoch_seconds_->push_back(std::chrono::duration<double>(now - epoch_begun_).count());
    history_.add(epoch, logs);
    write(message("epoch ", epoch + 1, " of ", epochs_), now);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void write(const std::string& state, Clock::time_point now) const {
    RunRecord record = record_;
    record.state = state;
    record.epoch_seconds = *epoch_seconds_;
    add_resources(record, std::chrono::duration<double>(now - begun_).count(), examples_);
    viz::ReportPage page = page_of(record, history_, nullptr);
    page.running = true;
    page.model = model();
    viz::save_report_page(page, path_);
  }

  std::string path_;
  RunRecord record_;
  History history_;
  int64_t epochs_, examples_;
  std::shared_ptr<std::vector<double>> epoch_seconds_;
  Clock::time_point begun_ = Clock::now(), epoch_begun_ = Clock::now();
};

}  // namespace

Json RunRecord::to_json() const {
  Json seconds = Json::array();
  for (const double one : epoch_seconds) seconds.push_back(one);
  Json texts = Json::array();
  for (const std::string& one : table.texts) texts.push_back(one);
  return Json::object({{"title", title},
                       {"state", state},
                       {"configuration", table_json(configuration)},
                       {"data", table_json(data)},
                       {"resources", table_json(resources)},
                       {"epoch_seconds", seconds},
                       {"data_source", data_source},
                       {"validation_source", validation_source},
                       {"validation_split", validation_split},
                       {"target", table.target},
                       {"decimal", table.decimal},
                       {"texts", texts}});
}

RunRecord RunRecord::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(message(path, ": cannot be read."));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    const Json json = Json::parse(text, path);
    RunRecord out;
    out.title = json.at("title").as_string();
    out.state = json.at("state").as_string();
    out.configuration = table_from(json.at("configuration"));
    out.data = table_from(json.at("data"));
    out.resources = table_from(json.at("resources"));
    for (const Json& one : json.at("epoch_seconds").items()) out.epoch_seconds.push_back(one.as_double());
    out.data_source = json.at("data_source").as_string();
    out.validation_source = json.at("validation_source").as_string();
    out.validation_split = json.at("validation_split").as_double();
    out.table.target = json.at("target").as_string();
    out.table.decimal = json.at("decimal").as_string();
    for (const Json& one : json.at("texts").items()) out.table.texts.push_back(one.as_string());
    return out;
  } catch (const InvalidArgument& error) {
    throw IoError(message(path, ": is no record of a run: ", error.what()));
  }
}

RunRecord record_of(const TrainRequest& request, const Trained& trained) {
  RunRecord out;
  const LoadedData& data = trained.data;
  out.title = message(request.model, " on ", data.name);
  out.data_source = whole_path(request.data);
  out.validation_source = whole_path(request.validation);
  out.validation_split = request.validation_split;
  out.table = request.table;
  const Trainer& trainer = trained.model.base().trainer();
  const Optimizer optimizer = trained.model.optimizer();
  out.configuration = {{"model", request.model}};
  if (!request.resume.empty()) out.configuration.emplace_back("resumed from", request.resume);
  out.configuration.emplace_back("optimizer", options_text(optimizer->class_name(), optimizer->config()));
  std::vector<std::string> losses;
  for (const Loss& loss : trainer.options().loss.list()) losses.push_back(loss ? viz::spoken(loss->name()) : "none");
  if (!losses.empty()) out.configuration.emplace_back("loss", join(losses));
  out.configuration.insert(out.configuration.end(),
                           {{"epochs", std::to_string(request.epochs)},
                            {"batch size", std::to_string(request.batch_size)},
                            {"seed", std::to_string(request.seed)},
                            {"order", request.no_shuffle ? "as in the data" : "shuffled in each epoch"},
                            {"threads", std::to_string(threads())}});
  if (!request.callbacks.empty()) out.configuration.emplace_back("callbacks", join(request.callbacks));
  if (!request.augment.empty()) out.configuration.emplace_back("augmentation", join(request.augment));

  const data::Dataset& all = data.parts.train;
  const int64_t learned =
      all.size() - (request.validation_split > 0 && !trained.validation.empty() ? trained.validation.size() : 0);
  out.data = {{"data", request.data}, {"training examples", viz::count_text(learned)}};
  if (!trained.validation.empty())
    out.data.emplace_back("validation examples", viz::count_text(trained.validation.size()));
  if (data.has_test()) out.data.emplace_back("test examples", viz::count_text(data.parts.test.size()));
  out.data.emplace_back("example", specs_text(all));
  if (const std::string classes = classes_text(all.take(learned), data.class_names); !classes.empty())
    out.data.emplace_back("training examples of each class", classes);
  return out;
}

void add_resources(RunRecord& record, double seconds, int64_t examples) {
  record.resources = {{"training and validation", seconds_text(seconds)}};
  if (!record.epoch_seconds.empty()) {
    double sum = 0;
    for (const double one : record.epoch_seconds) sum += one;
    const double mean = sum / static_cast<double>(record.epoch_seconds.size());
    record.resources.emplace_back("an epoch, on average", seconds_text(mean));
    if (mean > 0)
      record.resources.emplace_back("examples a second, validation included",
                                    viz::count_text(std::llround(static_cast<double>(examples) / mean)));
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    record.resources.emplace_back(
        "processor time", seconds_text(static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                                       1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)));
    record.resources.emplace_back("most memory used", message(usage.ru_maxrss / 1024, " MiB"));  // ru_maxrss is in KiB
  }
}

viz::ReportPage page_of(const RunRecord& record, const History& history, const Judged* judged) {
  viz::ReportPage page;
  page.title = record.title;
  page.state = record.state;
  page.history = history;
  page.configuration = record.configuration;
  page.data = record.data;
  page.resources = record.resources;
  page.epoch_seconds = record.epoch_seconds;
  if (judged) {
    page.part = judged->part;
    page.images = judged->images;
    page.truth = judged->truth;
    page.outputs = judged->outputs;
    page.rows = judged->rows;
  }
  return page;
}

Callback refresh_page(const std::string& path, RunRecord record, History before, int64_t epochs, int64_t examples,
                      std::shared_ptr<std::vector<double>> epoch_seconds) {
  return make_callback<RefreshPage>(path, std::move(record), std::move(before), epochs, examples,
                                    std::move(epoch_seconds));
}

EpochsBefore epochs_before(const TrainRequest& request, int64_t epoch) {
  EpochsBefore out;
  if (request.run.empty() || request.resume.empty()) return out;
  const fs::path folder = request.run, history_file = folder / "history.json", record_file = folder / "run.json";
  std::error_code ignored;
  const fs::path from = fs::absolute(request.resume, ignored).parent_path();
  if (!fs::equivalent(from, folder, ignored) || !fs::exists(history_file, ignored)) return out;
  const History all = read_history(history_file.string());
  std::vector<double> seconds;
  if (fs::exists(record_file, ignored)) seconds = RunRecord::read(record_file.string()).epoch_seconds;
  for (size_t i = 0; i < all.epochs().size() && all.epochs()[i] < epoch; ++i) {
    out.history.add(all.epochs()[i], epoch_of(all, i));
    if (i < seconds.size()) out.seconds.push_back(seconds[i]);
  }
  return out;
}

History joined(const History& first, const History& second) {
  History out = first;
  for (size_t i = 0; i < second.epochs().size(); ++i) out.add(second.epochs()[i], epoch_of(second, i));
  return out;
}

History read_history(const std::string& path) {
  std::vector<std::pair<std::string, std::vector<double>>> series;
  std::vector<int64_t> epochs;
  if (fs::path(path).extension() == ".csv") {
    const data::CsvTable table = data::read_csv(path, {.header = true, .dtype = DType::float64, .find_texts = false});
    const std::vector<double> values = table.values.to_vector<double>();
    for (size_t i = 0; i < table.columns.size(); ++i) {
      series.emplace_back(table.columns[i], std::vector<double>());
      for (size_t k = i; k < values.size(); k += table.columns.size()) series.back().second.push_back(values[k]);
    }
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw IoError(message(path, ": cannot be read."));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
      const Json json = Json::parse(text, path);
      for (const auto& [name, values] : json.members()) {
        series.emplace_back(name, std::vector<double>());
        for (const Json& value : values.items())
          series.back().second.push_back(value.is_null() ? std::nan("") : value.as_double());
      }
    } catch (const InvalidArgument& error) {
      throw IoError(message(path, ": expected a history, a dictionary of lists of numbers: ", error.what()));
    }
  }
  size_t count = 0;
  for (const auto& [name, values] : series) count = std::max(count, values.size());
  History history;
  for (size_t i = 0; i < count; ++i) {
    Logs logs;
    int64_t epoch = static_cast<int64_t>(i);
    for (const auto& [name, values] : series) {
      if (i >= values.size()) continue;
      if (name == "epoch") {
        if (std::isfinite(values[i])) epoch = static_cast<int64_t>(values[i]);
      } else {
        logs.set(name, values[i]);
      }
    }
    history.add(epoch, logs);
  }
  return history;
}

}  // namespace hebb::cli
