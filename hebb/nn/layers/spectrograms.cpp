#include "hebb/nn/layers/spectrograms.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/stft_initializer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

Json to_json(const FrameWindow& window) { return window.values.empty() ? to_json(window.name) : Json(window.values); }

void from_json(const Json& json, FrameWindow& window) {
  window = {};
  if (json.is_string() || json.is_null()) {
    from_json(json, window.name);
  } else {
    from_json(json, window.values);
  }
}

namespace {

/// x along its last axis from begin to end.
Tensor last_axis(const Tensor& x, int64_t begin, int64_t end) {
  std::vector<int64_t> low(static_cast<size_t>(x.rank()), 0), high = x.shape().to_vector();
  low.back() = begin;
  high.back() = end;
  return slice(x, low, high);
}

// -------------------------------------------------------------------------------------------------------------- mel

class MelSpectrogramLayer final : public ConfiguredLayer<MelSpectrogramLayer, MelSpectrogramOptions> {
 public:
  static constexpr const char* keras_name = "MelSpectrogram";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("fft_length", a.fft_length);
    visit("sequence_stride", a.sequence_stride);
    visit("sequence_length", a.sequence_length);
    visit("window", a.window);
    visit("sampling_rate", a.sampling_rate);
    visit("num_mel_bins", a.num_mel_bins);
    visit("min_freq", a.min_freq);
    visit("max_freq", a.max_freq);
    visit("power_to_db", a.power_to_db);
    visit("top_db", a.top_db);
    visit("mag_exp", a.mag_exp);
    visit("min_power", a.min_power);
    visit("ref_power", a.ref_power);
  }

  explicit MelSpectrogramLayer(const MelSpectrogramOptions& given) : ConfiguredLayer(with_defaults(given)) {
    const auto& a = arguments();
    const auto check = [&](const char* what, int64_t value) {
      require(value >= 1, message("expected ", what, " of at least 1, got ", value, ". Give a number of samples."));
    };
    check("a fft_length", a.fft_length);
    check("a sequence_stride", a.sequence_stride);
    check("a sequence_length", *a.sequence_length);
    require(*a.sequence_length <= a.fft_length,
            message("expected a sequence_length of at most the fft_length ", a.fft_length, ", got ", *a.sequence_length,
                    ". Transform more samples together, or take shorter frames."));
    require(a.num_mel_bins >= 1 && a.sampling_rate >= 2,
            message("expected at least one of num_mel_bins and a sampling_rate of at least 2, got ", a.num_mel_bins,
                    " and ", a.sampling_rate, ". Give the sounds' own rate."));
    require(a.min_freq >= 0 && *a.max_freq > a.min_freq,
            message("expected frequencies from min_freq to a larger max_freq, got ", a.min_freq, " and ", *a.max_freq,
                    ". Half the sampling rate is the highest that sounds hold."));
    const std::vector<std::string> windows = {"hann", "hamming"};
    if (a.window.name && std::find(windows.begin(), windows.end(), *a.window.name) == windows.end())
      throw InvalidArgument(where() + unknown_name("window", *a.window.name, windows));
    require(a.window.values.empty() || static_cast<int64_t>(a.window.values.size()) == *a.sequence_length,
            message("expected a window of as many numbers as the sequence_length ", *a.sequence_length, ", got ",
                    a.window.values.size(), ". Give one for each sample of a frame."));
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& x = inputs.front();
    require(x.rank() == 1 || x.rank() == 2, message("expected sounds (batch, samples), got ", x,
                                                    ". Take channels apart, with Reshape() or one by one."));
    require(x.back() == Shape::unknown || x.back() > half(),
            message("expected sounds longer than half of the fft_length ", arguments().fft_length, ", got ", x,
                    ". Take a shorter fft_length."));
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    if (x.rank() == 1) return squeeze(spectra(expand_dims(x, 0)), 0);
    return spectra(x);
  }

 private:
  static MelSpectrogramOptions with_defaults(MelSpectrogramOptions given) {
    // As Keras reads them, 0 is not given.
    if (given.sequence_length.value_or(0) == 0) given.sequence_length = given.fft_length;
    if (given.max_freq.value_or(0) == 0) given.max_freq = static_cast<double>(given.sampling_rate / 2);
    return given;
  }
  int64_t half() const { return arguments().fft_length / 2; }
  int64_t frequencies() const { return half() + 1; }

  Tensor spectra(const Tensor& x) {
    const auto& a = arguments();
    if (!waves_.defined()) {
      const WithRecorder at_once(nullptr);
      waves_ = cast(waves(), dtype());
      triangles_ = cast(triangles(), dtype());
    }
    // (batch, frames, frequencies)
    const Tensor parts = conv(framed(x), waves_, {.strides = {a.sequence_stride}});
    const Tensor energy =
        square(last_axis(parts, 0, frequencies())) + square(last_axis(parts, frequencies(), 2 * frequencies()));
    const Tensor size = a.mag_exp == 2 ? energy : a.mag_exp == 1 ? sqrt(energy) : power(energy, a.mag_exp / 2);
    const Tensor mel = transpose(matmul(size, triangles_), {0, 2, 1});
    return a.power_to_db ? decibels(mel) : mel;
  }

