#include "hebb/nn/weights_from_file.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/tensor/late_value.h"

namespace hebb {

namespace {
thread_local WeightsFromFile* innermost = nullptr;
}  // namespace

WeightsFromFile::WeightsFromFile(const Options& options) : options_(options), outer_(innermost) { innermost = this; }

WeightsFromFile::~WeightsFromFile() { innermost = outer_; }

std::optional<WeightsFromFile::Options> WeightsFromFile::current() {
  return innermost ? std::optional<Options>(innermost->options_) : std::nullopt;
}

Tensor WeightsFromFile::make(const Spec& spec, const std::string& name, bool trainable) {
  if (!innermost) return {};
  const auto elements = static_cast<uint64_t>(spec.shape.elements());
  const uint64_t left = innermost->options_.most_elements - innermost->used_;
  if (elements > left) {
    throw InvalidArgument(message("a weight of shape ", spec.shape, " needs ", elements,
                                  " values, but there can be only ", left, innermost->used_ > 0 ? " more." : "."));
  }
  innermost->used_ += elements;
  if (innermost->options_.initialize) return {};
  innermost->made_.push_back(variable_without_value(spec, name, trainable));
  return innermost->made_.back();
}

}  // namespace hebb
