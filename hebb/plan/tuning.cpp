#include "hebb/plan/tuning.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <sstream>
#include <system_error>
#include <vector>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/file_mutex.h"
#include "hebb/base/json.h"
#include "hebb/base/machine.h"
#include "hebb/base/text.h"
#include "hebb/ops/cost.h"
#include "hebb/tensor/buffer.h"

namespace hebb {

namespace {

/// Counted up when kernels change so much that old choices mislead.
constexpr int64_t generation = 5;

Tuning initial_tuning() {
  const char* text = std::getenv("HEBB_TUNE");
  const std::string_view wanted = text ? text : "";
  if (wanted.empty() || wanted == "on") return Tuning::on;
  if (wanted == "always") return Tuning::always;
  if (wanted == "off") return Tuning::off;
  throw InvalidArgument(message("HEBB_TUNE: expected on, always or off, got '", wanted, "'."));
}

std::atomic<Tuning>& tuning_switch() {
  static std::atomic<Tuning> use = initial_tuning();
  return use;
}

/// FNV-1a (Fowler, Noll and Vo, 1991): a short name for a long text, the same on every machine.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
  return hash;
}

/// Of the cache's folder as the environment has it now.
KernelChoices& choices_here() {
  static std::mutex mutex;
  static std::map<std::string, KernelChoices> all;
  const std::string folder = cache_folder();
  const std::string path =
      folder.empty() ? "" : message(folder, "/kernels-", hash_of(processor_name()) % 1000000, ".json");
  const std::lock_guard lock(mutex);
  return all.try_emplace(path, path).first->second;
}

std::string key_of(const Call& call) {
  std::string key = message(call.op.name(), " ", call.op.attributes().to_string(), kernel_switches());
  for (size_t i = 0; i < call.in.size(); ++i) key += message(" ", call.in[i], call.lasts(i) ? " lasting" : "");
  return key;
}

/// Memory for one argument, filled with numbers between -1 and 1 that are the same each time.
std::shared_ptr<Buffer> argument(const Spec& spec, bool fill) {
  auto buffer = Buffer::allocate(spec.bytes());
  if (fill && spec.dtype == DType::float32) {
    auto* values = reinterpret_cast<float*>(buffer->data());
    uint32_t state = 1;
    for (int64_t i = 0; i < spec.shape.elements(); ++i) {
      state = state * 1664525u + 1013904223u;
      values[i] = static_cast<float>(static_cast<int32_t>(state)) / 2147483648.0f;
    }
  }
  return buffer;
}

/// A kernel with memory to run on.
class Candidate {
 public:
  Candidate(std::string implementation, std::unique_ptr<Kernel> kernel)
      : implementation_(std::move(implementation)),
        kernel_(std::move(kernel)),
        scratch_(Buffer::allocate(kernel_->scratch_bytes())) {}

  const std::string& implementation() const { return implementation_; }
  double best() const { return best_; }

  void run(const std::vector<const void*>& in, const std::vector<void*>& out) {
    const auto start = std::chrono::steady_clock::now();
    run_kernel(*kernel_, {in.data(), out.data(), scratch_->data()}, warm_ ? kernel_->lasting_phases() : 0);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (warm_) best_ = std::min(best_, seconds);
    warm_ = true;
  }

 private:
  std::string implementation_;
  std::unique_ptr<Kernel> kernel_;
  std::shared_ptr<Buffer> scratch_;
  double best_ = std::numeric_limits<double>::infinity();
  bool warm_ = false;
};

/// All implementations but the reference that take the call, in the registry's order, each once.
std::vector<Candidate> candidates_for(const Call& given) {
  Call call = given;
  call.by_measurement = true;
  std::vector<Candidate> found;
  for (const KernelMaker& maker : kernel_makers(call.op.name())) {
    if (maker.implementation == "reference") continue;
    Refusal why;
    if (auto kernel = maker.make(call, why)) found.emplace_back(std::string(maker.implementation), std::move(kernel));
  }
  return found;
}

/// Takes turns, so that a busy moment of the machine strikes all alike; the fastest run counts. Short operations are
/// disturbed more easily and get more rounds.
void measure(std::vector<Candidate>& candidates, const Call& call) {
  constexpr int rounds = 200;
  constexpr double enough = 0.06;  // seconds for all rounds
  std::vector<std::shared_ptr<Buffer>> memory;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Spec& spec : call.in) in.push_back(memory.emplace_back(argument(spec, true))->data());
  for (const Spec& spec : call.out) out.push_back(memory.emplace_back(argument(spec, false))->data());
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; ++round) {
    for (Candidate& candidate : candidates) candidate.run(in, out);
    const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (round >= 2 && spent > enough) break;
  }
}

/// What the registry's order decides.
std::string usual_implementation(const Call& call) {
  for (const KernelMaker& maker : kernel_makers(call.op.name())) {
    Refusal why;
    if (maker.make(call, why)) return std::string(maker.implementation);
  }
  return "";
}

