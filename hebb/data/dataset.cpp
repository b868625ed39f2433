#include "hebb/data/dataset.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/feed.h"
#include "hebb/ops/random.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {

namespace {

constexpr int64_t most_bytes_at_once = int64_t{16} << 20;  // what is read of a component in one go

Spec example_spec(const Tensor& array) { return {array.shape().without(0), array.dtype()}; }

class ArraySource : public Source {
 public:
  ArraySource(const Tensors& x, const Tensors& y, const Tensors& weights)
      : inputs_(static_cast<int64_t>(x.size())), targets_(static_cast<int64_t>(y.size())) {
    arrays_ = x;
    arrays_.insert(arrays_.end(), y.begin(), y.end());
    arrays_.insert(arrays_.end(), weights.begin(), weights.end());
    for (size_t i = 0; i < arrays_.size(); ++i) {
      const Tensor& array = arrays_[i];
      if (array.rank() < 1) {
        throw InvalidArgument(message("Dataset: expected arrays with a batch axis, got ", array.spec(), " as ",
                                      role_of(i), ". Put the examples along the first axis, with reshape()."));
      }
      if (array.shape().front() != arrays_[0].shape().front()) {
        throw InvalidArgument(message("Dataset: expected as many examples in every array, got ", arrays_[0].spec(),
                                      " as ", role_of(0), " and ", array.spec(), " as ", role_of(i),
                                      ". Give each of the ", arrays_[0].shape().front(), " examples its ",
                                      is_weight(i) ? "weight" : "row", ", or take() as many of the others."));
      }
      components_.push_back(example_spec(array));
      data_.push_back(static_cast<const std::byte*>(array.raw()));
    }
    if (arrays_.empty()) throw InvalidArgument("Dataset: expected at least one array of inputs, got none. Give it x.");
    for (const Tensor& weight : weights) {
      if (weight.dtype() == DType::float32) continue;
      throw InvalidArgument(
          message("Dataset: expected float32 sample weights, got ", weight.spec(), ". Bring them there with cast()."));
    }
    if (weights.size() > 1 && weights.size() != y.size()) {
      throw InvalidArgument(message("Dataset: expected sample weights for each of ", y.size(), " targets, got ",
                                    weights.size(), ". Give as many arrays, or one for all."));
    }
  }

  int64_t size() const override { return arrays_[0].shape().front(); }
  const std::vector<Spec>& components() const override { return components_; }
  int64_t inputs() const override { return inputs_; }
  int64_t targets() const override { return targets_; }
  Tensors arrays() const override { return arrays_; }

  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_wanted(indices, out);
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    for (size_t c = 0; c < components_.size(); ++c) {
      const auto bytes = static_cast<size_t>(components_[c].bytes());
      auto* target = static_cast<std::byte*>(out[c]);
      if (!target) continue;
      for (int64_t index : indices) {
        std::memcpy(target, data_[c] + static_cast<size_t>(index) * bytes, bytes);
        target += bytes;
      }
    }
  }

 private:
  bool is_weight(size_t i) const { return static_cast<int64_t>(i) >= inputs_ + targets_; }
  /// What the i-th array is, in the words in which it was given.
  std::string role_of(size_t i) const {
    const auto at = static_cast<int64_t>(i);
    if (is_weight(i)) return "the sample weights";
    if (at < inputs_) return inputs_ == 1 ? "x" : message("x[", at, "]");
    return targets_ == 1 ? "y" : message("y[", at - inputs_, "]");
  }

  int64_t inputs_, targets_;
  Tensors arrays_;
  std::vector<Spec> components_;
  std::vector<const std::byte*> data_;
};

/// What sources that stand on another source share.
class DerivedSource : public Source {
 public:
  explicit DerivedSource(std::shared_ptr<const Source> base) : base_(std::move(base)) {}
  int64_t size() const override { return base_->size(); }
  const std::vector<Spec>& components() const override { return base_->components(); }
  int64_t inputs() const override { return base_->inputs(); }
  int64_t targets() const override { return base_->targets(); }
  std::vector<std::string> names() const override { return base_->names(); }
  std::vector<std::string> class_names() const override { return base_->class_names(); }

