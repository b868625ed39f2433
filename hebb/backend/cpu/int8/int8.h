/// Kernels on bytes by the processor's dot products of four: AVX-512 VNNI, and AVX2 where there is none. Sums are whole
/// numbers and what follows is rounded step by step as the reference does it, so that all give the same bits.
#pragma once

#include "hebb/plan/kernel.h"

namespace hebb {

// quantize.cpp
std::unique_ptr<Kernel> make_vnni_quantize(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_avx2_quantize(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_vnni_quantize_rows(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_avx2_quantize_rows(const Call& call, Refusal& why);
// product.cpp: quantized_matmul and quantized_conv
std::unique_ptr<Kernel> make_vnni_product(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_avx2_product(const Call& call, Refusal& why);

}  // namespace hebb
