#include "hebb/nn/losses/probabilistic.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/nn/losses/labels.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr double epsilon = 1e-7;
constexpr const char* generalized = "categorical_generalized_cross_entropy";

class GeneralizedCrossEntropyLoss : public FunctionLoss<CategoricalGeneralizedCrossEntropyOptions> {
 public:
  explicit GeneralizedCrossEntropyLoss(const CategoricalGeneralizedCrossEntropyOptions& options)
      : FunctionLoss("CategoricalGeneralizedCrossEntropy", generalized, options,
                     [q = options.q](const Tensor& y_true, const Tensor& y_pred) {
                       return categorical_generalized_cross_entropy(y_true, y_pred, q);
                     }) {}
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_label_shapes(generalized, y_true.shape(), prediction);
    check_labels(generalized, y_true, prediction.back());
  }
};

}  // namespace

Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("kl_divergence", y_true, y_pred);
  const Tensor t = kept_within(targets, epsilon, 1), p = kept_within(predictions, epsilon, 1);
  return sum(t * log(t / p), {.axes = {-1}});
}

Tensor poisson(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("poisson", y_true, y_pred);
  return mean_of_last(predictions - targets * log(predictions + epsilon));
}

Tensor categorical_generalized_cross_entropy(const Tensor& y_true, const Tensor& y_pred, double q) {
  check_label_shapes(generalized, y_true.shape(), y_pred.shape());
  const Tensor predictions = as_floating(y_pred), labels = as_labels(y_true, y_pred.shape());
  const Tensor of_label =
      sum(select(one_hot(labels, y_pred.shape().back(), DType::boolean), predictions, 0.0), {.axes = {-1}});
  return (1.0 - power(of_label, q)) / q;
}

Loss KLDivergence(const KLDivergenceOptions& options) {
  return comparing_loss("KLDivergence", "kl_divergence", options, kl_divergence);
}

Loss Poisson(const PoissonOptions& options) { return comparing_loss("Poisson", "poisson", options, poisson); }

Loss CategoricalGeneralizedCrossEntropy(const CategoricalGeneralizedCrossEntropyOptions& options) {
  if (!(options.q > 0 && options.q < 1)) {
    throw InvalidArgument(message(generalized, ": expected q between 0 and 1, both excluded, got ", options.q,
                                  ". For the ends use sparse_categorical_crossentropy or mean_absolute_error."));
  }
  return std::make_shared<GeneralizedCrossEntropyLoss>(options);
}

}  // namespace hebb