 protected:
  std::shared_ptr<const Source> base_;
};

class SelectedSource : public DerivedSource {
 public:
  SelectedSource(std::shared_ptr<const Source> base, std::vector<int64_t> indices)
      : DerivedSource(std::move(base)), indices_(std::move(indices)) {}
  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    base_->gather(through(indices), out);
  }
  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    base_->gather_in_pass(pass, through(indices), out);
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    base_->gather_wanted(through(indices), out);
  }

 private:
  std::vector<int64_t> through(std::span<const int64_t> indices) const {
    std::vector<int64_t> out;
    out.reserve(indices.size());
    for (int64_t index : indices) out.push_back(indices_[static_cast<size_t>(index)]);
    return out;
  }

  std::vector<int64_t> indices_;
};

class MappedSource : public DerivedSource {
 public:
  MappedSource(std::shared_ptr<const Source> base, std::function<Tensors(const Tensors&)> function)
      : DerivedSource(std::move(base)), function_(std::move(function)) {
    if (base_->size() == 0) throw InvalidArgument("map: expected a data set with at least one example.");
    const int64_t first = 0;
    for (const Tensor& result : apply(0, {&first, 1})) components_.push_back(example_spec(result));
  }
  const std::vector<Spec>& components() const override { return components_; }

  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_in_pass(0, indices, out);
  }
  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    const Tensors results = apply(pass, indices);
    for (size_t c = 0; c < results.size(); ++c) {
      if (example_spec(results[c]) != components_[c]) {
        throw InvalidArgument(message("map: the function returned ", results[c].spec(),
                                      " where it returned examples of ", components_[c], " before."));
      }
      std::memcpy(out[c], results[c].raw(), static_cast<size_t>(results[c].spec().bytes()));
    }
  }

 private:
  Tensors apply(int64_t pass, std::span<const int64_t> indices) const {
    Tensors batch;
    std::vector<void*> pointers;
    for (const Spec& component : base_->components()) {
      batch.push_back(Tensor::empty(component.shape.with(0, static_cast<int64_t>(indices.size())), component.dtype));
      keep_texts(batch.back(), base_);
      pointers.push_back(batch.back().mutable_raw());
    }
    base_->gather_in_pass(pass, indices, pointers);
    const NoTape no_tape;
    Tensors results = function_(batch);
    for (const Tensor& result : results) {
      if (result.dtype() != DType::string || result.body()->buffer->kept() == base_) continue;
      throw NotSupported(
          "map: the function returned new texts, which nothing keeps. Return those that it was given, and change texts "
          "before the data set is made of them.");
    }
    if (results.size() != batch.size()) {
      throw InvalidArgument(message("map: expected the function to return ", batch.size(),
                                    " tensors, as it was given, got ", results.size(), "."));
    }
    for (const Tensor& result : results) {
      if (result.rank() < 1 || result.shape().front() != static_cast<int64_t>(indices.size())) {
        throw InvalidArgument(
            message("map: expected tensors with a batch axis of ", indices.size(), ", got ", result.spec(), "."));
      }
    }
    return results;
  }

  std::function<Tensors(const Tensors&)> function_;
  std::vector<Spec> components_;
};

/// Each component of the examples with these numbers.
Tensors gathered(const std::shared_ptr<const Source>& source, std::span<const int64_t> indices) {
  Tensors tensors;
  std::vector<void*> pointers;
  for (const Spec& component : source->components()) {
    tensors.push_back(Tensor::empty(component.shape.with(0, static_cast<int64_t>(indices.size())), component.dtype));
    keep_texts(tensors.back(), source);
    pointers.push_back(tensors.back().mutable_raw());
  }
  source->gather(indices, pointers);
  return tensors;
}

}  // namespace

