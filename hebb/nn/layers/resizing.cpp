#include "hebb/nn/layers/resizing.h"

#include <algorithm>
#include <cmath>

#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/image_windows.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

struct CenterCropArguments : CenterCropOptions {
  int64_t height = 1, width = 1;
};

class CenterCropLayer final : public ImageLayer<CenterCropLayer, CenterCropArguments>, public ImageMover {
 public:
  static constexpr const char* keras_name = "CenterCrop";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("height", a.height);
    visit.required("width", a.width);
  }

  explicit CenterCropLayer(CenterCropArguments given) : ImageLayer(std::move(given)) {
    check_pair(*this, "height and width", {arguments().height, arguments().width});
  }

  bool moves_always() const override { return true; }
  Tensors drawn_for(const Tensor& /*images*/, bool /*training*/) override { return {}; }

  Tensor moved(const Tensor& x, const Tensors& /*drawn*/, bool /*are_masks*/) override {
    const int64_t height = arguments().height, width = arguments().width;
    if (!is_large(x)) return smart_resized(x, height, width);
    const ImageWindow window = middle(x);
    return slice(x, {0, window.top, window.left, 0},
                 {x.shape().front(), window.top + height, window.left + width, x.shape().back()});
  }
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& /*drawn*/,
                            const Tensor& images) override {
    const int64_t height = arguments().height, width = arguments().width;
    const ImageWindow window =
        is_large(images) ? middle(images) : centred_window(images.shape()[1], images.shape()[2], height, width);
    return boxes_in_window(given, format, images.shape(), window, height, width);
  }

 private:
  bool is_large(const Tensor& x) const {
    return x.shape()[1] >= arguments().height && x.shape()[2] >= arguments().width;
  }
  ImageWindow middle(const Tensor& x) const {
    const int64_t height = arguments().height, width = arguments().width;
    return {(x.shape()[1] - height) / 2, (x.shape()[2] - width) / 2, height, width};
  }
};

struct ResizingArguments : ResizingOptions {
  int64_t height = 1, width = 1;
};

class ResizingLayer final : public ImageLayer<ResizingLayer, ResizingArguments>, public ImageMover {
 public:
  static constexpr const char* keras_name = "Resizing";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("height", a.height);
    visit.required("width", a.width);
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

  bool moves_always() const override { return true; }
  Tensors drawn_for(const Tensor& /*images*/, bool /*training*/) override { return {}; }

  Tensor moved(const Tensor& x, const Tensors& /*drawn*/, bool are_masks) override {
    const auto& a = arguments();
    const image::ResizeOptions options{.interpolation = are_masks ? "nearest" : a.interpolation,
                                       .antialias = a.antialias};
    if (a.crop_to_aspect_ratio) return smart_resized(x, a.height, a.width, options);
    return image::resize(a.pad_to_aspect_ratio ? padded(x) : x, a.height, a.width, options);
  }

  /// Boxes that stand for none, all 0 or all -1, stay at 0.
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& /*drawn*/,
                            const Tensor& images) override {
    const auto& a = arguments();
    const int64_t rows = images.shape()[1], columns = images.shape()[2];
    const Scaling scaling = scaled(static_cast<float>(rows), static_cast<float>(columns));
    const Tensor edges = edges_of_boxes(given.boxes, format, rows, columns) * pixels_of_edges(rows, columns) *
                             four(scaling.wider, scaling.taller) +
                         four(scaling.left, scaling.top);
    LabelledBoxes out = cut_boxes(edges / pixels_of_edges(a.height, a.width), given.labels, format, a.height, a.width);
    const ReduceOptions over{.axes = {2}, .keepdims = true};
    const Tensor least = min(given.boxes, over), most = max(given.boxes, over);
    const Tensor is_none = logical_and(equal(least, most), logical_or(equal(least, 0.0), equal(least, -1.0)));
    out.boxes = select(is_none, 0.0, out.boxes);
    return out;
  }

 private:
  /// By how much edges in pixels are multiplied, and what is added then.
  struct Scaling {
    float wider, taller, left = 0, top = 0;
  };
  static Tensor four(float x, float y) { return Tensor::from(std::vector<float>{x, y, x, y}); }

  /// As Keras computes it, in floats.
  Scaling scaled(float rows, float columns) const {
    const auto& a = arguments();
    const auto height = static_cast<float>(a.height), width = static_cast<float>(a.width);
    if (a.pad_to_aspect_ratio) {
      const float ratio = std::min(height / rows, width / columns);
      return {ratio, ratio, std::floor((width - columns * ratio) / 2), std::floor((height - rows * ratio) / 2)};
    }
    if (a.crop_to_aspect_ratio) {
      const float source = columns / rows;
      const bool is_wide = source > static_cast<float>(static_cast<double>(a.width) / static_cast<double>(a.height));
      const float new_width = is_wide ? height * source : width, new_height = is_wide ? height : width / source;
      return {new_width / columns, new_height / rows, -std::floor((new_width - width) / 2),
              -std::floor((new_height - height) / 2)};
    }
    return {width / columns, height / rows};
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
