#include "hebb/nn/initializers.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/known_options.h"
#include "hebb/nn/stft_initializer.h"
#include "hebb/ops/op.h"
#include "hebb/ops/random.h"

namespace hebb {

namespace {

Json seed_to_json(const std::optional<int64_t>& seed) { return seed ? Json(*seed) : Json(); }

/// An int; null or a serialized SeedGenerator is none.
std::optional<int64_t> seed_from_json(const Json& config) {
  const Json* seed = config.find("seed");
  return seed && seed->is_int() ? std::optional(seed->as_int()) : std::nullopt;
}

Json axes_to_json(const std::vector<int64_t>& axes) { return axes.empty() ? Json() : Json(axes); }

std::vector<int64_t> axes_from_json(const Json& config, std::string_view key) {
  std::vector<int64_t> axes;
  const Json* json = config.find(key);
  if (!json || json->is_null()) return axes;
  for (const Json& axis : json->items()) axes.push_back(axis.as_int());
  return axes;
}

void check_at_least_zero(const char* initializer, const char* option, double value) {
  if (value >= 0) return;
  throw InvalidArgument(message(initializer, ": expected ", option, " of at least 0, got ", value, "."));
}

Tensor truncated_normal(const Shape& shape, double mean, double stddev, int64_t seed) {
  Tensor out = random::normal(shape, {.seed = seed});
  auto* values = out.mutable_data<float>();
  for (int64_t i = 0; i < out.size(); ++i) {
    float value = values[i];
    if (!(std::abs(value) < 2)) {
      // A stream that belongs to element i alone, far from the one that the tensor was drawn from.
      PhiloxStream again(static_cast<uint64_t>(seed), static_cast<uint64_t>(i) + (uint64_t{1} << 63));
      do {
        value = static_cast<float>(again.normal());
      } while (!(std::abs(value) < 2));
    }
    values[i] = static_cast<float>(mean + stddev * value);
  }
  return out;
}

/// One class for all: what it is called, its configuration, and how it makes values.
class SimpleInitializer : public InitializerBase {
 public:
  using Make = std::function<Tensor(const Shape& shape, int64_t seed)>;
  SimpleInitializer(std::string class_name, Json config, std::optional<int64_t> seed, Make make)
      : class_name_(std::move(class_name)), config_(std::move(config)), seed_(seed), make_(std::move(make)) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override { return config_; }
  Tensor make(const Shape& shape, int64_t seed) const override { return make_(shape, seed_.value_or(seed)); }

