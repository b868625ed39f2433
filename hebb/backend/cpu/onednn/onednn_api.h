/// oneDNN, as far as hebb uses it. What stands behind this header, in the folder api/, is all of the project that calls
/// the library. Builds with oneDNN 2.6 and with 3.
///
/// A primitive is one computation for fixed shapes, created for one thread. It may be executed on several threads at
/// the same time, each on memory of its own:
///
///     WeightsFormatPtr format = find_weights_format(problem, ConvPass::forward);
///     auto primitive = make_convolution(problem, ConvPass::forward, format.get(), 16);
///     primitive->execute({.a = x, .b = weights, .out = y, .scratch = scratch}, 0);
///
/// hebb runs its own threads (base/threads.h), each of which executes primitives for its own slice of the work.
/// Executing allocates nothing here, but the library itself allocates 4 to 6 small objects (200 to 350 bytes) in each
/// execution and frees them before it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hebb::onednn {

/// A convolution, channels last. The vectors have one element for each spatial axis.
struct ConvProblem {
  int64_t batch = 0;
  int64_t groups = 1;
  int64_t channels = 0;  ///< of the input, of all groups
  int64_t filters = 0;   ///< of the output, of all groups
  std::vector<int64_t> input, window, output, strides, dilations, low, high;
  bool bias = false;       ///< forward only
  std::string activation;  ///< forward only: a name that `supports_activation`, or empty
};

enum class ConvPass {
  forward,          ///< a: x, b: weights, bias -> out: y
  backward_input,   ///< a: dy, b: weights -> out: dx
  backward_kernel,  ///< a: x, b: dy -> out: weights
};

/// A product of matrices out[m, n] = a[m, k] * b[k, n] (+ bias[n]). Element (i, j) of a lies at i * a_row + j *
/// a_column, one of which is 1, and so on; the elements of a row of `out` lie one behind the other.
struct MatmulProblem {
  int64_t m = 0, n = 0, k = 0;
  int64_t a_row = 0, a_column = 1, b_row = 0, b_column = 1, out_row = 0;
  bool bias = false;
  std::string activation;
};

/// Where the library wants the elements of weights. Element (tap, channel in its group, filter) of a convolution's
/// kernel (taps, channels / groups, filters) lies `taps[tap] + channels[channel] + filters[filter]` floats from the
/// start. Places that no element has are zero.
struct WeightsPlacement {
  std::vector<int64_t> taps, channels, filters;
  int64_t bytes = 0;
};

class WeightsFormat;
using WeightsFormatPtr = std::shared_ptr<const WeightsFormat>;

/// The memory of one execution. `scratch` is `Primitive::scratch_bytes()` long and aligned to a cache line.
struct Buffers {
  const void* a = nullptr;
  const void* b = nullptr;
  const void* bias = nullptr;
  void* out = nullptr;
  std::byte* scratch = nullptr;
};

class Primitive {
 public:
  struct State;
  explicit Primitive(std::unique_ptr<State> state);
  ~Primitive();
  Primitive(const Primitive&) = delete;
  Primitive& operator=(const Primitive&) = delete;

  /// The library's name for the code that it chose: "brgconv:avx512_core".
  const std::string& implementation() const;
  /// For all executions together.
  int64_t scratch_bytes() const;
  /// Executes on the calling thread. Waits when as many threads are executing as the primitive was made for; `hint`
  /// makes that search short: executions with different hints seldom meet.
  void execute(const Buffers& buffers, int64_t hint) const;

 private:
  std::unique_ptr<State> state_;
};

/// Which weights the fastest implementation wants for a pass; null when the library has only slow ones.
WeightsFormatPtr find_weights_format(const ConvProblem& problem, ConvPass pass);

const WeightsPlacement& placement(const WeightsFormat& format);

/// A convolution for weights of the given format (null: of the format that `find_weights_format` finds), for up to
/// `executions` at a time. Null when the library has only slow implementations of it.
std::unique_ptr<Primitive> make_convolution(const ConvProblem& problem, ConvPass pass, const WeightsFormat* weights,
                                            int executions);

/// A product of matrices. Null when the library has only slow implementations of it.
std::unique_ptr<Primitive> make_matmul(const MatmulProblem& problem, int executions);

/// Whether an elementwise operation can follow a product: "tanh", "sigmoid". Not "relu": the library's makes 0 of NaN.
bool supports_activation(std::string_view name);

}  // namespace hebb::onednn
