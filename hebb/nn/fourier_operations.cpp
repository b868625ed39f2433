// Keras's Fourier transforms of real and imaginary parts (keras/src/ops/math.py): products with matrices of waves, so
// that there are plans and gradients.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

struct Complex {
  Tensor real, imaginary;
};

/// cos and sin of 2 pi j k / size, (rows, columns), exact to the last place for any size.
Complex waves(int64_t rows, int64_t columns, int64_t size, DType dtype) {
  std::vector<double> cosines, sines;
  for (int64_t j = 0; j < rows; ++j) {
    for (int64_t k = 0; k < columns; ++k) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(j * k % size) / static_cast<double>(size);
      cosines.push_back(std::cos(angle));
      sines.push_back(std::sin(angle));
    }
  }
  return {cast(Tensor::from(cosines, {rows, columns}), dtype), cast(Tensor::from(sines, {rows, columns}), dtype)};
}

void check_length(const OperationCall& call, int64_t size) {
  constexpr int64_t most = 4096;
  if (size < 1 || size > most) call.refuse(message("hebb has it for 1 to ", most, " elements, got ", size, "."));
}

/// x (..., rows) times a matrix (rows, columns).
Tensor times(const Tensor& x, const Tensor& matrix) {
  Shape shape = x.shape();
  shape[x.rank() - 1] = matrix.shape()[1];
  return reshape(matmul(reshape(x, {x.size() / matrix.shape()[0], matrix.shape()[0]}), matrix), shape);
}

Complex both_parts(const OperationCall& call) {
  const Tensors parts = call.list(0, "x");
  if (parts.size() != 2 || parts[0].rank() < 1 || !(parts[0].shape() == parts[1].shape()))
    call.refuse("expected a real and an imaginary part of one shape.");
  return {floating(parts[0]), floating(parts[1])};
}

/// Along the last axis.
Complex transformed(const OperationCall& call, const Complex& x, bool backwards) {
  const int64_t size = x.real.shape().back();
  check_length(call, size);
  const auto [cosine, sine] = waves(size, size, size, x.real.dtype());
  const double side = backwards ? -1 : 1, scale = backwards ? 1 / static_cast<double>(size) : 1;
  return {(times(x.real, cosine) + side * times(x.imaginary, sine)) * scale,
          (times(x.imaginary, cosine) - side * times(x.real, sine)) * scale};
}

template <bool backwards, int axes>
Tensors transform(const OperationCall& call) {
  Complex x = both_parts(call);
  const int rank = x.real.rank();
  if (rank < axes) call.refuse(message("expected parts of ", axes, " axes or more, got ", x.real.spec(), "."));
  x = transformed(call, x, backwards);
  if (axes == 2) {
    const auto turned = [](const Tensor& each) { return with_order(each, {-2, -1}, {-1, -2}); };
    x = transformed(call, {turned(x.real), turned(x.imaginary)}, backwards);
    x = {turned(x.real), turned(x.imaginary)};
  }
  return {x.real, x.imaginary};
}

/// x with `size` elements in the last axis: the first ones, or zeros behind.
Tensor with_length(const Tensor& x, int64_t size) {
  const int64_t axis = x.rank() - 1, own = x.shape().back();
  if (own >= size) return part(x, axis, 0, size);
  std::vector<int64_t> low(static_cast<size_t>(x.rank()), 0), high = low;
  high.back() = size - own;
  return pad(x, low, high);
}

Tensors of_reals(const OperationCall& call, const Tensor& x, int64_t size) {
  check_length(call, size);
  const auto [cosine, sine] = waves(size, size / 2 + 1, size, x.dtype());
  const Tensor whole = with_length(x, size);
  return {times(whole, cosine), negative(times(whole, sine))};
}

Tensors real_transform(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  if (x.rank() < 1) call.refuse("expected a tensor of an axis or more.");
  const Json* length = call.option(1, "fft_length");
  return of_reals(call, x, length ? length->as_int() : x.shape().back());
}

/// Of the first half of a spectrum whose other half is its mirror image: the waves in between count twice.
Tensors real_transform_back(const OperationCall& call) {
  const Complex x = both_parts(call);
  const Json* length = call.option(1, "fft_length");
  const int64_t size = length ? length->as_int() : 2 * (x.real.shape().back() - 1), half = size / 2 + 1;
  check_length(call, size);
  std::vector<double> counts(static_cast<size_t>(half), 2.0 / static_cast<double>(size));
  counts.front() /= 2;
  if (size % 2 == 0) counts.back() = 1.0 / static_cast<double>(size);
  const Tensor scale = cast(Tensor::from(counts, {half, 1}), x.real.dtype());
  const auto [cosine, sine] = waves(half, size, size, x.real.dtype());
  return {times(with_length(x.real, half), cosine * scale) - times(with_length(x.imaginary, half), sine * scale)};
}

