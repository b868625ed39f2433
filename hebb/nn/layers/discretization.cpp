#include <algorithm>
#include <cmath>
#include <numeric>

#include "hebb/nn/adapt.h"
#include "hebb/nn/layers/categorical_encoding.h"
#include "hebb/nn/layers/categories.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/categories.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

/// Some of many values in ascending order, each with how many it stands for. As Keras keeps them: in float32.
struct Summary {
  std::vector<float> values, weights;
};

/// The values that remain of sorted ones where about 1 / epsilon are kept.
Summary summary_of(std::vector<float> values, double epsilon) {
  std::sort(values.begin(), values.end());
  const double step = std::max(static_cast<double>(values.size()) / (1.0 / epsilon), 1.0);
  Summary summary;
  for (auto at = static_cast<size_t>(step - 1); at < values.size(); at += static_cast<size_t>(step)) {
    summary.values.push_back(values[at]);
    summary.weights.push_back(static_cast<float>(step));
  }
  return summary;
}

/// numpy.interp: the line through the points (from, to), `from` ascending, at x; beyond its ends the end's value.
double interpolated(double x, const std::vector<double>& from, const std::vector<double>& to) {
  const auto above = static_cast<size_t>(std::upper_bound(from.begin(), from.end(), x) - from.begin());
  if (above == 0) return to.front();
  if (above == from.size()) return to.back();
  const double slope = (to[above] - to[above - 1]) / (from[above] - from[above - 1]);
  return slope * (x - from[above - 1]) + to[above - 1];
}

/// As few values as steps of `epsilon` from 0 to 1 have, between those there are.
Summary compressed(const Summary& summary, double epsilon) {
  if (static_cast<double>(summary.values.size()) * epsilon < 1) return summary;
  std::vector<double> sums, shares, values(summary.values.begin(), summary.values.end());
  float sum = 0;
  for (const float weight : summary.weights) sums.push_back(sum += weight);
  for (const double each : sums) shares.push_back(static_cast<float>(each) / sum);
  Summary out;
  double before = 0;
  const auto steps = static_cast<int64_t>(std::ceil(1.0 / epsilon));
  for (int64_t i = 0; i < steps; ++i) {
    const double share = epsilon + static_cast<double>(i) * epsilon;
    const double reached = interpolated(share, shares, sums);
    out.values.push_back(static_cast<float>(interpolated(share, shares, values)));
    out.weights.push_back(static_cast<float>(reached - before));
    before = reached;
  }
  return out;
}

Summary merged(const Summary& a, const Summary& b, double epsilon) {
  Summary all = a;
  all.values.insert(all.values.end(), b.values.begin(), b.values.end());
  all.weights.insert(all.weights.end(), b.weights.begin(), b.weights.end());
  std::vector<size_t> order(all.values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return all.values[i] < all.values[j]; });
  Summary sorted;
  for (const size_t i : order) {
    sorted.values.push_back(all.values[i]);
    sorted.weights.push_back(all.weights[i]);
  }
  return compressed(sorted, epsilon);
}

struct Boundaries : Numbers {
  Boundaries() : Numbers(std::vector<double>()) {}
  using Numbers::Numbers;
};

struct DiscretizationArguments : DiscretizationOptions {
  std::optional<Boundaries> bin_boundaries = {};
  std::optional<int64_t> num_bins = {};
  bool trainable = true;
};

class DiscretizationLayer final : public ConfiguredLayer<DiscretizationLayer, DiscretizationArguments>,
                                  public Adaptable {
 public:
  static constexpr const char* keras_name = "Discretization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("bin_boundaries", a.bin_boundaries);
    visit("num_bins", a.num_bins);
    visit("epsilon", a.epsilon);
    visit("output_mode", a.output_mode);
    visit.fixed("sparse", false);
  }

  explicit DiscretizationLayer(DiscretizationArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    output_mode_of(*this, a.output_mode, {"int", "one_hot", "multi_hot", "count"});
    require(
        a.num_bins || a.bin_boundaries,
        "expected bin_boundaries or num_bins, got none of them. Give the boundaries, or a number and call adapt().");
    require(!a.num_bins || *a.num_bins > 0, message("expected num_bins of at least 1, got ", a.num_bins.value_or(0),
                                                    ". Give the number of different results."));
    require(a.epsilon > 0 && a.epsilon <= 1,
            message("expected an epsilon above 0 and at most 1, got ", a.epsilon, ". The default is 0.01."));
    if (!a.bin_boundaries) return;
    boundaries_ = a.bin_boundaries->values;
    require(std::is_sorted(boundaries_->begin(), boundaries_->end()),
            "expected ascending bin_boundaries, got others. Sort them.");
  }

  /// Keras 2 gave the layer the type of its results, int64 mostly.
  static Layer from_config(const Json& config) { return ConfiguredLayer::from_config(with_floats(config)); }

  /// Keras leaves out what other layers have.
  Json config() const override {
    Json json = Json::object();
    ConfigWriter writer(json);
    fields(writer, arguments());
    json.set("bin_boundaries", boundaries_ ? to_json(Numbers(*boundaries_)) : Json());
    json.set("name", name());
    json.set("dtype", std::string(name_of(dtype())));
    return json;
  }

  void check_shapes(const std::vector<Shape>&) const override {
    require(boundaries_.has_value(),
            "expected bins, got none: its num_bins are known, but not their boundaries. Call adapt() with data first.");
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const Tensor bins = digitize(x, cast(Tensor::from(*boundaries_), x.dtype()));
    const std::string& mode = arguments().output_mode;
    return encode_categories(bins, mode, static_cast<int64_t>(boundaries_->size()) + 1,
                             mode == "int" ? DType::int32 : dtype());
  }

  void reset_state() override {
    require(arguments().num_bins.has_value(),
            "adapt: expected a layer that learns its boundaries, got one that was given them. Give it num_bins.");
    seen_ = {};
  }
  void update_state(const Tensor& batch) override {
    const double epsilon = arguments().epsilon;
    seen_ = merged(summary_of(cast(batch, DType::float32).to_vector<float>(), epsilon), seen_, epsilon);
  }
  void finalize_state() override {
    const Summary bins = compressed(seen_, 1.0 / static_cast<double>(*arguments().num_bins));
    boundaries_.emplace(bins.values.begin(), bins.values.end() - (bins.values.empty() ? 0 : 1));
    seen_ = {};
  }

 private:
  std::optional<std::vector<double>> boundaries_;
  Summary seen_;
};

}  // namespace

Layer Discretization(const std::vector<double>& bin_boundaries, const DiscretizationOptions& options) {
  return make_layer<DiscretizationLayer>(DiscretizationArguments{options, Boundaries(bin_boundaries)});
}
Layer Discretization(int64_t num_bins, const DiscretizationOptions& options) {
  return make_layer<DiscretizationLayer>(DiscretizationArguments{options, std::nullopt, num_bins});
}

Layer detail::discretization_from_config(const Json& config) { return DiscretizationLayer::from_config(config); }

}  // namespace hebb
