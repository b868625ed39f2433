#include "hebb/ops/quantized.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

void check_range(const ActivationRange& range, std::string_view op) {
  if (range.scale > 0 && range.zero_point >= 0 && range.zero_point <= 255) return;
  throw InvalidArgument(message(op, ": expected a scale above 0 and a zero point from 0 to 255, got ", range.scale,
                                " and ", range.zero_point, ". Take them from a calibration."));
}

/// What the product would give of real numbers.
Spec product_of(const Op& product, const Spec& x, const Spec& kernel) {
  const Spec operands[] = {{x.shape, DType::float32}, {kernel.shape, DType::float32}};
  return product.infer(operands).front();
}

}  // namespace

Attributes Quantize::attributes() const { return {{"scale", range_.scale}, {"zero_point", range_.zero_point}}; }

std::vector<Spec> Quantize::infer(std::span<const Spec> inputs) const {
  check_range(range_, name());
  if (inputs[0].dtype != DType::float32)
    throw InvalidArgument(message("quantize: expected float32, got ", inputs[0], ". Convert it with cast() first."));
  return {{inputs[0].shape, DType::uint8}};
}

Tensors Quantize::gradient(const GradientArgs&) const { return {Tensor()}; }

std::vector<Spec> QuantizeRows::infer(std::span<const Spec> inputs) const {
  const Spec& x = inputs[0];
  if (x.dtype != DType::float32 || x.shape.rank() != 2)
    throw InvalidArgument(message("quantize_rows: expected float32 (rows, n), got ", x, ". Reshape it first."));
  return {{x.shape, DType::uint8}, {Shape{x.shape.front()}, DType::float32}};
}

Tensors QuantizeRows::gradient(const GradientArgs&) const { return {Tensor()}; }

std::string_view QuantizedProduct::name() const {
  return product_->name() == "conv" ? "quantized_conv" : "quantized_matmul";
}

Attributes QuantizedProduct::attributes() const {
  std::string output = "float32";
  if (options_.output) output = message(number_text(options_.output->scale), "@", options_.output->zero_point);
  return {{"product", product_->attributes().key()},
          {"zero_point", options_.zero_point},
          {"has_row_scale", options_.has_row_scale},
          {"has_bias", options_.has_bias},
          {"relu", options_.relu},
          {"output", output}};
}

std::vector<Spec> QuantizedProduct::infer(std::span<const Spec> inputs) const {
  const Spec &x = inputs[0], &kernel = inputs[1];
  const auto refuse = [&](const std::string& expected) {
    std::string got;
    for (const Spec& input : inputs) got += message(got.empty() ? "" : ", ", input);
    throw InvalidArgument(message(name(), ": expected ", expected, ", got ", got, "."));
  };
  check_range({1, options_.zero_point}, name());
  if (options_.output) check_range(*options_.output, name());
  if (x.dtype != DType::uint8 || kernel.dtype != DType::int8) refuse("bytes (uint8) and an int8 kernel");
  const auto* matmul = dynamic_cast<const Matmul*>(product_.get());
  const auto* conv = dynamic_cast<const Conv*>(product_.get());
  const bool plain = matmul ? !matmul->transpose_a() && !matmul->transpose_b() && x.shape.rank() == 2
                            : conv && conv->options().groups == 1 && !options_.has_row_scale;
  if (!plain) refuse("a product of two matrices as they lie, or a convolution of one group");
  const Spec out = product_of(*product_, x, kernel);
  const int64_t channels = out.shape.back(), terms = kernel.shape.without(kernel.shape.rank() - 1).elements();
  if (terms > most_terms)
    refuse(message("at most ", most_terms, " terms in a sum, which int32 can hold; leave this layer in float32"));
  size_t next = 2;
  const auto vector_of = [&](int64_t size, const char* what) {
    if (next >= inputs.size() || inputs[next] != Spec{Shape{size}, DType::float32})
      refuse(message(what, " float32(", size, ",)"));
    ++next;
  };
  vector_of(channels, "a scale");
  if (options_.has_row_scale) vector_of(out.shape.front(), "a row_scale");
  if (options_.has_bias) vector_of(channels, "a bias");
  return {{out.shape, options_.output ? DType::uint8 : DType::float32}};
}

Tensors QuantizedProduct::gradient(const GradientArgs& args) const { return Tensors(args.inputs.size()); }

Tensor quantize(const Tensor& x, const ActivationRange& range) {
  return apply_one(std::make_shared<Quantize>(range), {x});
}

Tensors quantize_rows(const Tensor& x) { return apply_op(std::make_shared<QuantizeRows>(), {x}); }

Tensor quantized_matmul(const Tensor& x, int64_t zero_point, const Tensor& kernel, const Tensor& scale,
                        const Tensor& row_scale) {
  Tensors inputs = {x, kernel, scale};
  if (row_scale.defined()) inputs.push_back(row_scale);
  return apply_one(std::make_shared<QuantizedProduct>(
                       std::make_shared<Matmul>(MatmulOptions{}),
                       QuantizedProduct::Options{.zero_point = zero_point, .has_row_scale = row_scale.defined()}),
                   inputs);
}

Tensor quantized_conv(const Tensor& x, int64_t zero_point, const Tensor& kernel, const Tensor& scale,
                      ConvOptions options) {
  return apply_one(std::make_shared<QuantizedProduct>(
                       std::make_shared<Conv>(complete(std::move(options), x.rank() - 2, "quantized_conv")),
                       QuantizedProduct::Options{.zero_point = zero_point}),
                   {x, kernel, scale});
}

}  // namespace hebb