 private:
  std::string class_name_;
  Json config_;
  std::optional<int64_t> seed_;
  Make make_;
};

Initializer initializer(std::string class_name, Json config, std::optional<int64_t> seed,
                        SimpleInitializer::Make make) {
  return Initializer(
      std::make_shared<SimpleInitializer>(std::move(class_name), std::move(config), seed, std::move(make)));
}

int64_t product_of_axes(const Shape& shape, const std::vector<int64_t>& axes) {
  int64_t product = 1;
  for (const int64_t axis : axes) product *= shape[normalize_axis(axis, shape.rank(), "VarianceScaling")];
  return product;
}

Tensor scaled(const Shape& shape, const VarianceScalingOptions& options, int64_t seed) {
  auto [inputs, outputs] = compute_fans(shape);
  if (!options.input_axes.empty() && !options.output_axes.empty()) {
    inputs = product_of_axes(shape, options.input_axes);
    outputs = product_of_axes(shape, options.output_axes);
  }
  const auto fan_in = static_cast<double>(inputs), fan_out = static_cast<double>(outputs);
  const double fan = options.mode == "fan_in" ? fan_in : options.mode == "fan_out" ? fan_out : (fan_in + fan_out) / 2;
  const double variance = options.scale / std::max(1.0, fan);
  if (options.distribution == "uniform") {
    const double limit = std::sqrt(3 * variance);
    return random::uniform(shape, {.low = -limit, .high = limit, .seed = seed});
  }
  if (options.distribution == "untruncated_normal") {
    return random::normal(shape, {.stddev = std::sqrt(variance), .seed = seed});
  }
  // The deviation of a normal distribution that is cut off at two deviations is 0.8796... of the uncut one's.
  return truncated_normal(shape, 0, std::sqrt(variance) / .87962566103423978, seed);
}

/// The initializers that are variance scaling under a name of their own.
Initializer named_scaling(const char* class_name, double scale, const char* mode, const char* distribution,
                          const FanOptions& options) {
  const VarianceScalingOptions scaling{
      scale, mode, distribution, options.seed, options.input_axes, options.output_axes};
  return initializer(class_name,
                     Json::object({{"seed", seed_to_json(options.seed)},
                                   {"input_axes", axes_to_json(options.input_axes)},
                                   {"output_axes", axes_to_json(options.output_axes)}}),
                     options.seed,
                     [scaling](const Shape& shape, int64_t seed) { return scaled(shape, scaling, seed); });
}

FanOptions fan_options(const Json& config) {
  return {seed_from_json(config), axes_from_json(config, "input_axes"), axes_from_json(config, "output_axes")};
}

RandomNormalOptions normal_options(const Json& config) {
  return {config.get("mean", 0.0), config.get("stddev", 0.05), seed_from_json(config)};
}

/// The Q of a QR factorisation of random normal numbers whose R has a positive diagonal: uniformly distributed among
/// the orthonormal ones (Mezzadri 2007). By Gram and Schmidt in double precision, each vector made orthogonal twice,
/// which suffices (Giraud et al. 2005). `vectors` of `size` numbers each, one after the other.
std::vector<double> orthonormal_vectors(int64_t vectors, int64_t size, int64_t seed) {
  PhiloxStream random(static_cast<uint64_t>(seed));
  std::vector<double> q(static_cast<size_t>(vectors * size));
  for (double& value : q) value = random.normal();
  for (int64_t i = 0; i < vectors; ++i) {
    double* v = q.data() + i * size;
    for (int round = 0; round < 2; ++round) {
      for (int64_t j = 0; j < i; ++j) {
        const double* u = q.data() + j * size;
        double dot = 0;
        for (int64_t k = 0; k < size; ++k) dot += u[k] * v[k];
        for (int64_t k = 0; k < size; ++k) v[k] -= dot * u[k];
      }
    }
    double square = 0;
    for (int64_t k = 0; k < size; ++k) square += v[k] * v[k];
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (int64_t k = 0; k < size; ++k) v[k] *= scale;
  }
  return q;
}

Tensor orthogonal(const Shape& shape, double gain, int64_t seed) {
  if (shape.rank() < 2) {
    throw InvalidArgument(message("Orthogonal: expected a shape of two axes or more, got ", shape,
                                  ". Use another initializer for vectors, such as \"zeros\"."));
  }
  const int64_t columns = shape.back(), rows = shape.sub(0, shape.rank() - 1).elements();
  Tensor out = Tensor::empty(shape);
  auto* values = out.mutable_data<float>();
  const bool wide = rows < columns;
  const int64_t vectors = wide ? rows : columns, size = wide ? columns : rows;
  const std::vector<double> q = orthonormal_vectors(vectors, size, seed);
  for (int64_t i = 0; i < vectors; ++i) {
    for (int64_t k = 0; k < size; ++k) {
      values[wide ? i * columns + k : k * columns + i] =
          static_cast<float>(gain * q[static_cast<size_t>(i * size + k)]);
    }
  }
  return out;
}

Tensor identity(const Shape& shape, double gain) {
  if (shape.rank() != 2) {
    throw InvalidArgument(
        message("Identity: expected the shape of a matrix, got ", shape, ". Use another initializer."));
  }
  Tensor out = zeros(shape);
  auto* values = out.mutable_data<float>();
  for (int64_t i = 0; i < std::min(shape[0], shape[1]); ++i) values[i * shape[1] + i] = static_cast<float>(gain);
  return out;
}

const InitializerRecord* find_record(const std::string& name) {
  for (const InitializerRecord& record : initializer_records()) {
    if (record.class_name == name) return &record;
    if (std::find(record.aliases.begin(), record.aliases.end(), name) != record.aliases.end()) return &record;
  }
  return nullptr;
}

const InitializerRecord& record_of(const std::string& name) {
  if (const InitializerRecord* record = find_record(name)) return *record;
  std::vector<std::string> known;
  for (const InitializerRecord& record : initializer_records()) {
    known.push_back(record.class_name);
    known.insert(known.end(), record.aliases.begin(), record.aliases.end());
  }
  throw InvalidArgument(unknown_name("initializer", name, known));
}

}  // namespace

Initializer::Initializer(const std::string& name) : Initializer(record_of(name).from_config(Json::object())) {}

Json Initializer::to_json() const {
  return object_ ? object_to_json("keras.initializers", object_->class_name(), object_->config()) : Json();
}

Initializer Initializer::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return Initializer(json.as_string());
  const Json* config = json.find("config");
  const auto& record = record_of(json.at("class_name").as_string());
  if (!config || !config->is_object()) return record.from_config(Json::object());
  Initializer made = record.from_config(*config);
  refuse_other_options(record.class_name, *config, made->config());
  return made;
}

