#include "hebb/plan/kernel.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"

namespace hebb {

namespace {

std::string_view forced_implementation() {
  static const std::string forced = [] {
    const char* text = std::getenv("HEBB_KERNELS");
    const std::string wanted = text ? text : "";
    const std::vector<std::string> known = {"reference", "simd", "onednn"};
    if (!wanted.empty() && std::find(known.begin(), known.end(), wanted) == known.end())
      throw InvalidArgument(message("HEBB_KERNELS: ", unknown_name("implementation", wanted, known)));
    return wanted;
  }();
  return forced;
}

}  // namespace

bool kernels_are_forced() { return !forced_implementation().empty(); }

bool has_choice_of_kernels(std::string_view op_name) {
  return std::ranges::count_if(kernel_makers(op_name),
                               [](const KernelMaker& maker) { return maker.implementation != "reference"; }) > 1;
}

std::unique_ptr<Kernel> choose_kernel(const Call& call, std::string_view only) {
  const bool forced = only.empty() && !forced_implementation().empty();
  if (forced) only = forced_implementation();
  std::string reasons;
  for (const KernelMaker& maker : kernel_makers(call.op.name())) {
    if (!only.empty() && maker.implementation != only) continue;
    Refusal why;
    if (auto kernel = maker.make(call, why)) return kernel;
    reasons += message("\n  ", maker.implementation, ": ", why.reason());
  }
  std::string specs;
  for (const Spec& spec : call.in) specs += message(specs.empty() ? "" : ", ", spec);
  const std::string text =
      message("no kernel for ", call.op.name(), "(", specs, ") ", call.op.attributes().to_string(),
              only.empty() ? "" : message(" among those of '", only, "'"), reasons.empty() ? "." : ":", reasons);
  if (forced) throw NotSupported(message("HEBB_KERNELS: ", text, " Set it to reference, which has all, or unset it."));
  throw InternalError(text);
}

void run_kernel(const Kernel& kernel, const KernelArgs& args, int first_phase) {
  for (int phase = first_phase; phase < kernel.phases(); ++phase) {
    parallel_for(kernel.pieces(phase), [&kernel, &args, phase](int64_t piece) { kernel.run(phase, piece, args); });
  }
}

}  // namespace hebb
