/// Sounds as pictures of their frequencies over time.
///
///     Tensor y = MelSpectrogram({.sampling_rate = 8000})(sounds);                     // (batch, samples) -> (batch, 128, frames)
///     Sequential model({Input({16000, 1}), STFTSpectrogram({.expand_dims = true}), Conv2D(16, 3), ...});
///
/// Options, defaults and numbers are those of Keras 3. Fourier transforms are computed as products with the matrix of
/// waves, which is exact to float32 and fast for the usual lengths of a frame, up to some thousands of samples.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

/// How the samples of a frame are weighted: by SciPy's name of a window ("hann", "hamming", ...), by numbers of one's
/// own, one for each sample, or not at all: {}.
struct FrameWindow {
  std::optional<std::string> name = {};
  std::vector<double> values = {};

  FrameWindow() = default;
  FrameWindow(const char* name) : name(name) {}
  FrameWindow(std::string name) : name(std::move(name)) {}
  FrameWindow(std::vector<double> values) : values(std::move(values)) {}
  friend bool operator==(const FrameWindow&, const FrameWindow&) = default;
};

/// A name, a list of numbers or null.
Json to_json(const FrameWindow& window);
void from_json(const Json& json, FrameWindow& window);

struct MelSpectrogramOptions {
  int64_t fft_length = 2048;                    ///< samples that are transformed together
  int64_t sequence_stride = 512;                ///< samples from one frame to the next
  std::optional<int64_t> sequence_length = {};  ///< samples of a frame, in the middle of fft_length; unset: all
  FrameWindow window = "hann";                  ///< "hann", "hamming", numbers, or none
  int64_t sampling_rate = 16000;                ///< samples in a second
  int64_t num_mel_bins = 128;
  double min_freq = 20;                     ///< in hertz
  std::optional<double> max_freq = {};      ///< unset: half the sampling rate
  bool power_to_db = true;                  ///< in decibels
  double top_db = 80;                       ///< what lies further below the batch's largest value is raised to there
  double mag_exp = 2;                       ///< 1: magnitudes, 2: power
  double min_power = 1e-10, ref_power = 1;  ///< least power, and that of 0 decibels
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x: (batch, samples) or (samples,) -> (batch, num_mel_bins, frames) or (num_mel_bins, frames), with the ends of
/// sounds mirrored so that frame i is about sample i sequence_stride. Frequencies are gathered by triangles that are
/// equally wide in mel, 2595 log10(1 + hertz / 700) (Stevens, Volkmann and Newman 1937; O'Shaughnessy 1987).
/// InvalidArgument when a sound is not longer than half of fft_length.
Layer MelSpectrogram(const MelSpectrogramOptions& options = {});

struct STFTSpectrogramOptions {
  /// "log", "magnitude", "psd" (power, the frequencies between the ends twice), "real", "imag", "angle" (in radians),
  /// "stft" (real and imaginary parts one behind the other).
  std::string mode = "log";
  int64_t frame_length = 256;                      ///< samples
  std::optional<int64_t> frame_step = {};          ///< unset: half a frame
  std::optional<int64_t> fft_length = {};          ///< unset: the least power of two that holds a frame
  FrameWindow window = "hann";                     ///< those of the initializer `STFT`
  bool periodic = false;                           ///< the window goes on behind its end
  std::optional<std::string> scaling = "density";  ///< or "spectrum", or as it is
  std::string padding = "valid";                   ///< or "same"
  bool expand_dims = false;                        ///< channels on an axis of their own, for layers of images
  std::string data_format = "channels_last";       ///< or "channels_first": (batch, channels, samples)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x: (batch, samples, channels) -> (batch, frames, channels * frequencies), or with expand_dims (batch, frames,
/// frequencies, channels), where frequencies are fft_length / 2 + 1, twice as many for "stft". The waves are weights,
/// real_kernel and imag_kernel (frame_length, 1, frequencies), that training changes unless `trainable` is false: the
/// transform is a convolution (Allen 1977).
Layer STFTSpectrogram(const STFTSpectrogramOptions& options = {});

}  // namespace hebb
