/// Choosing kernels by measuring them: where several implementations compute an operation, and the plan will be run
/// often enough that it pays, each is timed once on this machine, and the fastest is remembered in a file.
///
///     Plan plan = Plan::compile(trace(f, specs), {.expected_runs = 10'000});
///
/// Operations of the same kind and shapes get the same kernel from then on, in this process and in later ones, on any
/// number of threads: given the file, the bits are the same in every run. Without it (`HEBB_TUNE=off`, or nowhere to
/// write) the order of the registry decides, which is the same on all machines of a kind.
///
/// The file, `kernels-N.json` in `cache_folder()` with a number that stands for the processor, may be deleted at any
/// time, and copied to another machine of the same kind. Where it can be read and not written, its choices count and
/// nothing is measured. Processes may share it: of two that measure the same call both take what was written first.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "hebb/plan/kernel.h"

namespace hebb {

class FileMutex;

/// Whether kernels are chosen by measuring: for plans that will be run often, for all plans, or never.
/// Read from `HEBB_TUNE` ("on", "always", "off") at first; "on" when that is unset.
enum class Tuning { on, always, off };
Tuning tuning();
void set_tuning(Tuning use);

/// The choices, in memory and in a file.
class KernelChoices {
 public:
  /// `path` empty: nowhere to remember anything, so nothing is measured either.
  explicit KernelChoices(std::string path) : path_(std::move(path)) {}

  /// The implementation that was found fastest for the call; when none was yet, `may_measure` says whether to do it
  /// now. Nothing where the registry's order is to decide.
  std::optional<std::string> choice(const Call& call, bool may_measure);
  /// The kernel of that implementation; null where the registry's order is to decide.
  std::unique_ptr<Kernel> make(const Call& call, bool may_measure);

  /// Calls that compute less are not worth a choice (floating-point operations).
  static constexpr double least_flops = 4e6;

 private:
  void load();
  void remember(FileMutex& guard, const std::string& key, const std::string& implementation,
                const std::map<std::string, double>& times);

  std::string path_;
  bool loaded_ = false, cannot_write_ = false;
  std::map<std::string, std::string> known_;
  std::mutex mutex_;
};

/// Fewer runs of a plan than this do not repay measuring. A plan of a `PlanCache` that was made for fewer is made anew
/// when more are asked for: so a training in two parts, the first of them short, may change its kernels in between.
inline constexpr int64_t least_runs_to_tune = 200;

/// As `choose_kernel`, by measured choice where there is one.
std::unique_ptr<Kernel> choose_tuned_kernel(const Call& call, std::string_view only, int64_t expected_runs);

}  // namespace hebb
