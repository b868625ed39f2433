/// Makers of the kernels that are written with vector instructions, through Google's Highway. Each looks up the
/// functions of the best instruction set of the processor once, when the kernel is made.
///
/// float32 is what they are for; a maker that does not take a call says why, and the next one in the registry is asked.
#pragma once

#include <memory>

#include "hebb/plan/kernel.h"

namespace hebb {

/// All elementwise operations, all types.
std::unique_ptr<Kernel> make_simd_elementwise(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_cast(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_fused_elementwise(const Call& call, Refusal& why);

// Operations that move elements, all types.
/// reshape and stop_gradient.
std::unique_ptr<Kernel> make_simd_copy(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_broadcast_to(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_transpose(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_concatenate(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_slice(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_pad(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_reverse(const Call& call, Refusal& why);

// Operations with indices, all types.
std::unique_ptr<Kernel> make_simd_gather(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_scatter_add(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_one_hot(const Call& call, Refusal& why);

/// Sums, products, maxima and minima over any axes, float32 and float64.
std::unique_ptr<Kernel> make_simd_reduce(const Call& call, Refusal& why);
/// softmax and log_softmax, argmax and argmin: float32, along the last axis.
std::unique_ptr<Kernel> make_simd_softmax(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_arg_reduce(const Call& call, Refusal& why);

// crossentropy.cpp: float32, along the last axis.
std::unique_ptr<Kernel> make_simd_softmax_crossentropy(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_softmax_crossentropy_backward(const Call& call, Refusal& why);

/// Recurrent cells over whole sequences, float32.
std::unique_ptr<Kernel> make_simd_recurrence(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_recurrence_backward(const Call& call, Refusal& why);

/// random_uniform and random_bernoulli.
std::unique_ptr<Kernel> make_simd_random(const Call& call, Refusal& why);

// Pooling over one or two spatial axes, float32.
std::unique_ptr<Kernel> make_simd_max_pool(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_max_pool_backward(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_max_pool_pick(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_average_pool(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_average_pool_backward(const Call& call, Refusal& why);

// attention.cpp: float32.
std::unique_ptr<Kernel> make_simd_attention(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_attention_backward(const Call& call, Refusal& why);

// normalization.cpp: float32.
std::unique_ptr<Kernel> make_simd_layer_normalization(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_layer_normalization_backward(const Call& call, Refusal& why);
// moments.cpp: float32.
std::unique_ptr<Kernel> make_simd_moments(const Call& call, Refusal& why);

// Products of matrices, float32 and float64; fused with a bias and any activation that is an elementwise operation.
std::unique_ptr<Kernel> make_simd_matmul(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_fused_matmul(const Call& call, Refusal& why);
// matmul_deep.cpp: float32, where the depth is large beside the result.
std::unique_ptr<Kernel> make_simd_deep_matmul(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_deep_fused_matmul(const Call& call, Refusal& why);
// matmul_loop.cpp
std::unique_ptr<Kernel> make_simd_matmul_loop(const Call& call, Refusal& why);

// matmul_packed.cpp
std::unique_ptr<Kernel> make_packed_matmul(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_packed_fused_matmul(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_bfloat16_matmul(const Call& call, Refusal& why);

}  // namespace hebb
