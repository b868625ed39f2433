#include "hebb/nn/layers/bounding_boxes.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct MaxNumBoundingBoxesArguments : MaxNumBoundingBoxesOptions {
  int64_t max_number = 1;
};

class MaxNumBoundingBoxesLayer final : public ConfiguredLayer<MaxNumBoundingBoxesLayer, MaxNumBoundingBoxesArguments>,
                                       public DictionaryLayer {
 public:
  static constexpr const char* keras_name = "MaxNumBoundingBoxes";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("max_number", a.max_number);
    // Keras reads it, and forgets to write it.
    visit.unless_default("fill_value", a.fill_value, int64_t{-1});
    visit.unless_default("bounding_box_format", a.bounding_box_format, std::string());
  }

  explicit MaxNumBoundingBoxesLayer(MaxNumBoundingBoxesArguments given) : ConfiguredLayer(std::move(given)) {
    require(arguments().max_number >= 0, message("expected a max_number of at least 0, got ", arguments().max_number,
                                                 ". Say how many boxes to keep."));
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    require(!inputs.empty() && inputs.size() <= 3,
            message("expected images, boxes and labels, or images, boxes and labels, got ", inputs.size(),
                    " inputs. Call it with {boxes, labels}."));
    if (inputs.size() > 1) check_boxes(inputs[inputs.size() - 2], inputs.back());
  }

  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    Tensors out = xs;
    size_t boxes = xs.size() - 2, labels = xs.size() - 1;
    if (!options.inputs.empty()) {
      boxes = place_of("bounding_boxes/boxes", options.inputs);
      labels = place_of("bounding_boxes/labels", options.inputs);
      require((boxes < xs.size()) == (labels < xs.size()),
              "expected \"bounding_boxes\" with \"boxes\" and \"labels\", got one of them. Give it both.");
    }
    if (boxes >= xs.size()) return out;
    check_boxes(xs[boxes].shape(), xs[labels].shape());
    out[boxes] = as_many(xs[boxes]);
    out[labels] = as_many(xs[labels]);
    return out;
  }

 private:
  static size_t place_of(const char* part, const std::vector<std::string>& parts) {
    return static_cast<size_t>(std::find(parts.begin(), parts.end(), part) - parts.begin());
  }
  void check_boxes(const Shape& boxes, const Shape& labels) const {
    const bool fits = boxes.rank() == 3 && labels.rank() == 2 && boxes[2] == 4 && boxes[1] == labels[1];
    require(fits, message("expected boxes (batch, boxes, 4) and labels (batch, boxes), got ", boxes, " and ", labels,
                          ". Give each box four numbers and one label."));
  }

  /// x (batch, boxes, ...) with max_number of them.
  Tensor as_many(const Tensor& x) const {
    const int64_t wanted = arguments().max_number, missing = wanted - x.shape()[1];
    const std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0);
    if (missing <= 0) return slice(x, begin, x.shape().without(1).with(1, wanted).to_vector());
    const Shape added = x.shape().without(1).with(1, missing);
    const Tensor filling = Tensor::scalar(static_cast<double>(arguments().fill_value), x.dtype());
    return concatenate({x, broadcast_to(filling, added)}, 1);
  }
};

}  // namespace

Layer MaxNumBoundingBoxes(int64_t max_number, const MaxNumBoundingBoxesOptions& options) {
  return make_layer<MaxNumBoundingBoxesLayer>(MaxNumBoundingBoxesArguments{options, max_number});
}

Layer detail::max_num_bounding_boxes_from_config(const Json& config) {
  return MaxNumBoundingBoxesLayer::from_config(config);
}

}  // namespace hebb
