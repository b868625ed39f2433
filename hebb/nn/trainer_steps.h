/// The plans of a trainer, for the files that it is written in.
#pragma once

#include <memory>
#include <vector>

#include "hebb/nn/trainer.h"
#include "hebb/plan/compiled.h"

namespace hebb {

struct Trainer::Steps {
  struct Kind {
    int64_t inputs, targets;
    int64_t weights;
    bool training;
    PlanCache cache;
  };
  std::vector<std::unique_ptr<Kind>> kinds;
  std::unique_ptr<PlanCache> predict;
  Plan* latest = nullptr;
};

/// Plans of one batch size that a model which takes texts has at a time: each length of texts makes one.
inline constexpr int64_t most_lengths = 32;

/// A batch of any size of such examples.
inline Shape batch_shape(const Spec& component) { return component.shape.with(0, Shape::unknown); }

/// So many examples at a time.
inline std::vector<Spec> batch_specs(const data::Source& source, int64_t count) {
  std::vector<Spec> specs;
  for (const Spec& component : source.components()) specs.push_back({component.shape.with(0, count), component.dtype});
  return specs;
}

}  // namespace hebb