std::pair<int64_t, int64_t> compute_fans(const Shape& shape) {
  const int rank = shape.rank();
  if (rank == 0) return {1, 1};
  if (rank == 1) return {shape[0], shape[0]};
  const int64_t taps = shape.sub(0, rank - 2).elements();
  return {shape[-2] * taps, shape[-1] * taps};
}

Initializer Zeros() {
  return initializer("Zeros", Json::object(), {}, [](const Shape& shape, int64_t) { return zeros(shape); });
}

Initializer Ones() {
  return initializer("Ones", Json::object(), {}, [](const Shape& shape, int64_t) { return ones(shape); });
}

Initializer Constant(double value) {
  return initializer("Constant", Json::object({{"value", value}}), {},
                     [value](const Shape& shape, int64_t) { return full(shape, value); });
}

Initializer Identity(double gain) {
  // Keras's get_config forgets the gain; its from_config takes it.
  const Json config = gain == 1 ? Json::object() : Json::object({{"gain", gain}});
  return initializer("Identity", config, {}, [gain](const Shape& shape, int64_t) { return identity(shape, gain); });
}

Initializer RandomNormal(const RandomNormalOptions& options) {
  check_at_least_zero("RandomNormal", "a stddev", options.stddev);
  return initializer(
      "RandomNormal",
      Json::object({{"seed", seed_to_json(options.seed)}, {"mean", options.mean}, {"stddev", options.stddev}}),
      options.seed, [options](const Shape& shape, int64_t seed) {
        return random::normal(shape, {.mean = options.mean, .stddev = options.stddev, .seed = seed});
      });
}

Initializer TruncatedNormal(const RandomNormalOptions& options) {
  check_at_least_zero("TruncatedNormal", "a stddev", options.stddev);
  return initializer(
      "TruncatedNormal",
      Json::object({{"seed", seed_to_json(options.seed)}, {"mean", options.mean}, {"stddev", options.stddev}}),
      options.seed, [options](const Shape& shape, int64_t seed) {
        return truncated_normal(shape, options.mean, options.stddev, seed);
      });
}

Initializer RandomUniform(const RandomUniformOptions& options) {
  return initializer(
      "RandomUniform",
      Json::object({{"seed", seed_to_json(options.seed)}, {"minval", options.minval}, {"maxval", options.maxval}}),
      options.seed, [options](const Shape& shape, int64_t seed) {
        return random::uniform(shape, {.low = options.minval, .high = options.maxval, .seed = seed});
      });
}

Initializer VarianceScaling(const VarianceScalingOptions& options) {
  if (!(options.scale > 0)) {
    throw InvalidArgument(message("VarianceScaling: expected a scale above 0, got ", options.scale, "."));
  }
  const std::vector<std::string> modes = {"fan_in", "fan_out", "fan_avg"};
  const std::vector<std::string> distributions = {"truncated_normal", "untruncated_normal", "uniform"};
  VarianceScalingOptions chosen = options;
  if (chosen.distribution == "normal") chosen.distribution = "truncated_normal";
  if (std::find(modes.begin(), modes.end(), chosen.mode) == modes.end()) {
    throw InvalidArgument(unknown_name("mode of VarianceScaling", chosen.mode, modes));
  }
  if (std::find(distributions.begin(), distributions.end(), chosen.distribution) == distributions.end()) {
    throw InvalidArgument(unknown_name("distribution of VarianceScaling", chosen.distribution, distributions));
  }
  return initializer("VarianceScaling",
                     Json::object({{"seed", seed_to_json(chosen.seed)},
                                   {"scale", chosen.scale},
                                   {"mode", chosen.mode},
                                   {"distribution", chosen.distribution},
                                   {"input_axes", axes_to_json(chosen.input_axes)},
                                   {"output_axes", axes_to_json(chosen.output_axes)}}),
                     chosen.seed, [chosen](const Shape& shape, int64_t seed) { return scaled(shape, chosen, seed); });
}

