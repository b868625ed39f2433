#include "hebb/ops/pool.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/pool_functions.h"
#include "hebb/backend/cpu/simd/simd.h"

namespace hebb {

namespace {

using simd::divide_up;
using simd::PoolFunctions;
using simd::PoolShape;

/// Elements of the image to a piece.
constexpr int64_t elements_in_piece = 65536;

/// Nothing when the call is none for these kernels. One spatial axis counts as the second of two.
std::optional<PoolShape> pool_shape(const Call& call, const Shape& image, const Shape& result, Refusal& why) {
  const PoolOptions& options = static_cast<const PoolBase&>(call.op).options();
  const auto axes = static_cast<int>(options.window.size());
  if (call.in[0].dtype != DType::float32) {
    why("float32 only");
    return std::nullopt;
  }
  if (axes > 2 || axes < 1) {
    why("one or two spatial axes only");
    return std::nullopt;
  }
  const auto last = static_cast<size_t>(axes - 1);
  PoolShape s{1, image[axes],      image.back(), 1, result[axes], 1, options.window[last], 1, options.strides[last],
              0, options.low[last]};
  if (axes == 2) {
    s.height = image[1];
    s.out_height = result[1];
    s.window_height = options.window[0];
    s.stride_height = options.strides[0];
    s.low_height = options.low[0];
  }
  s.tiles = s.stride_height == s.window_height && s.stride_width == s.window_width && s.low_height == 0 &&
            s.low_width == 0 && s.out_height * s.window_height == s.height && s.out_width * s.window_width == s.width;
  return s;
}

/// What the kernels share: images are cut into bands of rows of the result where bands do not touch each other.
class PoolKernel : public Kernel {
 public:
  PoolKernel(const PoolShape& shape, int64_t images, bool bands_overlap)
      : shape_(shape), functions_(simd::find_pool_functions()), images_(images) {
    const int64_t row = std::max<int64_t>(1, in_size() / std::max<int64_t>(1, shape.out_height));
    rows_ = bands_overlap ? shape.out_height : std::clamp<int64_t>(elements_in_piece / row, 1, shape.out_height);
    bands_ = divide_up(shape.out_height, rows_);
    images_in_piece_ = bands_ > 1 ? 1 : std::max<int64_t>(1, elements_in_piece / std::max<int64_t>(1, in_size()));
  }
  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return divide_up(images_, images_in_piece_) * bands_; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t band = piece % bands_, first = piece / bands_ * images_in_piece_;
    const int64_t last = std::min(images_, first + images_in_piece_);
    for (int64_t image = first; image < last; ++image) {
      run_rows(image, band * rows_, std::min(shape_.out_height, (band + 1) * rows_), args);
    }
  }

 protected:
  virtual void run_rows(int64_t image, int64_t begin, int64_t end, const KernelArgs& args) const = 0;
  int64_t in_size() const { return shape_.height * shape_.width * shape_.channels; }
  int64_t out_size() const { return shape_.out_height * shape_.out_width * shape_.channels; }

  PoolShape shape_;
  PoolFunctions functions_;

 private:
  int64_t images_, rows_ = 1, bands_ = 1, images_in_piece_ = 1;
};

class ForwardPool : public PoolKernel {
 public:
  ForwardPool(const PoolShape& shape, int64_t images, bool average)
      : PoolKernel(shape, images, false), function_(average ? functions_.average : functions_.max) {}

 private:
  void run_rows(int64_t image, int64_t begin, int64_t end, const KernelArgs& args) const override {
    function_(shape_, args.input<float>(0) + image * in_size(), args.output<float>() + image * out_size(), begin, end);
  }
  void (*function_)(const PoolShape&, const float*, float*, int64_t, int64_t);
};

class PickPool : public PoolKernel {
 public:
  PickPool(const PoolShape& shape, int64_t images) : PoolKernel(shape, images, false) {}

 private:
  void run_rows(int64_t image, int64_t begin, int64_t end, const KernelArgs& args) const override {
    functions_.pick(shape_, args.input<float>(0) + image * in_size(), args.input<float>(1) + image * in_size(),
                    args.output<float>() + image * out_size(), begin, end);
  }
};

class BackwardPool : public PoolKernel {
 public:
  BackwardPool(const PoolShape& shape, int64_t images, bool average)
      : PoolKernel(shape, images, !shape.tiles), average_(average) {}

 private:
  void run_rows(int64_t image, int64_t begin, int64_t end, const KernelArgs& args) const override {
    float* dx = args.output<float>() + image * in_size();
    if (!shape_.tiles) std::memset(dx, 0, static_cast<size_t>(in_size()) * sizeof(float));
    if (average_) {
      functions_.average_backward(shape_, args.input<float>(0) + image * out_size(), dx, begin, end);
    } else {
      functions_.max_backward(shape_, args.input<float>(0) + image * in_size(),
                              args.input<float>(1) + image * out_size(), dx, begin, end);
    }
  }
  bool average_;
};

}  // namespace

std::unique_ptr<Kernel> make_simd_max_pool(const Call& call, Refusal& why) {
  const auto shape = pool_shape(call, call.in[0].shape, call.out[0].shape, why);
  return shape ? std::make_unique<ForwardPool>(*shape, call.in[0].shape.front(), false) : nullptr;
}

std::unique_ptr<Kernel> make_simd_average_pool(const Call& call, Refusal& why) {
  const auto shape = pool_shape(call, call.in[0].shape, call.out[0].shape, why);
  return shape ? std::make_unique<ForwardPool>(*shape, call.in[0].shape.front(), true) : nullptr;
}

std::unique_ptr<Kernel> make_simd_max_pool_pick(const Call& call, Refusal& why) {
  const auto shape = pool_shape(call, call.in[0].shape, call.out[0].shape, why);
  return shape ? std::make_unique<PickPool>(*shape, call.in[0].shape.front()) : nullptr;
}

std::unique_ptr<Kernel> make_simd_max_pool_backward(const Call& call, Refusal& why) {
  const auto shape = pool_shape(call, call.in[0].shape, call.in[1].shape, why);
  return shape ? std::make_unique<BackwardPool>(*shape, call.in[0].shape.front(), false) : nullptr;
}

std::unique_ptr<Kernel> make_simd_average_pool_backward(const Call& call, Refusal& why) {
  const auto shape = pool_shape(call, call.out[0].shape, call.in[0].shape, why);
  return shape ? std::make_unique<BackwardPool>(*shape, call.in[0].shape.front(), true) : nullptr;
}

}  // namespace hebb
