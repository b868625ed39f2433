#include "hebb/ops/quantized.h"

#include <algorithm>

#include "hebb/backend/cpu/int8/int8.h"
#include "hebb/backend/cpu/int8/tile.h"

namespace hebb {

namespace {

constexpr const char* vnni_missing = "the processor has no AVX-512 VNNI";
constexpr const char* avx2_missing = "the processor has no AVX2";

class QuantizeKernel : public Kernel {
 public:
  QuantizeKernel(std::string_view name, const int8::Functions& functions, const Call& call)
      : name_(name), functions_(functions), count_(call.in[0].shape.elements()) {
    const ActivationRange range = static_cast<const Quantize&>(call.op).range();
    how_ = {static_cast<float>(range.scale), static_cast<int32_t>(range.zero_point)};
  }
  std::string_view implementation() const override { return name_; }
  int64_t pieces(int) const override { return (count_ + piece_elements - 1) / piece_elements; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t from = piece * piece_elements, count = std::min(piece_elements, count_ - from);
    functions_.quantize(args.input<float>(0) + from, count, how_, args.output<uint8_t>() + from);
  }

 private:
  static constexpr int64_t piece_elements = 65536;
  std::string_view name_;
  const int8::Functions& functions_;
  int64_t count_;
  int8::ToBytes how_;
};

class QuantizeRowsKernel : public Kernel {
 public:
  QuantizeRowsKernel(std::string_view name, const int8::Functions& functions, const Call& call)
      : name_(name), functions_(functions), rows_(call.in[0].shape[0]), columns_(call.in[0].shape[1]) {
    rows_in_piece_ = std::max<int64_t>(1, piece_elements / std::max<int64_t>(1, columns_));
  }
  std::string_view implementation() const override { return name_; }
  int64_t pieces(int) const override { return (rows_ + rows_in_piece_ - 1) / rows_in_piece_; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t end = std::min(rows_, (piece + 1) * rows_in_piece_);
    for (int64_t i = piece * rows_in_piece_; i < end; ++i) {
      const float* x = args.input<float>(0) + i * columns_;
      const float scale = 127.f / (functions_.largest(x, columns_) + 1e-7f);
      functions_.quantize(x, columns_, {scale, static_cast<int32_t>(QuantizeRows::zero_point)},
                          args.output<uint8_t>(0) + i * columns_);
      args.output<float>(1)[i] = 1.f / scale;
    }
  }

 private:
  static constexpr int64_t piece_elements = 32768;
  std::string_view name_;
  const int8::Functions& functions_;
  int64_t rows_, columns_, rows_in_piece_;
};

template <class K>
std::unique_ptr<Kernel> make(std::string_view name, const int8::Functions* functions, const char* missing,
                             const Call& call, Refusal& why) {
  if (!functions) return why(missing);
  return std::make_unique<K>(name, *functions, call);
}

}  // namespace

std::unique_ptr<Kernel> make_vnni_quantize(const Call& call, Refusal& why) {
  return make<QuantizeKernel>("vnni", int8::find_vnni(), vnni_missing, call, why);
}
std::unique_ptr<Kernel> make_avx2_quantize(const Call& call, Refusal& why) {
  return make<QuantizeKernel>("avx2", int8::find_avx2(), avx2_missing, call, why);
}
std::unique_ptr<Kernel> make_vnni_quantize_rows(const Call& call, Refusal& why) {
  return make<QuantizeRowsKernel>("vnni", int8::find_vnni(), vnni_missing, call, why);
}
std::unique_ptr<Kernel> make_avx2_quantize_rows(const Call& call, Refusal& why) {
  return make<QuantizeRowsKernel>("avx2", int8::find_avx2(), avx2_missing, call, why);
}

}  // namespace hebb