Initializer GlorotUniform(const FanOptions& options) {
  return named_scaling("GlorotUniform", 1, "fan_avg", "uniform", options);
}
Initializer GlorotNormal(const FanOptions& options) {
  return named_scaling("GlorotNormal", 1, "fan_avg", "truncated_normal", options);
}
Initializer HeUniform(const FanOptions& options) { return named_scaling("HeUniform", 2, "fan_in", "uniform", options); }
Initializer HeNormal(const FanOptions& options) {
  return named_scaling("HeNormal", 2, "fan_in", "truncated_normal", options);
}
Initializer LecunUniform(const FanOptions& options) {
  return named_scaling("LecunUniform", 1, "fan_in", "uniform", options);
}
Initializer LecunNormal(const FanOptions& options) {
  return named_scaling("LecunNormal", 1, "fan_in", "truncated_normal", options);
}

Initializer Orthogonal(const OrthogonalOptions& options) {
  return initializer("Orthogonal", Json::object({{"seed", seed_to_json(options.seed)}, {"gain", options.gain}}),
                     options.seed,
                     [options](const Shape& shape, int64_t seed) { return orthogonal(shape, options.gain, seed); });
}

const std::vector<InitializerRecord>& initializer_records() {
  static const std::vector<InitializerRecord> records = {
      {"Zeros", {"zeros", "zero"}, [](const Json&) { return Zeros(); }, "0 everywhere"},
      {"Ones", {"ones", "one"}, [](const Json&) { return Ones(); }, "1 everywhere"},
      {"Constant",
       {"constant"},
       [](const Json& config) { return Constant(config.get("value", 0.0)); },
       "one value everywhere"},
      {"Identity",
       {"identity", "IdentityInitializer"},
       [](const Json& config) { return Identity(config.get("gain", 1.0)); },
       "ones on the diagonal of a matrix"},
      {"RandomNormal",
       {"random_normal", "normal"},
       [](const Json& config) { return RandomNormal(normal_options(config)); },
       "normal numbers"},
      {"RandomUniform",
       {"random_uniform", "uniform"},
       [](const Json& config) {
         return RandomUniform({config.get("minval", -0.05), config.get("maxval", 0.05), seed_from_json(config)});
       },
       "uniform numbers"},
      {"TruncatedNormal",
       {"truncated_normal"},
       [](const Json& config) { return TruncatedNormal(normal_options(config)); },
       "normal numbers within two deviations"},
      {"VarianceScaling",
       {"variance_scaling"},
       [](const Json& config) {
         return VarianceScaling({config.get("scale", 1.0), config.get("mode", "fan_in"),
                                 config.get("distribution", "truncated_normal"), seed_from_json(config),
                                 axes_from_json(config, "input_axes"), axes_from_json(config, "output_axes")});
       },
       "a variance of scale / inputs, outputs or their mean"},
      {"GlorotUniform",
       {"glorot_uniform"},
       [](const Json& config) { return GlorotUniform(fan_options(config)); },
       "uniform with variance 2 / (inputs + outputs)"},
      {"GlorotNormal",
       {"glorot_normal"},
       [](const Json& config) { return GlorotNormal(fan_options(config)); },
       "normal with variance 2 / (inputs + outputs)"},
      {"HeUniform",
       {"he_uniform"},
       [](const Json& config) { return HeUniform(fan_options(config)); },
       "uniform with variance 2 / inputs"},
      {"HeNormal",
       {"he_normal"},
       [](const Json& config) { return HeNormal(fan_options(config)); },
       "normal with variance 2 / inputs"},
      {"LecunUniform",
       {"lecun_uniform"},
       [](const Json& config) { return LecunUniform(fan_options(config)); },
       "uniform with variance 1 / inputs"},
      {"LecunNormal",
       {"lecun_normal"},
       [](const Json& config) { return LecunNormal(fan_options(config)); },
       "normal with variance 1 / inputs"},
      {"Orthogonal",
       {"orthogonal", "OrthogonalInitializer"},
       [](const Json& config) {
         return Orthogonal({config.get("gain", 1.0), seed_from_json(config)});
       },
       "orthonormal columns or rows"},
      {"STFT", {"stft", "STFTInitializer"}, stft_from_config, "a short-time Fourier transform as a convolution"},
  };
  return records;
}

}  // namespace hebb
