#include "hebb/ops/categories.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

void check_integers(const Spec& x, std::string_view op) {
  if (is_floating(x.dtype) || x.dtype == DType::boolean)
    throw InvalidArgument(message(op, ": expected integers, got ", x, ". Use cast()."));
}

void check_bins(int64_t bins, std::string_view op) {
  if (bins < 1) throw InvalidArgument(message(op, ": expected at least one bin, got ", bins, "."));
}

}  // namespace

std::vector<Spec> Digitize::infer(std::span<const Spec> inputs) const {
  const Spec &x = inputs[0], &boundaries = inputs[1];
  if (boundaries.shape.rank() != 1 || boundaries.dtype != x.dtype || x.dtype == DType::boolean) {
    throw InvalidArgument(message("digitize: expected numbers, and boundaries of rank 1 and of their type, got ", x,
                                  " and ", boundaries, ". Use cast() or reshape()."));
  }
  return {Spec{x.shape, DType::int64}};
}

Attributes HashBucket::attributes() const {
  if (!salt_) return {{"bins", bins_}};
  return {{"bins", bins_}, {"salt", std::vector<int64_t>{salt_->first, salt_->second}}};
}

std::vector<Spec> HashBucket::infer(std::span<const Spec> inputs) const {
  check_integers(inputs[0], name());
  return {Spec{inputs[0].shape, DType::int64}};
}

std::vector<Spec> HashCross::infer(std::span<const Spec> inputs) const {
  for (const Spec& x : inputs) {
    check_integers(x, name());
    if (x.shape != inputs[0].shape || x.dtype != inputs[0].dtype) {
      throw InvalidArgument(message("hash_cross: expected tensors of one shape and type, got ", inputs[0], " and ", x,
                                    ". Use cast() or reshape()."));
    }
  }
  return {Spec{inputs[0].shape, DType::int64}};
}

Tensor digitize(const Tensor& x, const Tensor& boundaries) {
  return apply_one(std::make_shared<Digitize>(), {x, boundaries});
}

Tensor hash_bucket(const Tensor& x, int64_t bins, const std::optional<HashSalt>& salt) {
  check_bins(bins, "hash_bucket");
  return apply_one(std::make_shared<HashBucket>(bins, salt), {x});
}

Tensor hash_cross(const Tensors& xs, int64_t bins) {
  check_bins(bins, "hash_cross");
  if (xs.size() < 2) throw InvalidArgument(message("hash_cross: expected two tensors or more, got ", xs.size(), "."));
  return apply_one(std::make_shared<HashCross>(bins), xs);
}

}  // namespace hebb
