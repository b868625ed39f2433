#include "hebb/ops/indexing.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

void check_indices(const Spec& indices, std::string_view op) {
  if (is_floating(indices.dtype) || indices.dtype == DType::boolean) {
    throw InvalidArgument(message(op, ": expected integer indices, got ", indices, ". Use cast()."));
  }
}

Tensor as_indices(const Tensor& x) {
  return is_floating(x.dtype()) || x.dtype() == DType::boolean ? cast(x, DType::int32) : x;
}

}  // namespace

std::vector<Spec> Gather::infer(std::span<const Spec> inputs) const {
  check_indices(inputs[1], name());
  if (inputs[0].shape.rank() < 1)
    throw InvalidArgument(message("gather: expected a table of rank 1 or more, got ", inputs[0], "."));
  std::vector<int64_t> dims = inputs[1].shape.to_vector();
  dims.insert(dims.end(), inputs[0].shape.begin() + 1, inputs[0].shape.end());
  return {Spec{Shape(dims), inputs[0].dtype}};
}

Tensors Gather::gradient(const GradientArgs& args) const {
  if (!args.wanted[0]) return {Tensor(), Tensor()};
  return {scatter_add(args.inputs[1], args.output_gradients[0], args.inputs[0].shape().front()), Tensor()};
}

std::vector<Spec> ScatterAdd::infer(std::span<const Spec> inputs) const {
  const Spec &indices = inputs[0], &values = inputs[1];
  check_indices(indices, name());
  const int lead = indices.shape.rank();
  if (values.shape.rank() < lead || values.shape.sub(0, lead) != indices.shape) {
    throw InvalidArgument(message("scatter_add: expected values whose first axes are those of the indices ", indices,
                                  ", got ", values, "."));
  }
  return {Spec{values.shape.sub(lead, values.shape.rank()).with(0, rows_), values.dtype}};
}

Tensors ScatterAdd::gradient(const GradientArgs& args) const {
  return {Tensor(), args.wanted[1] ? gather(args.output_gradients[0], args.inputs[0]) : Tensor()};
}

std::vector<Spec> OneHot::infer(std::span<const Spec> inputs) const {
  check_indices(inputs[0], name());
  return {Spec{inputs[0].shape.with_back(depth_), dtype_}};
}

Tensor gather(const Tensor& table, const Tensor& indices) {
  return apply_one(std::make_shared<Gather>(), {table, as_indices(indices)});
}

Tensor scatter_add(const Tensor& indices, const Tensor& values, int64_t rows) {
  if (rows < 0) throw InvalidArgument(message("scatter_add: expected a number of rows of at least 0, got ", rows, "."));
  return apply_one(std::make_shared<ScatterAdd>(rows), {as_indices(indices), values});
}

Tensor one_hot(const Tensor& indices, int64_t depth, DType dtype) {
  if (depth < 0) throw InvalidArgument(message("one_hot: expected a depth of at least 0, got ", depth, "."));
  return apply_one(std::make_shared<OneHot>(depth, dtype), {as_indices(indices)});
}

}  // namespace hebb
