// Which variables of an optimizer a file holds: what Keras of each age wrote, against what hebb has.

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/model_file.h"

namespace hebb::io {

namespace {

bool is_iteration(const Tensor& variable) { return variable.name() == "iteration"; }
bool is_rate(const Tensor& variable) { return variable.name() == "learning_rate"; }

/// What an optimizer has before it sees a weight.
bool is_counter(const Tensor& variable) { return is_iteration(variable) || is_rate(variable); }

/// Nadam's product of momenta, and Adafactor's unused places.
bool is_attribute(const Tensor& variable) {
  return variable.name() == "u_product" || (variable.dtype() == DType::int32 && variable.rank() == 0);
}

/// The variables with as many values and of the same shapes as a file of tf_keras: it keeps the learning rate in the
/// configuration, and attributes nowhere. Nothing when there are none such.
std::optional<std::vector<int>> match_without(const Tensors& variables, const std::vector<Shape>& stored,
                                              bool without_attributes) {
  std::vector<int> match;
  int next = 0;
  for (const Tensor& variable : variables) {
    if (is_rate(variable) || (without_attributes && is_attribute(variable))) {
      match.push_back(-1);
      continue;
    }
    if (static_cast<size_t>(next) >= stored.size() || stored[static_cast<size_t>(next)] != variable.shape())
      return std::nullopt;
    match.push_back(next++);
  }
  return static_cast<size_t>(next) == stored.size() ? std::optional(match) : std::nullopt;
}

/// The variables of the optimizer inside of a LossScaleOptimizer alone, as tf_keras has them; its scale begins anew
/// there.
std::optional<std::vector<int>> match_inner(const Tensors& variables, const std::vector<Shape>& stored) {
  const size_t first = detail::start_of_inner_optimizer(variables);
  if (first == variables.size() || variables[first - 1].name() != "dynamic_scale") return std::nullopt;
  const Tensors inner(variables.begin() + static_cast<std::ptrdiff_t>(first), variables.end());
  auto found = match_without(inner, stored, true);
  if (found) found->insert(found->begin(), first, -1);
  return found;
}

/// Up to Keras 3.9, Nadam's product stands before the two slots of each weight, later behind them.
void put_product_first(const Tensors& variables, const std::vector<Shape>& stored, size_t trained_weights,
                       std::vector<int>& match) {
  const size_t last = variables.size() - 1, slots = 2 * trained_weights;
  if (variables[last].name() != "u_product" || slots == 0 || slots > last) return;
  if (!stored[last - slots].empty() || stored[last].empty()) return;
  match[last] = static_cast<int>(last - slots);
  for (size_t i = last - slots; i < last; ++i) match[i] = static_cast<int>(i + 1);
}

/// Whether a version of Keras 3 is an earlier one than 3.`minor`.
bool is_before(const std::string& keras_version, int minor) {
  const std::vector<std::string> parts = split(keras_version, '.');
  return parts.size() > 1 && parts[0] == "3" && parts[1].size() < 4 && std::atoi(parts[1].c_str()) < minor;
}

/// Up to Keras 3.9, each weight's average stands beside its accumulator of gradients, later all averages before all of
/// those.
void put_averages_beside_accumulators(const Tensors& variables, size_t trained_weights, std::vector<int>& match) {
  const auto found = std::find_if(variables.begin(), variables.end(), [](const Tensor& variable) {
    return std::string_view(variable.name()).ends_with("_gradient_accumulator");
  });
  const auto accumulators = static_cast<size_t>(found - variables.begin());
  if (found == variables.end() || accumulators < trained_weights) return;
  const size_t averages = accumulators - trained_weights;
  if (!std::string_view(variables[averages].name()).ends_with("_average") || match[averages] < 0) return;
  const int start = match[averages];
  for (size_t i = 0; i < trained_weights; ++i) {
    match[averages + i] = start + 2 * static_cast<int>(i);
    match[accumulators + i] = start + 2 * static_cast<int>(i) + 1;
  }
}

bool is_slot(const Tensor& variable) { return !is_counter(variable) && !is_attribute(variable); }

/// What stands before the slots in files of Keras 1 and 2.
struct OldLayout {
  bool has_iterations = false, has_product = false;
  size_t before() const { return (has_iterations ? 1 : 0) + (has_product ? 1 : 0); }
};

/// `wanted`: how many slots each weight has. Nothing when the file has another number of them, or of weights.
std::optional<OldLayout> old_layout(const std::string& class_name, const std::vector<Shape>& stored,
                                    size_t trained_weights, size_t wanted) {
  // SGD had velocities without momentum, too, and Adam a third slot without AMSGrad, of one element.
  const bool may_have_more = class_name == "SGD" || class_name == "Adam";
  // Up to Keras 2.2, Nadam's product was in no file, nor the number of iterations where only a decay needs it.
  for (const OldLayout& layout : {OldLayout{true, true}, OldLayout{true, false}, OldLayout{}}) {
    const size_t before = layout.before();
    if ((layout.has_product && class_name != "Nadam") || stored.size() < before) continue;
    if (!std::all_of(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(before),
                     [](const Shape& shape) { return shape.empty(); }))
      continue;
    const size_t values = stored.size() - before;
    if (values == 0) return layout;  // never used
    if (trained_weights == 0 || values % trained_weights != 0) continue;
    const size_t slots = values / trained_weights;
    if (slots == wanted || (may_have_more && slots == wanted + 1)) return layout;
  }
  return std::nullopt;
}

/// One behind the other, as many as there are. `skip`: the variables behind the first that the file lacks.
std::vector<int> in_order(const Tensors& variables, const std::vector<Shape>& stored, size_t skip = 0) {
  std::vector<int> match(variables.size(), -1);
  match[0] = 0;
  for (size_t i = 1 + skip; i < variables.size() && i - skip < stored.size(); ++i)
    match[i] = static_cast<int>(i - skip);
  return match;
}

bool fits(const Tensor& variable, const std::vector<Shape>& stored, int at) {
  return at < 0 || stored[static_cast<size_t>(at)] == variable.shape();
}

std::vector<int> checked(const Tensors& variables, const std::vector<Shape>& stored, std::vector<int> match) {
  for (size_t i = 0; i < variables.size(); ++i) {
    if (fits(variables[i], stored, match[i])) continue;
    throw InvalidArgument(message("expected variable ", match[i], " ('", variables[i].name(), "') to have the shape ",
                                  variables[i].shape(), ", the file has ", stored[static_cast<size_t>(match[i])], "."));
  }
  return match;
}

/// The file has as many.
std::vector<int> match_whole(const Tensors& variables, const std::vector<Shape>& stored, size_t trained_weights,
                             const std::string& keras_version) {
  std::vector<int> match = in_order(variables, stored);
  put_product_first(variables, stored, trained_weights, match);
  bool is_early = is_before(keras_version, 10);
  for (size_t i = 0; i < variables.size() && keras_version.empty(); ++i)
    is_early = is_early || !fits(variables[i], stored, match[i]);
  if (is_early) put_averages_beside_accumulators(variables, trained_weights, match);
  return match;
}

/// Of an optimizer that wraps another and was never used, the file has the counters of both.
std::optional<std::vector<int>> match_unused_wrapper(const Tensors& variables, const std::vector<Shape>& stored,
                                                     size_t counters) {
  std::vector<int> match(variables.size(), -1);
  size_t next = 0;
  for (size_t i = 0; i < variables.size(); ++i) {
    if (is_counter(variables[i])) match[i] = static_cast<int>(next++);
  }
  return next > counters && stored.size() == next ? std::optional(match) : std::nullopt;
}

}  // namespace

std::optional<std::vector<int>> detail::match_optimizer_state(const Tensors& variables,
                                                              const std::vector<Shape>& stored, size_t trained_weights,
                                                              const std::string& keras_version) {
  if (stored.empty()) return std::vector<int>(variables.size(), -1);
  if (stored.size() == variables.size())
    return checked(variables, stored, match_whole(variables, stored, trained_weights, keras_version));
  const bool has_rate = variables.size() > 1 && variables[1].name() == "learning_rate";
  const size_t counters = has_rate ? 2 : 1;
  if (std::all_of(stored.begin(), stored.end(), [](const Shape& shape) { return shape.empty(); })) {
    if (auto found = match_unused_wrapper(variables, stored, counters)) return found;
  } else {
    for (const bool without_attributes : {false, true}) {
      if (auto found = match_without(variables, stored, without_attributes)) return found;
    }
    if (auto found = match_inner(variables, stored)) return found;
  }
  if (stored.size() <= counters) return checked(variables, stored, in_order(variables, stored));  // never used
  // tf_keras keeps the learning rate in the configuration.
  if (has_rate && stored.size() + 1 == variables.size())
    return checked(variables, stored, in_order(variables, stored, 1));
  // Keras 2 gave SGD slots even without momentum.
  if (trained_weights > 0 && variables.size() == counters) return in_order(variables, {Shape()});
  const size_t slots = variables.size() - counters;
  const bool each_alike = trained_weights > 0 && slots % trained_weights == 0;
  // Of other weights: what was trained has changed since. tf_keras keeps no rate beside the iterations.
  const auto is_of_others = [&](size_t before) { return (stored.size() - before) % (slots / trained_weights) == 0; };
  if (!each_alike || is_of_others(counters) || (has_rate && !stored[1].empty() && is_of_others(1))) return std::nullopt;
  throw InvalidArgument(message("expected ", variables.size(), " variables (", counters,
                                " if it was never used), the file has ", stored.size(), "."));
}

std::optional<std::vector<int>> detail::match_old_optimizer_state(const std::string& class_name,
                                                                  const Tensors& variables,
                                                                  const std::vector<Shape>& stored,
                                                                  size_t trained_weights) {
  std::vector<int> match(variables.size(), -1);
  if (stored.empty()) return match;
  const auto slots = static_cast<size_t>(std::count_if(variables.begin(), variables.end(), is_slot));
  const auto layout = old_layout(class_name, stored, trained_weights, trained_weights ? slots / trained_weights : 0);
  if (!layout) return std::nullopt;
  static const std::vector<std::string> by_turns = {"Adam", "Adamax", "Nadam", "Adadelta"};
  const bool has_pairs = std::find(by_turns.begin(), by_turns.end(), class_name) != by_turns.end();
  size_t slot = 0;
  for (size_t i = 0; i < variables.size(); ++i) {
    if (is_iteration(variables[i]) && layout->has_iterations) match[i] = 0;
    if (variables[i].name() == "u_product" && layout->has_product) match[i] = 1;
    if (!is_slot(variables[i]) || stored.size() == layout->before()) continue;
    // In the file a slot of all weights stands before the next; here the first two of each weight stand together.
    const bool in_pair = has_pairs && slot < 2 * trained_weights;
    const size_t block = in_pair ? slot % 2 : slot / trained_weights;
    const size_t weight = in_pair ? slot / 2 : slot % trained_weights;
    const size_t at = layout->before() + block * trained_weights + weight;
    ++slot;
    if (stored[at] != variables[i].shape()) {
      throw InvalidArgument(message("expected variable ", at, " ('", variables[i].name(), "') to have the shape ",
                                    variables[i].shape(), ", the file has ", stored[at], "."));
    }
    match[i] = static_cast<int>(at);
  }
  return match;
}

size_t detail::start_of_inner_optimizer(const Tensors& variables) {
  if (variables.empty()) return 0;
  return static_cast<size_t>(std::find_if(variables.begin() + 1, variables.end(), is_iteration) - variables.begin());
}

}  // namespace hebb::io
