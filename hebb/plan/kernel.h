/// Kernels: code that computes one operation for fixed shapes.
///
/// For each device and operation there is an ordered list of makers, best first and the reference last
/// (backend/registry.cpp). A maker looks at the call and either makes a kernel or refuses with a reason:
///
///     std::unique_ptr<Kernel> make_simd_softmax(const Call& call, Refusal& why) {
///       if (call.in[0].dtype != DType::float32) return why("float32 only");
///       return std::make_unique<SimdSoftmax>(call);
///     }
///
/// A kernel does its work in phases, one after the other; a phase is cut into pieces that may run at the same time on
/// different threads. The number of pieces depends on shapes alone, never on the number of threads, and partial sums
/// are added in a fixed order (in a later phase), so that the bits are the same on any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/ops/op.h"
#include "hebb/tensor/layout.h"

namespace hebb {

/// One operation on fixed specs: what a kernel is made for.
struct Call {
  const Op& op;
  std::span<const Spec> in;
  std::span<const Spec> out;
  /// Kernels keep no reference to the call or its operation: copy what is needed.
  /// What the plan offers: input i (output i) is a parameter whose layout the kernel may choose. Empty: none.
  std::vector<bool> free_in = {};
  std::vector<bool> free_out = {};
  /// Inputs whose values are mostly the same from run to run (parameters in a plan that only predicts).
  std::vector<bool> lasting_in = {};
  /// The plan is made to run often: a copy of a lasting input that is kept in another order repays its memory.
  bool runs_often = false;
  /// Makers leave out their own estimates of what is faster: it is measured, or was (plan/tuning.h).
  bool by_measurement = false;

  bool may_choose_in(size_t i) const { return i < free_in.size() && free_in[i]; }
  bool may_choose_out(size_t i) const { return i < free_out.size() && free_out[i]; }
  bool lasts(size_t i) const { return i < lasting_in.size() && lasting_in[i]; }
};

/// The memory that a kernel works on. Inputs and outputs lie as the kernel's layouts say; scratch is aligned to cache
/// lines, shared by all phases and pieces of the call, and not initialised.
struct KernelArgs {
  const void* const* in;
  void* const* out;
  std::byte* scratch;

  template <class T>
  const T* input(size_t i) const {
    return static_cast<const T*>(in[i]);
  }
  template <class T>
  T* output(size_t i = 0) const {
    return static_cast<T*>(out[i]);
  }
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  /// Who computes: the maker's `implementation`; and, after a colon, which of its ways where there are several.
  virtual std::string_view implementation() const = 0;
  virtual int phases() const { return 1; }
  /// How many phases at the start read lasting inputs alone and leave what they compute in scratch. A plan runs them
  /// only when such an input has changed.
  virtual int lasting_phases() const { return 0; }
  virtual int64_t pieces([[maybe_unused]] int phase) const { return 1; }
  /// Computes one piece. Allocates nothing and does not throw, once made.
  virtual void run(int phase, int64_t piece, const KernelArgs& args) const = 0;
  virtual int64_t scratch_bytes() const { return 0; }
  /// Whether output `out` may lie in the memory of input `in` (same bytes, element by element).
  virtual bool may_overwrite([[maybe_unused]] int in, [[maybe_unused]] int out) const { return false; }
  /// The order in which the kernel wants an input or gives an output; null is the plain one. Only where the call let it
  /// choose may it be another.
  virtual LayoutPtr input_layout([[maybe_unused]] int in) const { return nullptr; }
  virtual LayoutPtr output_layout([[maybe_unused]] int out) const { return nullptr; }
};

/// Why a maker does not make: `return why("float32 only");`
class Refusal {
 public:
  std::unique_ptr<Kernel> operator()(std::string reason) {
    reason_ = std::move(reason);
    return nullptr;
  }
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

using MakeKernel = std::unique_ptr<Kernel> (*)(const Call& call, Refusal& why);

/// One row of the registry.
struct KernelMaker {
  /// "reference" and "simd", which compute nearly every operation; "onednn", "winograd", "packed", "deep", "vnni" and
  /// "avx2", which compute some products and convolutions.
  std::string_view implementation;
  MakeKernel make;
};

/// The makers for an operation on the processor, best first; empty for an unknown operation. Defined by the backend.
std::span<const KernelMaker> kernel_makers(std::string_view op_name);

/// Whether several makers beside the reference compute an operation: these are products and convolutions, the kernels
/// that are worth measuring and that may want an order of their own for parameters.
bool has_choice_of_kernels(std::string_view op_name);

/// What was switched that decides which makers refuse, such as " winograd=off", and what a choice of kernels must not
/// be remembered without; empty when nothing was. Defined by the backend.
std::string kernel_switches();

/// Makes the best kernel that does not refuse. `only` (when not empty) allows one implementation alone, of any of the
/// makers' names. Where it is empty `HEBB_KERNELS` does the same, whose names are "reference", "simd" and "onednn"
/// (InvalidArgument for another): the other implementations compute too little to stand alone. When all refuse,
/// InternalError, with every reason; NotSupported where `HEBB_KERNELS` left out the others.
std::unique_ptr<Kernel> choose_kernel(const Call& call, std::string_view only = {});

/// Whether `HEBB_KERNELS` allows one implementation alone.
bool kernels_are_forced();

/// Runs a kernel's phases and pieces on the pool, from a phase on.
void run_kernel(const Kernel& kernel, const KernelArgs& args, int first_phase = 0);

}  // namespace hebb
