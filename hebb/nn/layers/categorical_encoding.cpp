#include "hebb/nn/layers/categorical_encoding.h"

#include <algorithm>
#include <numeric>

#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/op.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The last axis of (rows, n) indices summed up by index: (rows, depth).
Tensor counted(const Tensor& indices, const Tensor& weights, int64_t depth) {
  const int64_t rows = indices.shape().front();
  std::vector<int64_t> first(static_cast<size_t>(rows));
  for (size_t row = 0; row < first.size(); ++row) first[row] = static_cast<int64_t>(row) * depth;
  const Tensor outside = logical_or(less(indices, 0.0), greater_equal(indices, static_cast<double>(depth)));
  const Tensor places = select(outside, -1.0, indices + Tensor::from(first, {rows, 1}));
  return reshape(scatter_add(places, weights, rows * depth), {rows, depth});
}

}  // namespace

Tensor encode_categories(const Tensor& indices, const std::string& output_mode, int64_t depth, DType dtype,
                         const Tensor& count_weights) {
  if (output_mode == "int") return cast(indices, dtype);
  const Tensor whole = cast(indices.rank() == 0 ? reshape(indices, {1}) : indices, DType::int64);
  const int rank = whole.rank();
  if (output_mode == "one_hot") {
    const bool gives_way = rank > 1 && whole.shape().back() == 1;
    return one_hot(gives_way ? squeeze(whole, -1) : whole, depth, dtype);
  }

  const Tensor ones_or_weights =
      count_weights.defined() ? cast(broadcast_to(count_weights, whole.shape()), dtype) : ones(whole.shape(), dtype);
  const auto as_rows = [&](const Tensor& x) {
    if (rank == 1) return reshape(x, {1, -1});
    std::vector<int64_t> axes(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
    std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
    return reshape(rank == 2 ? x : transpose(x, axes), {-1, x.shape()[1]});
  };
  const Tensor counts = counted(as_rows(whole), as_rows(ones_or_weights), depth);
  return reshape(output_mode == "multi_hot" ? minimum(counts, 1.0) : counts,
                 encoded_shape(whole.shape(), output_mode, depth));
}

Shape encoded_shape(const Shape& indices, const std::string& output_mode, int64_t depth) {
  const int rank = indices.rank();
  if (output_mode == "int" || rank == 0) return output_mode == "int" ? indices : Shape{depth};
  const bool is_one_hot = output_mode == "one_hot";
  const int gives_way = !is_one_hot ? std::min(rank - 1, 1) : rank > 1 && indices.back() == 1 ? rank - 1 : rank;
  std::vector<int64_t> sizes;
  for (int i = 0; i < rank; ++i) {
    if (i != gives_way) sizes.push_back(indices[i]);
  }
  sizes.push_back(depth);
  return Shape(sizes);
}

std::string output_mode_of(const LayerBase& layer, const std::string& given, const std::vector<std::string>& known) {
  const std::string mode = given == "binary" ? "multi_hot" : given == "tf-idf" ? "tf_idf" : given;
  if (std::find(known.begin(), known.end(), mode) == known.end())
    throw InvalidArgument(layer.where() + unknown_name("output_mode", mode, known));
  return mode;
}

}  // namespace hebb
