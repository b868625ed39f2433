#include "hebb/ops/crossentropy.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"
#include "hebb/backend/cpu/simd/simd.h"

namespace hebb {

namespace {

using simd::RowTargets;

class CrossentropyKernel : public Kernel {
 public:
  CrossentropyKernel(const Shape& logits, DType targets)
      : cut_(logits.elements(), logits.back()), dtype_(targets), functions_(simd::find_row_functions()) {}
  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return cut_.pieces; }

 protected:
  RowTargets targets(const KernelArgs& args, int64_t row) const {
    return {args.input<std::byte>(1) + row * size_of(dtype_) * (dtype_ == DType::float32 ? cut_.length : 1), dtype_};
  }
  bool may_overwrite_rows() const { return cut_.length >= simd::shortest_row_in_place; }

  simd::RowPieces cut_;
  DType dtype_;
  simd::RowFunctions functions_;
};

class SimdCrossentropy : public CrossentropyKernel {
 public:
  using CrossentropyKernel::CrossentropyKernel;
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t row = cut_.first_row(piece);
    functions_.crossentropy(args.input<float>(0) + row * cut_.length, targets(args, row), cut_.rows_of(piece),
                            cut_.length, args.output<float>(1) + row * cut_.length, args.output<float>(0) + row);
  }
  bool may_overwrite(int in, int out) const override { return may_overwrite_rows() && in == 0 && out == 1; }
};

class SimdCrossentropyBackward : public CrossentropyKernel {
 public:
  using CrossentropyKernel::CrossentropyKernel;
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t row = cut_.first_row(piece);
    functions_.crossentropy_backward(args.input<float>(0) + row * cut_.length, targets(args, row),
                                     args.input<float>(2) + row, cut_.rows_of(piece), cut_.length,
                                     args.output<float>() + row * cut_.length);
  }
  bool may_overwrite(int in, int) const override {
    return may_overwrite_rows() && (in == 0 || (in == 1 && dtype_ == DType::float32));
  }
};

template <class Made, class CrossentropyOp>
std::unique_ptr<Kernel> make(const Call& call, Refusal& why) {
  const Spec& x = call.in[0];
  if (x.dtype != DType::float32) return why("float32 only");
  if (x.shape.back() == 0) return why("no classes");
  if (static_cast<const CrossentropyOp&>(call.op).axis() != x.shape.rank() - 1) return why("the last axis only");
  return std::make_unique<Made>(x.shape, call.in[1].dtype);
}

}  // namespace

std::unique_ptr<Kernel> make_simd_softmax_crossentropy(const Call& call, Refusal& why) {
  return make<SimdCrossentropy, SoftmaxCrossentropy>(call, why);
}

std::unique_ptr<Kernel> make_simd_softmax_crossentropy_backward(const Call& call, Refusal& why) {
  return make<SimdCrossentropyBackward, SoftmaxCrossentropyBackward>(call, why);
}

}  // namespace hebb
