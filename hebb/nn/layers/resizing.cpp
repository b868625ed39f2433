#include "hebb/nn/layers/resizing.h"

#include <algorithm>

#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/image_windows.h"
#include "hebb/nn/layers/table.h"

namespace hebb {

namespace {

struct CenterCropArguments : CenterCropOptions {
  int64_t height = 1, width = 1;
};

class CenterCropLayer final : public ImageLayer<CenterCropLayer, CenterCropArguments> {
 public:
  static constexpr const char* keras_name = "CenterCrop";
  static constexpr Moves moves = Moves::always;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("height", a.height);
    visit("width", a.width);
  }

  explicit CenterCropLayer(CenterCropArguments given) : ImageLayer(std::move(given)) {
    check_pair(*this, "height and width", {arguments().height, arguments().width});
  }

  using ImageLayer::call;
  Tensor call(const Tensor& x) override { return axes_.from_last(cropped(axes_.to_last(x))); }

 private:
  Tensor cropped(const Tensor& x) const {
    const int64_t height = arguments().height, width = arguments().width;
    const int64_t more_rows = x.shape()[1] - height, more_columns = x.shape()[2] - width;
    if (more_rows < 0 || more_columns < 0) return smart_resized(x, height, width);
    const int64_t top = more_rows / 2, left = more_columns / 2;
    return slice(x, {0, top, left, 0}, {x.shape().front(), top + height, left + width, x.shape().back()});
  }
};

struct ResizingArguments : ResizingOptions {
  int64_t height = 1, width = 1;
};

class ResizingLayer final : public ImageLayer<ResizingLayer, ResizingArguments> {
 public:
  static constexpr const char* keras_name = "Resizing";
  static constexpr Moves moves = Moves::always;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("height", a.height);
    visit("width", a.width);
    visit("interpolation", a.interpolation);
    visit("crop_to_aspect_ratio", a.crop_to_aspect_ratio);
    visit("pad_to_aspect_ratio", a.pad_to_aspect_ratio);
    visit("fill_mode", a.fill_mode);
    visit("fill_value", a.fill_value);
    visit("antialias", a.antialias);
  }

  explicit ResizingLayer(ResizingArguments given) : ImageLayer(std::move(given)) {
    const auto& a = arguments();
    check_pair(*this, "height and width", {a.height, a.width});
    check_word("interpolation", a.interpolation, {"nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"});
    require(!a.crop_to_aspect_ratio || !a.pad_to_aspect_ratio,
            "expected crop_to_aspect_ratio or pad_to_aspect_ratio, got both. Leave one of them out.");
    require(a.fill_mode == "constant", message("expected the fill_mode \"constant\", got \"", a.fill_mode,
                                               "\". Give the number to fill up with as fill_value."));
  }

  using ImageLayer::call;
  Tensor call(const Tensor& x) override { return axes_.from_last(resized(axes_.to_last(x))); }

 private:
  Tensor resized(const Tensor& x) const {
    const auto& a = arguments();
    const image::ResizeOptions options{.interpolation = a.interpolation, .antialias = a.antialias};
    if (a.crop_to_aspect_ratio) return smart_resized(x, a.height, a.width, options);
    return image::resize(a.pad_to_aspect_ratio ? padded(x) : x, a.height, a.width, options);
  }

  /// Filled up by the same number of rows (columns) on both sides, rounded down.
  Tensor padded(const Tensor& x) const {
    const auto& a = arguments();
    const int64_t rows = x.shape()[1], columns = x.shape()[2];
    const int64_t above = (std::max(rows, columns * a.height / a.width) - rows) / 2,
                  beside = (std::max(columns, rows * a.width / a.height) - columns) / 2;
    const std::vector<int64_t> around = {0, above, beside, 0};
    return pad(x - a.fill_value, around, around) + a.fill_value;
  }
};

}  // namespace

Layer CenterCrop(int64_t height, int64_t width, const CenterCropOptions& options) {
  return make_layer<CenterCropLayer>(CenterCropArguments{options, height, width});
}
Layer Resizing(int64_t height, int64_t width, const ResizingOptions& options) {
  return make_layer<ResizingLayer>(ResizingArguments{options, height, width});
}

Layer detail::center_crop_from_config(const Json& config) { return CenterCropLayer::from_config(config); }
Layer detail::resizing_from_config(const Json& config) { return ResizingLayer::from_config(config); }

}  // namespace hebb
