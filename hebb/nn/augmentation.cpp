#include "hebb/nn/augmentation.h"

#include <algorithm>
#include <functional>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/nn/layers/mixing.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb {

namespace {

/// Counters that an example has for its own draws: no layers draw as often.
constexpr int64_t draws_of_example = 1 << 12;
/// Examples to a piece of work: enough that waking a thread for them is worth it.
constexpr int64_t examples_in_piece = 16;

/// Data whose examples are changed one by one by a plan. `changed`: of how many examples each one is made, and which
/// components change.
class ChangedSource : public data::Source {
 public:
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
    const bool wants = std::any_of(changed_.begin(), changed_.end(), [&](size_t c) { return out[c] != nullptr; });
    if (wants) return Source::gather_wanted(indices, out);
    base_->gather_wanted(indices, out);
  }

 protected:
  /// `input`: the component of which layers are given an example, with a batch axis.
  ChangedSource(std::shared_ptr<const data::Source> base, int64_t seed, int64_t input,
                std::function<Tensors(const Tensors&)> change)
      : base_(std::move(base)), seed_(seed), input_(static_cast<size_t>(input)), plans_(std::move(change)) {
    components_ = base_->components();
    changed_ = {input_};
  }

  /// The spec of a component's example, as layers are given it.
  Spec example(size_t component) const {
    const Spec& spec = base_->components()[component];
    return {spec.shape.with(0, 1), spec.dtype};
  }
  /// Takes over what the plan makes of the changed components; InvalidArgument unless layers keep the batch axis.
  void take_results() {
    const std::vector<Spec> results = plans_.plan_for(parameters_).outputs();
    for (size_t i = 0; i < changed_.size(); ++i) {
      if (results[i].shape.rank() < 1 || results[i].shape.front() != 1) {
        throw InvalidArgument(message("augment: expected layers that keep the batch axis, got ", results[i], " from ",
                                      example(changed_[i]), ". Leave out the one that changes it."));
      }
      components_[changed_[i]] = {results[i].shape.without(0), results[i].dtype};
    }
  }
  /// Runs the plan for each example: `given` and `out` are buffers with an example behind the other; `draws` are the
  /// numbers that the examples' random numbers belong to.
  void run(int64_t pass, std::span<const int64_t> draws, const std::vector<const std::byte*>& given,
           const std::vector<std::byte*>& out) const {
    const auto count = static_cast<int64_t>(draws.size());
    const int64_t seed = derive_seed(seed_, static_cast<uint64_t>(pass));
    parallel_for((count + examples_in_piece - 1) / examples_in_piece, [&](int64_t piece) {
      const PlanCache::Lease plan = plans_.lease(parameters_);
      std::vector<const void*> in(given.size() + 1);
      std::vector<void*> results(out.size());
      for (int64_t i = piece * examples_in_piece; i < std::min(count, (piece + 1) * examples_in_piece); ++i) {
        const int64_t state[2] = {seed, draws[static_cast<size_t>(i)] * draws_of_example};
        for (size_t c = 0; c < given.size(); ++c) in[c] = given[c] + i * parameters_[c].bytes();
        in.back() = state;
        for (size_t c = 0; c < out.size(); ++c) results[c] = out[c] + i * components_[changed_[c]].bytes();
        plan->run(in, results);
      }
    });
  }

  std::shared_ptr<const data::Source> base_;
  int64_t seed_;
  size_t input_;
  std::vector<size_t> changed_;  // components
  std::vector<Spec> components_;
  std::vector<Spec> parameters_;  // of the plan; the last is the state of the random numbers
  mutable PlanCache plans_;
};

const Spec state_spec{{2}, DType::int64};

/// One input, sent through layers.
class AugmentedSource : public ChangedSource {
 public:
  AugmentedSource(std::shared_ptr<const data::Source> base, std::vector<Layer> layers, int64_t seed, int64_t input)
      : ChangedSource(std::move(base), seed, input,
                      [this](const Tensors& given) { return Tensors{changed(given[0], given[1])}; }),
        layers_(std::move(layers)) {
    parameters_ = {example(input_), state_spec};
    plans_.plan_for(parameters_);
    for (const Layer& layer : layers_) {
      if (layer.weights().empty()) continue;
      throw InvalidArgument(message("augment: ", layer->where(), "expected layers without weights, got one with ",
                                    layer.weights().size(), ". Make it a layer of the model."));
    }
    take_results();
  }

  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    const auto given = Buffer::allocate(parameters_[0].bytes() * static_cast<int64_t>(indices.size()));
    std::vector<void*> pointers(out.begin(), out.end());
    auto* results = static_cast<std::byte*>(std::exchange(pointers[input_], given->data()));
    base_->gather_in_pass(pass, indices, pointers);
    run(pass, indices, {given->data()}, {results});
  }

 private:
  Tensor changed(const Tensor& example, const Tensor& state) const {
    const WithRandomState with_state(state);
    Tensor x = example;
    for (const Layer& layer : layers_) x = layer(x, {.training = true});
    return x;
  }

  std::vector<Layer> layers_;
};