/// How pieces of a signal of `length` elements, in the middle of `size` of them, are faded in and out; nothing where
/// they are not. Windows are periodic, as SciPy's; TensorFlow's of an odd length are not.
std::optional<std::vector<double>> window_of(const OperationCall& call, int64_t length, int64_t size) {
  const Json* window = call.config.find("window");
  if (window && window->is_null()) return std::nullopt;
  std::optional<Numbers> given;
  if (window && window->is_array()) given = constant_numbers(*window);
  if (given && static_cast<int64_t>(given->values.size()) != length)
    call.refuse(message("expected ", length, " numbers as window, got ", given->values.size(), "."));
  const std::string name = !window ? "hann" : window->is_string() ? window->as_string() : "";
  if (!given && name != "hann" && name != "hamming")
    call.refuse(message("expected the window hann or hamming, or numbers, got ", name, "."));
  std::vector<double> weights(static_cast<size_t>(size), 0);
  for (int64_t i = 0; i < length; ++i) {
    const double wave = std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length));
    weights[static_cast<size_t>((size - length) / 2 + i)] = given            ? given->values[static_cast<size_t>(i)]
                                                            : name == "hann" ? 0.5 - 0.5 * wave
                                                                             : 0.54 - 0.46 * wave;
  }
  return weights;
}

/// The options of both ways between a signal and the spectra of its pieces.
struct Pieces {
  int64_t length, stride, size;  // size: of the transform
};

Pieces pieces_of(const OperationCall& call) {
  const Pieces pieces{call.whole("sequence_length", 0), call.whole("sequence_stride", 0), call.whole("fft_length", 0)};
  check_length(call, pieces.size);
  if (pieces.length < 1 || pieces.length > pieces.size)
    call.refuse(message("expected a sequence_length from 1 to fft_length ", pieces.size, ", got ", pieces.length, "."));
  if (pieces.stride < 1) call.refuse(message("expected a sequence_stride of at least 1, got ", pieces.stride, "."));
  return pieces;
}

/// The spectra of pieces of a signal, each faded in and out.
Tensors spectra_of_pieces(const OperationCall& call) {
  Tensor x = floating(call.tensor(0, "x"));
  if (x.rank() < 1) call.refuse("expected a tensor of an axis or more.");
  const auto [length, stride, size] = pieces_of(call);
  if (call.flag("center", true)) {
    std::vector<int64_t> beside(static_cast<size_t>(x.rank()), 0);
    beside.back() = size / 2;
    x = mirrored(call, x, beside, beside, 1);
  }
  Tensor pieces = framed(call, x, size, stride);
  if (const auto weights = window_of(call, length, size))
    pieces = pieces * cast(Tensor::from(*weights, {size}), x.dtype());
  return of_reals(call, pieces, size);
}

/// The way back: pieces, faded by a window whose squares add up to 1 where they overlap, are added up.
Tensors signal_of_spectra(const OperationCall& call) {
  const auto [length, stride, size] = pieces_of(call);
  Tensor pieces = real_transform_back(call).front();
  if (pieces.rank() < 2) call.refuse(message("expected spectra (..., pieces, frequencies), got ", pieces.spec(), "."));
  if (auto weights = window_of(call, length, size)) {
    std::vector<double> squares(static_cast<size_t>(std::min(stride, size)), 0);
    for (int64_t i = 0; i < size; ++i)
      squares[static_cast<size_t>(i % stride)] +=
          weights->at(static_cast<size_t>(i)) * weights->at(static_cast<size_t>(i));
    for (int64_t i = 0; i < size; ++i) {
      const double all = squares[static_cast<size_t>(i % stride)];
      double& weight = weights->at(static_cast<size_t>(i));
      weight = all == 0 ? 0 : weight / all;
    }
    pieces = pieces * cast(Tensor::from(*weights, {size}), pieces.dtype());
  }
  const int64_t count = pieces.shape()[pieces.rank() - 2];
  if (count < 1) call.refuse(message("expected a piece or more, got ", pieces.spec(), "."));
  constexpr int64_t most = int64_t{1} << 30;
  if (count - 1 > (most - size) / stride) {
    call.refuse(message("expected at most ", most, " elements in all, got ", count, " pieces, ", stride,
                        " elements after each other."));
  }
  const int64_t whole = (count - 1) * stride + size;
  Shape shape = pieces.shape().sub(0, pieces.rank() - 1);
  const int64_t rest = pieces.size() / (count * size);
  const Tensor starts = expand_dims(arange(count, DType::int64) * static_cast<double>(stride), 1);
  const Tensor places = reshape(starts + expand_dims(arange(size, DType::int64), 0), {count * size});
  const Tensor rows = transpose(reshape(pieces, {rest, count * size}), {1, 0});
  shape[-1] = whole;
  const Tensor signal = reshape(transpose(scatter_add(places, rows, whole), {1, 0}), shape);
  const bool is_centred = call.flag("center", true);
  const int64_t first = is_centred ? size / 2 : 0;
  const Json* wanted = call.config.find("length");
  int64_t end = whole - first;
  if (wanted && !wanted->is_null()) {
    if (!wanted->is_int() || wanted->as_int() < 0)
      call.refuse(message("expected a length of at least 0, got ", wanted->dump(), "."));
    end = first + std::min(wanted->as_int(), whole - first);
  }
  return {part(signal, signal.rank() - 1, first, end)};
}

}  // namespace

const std::vector<OperationRecord>& fourier_operations() {
  static const std::vector<OperationRecord> rows = {
      {"FFT", "math", transform<false, 1>},   {"FFT2", "math", transform<false, 2>},
      {"IFFT2", "math", transform<true, 2>},  {"RFFT", "math", real_transform},
      {"IRFFT", "math", real_transform_back}, {"STFT", "math", spectra_of_pieces},
      {"ISTFT", "math", signal_of_spectra},
  };
  return rows;
}

}  // namespace hebb::detail
