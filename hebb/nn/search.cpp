#include "hebb/nn/search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <sstream>
#include <thread>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/nn/isolated.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/search_table.h"

namespace hebb::search {

namespace {

/// A whole text as a number.
bool parse_number(const std::string& text, double& value) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  return static_cast<bool>(stream >> value) && stream.peek() == std::istringstream::traits_type::eof();
}

}  // namespace

Parameter::Parameter(std::string parameter_name, const std::string& text) : name(std::move(parameter_name)) {
  if (const size_t dots = text.find(".."); dots != std::string::npos && text.find(',') == std::string::npos) {
    const std::string from = text.substr(0, dots), to = text.substr(dots + 2);
    if (!parse_number(from, low) || !parse_number(to, high) || !(low < high)) {
      throw InvalidArgument(message("search: parameter '", name, "': expected a range such as 1e-4..1e-1, got '", text,
                                    "'. Give the smaller number first."));
    }
    whole = from.find_first_of(".e") == std::string::npos && to.find_first_of(".e") == std::string::npos;
    logarithmic = low > 0 && high >= 10 * low;
    return;
  }
  values = split(text, ',');
  for (const std::string& value : values) {
    if (value.empty())
      throw InvalidArgument(
          message("search: parameter '", name, "': expected values such as 1,2,3, got '", text, "'."));
  }
}

const std::string& Trial::text(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& [known, value] : setting) {
    if (known == name) return value;
    names.push_back(known);
  }
  throw InvalidArgument(message("search: ", unknown_name("parameter", name, names)));
}

double Trial::real(const std::string& name) const {
  double value = 0;
  if (parse_number(text(name), value)) return value;
  throw InvalidArgument(message("search: parameter '", name, "': expected a number, got '", text(name), "'."));
}

int64_t Trial::integer(const std::string& name) const {
  const double value = real(name);
  if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<int64_t>(value);
  throw InvalidArgument(message("search: parameter '", name, "': expected a whole number, got '", text(name), "'."));
}

namespace {

std::string drawn(const Parameter& parameter, PhiloxStream& random) {
  if (!parameter.values.empty()) return parameter.values[random.below(parameter.values.size())];
  const double share = random.uniform_double();
  const double top = parameter.whole ? parameter.high + 1 : parameter.high;
  const double value = parameter.logarithmic
                           ? std::exp(std::log(parameter.low) + share * (std::log(top) - std::log(parameter.low)))
                           : parameter.low + share * (top - parameter.low);
  if (parameter.whole) return message(static_cast<int64_t>(std::min(std::floor(value), parameter.high)));
  // Three digits say as much as a random number does, and can be read and typed.
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out.precision(3);
  out << value;
  return out.str();
}

std::vector<Setting> settings_of(const std::vector<Parameter>& parameters, const Options& options) {
  std::vector<Setting> out;
  if (options.strategy != "grid") {
    PhiloxStream random(static_cast<uint64_t>(options.seed), 0x736561726368u);
    // Lists alone may not have as many combinations: a repetition is drawn again, some times.
    for (int64_t tries = 0; static_cast<int64_t>(out.size()) < options.trials && tries < 100 * options.trials;
         ++tries) {
      Setting setting;
      for (const Parameter& parameter : parameters) setting.emplace_back(parameter.name, drawn(parameter, random));
      if (std::find(out.begin(), out.end(), setting) == out.end()) out.push_back(std::move(setting));
    }
    return out;
  }
  out.emplace_back();
  for (const Parameter& parameter : parameters) {
    std::vector<Setting> longer;
    for (const Setting& setting : out) {
      for (const std::string& value : parameter.values) {
        longer.push_back(setting);
        longer.back().emplace_back(parameter.name, value);
      }
    }
    out = std::move(longer);
  }
  return out;
}

void check(const std::vector<Parameter>& parameters, const Options& options) {
  const std::vector<std::string> strategies = {"grid", "random", "halving"};
  if (std::find(strategies.begin(), strategies.end(), options.strategy) == strategies.end())
    throw InvalidArgument(message("search: ", unknown_name("strategy", options.strategy, strategies)));
  const bool is_grid = options.strategy == "grid";
  for (size_t i = 0; i < parameters.size(); ++i) {
    const std::string& name = parameters[i].name;
    if (is_grid && parameters[i].values.empty()) {
      throw InvalidArgument(message("search: parameter '", name,
                                    "' is a range, and a grid has lists alone. Give values, or "
                                    "take the strategy random."));
    }
    for (size_t k = 0; k < i; ++k) {
      if (parameters[k].name == name)
        throw InvalidArgument(
            message("search: parameter '", name, "' is there twice. Give all of its values at once."));
    }
  }
  if (!is_grid && options.trials < 1) {
    throw InvalidArgument(message("search: the strategy ", options.strategy, " draws trials: expected at least 1, got ",
                                  options.trials, "."));
  }
  if (options.epochs < 1 || options.factor < 2 || options.workers < 0) {
    throw InvalidArgument(
        message("search: expected at least 1 epoch, a factor of at least 2 and workers of at least 0, got ",
                options.epochs, ", ", options.factor, " and ", options.workers, "."));
  }
}

/// The trainings of one search, done or read from its file.
class Search {
 public:
  Search(const std::function<Outcome(const Trial&)>& train, const Options& options,
         const std::function<void(const Row&)>& on_row)
      : train_(train), options_(options), on_row_(on_row) {
    if (!options.results.empty() && std::filesystem::exists(options.results)) done_ = read_rows(options);
  }