/// What the registry would take stays unless another one is clearly faster.
std::string fastest(const std::map<std::string, double>& times, const std::string& usual) {
  const auto known = times.find(usual);
  std::string best = usual;
  double to_beat = known == times.end() ? 0 : 0.9 * known->second;
  for (const auto& [name, seconds] : times) {
    if (seconds >= to_beat) continue;
    best = name;
    to_beat = seconds;
  }
  return best;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The file's content; an empty one when there is none, or it is damaged or about something else: it can be measured
/// again.
Json read_choices(const std::string& path) {
  Json fresh = Json::object({{"processor", processor_name()}, {"generation", generation}, {"choices", Json::object()}});
  try {
    Json read = Json::parse(text_of(path), path);
    if (read.get("processor", "") != processor_name() || read.get("generation", 0) != generation) return fresh;
    for (const auto& [key, choice] : read.at("choices").members()) (void)choice.at("implementation").as_string();
    return read;
  } catch (const Error&) {
    return fresh;
  }
}

/// What guards the file of choices. IoError where nothing can be written beside it.
FileMutex guard_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || ::access(folder.c_str(), W_OK | X_OK) != 0)
    throw IoError(message("cannot write in '", folder.string(), "'."));
  return FileMutex(path + ".lock");
}

}  // namespace

Tuning tuning() { return tuning_switch(); }
void set_tuning(Tuning use) { tuning_switch() = use; }

void KernelChoices::load() {
  loaded_ = true;
  const Json read = read_choices(path_);
  // What this process has used already stays.
  for (const auto& [key, choice] : read.at("choices").members())
    known_.try_emplace(key, choice.at("implementation").as_string());
}

void KernelChoices::remember(FileMutex& guard, const std::string& key, const std::string& implementation,
                             const std::map<std::string, double>& times) {
  Json microseconds = Json::object();
  for (const auto& [name, seconds] : times)
    microseconds.set(name, static_cast<double>(std::lround(seconds * 1e7)) / 10);
  const std::lock_guard lock(guard);
  // Others may have written meanwhile; what they chose first stays chosen.
  Json all = read_choices(path_);
  Json choices = all.at("choices");
  if (const Json* theirs = choices.find(key)) {
    known_[key] = theirs->at("implementation").as_string();
    return;
  }
  choices.set(key, Json::object({{"implementation", implementation}, {"microseconds", std::move(microseconds)}}));
  all.set("choices", std::move(choices));
  write_atomically(path_, all.dump(1) + "\n");
  known_[key] = implementation;
}

std::optional<std::string> KernelChoices::choice(const Call& call, bool may_measure) {
  if (path_.empty() || !has_choice_of_kernels(call.op.name())) return std::nullopt;
  if (cost_of(call.op, call.in, call.out).flops < least_flops) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!loaded_) load();
  const std::string key = key_of(call);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  if (!may_measure || cannot_write_) return std::nullopt;
  // In the plain order, whatever the plan offers: a choice must not depend on who asks.
  // Kernels that are for plans that run often are measured as well: the others do without them.
  const Call plain{.op = call.op, .in = call.in, .out = call.out, .lasting_in = call.lasting_in, .runs_often = true};
  std::vector<Candidate> candidates = candidates_for(plain);
  if (candidates.size() < 2) return std::nullopt;
  try {
    FileMutex guard = guard_of(path_);
    // Another process may have measured it since the file was read.
    load();
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    measure(candidates, plain);
    std::map<std::string, double> times;
    for (const Candidate& candidate : candidates) times[candidate.implementation()] = candidate.best();
    remember(guard, key, fastest(times, usual_implementation(plain)), times);
    return known_[key];
  } catch (const IoError&) {
    cannot_write_ = true;  // what the file held counts all the same
  }
  return std::nullopt;
}

std::unique_ptr<Kernel> KernelChoices::make(const Call& call, bool may_measure) {
  Call asked = call;
  // A parameter in its kernels' order has one and the same kernel wherever it is read.
  const auto any = [](const std::vector<bool>& free) {
    return std::find(free.begin(), free.end(), true) != free.end();
  };
  if (any(call.free_in) || any(call.free_out)) asked.lasting_in.clear();
  const std::optional<std::string> chosen = choice(asked, may_measure);
  if (!chosen) return nullptr;
  asked.by_measurement = true;
  for (const KernelMaker& maker : kernel_makers(call.op.name())) {
    Refusal why;
    if (maker.implementation != *chosen) continue;
    if (auto kernel = maker.make(asked, why)) return kernel;
  }
  return nullptr;  // the file names what is not there any more
}

std::unique_ptr<Kernel> choose_tuned_kernel(const Call& call, std::string_view only, int64_t expected_runs) {
  const Tuning use = tuning();
  if (only.empty() && !kernels_are_forced() && use != Tuning::off) {
    const bool may_measure = use == Tuning::always || expected_runs >= least_runs_to_tune;
    if (auto kernel = choices_here().make(call, may_measure)) return kernel;
  }
  return choose_kernel(call, only);
}

}  // namespace hebb
