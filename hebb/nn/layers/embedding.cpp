#include "hebb/nn/layers/embedding.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/low_rank.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/nn/masking.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct EmbeddingArguments : EmbeddingOptions {
  int64_t input_dim = 1, output_dim = 1;
};

class EmbeddingLayer final : public LowRankLayer<EmbeddingLayer, EmbeddingArguments>, public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "Embedding";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("input_dim", a.input_dim);
    visit.required("output_dim", a.output_dim);
    visit("embeddings_initializer", a.embeddings_initializer);
    visit("embeddings_regularizer", a.embeddings_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("embeddings_constraint", a.embeddings_constraint);
    visit("mask_zero", a.mask_zero);
    visit.fixed("quantization_config", nullptr);
    if constexpr (requires { a.lora_rank; }) read_lora(visit, a);  // ReversibleEmbedding has these fields without
  }

  explicit EmbeddingLayer(EmbeddingArguments given) : LowRankLayer(std::move(given), false) {
    const auto& a = arguments();
    require(a.input_dim > 0, message("expected an input_dim of at least 1, got ", a.input_dim,
                                     ". Give the number of different indices."));
    require(a.output_dim > 0, message("expected an output_dim of at least 1, got ", a.output_dim, "."));
    autocast_ = false;
    rounded_.weights = false;  // the rows that are taken, not the whole table
    supports_masking_ = a.mask_zero;
  }

  using LayerBase::build;
  void build(const Shape&) override {
    const auto& a = arguments();
    embeddings_ = add_weight("embeddings", {a.input_dim, a.output_dim}, a.embeddings_initializer,
                             {.regularizer = a.embeddings_regularizer, .constraint = a.embeddings_constraint});
    make_product(embeddings_, "lora_embeddings", a.embeddings_regularizer, a.embeddings_constraint);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return gather(with_product(embeddings_), x); }

  Tensors compute_masks(const Tensors& inputs, const Tensors&, const Tensors&) override {
    const Tensor& x = inputs.front();
    return {not_equal(x, zeros({}, x.dtype()))};
  }

 private:
  Tensor embeddings_;
};

struct ReversibleEmbeddingArguments : ReversibleEmbeddingOptions {
  int64_t input_dim = 1, output_dim = 1;
  std::optional<std::string> reverse_dtype = {};
};

class ReversibleEmbeddingLayer final : public ConfiguredLayer<ReversibleEmbeddingLayer, ReversibleEmbeddingArguments>,
                                       public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "ReversibleEmbedding";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    EmbeddingLayer::fields(visit, a);
    visit("tie_weights", a.tie_weights);
    visit("reverse_dtype", a.reverse_dtype);
    visit("logit_soft_cap", a.logit_soft_cap);
  }

  explicit ReversibleEmbeddingLayer(ReversibleEmbeddingArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.input_dim > 0 && a.output_dim > 0,
            message("expected an input_dim and an output_dim of at least 1, got ", a.input_dim, " and ", a.output_dim,
                    ". Give the number of different indices, and the size of their vectors."));
    if (a.reverse_dtype && *a.reverse_dtype != "float32" && *a.reverse_dtype != "float64")
      throw NotSupported(message(where(), "reverse_dtype ", *a.reverse_dtype, ". Take float32 or float64."));
    autocast_ = false;
  }

  using LayerBase::build;
  void build(const Shape&) override {
    const auto& a = arguments();
    embeddings_ = add_weight("embeddings", {a.input_dim, a.output_dim}, a.embeddings_initializer,
                             {.regularizer = a.embeddings_regularizer, .constraint = a.embeddings_constraint});
    if (!a.tie_weights)
      reverse_ = add_weight("reverse_embeddings", {a.output_dim, a.input_dim}, a.embeddings_initializer);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const auto& a = arguments();
    if (!options.reverse) {
      const Tensor y = gather(embeddings_, x);
      if (a.mask_zero) set_mask(y, not_equal(x, zeros({}, x.dtype())));
      return y;
    }
    require(x.rank() > 1 && x.shape().back() == a.output_dim,
            message("expected vectors (batch, ..., ", a.output_dim, "), got ", x.shape(),
                    ". Call it without reverse for indices."));
    const DType dtype = a.reverse_dtype == "float64" ? DType::float64 : this->dtype();
    const Tensor vectors = cast(x, dtype), table = cast(a.tie_weights ? embeddings_ : reverse_, dtype);
    const Tensor scores = matmul(vectors, table, {.transpose_b = a.tie_weights});
    return a.logit_soft_cap ? tanh(scores / *a.logit_soft_cap) * *a.logit_soft_cap : scores;
  }

 private:
  Tensor embeddings_, reverse_;
};

struct MaskingArguments : LayerOptions {
  double mask_value = 0;
};

class MaskingLayer final : public ConfiguredLayer<MaskingLayer, MaskingArguments> {
 public:
  static constexpr const char* keras_name = "Masking";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("mask_value", a.mask_value);
  }

  explicit MaskingLayer(MaskingArguments given) : ConfiguredLayer(std::move(given)) {
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., features)"};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return select(counted(x, true), x, 0.0); }

  Tensors compute_masks(const Tensors& inputs, const Tensors&, const Tensors&) override {
    return {counted(inputs.front(), false)};
  }

 private:
  Tensor counted(const Tensor& x, bool keepdims) const {
    return max(not_equal(x, arguments().mask_value), {.axes = {-1}, .keepdims = keepdims});
  }
};

}  // namespace

Layer Embedding(int64_t input_dim, int64_t output_dim, const EmbeddingOptions& options) {
  return make_layer<EmbeddingLayer>(EmbeddingArguments{options, input_dim, output_dim});
}
Layer ReversibleEmbedding(int64_t input_dim, int64_t output_dim, const ReversibleEmbeddingOptions& options) {
  return make_layer<ReversibleEmbeddingLayer>(ReversibleEmbeddingArguments{options, input_dim, output_dim});
}
Layer Masking(double mask_value, const LayerOptions& options) {
  return make_layer<MaskingLayer>(MaskingArguments{options, mask_value});
}

Layer detail::embedding_from_config(const Json& config) { return EmbeddingLayer::from_config(config); }
Layer detail::reversible_embedding_from_config(const Json& config) {
  return ReversibleEmbeddingLayer::from_config(config);
}
Layer detail::masking_from_config(const Json& config) { return MaskingLayer::from_config(config); }

}  // namespace hebb
