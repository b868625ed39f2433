/// Layers that learn from the data what they do, before training: means, the bounds of bins, a vocabulary.
///
///     Layer normalization = Normalization();
///     adapt(normalization, x_train);                                   // all at once
///     adapt(normalization, train, {.batch_size = 1024});               // or batch by batch
///     Sequential model({Input({13}), normalization, Dense(1)});
///
/// To be done before the layer computes: a plan that was made with a layer's bins or vocabulary keeps those. What was
/// learned is saved with the layer.
#pragma once

#include <cstdint>
#include <optional>

#include "hebb/data/dataset.h"
#include "hebb/nn/layer.h"

namespace hebb {

/// A layer that `adapt` can show data to.
class Adaptable {
 public:
  virtual ~Adaptable() = default;
  /// Forgets what was seen.
  virtual void reset_state() = 0;
  /// Sees a batch, the batch axis first.
  virtual void update_state(const Tensor& batch) = 0;
  /// Makes what was seen what the layer does.
  virtual void finalize_state() = 0;
};

struct AdaptOptions {
  int64_t batch_size = 1024;
  std::optional<int64_t> steps = {};  ///< batches to look at; unset: all
  int64_t input = 0;                  ///< which input is looked at, where there are several
};

/// Shows the layer all examples, the batch axis first, in place of what it saw before. InvalidArgument for a layer that
/// learns nothing this way, that was given what it would learn, and for data that does not fit it.
void adapt(const Layer& layer, const Tensor& data);
/// The same, batch by batch.
void adapt(const Layer& layer, const data::Dataset& data, const AdaptOptions& options = {});

}  // namespace hebb