  /// The sounds with their ends mirrored, as far as frames reach, (batch, samples, 1).
  Tensor framed(const Tensor& x) const {
    const auto& a = arguments();
    const int64_t samples = x.shape().back(), around = half();
    const Tensor whole = concatenate(
        {reverse(last_axis(x, 1, around + 1), {1}), x, reverse(last_axis(x, samples - 1 - around, samples - 1), {1})});
    const int64_t frames = (samples + 2 * around - a.fft_length) / a.sequence_stride + 1;
    const Tensor used = last_axis(whole, before(), before() + (frames - 1) * a.sequence_stride + *a.sequence_length);
    return expand_dims(used, -1);
  }
  /// Samples of a transform that lie in front of the frame.
  int64_t before() const { return (arguments().fft_length - *arguments().sequence_length) / 2; }

  /// Cosines and sines under the window: (sequence_length, 1, 2 frequencies).
  Tensor waves() const {
    const auto& a = arguments();
    const int64_t length = *a.sequence_length, count = frequencies();
    const std::vector<double> window = a.window.name             ? named_window(*a.window.name, length, true)
                                       : a.window.values.empty() ? std::vector<double>(static_cast<size_t>(length), 1)
                                                                 : a.window.values;
    Tensor out = Tensor::empty({length, 1, 2 * count}, DType::float64);
    auto* values = out.mutable_data<double>();
    for (int64_t i = 0; i < length; ++i) {
      const double weight = window[static_cast<size_t>(i)];
      for (int64_t k = 0; k < count; ++k) {
        // Whole turns are taken off first: what is left is exact.
        const auto part = static_cast<double>((i + before()) * k % a.fft_length);
        const double angle = 2 * std::numbers::pi * part / static_cast<double>(a.fft_length);
        values[i * 2 * count + k] = weight * std::cos(angle);
        values[i * 2 * count + count + k] = -weight * std::sin(angle);
      }
    }
    return out;
  }

  /// How much of each frequency each band takes, (frequencies, bands). The frequency 0 belongs to none.
  Tensor triangles() const {
    const auto& a = arguments();
    // The argument in float32, as Keras has it: of low frequencies little is left of it there, and bands lie otherwise.
    const auto mel = [](double hertz) {
      return 1127.0 * std::log(static_cast<double>(1.0F + static_cast<float>(hertz) / 700.0F));
    };
    const double low = mel(a.min_freq), high = mel(*a.max_freq);
    const double width = (high - low) / static_cast<double>(a.num_mel_bins + 1);
    const double nyquist = static_cast<double>(a.sampling_rate) / 2;
    Tensor out = zeros({frequencies(), a.num_mel_bins}, DType::float64);
    auto* values = out.mutable_data<double>();
    for (int64_t k = 1; k < frequencies(); ++k) {
      const double at = (mel(nyquist * static_cast<double>(k) / static_cast<double>(frequencies() - 1)) - low) / width;
      for (int64_t band = 0; band < a.num_mel_bins; ++band) {
        const double from_top = std::abs(at - static_cast<double>(band + 1));
        values[k * a.num_mel_bins + band] = std::max(0.0, 1 - from_top);
      }
    }
    return out;
  }

  Tensor decibels(const Tensor& x) const {
    const auto& a = arguments();
    const double reference = 10 * std::log10(std::max(std::abs(a.ref_power), a.min_power));
    const Tensor levels = log(maximum(x, a.min_power)) * (10 / std::numbers::ln10) - reference;
    return maximum(levels, max(levels) - a.top_db);
  }

  Tensor waves_, triangles_;
};

// ------------------------------------------------------------------------------------------------------------- stft

