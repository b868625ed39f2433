#include "hebb/ops/normalization.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/normalization_functions.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"
#include "hebb/backend/cpu/simd/simd.h"

namespace hebb {

namespace {

using simd::NormalizationFunctions;

class SimdLayerNormalization : public Kernel {
 public:
  SimdLayerNormalization(const Shape& x, double epsilon)
      : cut_(x.elements(), x.back()),
        epsilon_(static_cast<float>(epsilon)),
        functions_(simd::find_normalization_functions()) {}
  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return cut_.pieces; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t first = cut_.first_element(piece);
    functions_.forward(args.input<float>(0) + first, args.input<float>(1), args.input<float>(2), epsilon_,
                       cut_.rows_of(piece), cut_.length, args.output<float>() + first);
  }
  bool may_overwrite(int in, int) const override { return in == 0; }

 private:
  simd::RowPieces cut_;
  float epsilon_;
  NormalizationFunctions functions_;
};

/// Each piece adds up the gradients of gamma and beta over its own rows; a second phase adds up the pieces.
class SimdLayerNormalizationBackward : public Kernel {
 public:
  SimdLayerNormalizationBackward(const Shape& x, double epsilon)
      : cut_(x.elements(), x.back()),
        epsilon_(static_cast<float>(epsilon)),
        functions_(simd::find_normalization_functions()),
        sum_(simd::find_reduce_functions(Reduce::Kind::sum, DType::float32)) {}
  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? cut_.pieces : 2; }
  int64_t scratch_bytes() const override { return 2 * cut_.pieces * cut_.length * static_cast<int64_t>(sizeof(float)); }
  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* partials = reinterpret_cast<float*>(args.scratch);
    if (phase == 1) {  // of gamma and of beta
      sum_.columns(partials + piece * cut_.length, cut_.pieces, 2 * cut_.length, cut_.length,
                   args.output<float>(static_cast<size_t>(1 + piece)));
      return;
    }
    const int64_t first = cut_.first_element(piece);
    float* of_gamma = partials + 2 * piece * cut_.length;
    std::fill(of_gamma, of_gamma + 2 * cut_.length, 0.0f);
    functions_.backward(args.input<float>(0) + first, args.input<float>(1), args.input<float>(2) + first, epsilon_,
                        cut_.rows_of(piece), cut_.length, args.output<float>(0) + first, of_gamma,
                        of_gamma + cut_.length);
  }
  bool may_overwrite(int in, int out) const override { return in != 1 && out == 0; }

 private:
  simd::RowPieces cut_;
  float epsilon_;
  NormalizationFunctions functions_;
  simd::ReduceFunctions sum_;
};

template <class Made, class NormalizationOp>
std::unique_ptr<Kernel> make(const Call& call, Refusal& why) {
  const Spec& x = call.in[0];
  if (x.dtype != DType::float32) return why("float32 only");
  if (x.shape.elements() == 0) return why("nothing to normalise");
  return std::make_unique<Made>(x.shape, static_cast<const NormalizationOp&>(call.op).epsilon());
}

}  // namespace

std::unique_ptr<Kernel> make_simd_layer_normalization(const Call& call, Refusal& why) {
  return make<SimdLayerNormalization, LayerNormalizationOp>(call, why);
}

std::unique_ptr<Kernel> make_simd_layer_normalization_backward(const Call& call, Refusal& why) {
  return make<SimdLayerNormalizationBackward, LayerNormalizationBackward>(call, why);
}

}  // namespace hebb
