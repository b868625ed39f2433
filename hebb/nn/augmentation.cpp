#include "hebb/nn/augmentation.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb {

namespace {

/// Counters that an example has for its own draws: no layers draw as often.
constexpr int64_t draws_of_example = 1 << 12;
/// Examples to a piece of work: enough that waking a thread for them is worth it.
constexpr int64_t examples_in_piece = 16;

class AugmentedSource : public data::Source {
 public:
  AugmentedSource(std::shared_ptr<const data::Source> base, std::vector<Layer> layers, const AugmentOptions& options)
      : base_(std::move(base)),
        layers_(std::move(layers)),
        seed_(options.seed ? *options.seed : next_seed()),
        input_(static_cast<size_t>(options.input)),
        plans_([this](const Tensors& given) { return Tensors{changed(given[0], given[1])}; }) {
    if (options.input < 0 || options.input >= base_->inputs()) {
      throw InvalidArgument(message("augment: expected an input from 0 to ", base_->inputs() - 1, ", got ",
                                    options.input, ". The first is 0."));
    }
    components_ = base_->components();
    example_ = {components_[input_].shape.with(0, 1), components_[input_].dtype};
    const std::vector<Spec> parameters = {example_, Spec{{2}, DType::int64}};
    const Spec result = plans_.plan_for(parameters).outputs().front();
    for (const Layer& layer : layers_) {
      if (layer.weights().empty()) continue;
      throw InvalidArgument(message("augment: ", layer->where(), "expected layers without weights, got one with ",
                                    layer.weights().size(), ". Make it a layer of the model."));
    }
    if (result.shape.rank() < 1 || result.shape.front() != 1) {
      throw InvalidArgument(message("augment: expected layers that keep the batch axis, got ", result, " from ",
                                    example_, ". Leave out the one that changes it."));
    }
    components_[input_] = {result.shape.without(0), result.dtype};
  }

  int64_t size() const override { return base_->size(); }
  const std::vector<Spec>& components() const override { return components_; }
  int64_t inputs() const override { return base_->inputs(); }
  int64_t targets() const override { return base_->targets(); }
  std::vector<std::string> names() const override { return base_->names(); }
  std::vector<std::string> class_names() const override { return base_->class_names(); }

  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_in_pass(0, indices, out);
  }

  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    if (out[input_]) return Source::gather_wanted(indices, out);
    base_->gather_wanted(indices, out);
  }

  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    const auto count = static_cast<int64_t>(indices.size());
    const int64_t bytes = example_.bytes(), result_bytes = components_[input_].bytes();
    const std::shared_ptr<Buffer> given = Buffer::allocate(bytes * count);
    std::vector<void*> pointers(out.begin(), out.end());
    auto* results = static_cast<std::byte*>(std::exchange(pointers[input_], given->data()));
    base_->gather_in_pass(pass, indices, pointers);
    const int64_t seed = derive_seed(seed_, static_cast<uint64_t>(pass));
    parallel_for((count + examples_in_piece - 1) / examples_in_piece, [&](int64_t piece) {
      const PlanCache::Lease plan = plans_.lease({example_, Spec{{2}, DType::int64}});
      for (int64_t i = piece * examples_in_piece; i < std::min(count, (piece + 1) * examples_in_piece); ++i) {
        const int64_t state[2] = {seed, indices[static_cast<size_t>(i)] * draws_of_example};
        const void* in[2] = {given->data() + i * bytes, state};
        void* result[1] = {results + i * result_bytes};
        plan->run(in, result);
      }
    });
  }

 private:
  Tensor changed(const Tensor& example, const Tensor& state) const {
    const WithRandomState with_state(state);
    Tensor x = example;
    for (const Layer& layer : layers_) x = layer(x, {.training = true});
    return x;
  }

  std::shared_ptr<const data::Source> base_;
  std::vector<Layer> layers_;
  int64_t seed_;
  size_t input_;
  std::vector<Spec> components_;
  Spec example_;
  mutable PlanCache plans_;
};

}  // namespace

data::Dataset augment(const data::Dataset& data, const std::vector<Layer>& layers, const AugmentOptions& options) {
  if (data.empty()) throw InvalidArgument("augment: expected at least one example, got none. Give it data.");
  if (layers.empty()) return data;
  return data::Dataset(std::make_shared<AugmentedSource>(data.shared(), layers, options));
}

}  // namespace hebb