  /// Trains all settings for so many epochs; the rows, in the settings' order. Empty when the search was stopped.
  std::vector<Row> train_all(const std::vector<Setting>& settings, const std::vector<int64_t>& numbers,
                             int64_t epochs) {
    next_ = 0;
    std::vector<Row> rows(settings.size());
    const auto work = [&] {
      for (;;) {
        size_t i = 0;
        {
          const std::lock_guard lock(mutex_);
          if (next_ == settings.size() || failure_) return;
          if (options_.stop && options_.stop()) stopped_ = true;
          if (stopped_) return;
          i = next_++;
        }
        try {
          rows[i] = row_of({numbers[i], settings[i], epochs, options_.seed});
        } catch (const Interrupted&) {
          const std::lock_guard lock(mutex_);
          stopped_ = true;
        } catch (...) {
          const std::lock_guard lock(mutex_);
          if (!failure_) failure_ = std::current_exception();
        }
      }
    };
    const auto workers = std::min<size_t>(
        settings.size(), static_cast<size_t>(options_.workers > 0 ? options_.workers : hebb::threads()));
    std::vector<std::thread> others;
    for (size_t i = 1; i < workers; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    if (failure_) std::rethrow_exception(failure_);
    return stopped_ ? std::vector<Row>() : rows;
  }

  Result result() const {
    Result out{done_, !stopped_};
    std::stable_sort(out.rows.begin(), out.rows.end(), [this](const Row& a, const Row& b) {
      return a.epochs != b.epochs ? a.epochs > b.epochs : is_better(a, b);
    });
    return out;
  }

  bool is_better(const Row& a, const Row& b) const {
    if (std::isnan(a.score) || std::isnan(b.score)) {
      if (std::isnan(a.score) != std::isnan(b.score)) return std::isnan(b.score);
    } else if (a.score != b.score) {
      return (a.score > b.score) == options_.maximize;
    }
    return a.number < b.number;
  }

 private:
  Row row_of(const Trial& trial) {
    {
      const std::lock_guard lock(mutex_);
      for (Row& row : done_) {
        if (row.setting == trial.setting && row.epochs == trial.epochs) {
          row.number = trial.number;
          return row;
        }
      }
    }
    Row row{.number = trial.number, .setting = trial.setting, .epochs = trial.epochs};
    row.score = std::numeric_limits<double>::quiet_NaN();
    Outcome outcome;
    const auto start = std::chrono::steady_clock::now();
    {
      const Isolated isolated(trial.seed);
      try {
        outcome = train_(trial);
        row.score = outcome.score;
        row.more = outcome.more;
      } catch (const InvalidArgument& error) {  // a setting that does not go together, among others that do
        row.error = error.what();
      } catch (const NotSupported& error) {
        row.error = error.what();
      }
    }
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::lock_guard lock(mutex_);
    const bool is_best = trial.epochs == options_.epochs && !std::isnan(row.score) &&
                         std::none_of(done_.begin(), done_.end(), [&](const Row& other) {
                           return other.epochs == options_.epochs && is_better(other, row);
                         });
    // The model first: a file of results never speaks of a model that is not there.
    if (is_best && !options_.best.empty() && outcome.model) outcome.model.save(options_.best);
    done_.push_back(row);
    if (!options_.results.empty()) write_rows(options_, done_);
    if (on_row_) on_row_(row);
    return row;
  }

  const std::function<Outcome(const Trial&)>& train_;
  const Options& options_;
  const std::function<void(const Row&)>& on_row_;
  std::mutex mutex_;
  std::vector<Row> done_;
  size_t next_ = 0;
  bool stopped_ = false;
  std::exception_ptr failure_;
};

/// Epochs of each round of halving, the last being all.
std::vector<int64_t> rounds(int64_t settings, const Options& options) {
  std::vector<int64_t> out = {options.epochs};
  for (int64_t left = settings; left >= options.factor && out.front() > 1; left /= options.factor)
    out.insert(out.begin(), std::max<int64_t>(1, out.front() / options.factor));
  return out;
}

}  // namespace

Result run(const std::vector<Parameter>& parameters, const std::function<Outcome(const Trial&)>& train,
           const Options& options, const std::function<void(const Row&)>& on_row) {
  check(parameters, options);
  std::vector<Setting> settings = settings_of(parameters, options);
  std::vector<int64_t> numbers(settings.size());
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int64_t>(i);
  Search search(train, options, on_row);
  const std::vector<int64_t> epochs = options.strategy == "halving"
                                          ? rounds(static_cast<int64_t>(settings.size()), options)
                                          : std::vector<int64_t>{options.epochs};
  for (size_t round = 0; round < epochs.size(); ++round) {
    std::vector<Row> rows = search.train_all(settings, numbers, epochs[round]);
    if (rows.empty()) break;
    if (round + 1 == epochs.size()) break;
    std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return search.is_better(a, b); });
    rows.resize(std::max<size_t>(1, rows.size() / static_cast<size_t>(options.factor)));
    settings.clear();
    numbers.clear();
    for (const Row& row : rows) {
      settings.push_back(row.setting);
      numbers.push_back(row.number);
    }
  }
  return search.result();
}

}  // namespace hebb::search
