#include <algorithm>

#include "hebb/backend/cpu/simd/moments_functions.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/ops/normalization.h"

namespace hebb {

namespace {

using simd::divide_up;

/// The array is (outer, channels, inner). A part of the numbers of a channel (some rows, or all that lie together) has
/// a mean and squared deviations of its own, taken while it is in the cache; a second phase joins the parts (Chan,
/// Golub and LeVeque 1983).
class SimdMoments : public Kernel {
 public:
  SimdMoments(const Shape& shape, int axis) : functions_(simd::find_moments_functions()), channels_(shape[axis]) {
    for (int i = 0; i < shape.rank(); ++i) (i < axis ? outer_ : inner_) *= i == axis ? 1 : shape[i];
    constexpr int64_t elements_in_piece = 16384, least_rows = 64;
    if (inner_ == 1) {
      rows_in_part_ = std::max(least_rows, elements_in_piece / channels_);
      parts_ = divide_up(outer_, rows_in_part_);
    } else {
      parts_ = outer_;
      runs_in_piece_ = std::max<int64_t>(1, elements_in_piece / inner_);
    }
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return 2; }
  int64_t pieces(int phase) const override {
    if (phase == 1) return divide_up(channels_, strip);
    return inner_ == 1 ? parts_ : divide_up(outer_ * channels_, runs_in_piece_);
  }
  int64_t scratch_bytes() const override { return 2 * parts_ * channels_ * static_cast<int64_t>(sizeof(float)); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* means = reinterpret_cast<float*>(args.scratch);
    float* squares = means + parts_ * channels_;
    if (phase == 1) return join(piece * strip, means, squares, args);
    const float* x = args.input<float>(0);
    if (inner_ == 1) {
      const int64_t at = piece * channels_;
      functions_.columns(x + rows_in_part_ * at, count_of(piece), channels_, means + at, squares + at);
      return;
    }
    const int64_t first = piece * runs_in_piece_, last = std::min(first + runs_in_piece_, outer_ * channels_);
    for (int64_t i = first; i < last; ++i) functions_.row(x + i * inner_, inner_, means + i, squares + i);
  }

 private:
  /// Channels that are joined in one go.
  static constexpr int64_t strip = 64;

  /// How many numbers of each channel a part has.
  int64_t count_of(int64_t part) const {
    return inner_ == 1 ? std::min(rows_in_part_, outer_ - part * rows_in_part_) : inner_;
  }

  void join(int64_t first, const float* means, const float* squares, const KernelArgs& args) const {
    const int64_t count = std::min(strip, channels_ - first);
    const auto number = static_cast<double>(outer_ * inner_);
    double mean[strip] = {}, sum[strip] = {};
    const auto for_parts = [&](auto body) {
      for (int64_t part = 0; part < parts_; ++part) {
        const auto share = static_cast<double>(count_of(part));
        for (int64_t c = 0; c < count; ++c) body(c, part * channels_ + first + c, share);
      }
    };
    for_parts([&](int64_t c, int64_t at, double share) { mean[c] += share * means[at]; });
    for (int64_t c = 0; c < count; ++c) mean[c] /= number;
    for_parts([&](int64_t c, int64_t at, double share) {
      const double apart = means[at] - mean[c];
      sum[c] += squares[at] + share * apart * apart;
    });
    for (int64_t c = 0; c < count; ++c) {
      args.output<float>(0)[first + c] = static_cast<float>(mean[c]);
      args.output<float>(1)[first + c] = static_cast<float>(sum[c] / number);
    }
  }

  simd::MomentsFunctions functions_;
  int64_t outer_ = 1, channels_, inner_ = 1;
  int64_t parts_;
  int64_t rows_in_part_ = 0;   ///< where channels are the last axis
  int64_t runs_in_piece_ = 0;  ///< where they are not
};

}  // namespace

std::unique_ptr<Kernel> make_simd_moments(const Call& call, Refusal& why) {
  const Spec& x = call.in[0];
  if (x.dtype != DType::float32) return why("float32 only");
  if (x.shape.elements() == 0) return why("nothing to add up");
  return std::make_unique<SimdMoments>(x.shape, static_cast<int>(static_cast<const MomentsOp&>(call.op).axis()));
}

}  // namespace hebb