void Source::gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const {
  std::vector<void*> all(out.begin(), out.end());
  std::vector<std::vector<std::byte>> waste;
  for (size_t c = 0; c < all.size(); ++c) {
    if (all[c]) continue;
    waste.emplace_back(static_cast<size_t>(components()[c].bytes()) * indices.size());
    all[c] = waste.back().data();
  }
  gather(indices, all);
}

Dataset::Dataset(const Tensor& x, const Tensor& y, const Tensor& weight)
    : Dataset(Tensors{x}, y.defined() ? Tensors{y} : Tensors{}, weight) {}

Dataset::Dataset(const Tensors& x, const Tensors& y, const Tensor& weight)
    : Dataset(weighted(x, y, weight.defined() ? Tensors{weight} : Tensors{})) {}

Dataset Dataset::weighted(const Tensors& x, const Tensors& y, const Tensors& weights) {
  return Dataset(std::make_shared<ArraySource>(x, y, weights));
}

Batch Dataset::gather(std::span<const int64_t> indices) const {
  for (int64_t index : indices) {
    if (index < 0 || index >= size())
      throw InvalidArgument(message("Dataset: there is no example ", index, " among ", size(), "."));
  }
  Batch batch;
  const Tensors tensors = gathered(source_, indices);
  const auto x_end = tensors.begin() + static_cast<std::ptrdiff_t>(source_->inputs()),
             y_end = x_end + static_cast<std::ptrdiff_t>(source_->targets());
  batch.inputs.assign(tensors.begin(), x_end);
  batch.targets.assign(x_end, y_end);
  if (y_end != tensors.end()) batch.weight = *y_end;
  return batch;
}

namespace {
Tensor component(const Dataset& data, int64_t at) {
  const Source& source = data.source();
  if (at >= static_cast<int64_t>(source.components().size())) return {};
  if (const Tensors arrays = source.arrays(); !arrays.empty()) return arrays[static_cast<size_t>(at)];
  return data.rows(at, 0, data.size());
}
}  // namespace

Tensor Dataset::rows(int64_t component, int64_t first, int64_t last) const {
  const auto& components = source_->components();
  if (component < 0 || component >= static_cast<int64_t>(components.size())) {
    throw InvalidArgument(message("Dataset: there is no component ", component, " among ", components.size(), "."));
  }
  if (first < 0 || first > last || last > size())
    throw InvalidArgument(message("Dataset: [", first, ", ", last, ") is no part of ", size(), " examples."));
  const Spec& spec = components[static_cast<size_t>(component)];
  Tensor out = Tensor::empty(spec.shape.with(0, last - first), spec.dtype);
  keep_texts(out, source_);
  auto* place = static_cast<std::byte*>(out.mutable_raw());
  const int64_t step = std::max<int64_t>(1, most_bytes_at_once / std::max<int64_t>(spec.bytes(), 256));
  std::vector<int64_t> indices;
  std::vector<void*> pointers(components.size(), nullptr);
  for (int64_t at = first; at < last; at += step) {
    indices.resize(static_cast<size_t>(std::min(step, last - at)));
    std::iota(indices.begin(), indices.end(), at);
    pointers[static_cast<size_t>(component)] = place + (at - first) * spec.bytes();
    source_->gather_wanted(indices, pointers);
  }
  return out;
}

Tensor Dataset::x(size_t i) const {
  if (static_cast<int64_t>(i) >= source_->inputs())
    throw InvalidArgument(message("Dataset: there is no input ", i, " among ", source_->inputs(), "."));
  return component(*this, static_cast<int64_t>(i));
}

Tensor Dataset::y(size_t i) const {
  if (static_cast<int64_t>(i) >= source_->targets())
    throw InvalidArgument(message("Dataset: there is no target ", i, " among ", source_->targets(), "."));
  return component(*this, source_->inputs() + static_cast<int64_t>(i));
}

Tensor Dataset::weight(size_t i) const {
  return component(*this, source_->inputs() + source_->targets() + static_cast<int64_t>(i));
}

