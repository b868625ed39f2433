/// Reference kernels: every operation in plain loops that can be checked by reading.
///
/// They are the oracle that all other kernels are tested against, the last entry of every list in the registry, and
/// what runs where no fast kernel takes a type. They never refuse.
///
/// Rules: a float32 is computed with as double and rounded once; sums run in row-major order; NaN goes through as in
/// NumPy; integers wrap around.
#pragma once

#include <memory>

#include "hebb/plan/kernel.h"

namespace hebb {

// elementwise.cpp
std::unique_ptr<Kernel> make_reference_elementwise(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_cast(const Call& call, Refusal& why);
// fused.cpp
std::unique_ptr<Kernel> make_reference_fused_elementwise(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_fused_product(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_matmul_loop(const Call& call, Refusal& why);
// reduce.cpp
std::unique_ptr<Kernel> make_reference_reduce(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_arg_reduce(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_softmax(const Call& call, Refusal& why);
// shaping.cpp
/// reshape and stop_gradient: the same elements in the same order.
std::unique_ptr<Kernel> make_reference_copy(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_broadcast_to(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_transpose(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_concatenate(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_slice(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_pad(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_reverse(const Call& call, Refusal& why);
// indexing.cpp
std::unique_ptr<Kernel> make_reference_gather(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_scatter_add(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_one_hot(const Call& call, Refusal& why);
// categories.cpp
std::unique_ptr<Kernel> make_reference_digitize(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_hash_bucket(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_hash_cross(const Call& call, Refusal& why);
// matmul.cpp
std::unique_ptr<Kernel> make_reference_matmul(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_bfloat16_matmul(const Call& call, Refusal& why);
// quantized.cpp
std::unique_ptr<Kernel> make_reference_quantize(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_quantize_rows(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_quantized_product(const Call& call, Refusal& why);
// conv.cpp
std::unique_ptr<Kernel> make_reference_conv(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_conv_backward_input(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_conv_backward_kernel(const Call& call, Refusal& why);
// pool.cpp
std::unique_ptr<Kernel> make_reference_max_pool(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_max_pool_backward(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_max_pool_pick(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_average_pool(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_average_pool_backward(const Call& call, Refusal& why);
// attention.cpp
std::unique_ptr<Kernel> make_reference_attention(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_attention_backward(const Call& call, Refusal& why);
// normalization.cpp
std::unique_ptr<Kernel> make_reference_layer_normalization(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_layer_normalization_backward(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_moments(const Call& call, Refusal& why);
// crossentropy.cpp
std::unique_ptr<Kernel> make_reference_softmax_crossentropy(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_softmax_crossentropy_backward(const Call& call, Refusal& why);
// recurrence.cpp
std::unique_ptr<Kernel> make_reference_recurrence(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_recurrence_backward(const Call& call, Refusal& why);
// ctc.cpp
std::unique_ptr<Kernel> make_reference_ctc_loss(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_reference_ctc_loss_backward(const Call& call, Refusal& why);
// random.cpp
std::unique_ptr<Kernel> make_reference_random(const Call& call, Refusal& why);

}  // namespace hebb
