/// Data sets: examples by number, cut into batches.
///
///     data::Dataset train(x, y);                                     // arrays, the batch axis first
///     auto [head, tail] = train.split(0.9);
///     auto noisy = train.map([](const Tensors& batch) { return Tensors{batch[0] + noise, batch[1]}; });
///     for (auto [x, y] : train.batches({.batch_size = 64, .shuffle = true, .seed = 1})) { ... }
///
/// A `Dataset` is a handle of a `Source`. Elements keep their type (images stay uint8) until somebody computes with
/// them.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::data {

/// Where examples come from. An example has components: the inputs, the targets and, if it is weighted, a weight for
/// all targets or one for each (float32: a scalar, (1,), or one for each position of the target). Derive from it for
/// data that does not fit into memory.
class Source {
 public:
  virtual ~Source() = default;
  virtual int64_t size() const = 0;
  /// The spec of each component of one example, without a batch axis: inputs, then targets, then the weight.
  virtual const std::vector<Spec>& components() const = 0;
  virtual int64_t inputs() const { return 1; }
  virtual int64_t targets() const { return 1; }
  bool is_weighted() const { return weights() > 0; }
  int64_t weights() const { return static_cast<int64_t>(components().size()) - inputs() - targets(); }
  /// Writes the examples with these numbers, one after the other, into one buffer for each component. Called on a
  /// thread that loads ahead.
  virtual void gather(std::span<const int64_t> indices, std::span<void* const> out) const = 0;
  /// The same in a pass over the data, counted from 0: for sources whose examples are not the same in every pass, as
  /// those of `augment` are. Others need not know.
  virtual void gather_in_pass([[maybe_unused]] int64_t pass, std::span<const int64_t> indices,
                              std::span<void* const> out) const {
    gather(indices, out);
  }
  /// The same as `gather` for some components alone: the others have a null pointer in `out`. Unless a source knows
  /// better, they are gathered too and thrown away.
  virtual void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const;
  /// The arrays behind it, one for each component with the batch axis first, where everything is in memory; else empty.
  virtual Tensors arrays() const { return {}; }
  /// What the components are called where they come from, for messages; empty: they have no names.
  virtual std::vector<std::string> names() const { return {}; }
  /// What the classes are called that the first target numbers; empty: they have no names.
  virtual std::vector<std::string> class_names() const { return {}; }
};

struct BatchOptions {
  int64_t batch_size = 32;
  bool shuffle = false;
  int64_t seed = 0;             ///< of the order
  int64_t epoch = 0;            ///< the same seed gives another order in every epoch
  bool drop_remainder = false;  ///< leave out a last batch that is smaller
};

/// Some examples together: one tensor for each component. `auto [x, y] = batch` takes the first input and first target.
struct Batch {
  Tensors inputs, targets;
  Tensor weight;  ///< (batch,), (batch, 1) or (batch, positions), of all targets or the first; or undefined

  template <size_t I>
  Tensor get() const {
    const Tensors& from = I == 0 ? inputs : targets;
    return from.empty() ? Tensor() : from.front();
  }
};

class BatchRange;

class Dataset {
 public:
  Dataset() = default;
  /// Arrays with the batch axis first; InvalidArgument unless all have as many examples. `weight`: (examples,),
  /// (examples, 1), or (examples, positions) where an example's target has several.
  Dataset(const Tensor& x, const Tensor& y, const Tensor& weight = {});
  Dataset(const Tensors& x, const Tensors& y, const Tensor& weight = {});
  /// With a weight for each target, in order, or with one for all of them.
  static Dataset weighted(const Tensors& x, const Tensors& y, const Tensors& weights);
  explicit Dataset(std::shared_ptr<const Source> source) : source_(std::move(source)) {}

  int64_t size() const { return source_->size(); }
  bool empty() const { return !source_ || size() == 0; }
  const Source& source() const { return *source_; }
  const std::shared_ptr<const Source>& shared() const { return source_; }

  /// All inputs (targets) as one array: the first, or the i-th. Of a source that is not in memory this reads all of it,
  /// but nothing else.
  Tensor x(size_t i = 0) const;
  Tensor y(size_t i = 0) const;
  Tensor weight(size_t i = 0) const;
  /// The names of the classes, where they have some: a folder of images has.
  std::vector<std::string> class_names() const { return source_->class_names(); }
  /// Examples [first, last) of one component alone, the inputs being counted first, then the targets, then the weight.
  Tensor rows(int64_t component, int64_t first, int64_t last) const;
  /// The examples with these numbers.
  Batch gather(std::span<const int64_t> indices) const;

  /// Examples [first, last).
  Dataset slice(int64_t first, int64_t last) const;
  Dataset take(int64_t count) const { return slice(0, count); }
  Dataset skip(int64_t count) const { return slice(count, size()); }
  /// The first `fraction` of the examples, and the rest.
  std::pair<Dataset, Dataset> split(double fraction) const;
  /// The examples with these numbers, in this order.
  Dataset select(std::vector<int64_t> indices) const;
  /// Applies a function to the components of each batch while it is loaded. It must treat every example for itself, and
  /// return as many components with the same batch axis.
  Dataset map(std::function<Tensors(const Tensors&)> function) const;

  /// Batches, loaded ahead on another thread.
  BatchRange batches(const BatchOptions& options = {}) const;

 private:
  std::shared_ptr<const Source> source_;
};

class Feed;

/// What `for (auto [x, y] : data.batches(...))` walks over.
class BatchRange {
 public:
  BatchRange(std::shared_ptr<const Source> source, const BatchOptions& options);
  BatchRange(BatchRange&&) noexcept;
  ~BatchRange();

  class Iterator {
   public:
    explicit Iterator(BatchRange* range) : range_(range) {}
    const Batch& operator*() const { return range_->current_; }
    Iterator& operator++() {
      range_->advance();
      return *this;
    }
    bool operator!=(const Iterator&) const { return !range_->done_; }

   private:
    BatchRange* range_;
  };
  Iterator begin();
  Iterator end() { return Iterator(this); }
  /// Number of batches.
  int64_t size() const;

 private:
  void advance();

  std::shared_ptr<const Source> source_;
  BatchOptions options_;
  std::unique_ptr<Feed> feed_;
  Batch current_;
  bool done_ = false;
};

}  // namespace hebb::data

template <>
struct std::tuple_size<hebb::data::Batch> : std::integral_constant<size_t, 2> {};
template <size_t I>
struct std::tuple_element<I, hebb::data::Batch> {
  using type = hebb::Tensor;
};