Dataset Dataset::slice(int64_t first, int64_t last) const {
  last = std::min(last, size());
  if (first < 0 || first > last)
    throw InvalidArgument(message("Dataset: [", first, ", ", last, ") is no part of ", size(), " examples."));
  const Tensors arrays = source_->arrays();
  if (!arrays.empty() &&
      std::none_of(arrays.begin(), arrays.end(), [](const Tensor& array) { return array.is_variable(); })) {
    // Views of the same memory.
    Tensors parts;
    for (const Tensor& array : arrays) {
      auto body = std::make_shared<TensorBody>();
      body->spec = {array.shape().without(0).with(0, last - first), array.dtype()};
      const int64_t row = example_spec(array).bytes();
      body->buffer = Buffer::view(array.body()->buffer, first * row, (last - first) * row);
      parts.emplace_back(std::move(body));
    }
    const auto x = static_cast<std::ptrdiff_t>(source_->inputs()), y = static_cast<std::ptrdiff_t>(source_->targets());
    return weighted(Tensors(parts.begin(), parts.begin() + x), Tensors(parts.begin() + x, parts.begin() + x + y),
                    Tensors(parts.begin() + x + y, parts.end()));
  }
  std::vector<int64_t> indices(static_cast<size_t>(last - first));
  std::iota(indices.begin(), indices.end(), first);
  return select(std::move(indices));
}

std::pair<Dataset, Dataset> Dataset::split(double fraction) const {
  if (!(fraction >= 0 && fraction <= 1))
    throw InvalidArgument(message("split: expected a fraction from 0 to 1, got ", fraction, "."));
  const auto at = static_cast<int64_t>(fraction * static_cast<double>(size()));
  return {take(at), skip(at)};
}

Dataset Dataset::select(std::vector<int64_t> indices) const {
  for (int64_t index : indices) {
    if (index < 0 || index >= size())
      throw InvalidArgument(message("Dataset: there is no example ", index, " among ", size(), "."));
  }
  return Dataset(std::make_shared<SelectedSource>(source_, std::move(indices)));
}

Dataset Dataset::map(std::function<Tensors(const Tensors&)> function) const {
  return Dataset(std::make_shared<MappedSource>(source_, std::move(function)));
}

BatchRange Dataset::batches(const BatchOptions& options) const { return BatchRange(source_, options); }

BatchRange::BatchRange(std::shared_ptr<const Source> source, const BatchOptions& options)
    : source_(std::move(source)), options_(options) {
  feed_ = std::make_unique<Feed>(source_, options_.batch_size, options_.drop_remainder);
}
BatchRange::BatchRange(BatchRange&&) noexcept = default;
BatchRange::~BatchRange() = default;

BatchRange::Iterator BatchRange::begin() {
  std::vector<int64_t> order;
  if (options_.shuffle)
    order = random::permutation(source_->size(), options_.seed, options_.epoch).to_vector<int64_t>();
  feed_->start(std::move(order), options_.epoch);
  done_ = false;
  advance();
  return Iterator(this);
}

int64_t BatchRange::size() const { return feed_->batches(); }

void BatchRange::advance() {
  const Feed::View* view = feed_->next();
  done_ = view == nullptr;
  current_ = {};
  if (done_) return;
  const auto& components = source_->components();
  for (size_t c = 0; c < components.size(); ++c) {
    Tensor tensor = Tensor::empty(components[c].shape.with(0, view->count), components[c].dtype);
    keep_texts(tensor, source_);
    std::memcpy(tensor.mutable_raw(), view->pointers[c], static_cast<size_t>(tensor.spec().bytes()));
    const auto at = static_cast<int64_t>(c);
    if (at < source_->inputs()) {
      current_.inputs.push_back(tensor);
    } else if (at < source_->inputs() + source_->targets()) {
      current_.targets.push_back(tensor);
    } else if (!current_.weight.defined()) {
      current_.weight = tensor;
    }
  }
}

}  // namespace hebb::data
