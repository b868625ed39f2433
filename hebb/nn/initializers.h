/// Initializers: the first values of a layer's weights, with Keras's distributions.
///
///     Dense(20, {.kernel_initializer = "he_normal"})
///     Dense(20, {.kernel_initializer = RandomNormal({.stddev = 0.1, .seed = 3})})
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// What an initializer does. Derive from it for one of your own.
class InitializerBase {
 public:
  virtual ~InitializerBase() = default;
  virtual std::string class_name() const = 0;
  virtual Json config() const = 0;
  /// float32 values. `seed` is the layer's; an initializer with a seed of its own uses that instead.
  virtual Tensor make(const Shape& shape, int64_t seed) const = 0;
};

/// A handle: a name as Keras has it (`"glorot_uniform"`, `"GlorotUniform"`) or an object. Empty: none.
class Initializer {
 public:
  Initializer() = default;
  Initializer(const char* name) : Initializer(std::string(name)) {}
  Initializer(const std::string& name);  ///< InvalidArgument for an unknown name
  Initializer(std::shared_ptr<const InitializerBase> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr; }
  const InitializerBase* operator->() const { return object_.get(); }

  /// Keras's serialized form (null when empty), and back; also from a name.
  Json to_json() const;
  static Initializer from_json(const Json& json);

 private:
  std::shared_ptr<const InitializerBase> object_;
};

Initializer Zeros();
Initializer Ones();
/// The same value everywhere.
Initializer Constant(double value = 0);
/// gain on the diagonal, 0 elsewhere; matrices only.
Initializer Identity(double gain = 1);

struct RandomNormalOptions {
  double mean = 0;
  double stddev = 0.05;
  std::optional<int64_t> seed = {};  ///< unset: the layer's
};
Initializer RandomNormal(const RandomNormalOptions& options = {});
/// Normal numbers, drawn again where they lie more than two deviations from the mean.
Initializer TruncatedNormal(const RandomNormalOptions& options = {});

struct RandomUniformOptions {
  double minval = -0.05;
  double maxval = 0.05;
  std::optional<int64_t> seed = {};
};
/// Uniform in [minval, maxval).
Initializer RandomUniform(const RandomUniformOptions& options = {});

struct VarianceScalingOptions {
  double scale = 1;
  std::string mode = "fan_in";                    ///< "fan_in", "fan_out", "fan_avg"
  std::string distribution = "truncated_normal";  ///< "truncated_normal", "untruncated_normal", "uniform"
  std::optional<int64_t> seed = {};
  std::vector<int64_t> input_axes = {};   ///< which axes are the inputs; empty: see `compute_fans`
  std::vector<int64_t> output_axes = {};  ///< which axes are the outputs
};
/// A variance of scale / n, where n counts the inputs of a unit, its outputs, or is their mean.
Initializer VarianceScaling(const VarianceScalingOptions& options = {});

struct FanOptions {
  std::optional<int64_t> seed = {};
  std::vector<int64_t> input_axes = {};
  std::vector<int64_t> output_axes = {};
};
Initializer GlorotUniform(
    const FanOptions& options = {});  ///< variance 2 / (inputs + outputs) (Glorot and Bengio 2010)
Initializer GlorotNormal(const FanOptions& options = {});
Initializer HeUniform(const FanOptions& options = {});  ///< variance 2 / inputs (He et al. 2015)
Initializer HeNormal(const FanOptions& options = {});
Initializer LecunUniform(const FanOptions& options = {});  ///< variance 1 / inputs (LeCun et al. 1998)
Initializer LecunNormal(const FanOptions& options = {});

struct OrthogonalOptions {
  double gain = 1;
  std::optional<int64_t> seed = {};
};
/// A random matrix with orthonormal columns (rows, when there are fewer) times gain; the axes before the last one are
/// the rows (Saxe et al. 2014).
Initializer Orthogonal(const OrthogonalOptions& options = {});

struct STFTOptions {
  std::string side = "real";  ///< or "imag": which part of the complex exponentials
  /// SciPy's name of a window over time ("hann", "hamming", "blackman", "nuttall", "blackmanharris", "flattop",
  /// "boxcar", "bartlett", "triang", "cosine", "bohman"); unset: none
  std::optional<std::string> window = "hann";
  std::vector<double> window_values = {};  ///< a window of one's own instead
  std::optional<std::string> scaling =
      "density";          ///< the window's length is 1; "spectrum": its sum is; unset: as it is
  bool periodic = false;  ///< the window goes on behind its end, for spectra
};
/// The kernel of a convolution that is a short-time Fourier transform, of the shape (frame, 1, frequencies).
Initializer STFT(const STFTOptions& options = {});

/// The numbers of inputs and outputs of a unit: of a matrix its axes; of a kernel (spatial..., inputs, outputs) these
/// times the number of its taps; of a vector its size twice.
std::pair<int64_t, int64_t> compute_fans(const Shape& shape);

/// One row of the table of initializers.
struct InitializerRecord {
  std::string class_name;            ///< "GlorotUniform"
  std::vector<std::string> aliases;  ///< "glorot_uniform" and older names
  Initializer (*from_config)(const Json& config);
  std::string doc;
};

const std::vector<InitializerRecord>& initializer_records();

}  // namespace hebb
