/// Operations that make categories of values: bins between bounds, and bins by hash.
///
///     Tensor bins = digitize(x, Tensor::from({0.f, 1.f}, {2}));     // 0 below 0, 1 from 0 on, 2 from 1 on
///     Tensor buckets = hash_bucket(ids, 1000);                      // of the number's decimal digits
#pragma once

#include <cstdint>
#include <optional>

#include "hebb/ops/op.h"

namespace hebb {

/// x (any shape), boundaries (n,) of x's type, ascending -> int64 of x's shape: how many boundaries are not above x.
/// NaN stands above all.
class Digitize : public Op {
 public:
  std::string_view name() const override { return "digitize"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override { return Tensors(args.inputs.size()); }
};

/// The two numbers that make a keyed hash different from others.
struct HashSalt {
  int64_t first = 0, second = 0;
  friend bool operator==(const HashSalt&, const HashSalt&) = default;
};

/// Integers -> int64 of the same shape, from 0 to bins - 1: a hash of the decimal digits, as TensorFlow's
/// `to_hash_bucket_fast` (without a salt: FarmHash's Fingerprint64) and `to_hash_bucket_strong` (SipHash-2-4) have it.
class HashBucket : public Op {
 public:
  HashBucket(int64_t bins, std::optional<HashSalt> salt) : bins_(bins), salt_(salt) {}
  int64_t bins() const { return bins_; }
  const std::optional<HashSalt>& salt() const { return salt_; }
  std::string_view name() const override { return "hash_bucket"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override { return Tensors(args.inputs.size()); }

 private:
  int64_t bins_;
  std::optional<HashSalt> salt_;
};

/// Two or more tensors of integers of one shape -> int64 of that shape, from 0 to bins - 1: a hash of what stands at
/// the same place in all of them, as TensorFlow's `sparse.cross_hashed` has it.
class HashCross : public Op {
 public:
  explicit HashCross(int64_t bins) : bins_(bins) {}
  int64_t bins() const { return bins_; }
  std::string_view name() const override { return "hash_cross"; }
  Attributes attributes() const override { return {{"bins", bins_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override { return Tensors(args.inputs.size()); }

 private:
  int64_t bins_;
};

Tensor digitize(const Tensor& x, const Tensor& boundaries);
Tensor hash_bucket(const Tensor& x, int64_t bins, const std::optional<HashSalt>& salt = {});
Tensor hash_cross(const Tensors& xs, int64_t bins);

}  // namespace hebb