/// One input and the target, mixed with those of another example.
class MixedSource : public ChangedSource {
 public:
  MixedSource(std::shared_ptr<const data::Source> base, const Layer& layer, int64_t seed, int64_t input)
      : ChangedSource(std::move(base), seed, input, [this](const Tensors& given) { return mixed(given); }),
        layer_(layer),
        target_(static_cast<size_t>(base_->inputs())) {
    if (base_->targets() != 1) {
      throw InvalidArgument(message("augment: ", layer->where(), "expected data with one target, got ",
                                    base_->targets(), ". Leave the layer out, or mix the data yourself, with map()."));
    }
    const Spec labels = example(target_);
    if (labels.shape.rank() < 2) {
      throw InvalidArgument(message("augment: ", layer->where(),
                                    "expected targets that are rows, one number for each "
                                    "class, got ",
                                    base_->components()[target_],
                                    " for each example. Bring classes' numbers there with to_categorical()."));
    }
    changed_.push_back(target_);
    const Spec images = example(input_);
    layer_->build_for({images.shape, labels.shape});
    parameters_ = {images, labels, images, labels, state_spec};
    take_results();
  }

  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    const auto count = static_cast<int64_t>(indices.size());
    std::vector<int64_t> others;
    const auto seed = static_cast<uint64_t>(derive_seed(seed_, static_cast<uint64_t>(pass)));
    for (const int64_t index : indices) {
      PhiloxStream random(seed, static_cast<uint64_t>(index));
      others.push_back(random.below(static_cast<uint64_t>(size())));
    }
    std::vector<std::shared_ptr<Buffer>> buffers;
    const auto buffer = [&](size_t component) {
      buffers.push_back(Buffer::allocate(base_->components()[component].bytes() * count));
      return buffers.back()->data();
    };
    std::vector<void*> pointers(out.begin(), out.end());
    for (const size_t component : changed_) pointers[component] = buffer(component);
    base_->gather_in_pass(pass, indices, pointers);
    std::vector<void*> of_others;
    for (size_t component = 0; component < out.size(); ++component) of_others.push_back(buffer(component));
    base_->gather_in_pass(pass, others, of_others);
    const auto at = [](void* pointer) { return static_cast<std::byte*>(pointer); };
    run(pass, indices, {at(pointers[input_]), at(pointers[target_]), at(of_others[input_]), at(of_others[target_])},
        {at(out[input_]), at(out[target_])});
  }

 private:
  /// Images, labels and those of the other example.
  Tensors mixed(const Tensors& given) const {
    const WithRandomState with_state(given[4]);
    auto& mixing = dynamic_cast<MixingLayer&>(*layer_.shared());
    const auto as_layer = [&](const Tensor& x) { return cast(x, layer_->dtype()); };
    const Tensor images = as_layer(given[0]);
    const Mixture mixture = mixing.mixture(images);
    return {mixing.mixed_images(mixture, images, as_layer(given[2])),
            mixed_labels(mixture, as_layer(given[1]), as_layer(given[3]))};
  }

  Layer layer_;
  size_t target_;
};

}  // namespace

data::Dataset augment(const data::Dataset& data, const std::vector<Layer>& layers, const AugmentOptions& options) {
  if (data.empty()) throw InvalidArgument("augment: expected at least one example, got none. Give it data.");
  if (layers.empty()) return data;
  if (options.input < 0 || options.input >= data.source().inputs()) {
    throw InvalidArgument(message("augment: expected an input from 0 to ", data.source().inputs() - 1, ", got ",
                                  options.input, ". The first is 0."));
  }
  const int64_t seed = options.seed ? *options.seed : next_seed();
  std::shared_ptr<const data::Source> source = data.shared();
  // What mixes needs other examples as the layers before have left them: a source of its own, with a seed of its own.
  uint64_t stage = 0;
  const auto stage_seed = [&] { return stage++ == 0 ? seed : derive_seed(seed, (uint64_t{1} << 40) + stage); };
  for (auto at = layers.begin(); at != layers.end();) {
    const auto mixes = [](const Layer& layer) { return layer.as<MixingLayer>() != nullptr; };
    if (mixes(*at)) {
      source = std::make_shared<MixedSource>(source, *at++, stage_seed(), options.input);
      continue;
    }
    const auto end = std::find_if(at, layers.end(), mixes);
    source = std::make_shared<AugmentedSource>(source, std::vector<Layer>(at, end), stage_seed(), options.input);
    at = end;
  }
  return data::Dataset(source);
}

}  // namespace hebb
