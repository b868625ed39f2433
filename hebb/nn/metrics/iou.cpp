#include "hebb/nn/metrics/iou.h"

#include <algorithm>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/several_numbers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// What the kinds have in common; options that a kind has not are as they are there.
struct Settings {
  int64_t num_classes;
  std::vector<int64_t> target_class_ids;
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_true = true, sparse_y_pred = true;
  int64_t axis = -1;
  std::optional<double> threshold = {};
};

/// Keras writes the options of some kinds before the name, those of others behind the type.
enum class ConfigOrder { base_first, classes_first };

template <class Options>
Json config_of(const Options& options, ConfigOrder order) {
  Json json = Json::object();
  ConfigWriter write(json);
  const auto base = [&] {
    write("name", options.name);
    write("dtype", std::string(name_of(options.dtype)));
  };
  if (order == ConfigOrder::base_first) base();
  class_fields(write, options);
  if (order == ConfigOrder::classes_first) base();
  position_fields(write, options);
  return json;
}

class IntersectionOverUnion : public MetricBase {
 public:
  IntersectionOverUnion(const char* class_name, const std::string& name, DType dtype, Json config, Settings settings)
      : MetricBase(name),
        class_name_(class_name),
        dtype_(dtype),
        config_(std::move(config)),
        settings_(std::move(settings)) {
    if (settings_.num_classes < 1) {
      throw InvalidArgument(message(class_name, ": expected num_classes of at least 1, got ", settings_.num_classes,
                                    ". Give the number of classes."));
    }
    if (dtype != DType::int32 && dtype != DType::int64 && dtype != DType::float32) {
      throw InvalidArgument(message(class_name, ": expected int32, int64 or float32 as its dtype, got ", name_of(dtype),
                                    ". Take float32 for sample weights that are no integers."));
    }
    if (settings_.target_class_ids.empty())
      throw InvalidArgument(message(class_name, ": expected target_class_ids, got none. Give the classes to look at."));
    for (const int64_t id : settings_.target_class_ids) {
      if (id >= 0 && id < settings_.num_classes) continue;
      throw InvalidArgument(message(class_name, ": expected target_class_ids from 0 to ", settings_.num_classes - 1,
                                    ", got ", id, ". Give numbers of classes."));
    }
  }
  std::string class_name() const override { return class_name_; }
  Direction direction() const override { return Direction::up; }
  Json config() const override {
    Json json = config_;
    json.set("name", name());
    return json;
  }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    const Tensor labels = flat(settings_.sparse_y_true ? y_true : argmax(y_true, settings_.axis));
    Tensor predicted = y_pred;
    if (settings_.threshold) predicted = greater_equal(as_floating(y_pred), *settings_.threshold);
    const Tensor answers = flat(settings_.sparse_y_pred ? predicted : argmax(predicted, settings_.axis));
    if (labels.shape() != answers.shape()) {
      throw InvalidArgument(message(name(), ": expected as many labels as predictions, got targets of shape ",
                                    y_true.shape(), " and predictions of shape ", y_pred.shape(),
                                    ". Say by sparse_y_true and sparse_y_pred which of them are class numbers."));
    }
    const auto classes = static_cast<double>(settings_.num_classes);
    const auto is_class = [&](const Tensor& x) { return logical_and(greater_equal(x, 0.0), less(x, classes)); };
    Tensor counts = logical_and(is_class(labels), is_class(answers));
    if (settings_.ignore_class)
      counts = logical_and(counts, not_equal(labels, static_cast<double>(*settings_.ignore_class)));
    // A place outside of the table adds nothing.
    const Tensor places = select(counts, labels * classes + answers, -1.0);
    Tensor weights = ones(labels.shape(), dtype_);
    if (sample_weight.defined()) {
      const Tensor given = cast(sample_weight, dtype_);
      const Shape& shape = settings_.sparse_y_true ? y_true.shape() : y_pred.shape();
      weights =
          given.size() == labels.size()
              ? reshape(given, labels.shape())
              : reshape(broadcast_to(weights_for(given, positions(shape), name()), positions(shape)), labels.shape());
    }
    add_to(state()[0],
           reshape(scatter_add(places, weights, settings_.num_classes * settings_.num_classes), table_shape()));
  }

  double result() const override {
    constexpr float epsilon = 1e-7f;
    const std::vector<double> table = state()[0].to_vector<double>();
    const auto classes = static_cast<size_t>(settings_.num_classes);
    float total = 0, valid = 0;
    for (const int64_t id : settings_.target_class_ids) {
      const auto k = static_cast<size_t>(id);
      double either = -table[k * classes + k];
      for (size_t i = 0; i < classes; ++i) either += table[k * classes + i] + table[i * classes + k];
      if (!(either > 1e-9)) continue;
      total += static_cast<float>(table[k * classes + k]) / (static_cast<float>(either) + epsilon);
      valid += 1;
    }
    return total / (valid + epsilon);
  }

 protected:
  Tensors make_state() const override { return {make_sums("total_confusion_matrix", table_shape(), dtype_)}; }

 private:
  Shape table_shape() const { return {settings_.num_classes, settings_.num_classes}; }
  /// The shape of targets without the axis of the classes.
  Shape positions(const Shape& shape) const {
    return settings_.sparse_y_true ? shape : shape.without(static_cast<int>(settings_.axis));
  }
  static Tensor flat(const Tensor& x) { return reshape(cast(x, DType::int32), {x.size()}); }

  const char* const class_name_;
  const DType dtype_;
  const Json config_;
  const Settings settings_;
};

template <class Options>
Metric intersection_over_union(const char* class_name, const Options& options, ConfigOrder order, Settings settings) {
  return std::make_shared<IntersectionOverUnion>(class_name, options.name, options.dtype, config_of(options, order),
                                                 std::move(settings));
}

std::vector<int64_t> all_classes(int64_t count) {
  std::vector<int64_t> ids(static_cast<size_t>(std::max<int64_t>(count, 0)));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

}  // namespace

Metric IoU(const IoUOptions& options) {
  return intersection_over_union("IoU", options, ConfigOrder::base_first,
                                 {options.num_classes, options.target_class_ids, options.ignore_class,
                                  options.sparse_y_true, options.sparse_y_pred, options.axis});
}

Metric BinaryIoU(const BinaryIoUOptions& options) {
  return intersection_over_union(
      "BinaryIoU", options, ConfigOrder::classes_first,
      {.num_classes = 2, .target_class_ids = options.target_class_ids, .threshold = options.threshold});
}

Metric MeanIoU(const MeanIoUOptions& options) {
  return intersection_over_union("MeanIoU", options, ConfigOrder::classes_first,
                                 {options.num_classes, all_classes(options.num_classes), options.ignore_class,
                                  options.sparse_y_true, options.sparse_y_pred, options.axis});
}

Metric OneHotIoU(const OneHotIoUOptions& options) {
  return intersection_over_union("OneHotIoU", options, ConfigOrder::classes_first,
                                 {options.num_classes, options.target_class_ids, options.ignore_class, false,
                                  options.sparse_y_pred, options.axis});
}

Metric OneHotMeanIoU(const OneHotMeanIoUOptions& options) {
  return intersection_over_union("OneHotMeanIoU", options, ConfigOrder::classes_first,
                                 {options.num_classes, all_classes(options.num_classes), options.ignore_class, false,
                                  options.sparse_y_pred, options.axis});
}

}  // namespace hebb
