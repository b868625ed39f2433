#include "hebb/nn/training_data.h"

#include <algorithm>
#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

class InputsOnly : public data::Source {
 public:
  explicit InputsOnly(std::shared_ptr<const data::Source> base) : base_(std::move(base)) {
    const auto& all = base_->components();
    components_.assign(all.begin(), all.begin() + base_->inputs());
  }
  int64_t size() const override { return base_->size(); }
  const std::vector<Spec>& components() const override { return components_; }
  int64_t inputs() const override { return base_->inputs(); }
  int64_t targets() const override { return 0; }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    std::vector<void*> all(out.begin(), out.end());
    all.resize(base_->components().size(), nullptr);
    base_->gather_wanted(indices, all);
  }

 private:
  std::shared_ptr<const data::Source> base_;
  std::vector<Spec> components_;
};

class CheckedTargets : public data::Source {
 public:
  using Check = std::function<void(size_t, const Tensor&)>;
  CheckedTargets(std::shared_ptr<const data::Source> base, Check check)
      : base_(std::move(base)), check_(std::move(check)) {}
  int64_t size() const override { return base_->size(); }
  const std::vector<Spec>& components() const override { return base_->components(); }
  int64_t inputs() const override { return base_->inputs(); }
  int64_t targets() const override { return base_->targets(); }
  std::vector<std::string> names() const override { return base_->names(); }
  std::vector<std::string> class_names() const override { return base_->class_names(); }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_in_pass(0, indices, out);
  }
  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    base_->gather_in_pass(pass, indices, out);
    for (int64_t i = 0; i < targets(); ++i) {
      const auto at = static_cast<size_t>(inputs() + i);
      const Spec& spec = components()[at];
      Tensor target = Tensor::empty(spec.shape.with(0, static_cast<int64_t>(indices.size())), spec.dtype);
      std::memcpy(target.mutable_raw(), out[at], static_cast<size_t>(target.spec().bytes()));
      check_(static_cast<size_t>(i), target);
    }
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    base_->gather_wanted(indices, out);
  }

 private:
  std::shared_ptr<const data::Source> base_;
  Check check_;
};

data::Dataset weighted(const data::Dataset& data, const Tensors& weights, const char* what, const char* where) {
  const Tensors arrays = data.source().arrays();
  if (arrays.empty())
    throw NotSupported(message(where, ": ", what, ": expected data in memory. Make a Dataset with weights instead."));
  for (const Tensor& weight : weights) {
    if (weight.rank() > 0 && weight.shape().front() == data.size()) continue;
    throw InvalidArgument(message(where, ": ", what, ": expected a weight for each of ", data.size(),
                                  " examples, got weights of shape ", weight.shape(),
                                  ". Give as many, (examples,) or (examples, positions)."));
  }
  const auto x_end = arrays.begin() + static_cast<std::ptrdiff_t>(data.source().inputs()),
             y_end = x_end + static_cast<std::ptrdiff_t>(data.source().targets());
  return data::Dataset::weighted(Tensors(arrays.begin(), x_end), Tensors(x_end, y_end), weights);
}

}  // namespace

data::Dataset with_checked_targets(const data::Dataset& data, std::function<void(size_t, const Tensor&)> check) {
  return data::Dataset(std::make_shared<CheckedTargets>(data.shared(), std::move(check)));
}

data::Dataset with_class_weights(const data::Dataset& data, const std::map<int64_t, double>& weights,
                                 const char* where) {
  if (weights.empty()) return data;
  if (data.source().targets() != 1) {
    throw InvalidArgument(message(where, ": class_weight: expected a model of one output, got ",
                                  data.source().targets(), ". Give sample_weight instead."));
  }
  if (data.source().is_weighted()) {
    throw InvalidArgument(
        message(where, ": expected class_weight or sample_weight, got both. Multiply them into sample_weight."));
  }
  Tensor labels = data.y();
  const WithRecorder at_once(nullptr);
  if (labels.rank() >= 2 && labels.shape().back() > 1) labels = argmax(labels, -1);
  std::vector<float> out;
  for (int64_t label : labels.to_vector<int64_t>()) {
    const auto found = weights.find(label);
    out.push_back(found == weights.end() ? 1.f : static_cast<float>(found->second));
  }
  return weighted(data, {Tensor::from(out)}, "class_weight", where);
}

data::Dataset with_sample_weights(const data::Dataset& data, const PerOutput<Tensor>& weights,
                                  const std::vector<std::string>& outputs, const char* where) {
  if (weights.empty() || (weights.is_single() && !weights.list().front().defined())) return data;
  const auto as_weights = [](const Tensor& given) { return cast(given, DType::float32); };
  if (weights.is_single()) return weighted(data, {as_weights(weights.list().front())}, "sample_weight", where);
  const Tensor ones_of_all = ones({data.size()});
  Tensors all;
  if (weights.by_name().empty()) {
    if (weights.list().size() != outputs.size()) {
      throw InvalidArgument(message(where, ": sample_weight: expected one for each of ", outputs.size(), " outputs (",
                                    join(outputs), "), got ", weights.list().size(),
                                    ". Give as many, or name the outputs they are of."));
    }
    for (const Tensor& one : weights.list()) all.push_back(one.defined() ? as_weights(one) : ones_of_all);
  } else {
    for (const auto& [name, weight] : weights.by_name()) {
      if (std::find(outputs.begin(), outputs.end(), name) == outputs.end())
        throw InvalidArgument(message(where, ": sample_weight: ", unknown_name("output", name, outputs)));
    }
    for (const std::string& name : outputs) {
      const auto found = weights.by_name().find(name);
      all.push_back(found == weights.by_name().end() ? ones_of_all : as_weights(found->second));
    }
  }
  return weighted(data, all, "sample_weight", where);
}

std::shared_ptr<const data::Source> without_targets(std::shared_ptr<const data::Source> base) {
  return std::make_shared<InputsOnly>(std::move(base));
}

}  // namespace hebb
