#include "hebb/nn/stft_initializer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_fields.h"

namespace hebb {

namespace {

constexpr double pi = std::numbers::pi;

/// Windows that are sums of cosines, by their coefficients.
struct CosineWindow {
  const char* name;
  std::vector<double> coefficients;
};

const std::vector<CosineWindow>& cosine_windows() {
  static const std::vector<CosineWindow> windows = {
      {"hann", {0.5, 0.5}},
      {"hamming", {0.54, 0.46}},
      {"blackman", {0.42, 0.50, 0.08}},
      {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
      {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
      {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
  };
  return windows;
}

/// Windows by one formula: of the position i among n.
struct FormulaWindow {
  const char* name;
  double (*value)(double i, double n);
};

const std::vector<FormulaWindow>& formula_windows() {
  static const std::vector<FormulaWindow> windows = {
      {"boxcar", [](double, double) { return 1.0; }},
      {"bartlett", [](double i, double n) { return 1 - std::abs(2 * i / (n - 1) - 1); }},
      {"triang",
       [](double i, double n) {
         const double from_end = std::min(i, n - 1 - i) + 1;
         return std::fmod(n, 2) == 0 ? (2 * from_end - 1) / n : 2 * from_end / (n + 1);
       }},
      {"cosine", [](double i, double n) { return std::sin(pi / n * (i + 0.5)); }},
      {"bohman",
       [](double i, double n) {
         const double x = std::abs(2 * i / (n - 1) - 1);
         return i == 0 || i == n - 1 ? 0.0 : (1 - x) * std::cos(pi * x) + std::sin(pi * x) / pi;
       }},
  };
  return windows;
}

std::vector<std::string> window_names() {
  std::vector<std::string> names;
  for (const CosineWindow& window : cosine_windows()) names.emplace_back(window.name);
  for (const FormulaWindow& window : formula_windows()) names.emplace_back(window.name);
  return names;
}

}  // namespace

std::vector<double> named_window(const std::string& name, int64_t length, bool periodic) {
  if (length == 1) return {1.0};
  const auto whole = static_cast<double>(periodic ? length + 1 : length);
  std::vector<double> out;
  for (int64_t index = 0; index < length; ++index) {
    const auto i = static_cast<double>(index);
    double value = 0;
    for (const CosineWindow& window : cosine_windows()) {
      if (name != window.name) continue;
      const double angle = -pi + 2 * pi * i / (whole - 1);
      for (size_t k = 0; k < window.coefficients.size(); ++k)
        value += window.coefficients[k] * std::cos(static_cast<double>(k) * angle);
    }
    for (const FormulaWindow& window : formula_windows()) {
      if (name == window.name) value = window.value(i, whole);
    }
    out.push_back(value);
  }
  return out;
}

namespace {

class STFTInitializer : public InitializerBase {
 public:
  explicit STFTInitializer(const STFTOptions& options) : options_(options) {
    const auto check = [](const char* what, const std::string& chosen, const std::vector<std::string>& known) {
      if (std::find(known.begin(), known.end(), chosen) == known.end())
        throw InvalidArgument(unknown_name(what, chosen, known));
    };
    check("side of STFT", options.side, {"real", "imag"});
    if (options.scaling) check("scaling of STFT", *options.scaling, {"density", "spectrum"});
    if (options.window && options.window_values.empty()) check("window of STFT", *options.window, window_names());
  }
  std::string class_name() const override { return "STFT"; }
  Json config() const override {
    const Json window = options_.window_values.empty() ? to_json(options_.window) : Json(options_.window_values);
    return Json::object({{"side", options_.side},
                         {"window", window},
                         {"periodic", options_.periodic},
                         {"scaling", to_json(options_.scaling)}});
  }

  Tensor make(const Shape& shape, int64_t) const override {
    if (shape.rank() != 3 || shape[2] < 2) {
      throw InvalidArgument(message("STFT: expected a shape (frame, 1, frequencies) with two frequencies or more, got ",
                                    shape, ". Use another initializer."));
    }
    const int64_t frame = shape[0], channels = shape[1], frequencies = shape[2];
    const std::vector<double> window = scaled_window(frame);
    Tensor out = Tensor::empty(shape);
    auto* values = out.mutable_data<float>();
    for (int64_t time = 0; time < frame; ++time) {
      for (int64_t k = 0; k < frequencies; ++k) {
        const double angle =
            -pi * static_cast<double>(time) * static_cast<double>(k) / static_cast<double>(frequencies - 1);
        const double wave = options_.side == "real" ? std::cos(angle) : std::sin(angle);
        for (int64_t channel = 0; channel < channels; ++channel) {
          values[(time * channels + channel) * frequencies + k] =
              static_cast<float>(wave * window[static_cast<size_t>(time)]);
        }
      }
    }
    return out;
  }

 private:
  std::vector<double> scaled_window(int64_t length) const {
    if (!options_.window && options_.window_values.empty())
      return std::vector<double>(static_cast<size_t>(length), 1.0);
    std::vector<double> window = options_.window_values.empty()
                                     ? named_window(*options_.window, length, options_.periodic)
                                     : options_.window_values;
    if (static_cast<int64_t>(window.size()) != length) {
      throw InvalidArgument(message("STFT: expected a window of the frame's length ", length, ", got ", window.size(),
                                    " values. Give as many."));
    }
    double scale = options_.scaling ? 0 : 1;
    if (options_.scaling == "density") {
      for (const double value : window) scale += value * value;
      scale = std::sqrt(scale);
    } else if (options_.scaling == "spectrum") {
      for (const double value : window) scale += std::abs(value);
    }
    for (double& value : window) value /= scale;
    return window;
  }

  const STFTOptions options_;
};

}  // namespace

Initializer STFT(const STFTOptions& options) { return Initializer(std::make_shared<STFTInitializer>(options)); }

Initializer stft_from_config(const Json& config) {
  STFTOptions options;
  ConfigReader read("STFT", config);
  read("side", options.side);
  read.take("window", [&](const Json& json) {
    if (json.is_string() || json.is_null()) {
      from_json(json, options.window);
    } else {
      from_json(json, options.window_values);
    }
  });
  read("periodic", options.periodic);
  read("scaling", options.scaling);
  read.finish();
  return STFT(options);
}

}  // namespace hebb