class STFTSpectrogramLayer final : public ConfiguredLayer<STFTSpectrogramLayer, STFTSpectrogramOptions> {
 public:
  static constexpr const char* keras_name = "STFTSpectrogram";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("mode", a.mode);
    visit("frame_length", a.frame_length);
    visit("frame_step", a.frame_step);
    visit("fft_length", a.fft_length);
    visit("window", a.window);
    visit("periodic", a.periodic);
    visit("scaling", a.scaling);
    visit("padding", a.padding);
    visit("data_format", a.data_format);
    visit("expand_dims", a.expand_dims);
  }

  explicit STFTSpectrogramLayer(STFTSpectrogramOptions given)
      : ConfiguredLayer(std::move(given)), axes_(*this, arguments().data_format, 1) {
    const auto& a = arguments();
    const std::vector<std::string> modes = {"log", "magnitude", "psd", "real", "imag", "angle", "stft"};
    if (std::find(modes.begin(), modes.end(), a.mode) == modes.end())
      throw InvalidArgument(where() + unknown_name("mode", a.mode, modes));
    require(a.frame_length >= 2, message("expected a frame_length of at least 2, got ", a.frame_length,
                                         ". Take some more samples together."));
    const int64_t step = a.frame_step.value_or(a.frame_length / 2);
    require(step >= 1 && step <= a.frame_length,
            message("expected a frame_step from 1 to the frame_length ", a.frame_length, ", got ", step,
                    ". Longer steps would leave samples out."));
    const auto holds = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(a.frame_length)));
    const int64_t fft_length = a.fft_length.value_or(holds);
    require(fft_length >= a.frame_length, message("expected a fft_length of at least the frame_length ", a.frame_length,
                                                  ", got ", fft_length, ". A power of two is usual."));
    frequencies_ = fft_length / 2 + 1;
    windows_ = {Single(a.frame_length), Single(step), Single(1), checked_padding(*this, a.padding)};
    try {  // here, so that a window or a scaling that is not known is said at once
      real_ = kernel("real");
      imag_ = kernel("imag");
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(where() + error.what());
    }
    input_rule_ = {.rank = 3, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    windows_.check_fits(*this, axes_, inputs.front(), "frames");
  }

  using LayerBase::build;
  void build(const Shape&) override {
    const Shape shape = {arguments().frame_length, 1, frequencies_};
    if (has_real()) real_kernel_ = add_weight("real_kernel", shape, real_);
    if (has_imag()) imag_kernel_ = add_weight("imag_kernel", shape, imag_);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const Tensor last = axes_.to_last(x);
    const int64_t batch = last.shape()[0], samples = last.shape()[1], channels = last.shape()[2];
    const Tensor each = reshape(transpose(last, {0, 2, 1}), {batch * channels, samples, 1});
    const Tensor kernel = !has_imag()   ? real_kernel_
                          : !has_real() ? imag_kernel_
                                        : concatenate({real_kernel_, imag_kernel_}, -1);
    const Tensor made = shown(conv(each, kernel, windows_.conv_options(each.shape())));
    const int64_t frames = made.shape()[1], values = made.shape()[2];
    const Tensor y = reshape(made, {batch, channels, frames, values});
    if (arguments().expand_dims) return axes_.are_last() ? transpose(y, {0, 2, 3, 1}) : y;
    if (axes_.are_last()) return reshape(transpose(y, {0, 2, 1, 3}), {batch, frames, channels * values});
    return reshape(transpose(y, {0, 1, 3, 2}), {batch, channels * values, frames});
  }

 private:
  bool has_real() const { return arguments().mode != "imag"; }
  bool has_imag() const { return arguments().mode != "real"; }

  Initializer kernel(const char* side) const {
    const auto& a = arguments();
    return STFT({.side = side,
                 .window = a.window.name,
                 .window_values = a.window.values,
                 .scaling = a.scaling,
                 .periodic = a.periodic});
  }

  /// What the mode says of real and imaginary parts, one behind the other along the last axis.
  Tensor shown(const Tensor& parts) const {
    const std::string& mode = arguments().mode;
    if (mode == "real" || mode == "imag" || mode == "stft") return parts;
    const Tensor real = last_axis(parts, 0, frequencies_), imag = last_axis(parts, frequencies_, 2 * frequencies_);
    if (mode == "angle") return angle(imag, real);
    const Tensor energy = square(real) + square(imag);
    if (mode == "psd") {
      std::vector<double> sides(static_cast<size_t>(frequencies_), 2);
      sides.front() = sides.back() = 1;
      return energy * cast(Tensor::from(sides), energy.dtype());
    }
    constexpr double least = 1e-7;  // Keras's epsilon()
    const Tensor magnitude = sqrt(maximum(energy, least));
    return mode == "magnitude" ? magnitude : log(maximum(magnitude, least));
  }

  /// The angle of the point (x, y), from -pi to pi; 0 where both are 0. By a quotient of at most 1, so that it and its
  /// gradient are finite everywhere.
  static Tensor angle(const Tensor& y, const Tensor& x) {
    constexpr double pi = std::numbers::pi;
    const Tensor is_flat = less_equal(abs(y), abs(x)), is_zero = logical_and(equal(x, 0.0), equal(y, 0.0));
    const Tensor divisor = select(is_zero, 1.0, select(is_flat, x, y));
    const Tensor part = atan(select(is_flat, y, x) / divisor);
    const Tensor below = less(y, 0.0);
    const Tensor beside = select(less(x, 0.0), part + select(below, -pi, ones_like(x) * pi), part);
    return select(is_flat, beside, select(below, -pi / 2, ones_like(x) * (pi / 2)) - part);
  }

  SpatialAxes axes_;
  SpatialWindows windows_;
  int64_t frequencies_ = 0;
  Initializer real_, imag_;
  Tensor real_kernel_, imag_kernel_;
};

}  // namespace

Layer MelSpectrogram(const MelSpectrogramOptions& options) { return make_layer<MelSpectrogramLayer>(options); }
Layer STFTSpectrogram(const STFTSpectrogramOptions& options) { return make_layer<STFTSpectrogramLayer>(options); }

Layer detail::mel_spectrogram_from_config(const Json& config) { return MelSpectrogramLayer::from_config(config); }
Layer detail::stft_spectrogram_from_config(const Json& config) { return STFTSpectrogramLayer::from_config(config); }

}  // namespace hebb
