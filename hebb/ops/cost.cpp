#include "hebb/ops/cost.h"

#include <algorithm>
#include <numeric>

#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/quantized.h"

namespace hebb {

namespace {

using Specs = std::span<const Spec>;

double elements(const Spec& spec) { return static_cast<double>(spec.shape.elements()); }

double nothing(const Op&, Specs, Specs) { return 0; }
double for_each_input(const Op&, Specs in, Specs) { return elements(in[0]); }
double for_each_output(const Op&, Specs, Specs out) { return elements(out[0]); }
double for_each_value(const Op&, Specs in, Specs) { return elements(in[1]); }

double layer_normalization_flops(const Op&, Specs in, Specs) { return 8 * elements(in[0]); }
double moments_flops(const Op&, Specs in, Specs) { return 4 * elements(in[0]); }
double layer_normalization_backward_flops(const Op&, Specs in, Specs) { return 17 * elements(in[0]); }
/// The largest is found, subtracted, and what is left exponentiated, added up and divided.
double softmax_flops(const Op&, Specs in, Specs) { return 5 * elements(in[0]); }
/// Targets that are numbers are multiplied and added up, labels are looked up.
double softmax_crossentropy_flops(const Op&, Specs in, Specs) {
  return (is_floating(in[1].dtype) ? 8 : 5) * elements(in[0]);
}
double softmax_crossentropy_backward_flops(const Op&, Specs in, Specs) {
  return (is_floating(in[1].dtype) ? 4 : 1) * elements(in[0]);
}

double matmul_flops(const Op& op, Specs in, Specs out) {
  const bool transposed = dynamic_cast<const Matmul&>(op).transpose_a();
  return 2 * elements(out[0]) * static_cast<double>(in[0].shape[transposed ? -2 : -1]);
}

double matmul_of_rows_flops(const Op&, Specs in, Specs out) {
  return 2 * elements(out[0]) * static_cast<double>(in[0].shape[-1]);
}

/// `dense`: the side of the convolution that has the filters' channels; each of its elements meets each tap of the
/// kernel and each channel of its group.
double conv_flops(const Spec& dense, const Spec& kernel) {
  const int64_t filters = kernel.shape.back();
  return filters == 0 ? 0 : 2 * elements(dense) * elements(kernel) / static_cast<double>(filters);
}
double conv_forward_flops(const Op&, Specs in, Specs out) { return conv_flops(out[0], in[1]); }
double conv_backward_input_flops(const Op&, Specs in, Specs) { return conv_flops(in[0], in[1]); }
double conv_backward_kernel_flops(const Op&, Specs in, Specs out) { return conv_flops(in[1], out[0]); }

double fused_product_flops(const Op& op, Specs in, Specs out) {
  const auto& fused = dynamic_cast<const FusedProduct&>(op);
  const double behind = static_cast<double>(fused.has_bias()) + static_cast<double>(fused.has_addend()) +
                        static_cast<double>(!fused.activation().empty());
  return cost_of(fused.product(), in.first(2), out).flops + behind * elements(out[0]);
}

double quantized_product_flops(const Op& op, Specs in, Specs out) {
  return cost_of(dynamic_cast<const QuantizedProduct&>(op).product(), in.first(2), out).flops + elements(out[0]);
}

double fused_elementwise_flops(const Op& op, Specs, Specs) {
  const auto& fused = dynamic_cast<const FusedElementwise&>(op);
  const auto counted = std::count_if(fused.steps().begin(), fused.steps().end(),
                                     [](const FusedStep& step) { return step.op->name() != "cast"; });
  return static_cast<double>(static_cast<size_t>(counted) + fused.sums().size()) *
         static_cast<double>(fused.shape().elements());
}

double matmul_loop_flops(const Op& op, Specs in, Specs out) {
  const auto& fused = dynamic_cast<const MatmulLoop&>(op);
  const Spec product = fused.product_spec(in);
  return cost_of(fused.product(), in.first(fused.product_inputs()), {&product, 1}).flops +
         fused_elementwise_flops(fused.loop(), fused.loop_inputs(in), out.first(fused.loop().outputs().size()));
}

double window_size(const Op& op) {
  const std::vector<int64_t>& window = dynamic_cast<const PoolBase&>(op).options().window;
  return std::accumulate(window.begin(), window.end(), 1.0,
                         [](double product, int64_t size) { return product * static_cast<double>(size); });
}
double pool_flops(const Op& op, Specs, Specs out) { return elements(out[0]) * window_size(op); }
double max_pool_backward_flops(const Op& op, Specs in, Specs) { return elements(in[1]) * window_size(op); }
double average_pool_backward_flops(const Op& op, Specs in, Specs) { return elements(in[0]) * window_size(op); }

/// A product with the recurrent kernel for each step, and some twenty-five for each of the cell's elements; backwards
/// two of them.
double recurrence_flops(const Op&, Specs in, Specs out) {
  return 2 * elements(in[0]) * static_cast<double>(in[1].shape.front()) + 25 * elements(out[0]);
}
double recurrence_backward_flops(const Op&, Specs in, Specs out) {
  return 4 * elements(out[0]) * static_cast<double>(in[0].shape.front()) + 10 * elements(out[0]);
}

/// A softmax, and for each step some ten for each label and for the blank beside it.
double ctc_loss_flops(const Op&, Specs in, Specs) {
  const double states = 2 * static_cast<double>(in[1].shape[1]) + 1;
  return 5 * elements(in[0]) + 10 * static_cast<double>(in[0].shape[0] * in[0].shape[1]) * states;
}
double ctc_loss_backward_flops(const Op& op, Specs in, Specs out) { return 2 * ctc_loss_flops(op, in, out); }

/// Products of queries and keys and of scores and values, and a softmax between them; backwards each gives two more,
/// and the scores are computed again.
double attention_flops(const Op&, Specs in, Specs out) {
  const double scores = elements(out[1]) / 2 * static_cast<double>(in[1].shape[1]);
  return scores * (2 * static_cast<double>(in[1].shape[3] + in[2].shape[3]) + 5);
}
double attention_backward_flops(const Op&, Specs in, Specs) {
  const double scores = elements(in[in.size() - 2]) / 2 * static_cast<double>(in[1].shape[1]);
  return scores * (static_cast<double>(6 * in[1].shape[3] + 4 * in[2].shape[3]) + 8);
}

struct Rule {
  std::string_view name;
  double (*flops)(const Op& op, Specs in, Specs out);
};

/// All operations but the elementwise ones, which have a table of their own.
constexpr Rule rules[] = {
    {"matmul", matmul_flops},
    {"conv", conv_forward_flops},
    {"conv_backward_input", conv_backward_input_flops},
    {"conv_backward_kernel", conv_backward_kernel_flops},
    {"fused_matmul", fused_product_flops},
    {"fused_conv", fused_product_flops},
    {"matmul_loop", matmul_loop_flops},
    {"bfloat16_matmul", matmul_of_rows_flops},
    {"quantize", for_each_input},
    {"quantize_rows", for_each_input},
    {"quantized_matmul", quantized_product_flops},
    {"quantized_conv", quantized_product_flops},
    {"fused_elementwise", fused_elementwise_flops},
    {"reduce_sum", for_each_input},
    {"reduce_max", for_each_input},
    {"reduce_min", for_each_input},
    {"reduce_prod", for_each_input},
    {"argmax", for_each_input},
    {"argmin", for_each_input},
    {"softmax", softmax_flops},
    {"log_softmax", softmax_flops},
    {"softmax_crossentropy", softmax_crossentropy_flops},
    {"softmax_crossentropy_backward", softmax_crossentropy_backward_flops},
    {"max_pool", pool_flops},
    {"max_pool_pick", pool_flops},
    {"average_pool", pool_flops},
    {"max_pool_backward", max_pool_backward_flops},
    {"average_pool_backward", average_pool_backward_flops},
    {"scatter_add", for_each_value},
    {"layer_normalization", layer_normalization_flops},
    {"layer_normalization_backward", layer_normalization_backward_flops},
    {"moments", moments_flops},
    {"attention", attention_flops},
    {"attention_backward", attention_backward_flops},
    {"recurrence", recurrence_flops},
    {"recurrence_backward", recurrence_backward_flops},
    {"ctc_loss", ctc_loss_flops},
    {"ctc_loss_backward", ctc_loss_backward_flops},
    {"random_uniform", for_each_output},
    {"random_normal", for_each_output},
    {"random_bernoulli", for_each_output},
    {"gather", nothing},
    {"one_hot", nothing},
    {"digitize", nothing},
    {"hash_bucket", nothing},
    {"hash_cross", nothing},
    {"cast", nothing},
    {"reshape", nothing},
    {"stop_gradient", nothing},
    {"broadcast_to", nothing},
    {"transpose", nothing},
    {"concatenate", nothing},
    {"slice", nothing},
    {"pad", nothing},
    {"reverse", nothing},
};

const Rule* find_rule(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(rules), std::end(rules), [&](const Rule& rule) { return rule.name == name; });
  return found == std::end(rules) ? nullptr : found;
}

bool is_elementwise(const Op& op) { return dynamic_cast<const Elementwise*>(&op) != nullptr; }

/// Of an input that is not read as a whole, the part that is.
double bytes_read(const Op& op, Specs in, Specs out) {
  double bytes = 0;
  const bool picks = op.name() == "gather" || op.name() == "slice";
  for (size_t i = 0; i < in.size(); ++i)
    bytes += static_cast<double>(picks && i == 0 ? std::min(in[0].bytes(), out[0].bytes()) : in[i].bytes());
  return bytes;
}

}  // namespace

bool has_known_cost(const Op& op) { return is_elementwise(op) || find_rule(op.name()); }

Cost cost_of(const Op& op, Specs in, Specs out) {
  Cost cost;
  if (is_elementwise(op)) {
    cost.flops = for_each_output(op, in, out);
  } else if (const Rule* rule = find_rule(op.name())) {
    cost.flops = rule->flops(op, in, out);
  }
  cost.bytes = bytes_read(op, in, out);
  for (const Spec& spec : out) cost.bytes += static_cast<double>(spec.bytes());
  return cost;
}

}  // namespace hebb
