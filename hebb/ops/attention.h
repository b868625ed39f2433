/// Scaled dot-product attention over heads in one operation, whose gradient is one operation too: scores never leave a
/// core's cache.
///
///     Tensor y = attention(query, key, value, {.scale = 1 / std::sqrt(32.0)});     // (batch, steps, heads, 32) each
///     Tensor y = attention(query, key, value, {.scale = s, .causal = true});       // a step sees itself and earlier ones
///
/// y[b,t,n] = the sum over s of p[b,n,t,s] v[b,s,n], with p the softmax over s of scale q[b,t,n] k[b,s,n] (Vaswani et
/// al. 2017). Where the mask is false, or s > t and the attention is causal, a score counts as the lowest there is: its
/// p is 0 unless every score of its row is such a one. Keys and values may have fewer heads than queries: each then
/// serves as many neighbouring heads of the queries (Ainslie et al. 2023).
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

struct AttentionOptions {
  double scale = 1;
  bool causal = false;
};

/// query (batch, steps, heads, depth), key (batch, sources, groups, depth), value (batch, sources, groups, width), all
/// of one floating type, groups a divisor of heads; where there is a mask a boolean (batch, heads, steps, sources),
/// each of its axes of size 1 or the whole -> the result (batch, steps, heads, width), and for the gradient (batch,
/// heads, steps, 2): each row's largest score, and 1 divided by the sum of the exponentials of the scores without it.
/// Gradients are those of the result; the other output is the operation's own.
class AttentionOp : public Op {
 public:
  AttentionOp(AttentionOptions options, bool masked) : options_(options), masked_(masked) {}
  const AttentionOptions& options() const { return options_; }
  bool is_masked() const { return masked_; }
  std::string_view name() const override { return "attention"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  AttentionOptions options_;
  bool masked_;
};

/// The inputs of AttentionOp, both its outputs and the gradient of the first -> the gradients of query, key and value.
class AttentionBackward : public Op {
 public:
  AttentionBackward(AttentionOptions options, bool masked) : options_(options), masked_(masked) {}
  const AttentionOptions& options() const { return options_; }
  bool is_masked() const { return masked_; }
  std::string_view name() const override { return "attention_backward"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  /// NotSupported: attention in single operations (`flash_attention = false` in layers) can be differentiated again.
  Tensors gradient(const GradientArgs& args) const override;

 private:
  AttentionOptions options_;
  bool masked_;
};

/// The score that stands for one that does not count: finite, so that a row of them is uniform.
double lowest_score(DType dtype);

/// `mask`: undefined for none; fewer than four axes count as the last ones. InvalidArgument when shapes or types do not
/// fit.
Tensor attention(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionOptions& options = {},
                 const Tensor& mask = {});

}  // namespace hebb
