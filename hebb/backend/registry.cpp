#include "hebb/backend/registry.h"

#include "hebb/backend/cpu/int8/int8.h"
#include "hebb/backend/cpu/onednn/onednn.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/backend/cpu/simd/conv_direct.h"
#include "hebb/backend/cpu/simd/conv_winograd.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

struct Row {
  std::string_view operation;
  std::vector<KernelMaker> makers;  // best first, the reference last
};

/// One row for each operation; all elementwise operations share the first.
const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"elementwise", {{"simd", make_simd_elementwise}, {"reference", make_reference_elementwise}}},
      {"fused_elementwise", {{"simd", make_simd_fused_elementwise}, {"reference", make_reference_fused_elementwise}}},
      {"cast", {{"simd", make_simd_cast}, {"reference", make_reference_cast}}},

      {"reduce_sum", {{"simd", make_simd_reduce}, {"reference", make_reference_reduce}}},
      {"reduce_max", {{"simd", make_simd_reduce}, {"reference", make_reference_reduce}}},
      {"reduce_min", {{"simd", make_simd_reduce}, {"reference", make_reference_reduce}}},
      {"reduce_prod", {{"simd", make_simd_reduce}, {"reference", make_reference_reduce}}},
      {"argmax", {{"simd", make_simd_arg_reduce}, {"reference", make_reference_arg_reduce}}},
      {"argmin", {{"simd", make_simd_arg_reduce}, {"reference", make_reference_arg_reduce}}},
      {"softmax", {{"simd", make_simd_softmax}, {"reference", make_reference_softmax}}},
      {"log_softmax", {{"simd", make_simd_softmax}, {"reference", make_reference_softmax}}},
      {"softmax_crossentropy",
       {{"simd", make_simd_softmax_crossentropy}, {"reference", make_reference_softmax_crossentropy}}},
      {"softmax_crossentropy_backward",
       {{"simd", make_simd_softmax_crossentropy_backward},
        {"reference", make_reference_softmax_crossentropy_backward}}},

      {"reshape", {{"simd", make_simd_copy}, {"reference", make_reference_copy}}},
      {"stop_gradient", {{"simd", make_simd_copy}, {"reference", make_reference_copy}}},
      {"broadcast_to", {{"simd", make_simd_broadcast_to}, {"reference", make_reference_broadcast_to}}},
      {"transpose", {{"simd", make_simd_transpose}, {"reference", make_reference_transpose}}},
      {"concatenate", {{"simd", make_simd_concatenate}, {"reference", make_reference_concatenate}}},
      {"slice", {{"simd", make_simd_slice}, {"reference", make_reference_slice}}},
      {"pad", {{"simd", make_simd_pad}, {"reference", make_reference_pad}}},
      {"reverse", {{"simd", make_simd_reverse}, {"reference", make_reference_reverse}}},

      {"gather", {{"simd", make_simd_gather}, {"reference", make_reference_gather}}},
      {"scatter_add", {{"simd", make_simd_scatter_add}, {"reference", make_reference_scatter_add}}},
      {"one_hot", {{"simd", make_simd_one_hot}, {"reference", make_reference_one_hot}}},
      {"digitize", {{"reference", make_reference_digitize}}},
      {"hash_bucket", {{"reference", make_reference_hash_bucket}}},
      {"hash_cross", {{"reference", make_reference_hash_cross}}},

      {"matmul",
       {{"packed", make_packed_matmul},
        {"deep", make_simd_deep_matmul},
        {"simd", make_simd_matmul},
        {"onednn", make_onednn_matmul},
        {"reference", make_reference_matmul}}},
      {"fused_matmul",
       {{"packed", make_packed_fused_matmul},
        {"deep", make_simd_deep_fused_matmul},
        {"simd", make_simd_fused_matmul},
        {"onednn", make_onednn_fused_matmul},
        {"reference", make_reference_fused_product}}},
      {"matmul_loop", {{"simd", make_simd_matmul_loop}, {"reference", make_reference_matmul_loop}}},
      {"bfloat16_matmul", {{"simd", make_simd_bfloat16_matmul}, {"reference", make_reference_bfloat16_matmul}}},
      {"conv",
       {{"winograd", make_winograd_conv},
        {"simd", make_simd_conv},
        {"onednn", make_onednn_conv},
        {"reference", make_reference_conv}}},
      {"fused_conv",
       {{"winograd", make_winograd_fused_conv},
        {"simd", make_simd_fused_conv},
        {"onednn", make_onednn_fused_conv},
        {"reference", make_reference_fused_product}}},
      {"conv_backward_input",
       {{"winograd", make_winograd_conv_backward_input},
        {"simd", make_simd_conv_backward_input},
        {"onednn", make_onednn_conv_backward_input},
        {"reference", make_reference_conv_backward_input}}},
      {"conv_backward_kernel",
       {{"winograd", make_winograd_conv_backward_kernel},
        {"simd", make_simd_conv_backward_kernel},
        {"onednn", make_onednn_conv_backward_kernel},
        {"reference", make_reference_conv_backward_kernel}}},

      {"quantize",
       {{"vnni", make_vnni_quantize}, {"avx2", make_avx2_quantize}, {"reference", make_reference_quantize}}},
      {"quantize_rows",
       {{"vnni", make_vnni_quantize_rows},
        {"avx2", make_avx2_quantize_rows},
        {"reference", make_reference_quantize_rows}}},
      {"quantized_matmul",
       {{"vnni", make_vnni_product}, {"avx2", make_avx2_product}, {"reference", make_reference_quantized_product}}},
      {"quantized_conv",
       {{"vnni", make_vnni_product}, {"avx2", make_avx2_product}, {"reference", make_reference_quantized_product}}},

      {"max_pool", {{"simd", make_simd_max_pool}, {"reference", make_reference_max_pool}}},
      {"max_pool_backward", {{"simd", make_simd_max_pool_backward}, {"reference", make_reference_max_pool_backward}}},
      {"max_pool_pick", {{"simd", make_simd_max_pool_pick}, {"reference", make_reference_max_pool_pick}}},
      {"average_pool", {{"simd", make_simd_average_pool}, {"reference", make_reference_average_pool}}},
      {"average_pool_backward",
       {{"simd", make_simd_average_pool_backward}, {"reference", make_reference_average_pool_backward}}},

      {"attention", {{"simd", make_simd_attention}, {"reference", make_reference_attention}}},
      {"layer_normalization",
       {{"simd", make_simd_layer_normalization}, {"reference", make_reference_layer_normalization}}},
      {"layer_normalization_backward",
       {{"simd", make_simd_layer_normalization_backward}, {"reference", make_reference_layer_normalization_backward}}},
      {"moments", {{"simd", make_simd_moments}, {"reference", make_reference_moments}}},
      {"attention_backward",
       {{"simd", make_simd_attention_backward}, {"reference", make_reference_attention_backward}}},
      {"recurrence", {{"simd", make_simd_recurrence}, {"reference", make_reference_recurrence}}},
      {"recurrence_backward",
       {{"simd", make_simd_recurrence_backward}, {"reference", make_reference_recurrence_backward}}},
      {"ctc_loss", {{"reference", make_reference_ctc_loss}}},
      {"ctc_loss_backward", {{"reference", make_reference_ctc_loss_backward}}},

      {"random_uniform", {{"simd", make_simd_random}, {"reference", make_reference_random}}},
      {"random_normal", {{"simd", make_simd_random}, {"reference", make_reference_random}}},
      {"random_bernoulli", {{"simd", make_simd_random}, {"reference", make_reference_random}}},
  };
  return table;
}

bool is_elementwise(std::string_view name) {
  for (const ElementwiseRecord& record : elementwise_records()) {
    if (record.name == name) return true;
  }
  return false;
}

}  // namespace

std::string kernel_switches() {
  switch (winograd_use()) {
    case WinogradUse::on: return "";
    case WinogradUse::always: return " winograd=always";
    case WinogradUse::off: return " winograd=off";
  }
  return "";
}

std::span<const KernelMaker> kernel_makers(std::string_view op_name) {
  const std::string_view wanted = is_elementwise(op_name) ? "elementwise" : op_name;
  for (const Row& row : rows()) {
    if (row.operation == wanted) return row.makers;
  }
  return {};
}

std::vector<std::string_view> kernel_operations() {
  std::vector<std::string_view> names;
  for (const ElementwiseRecord& record : elementwise_records()) names.push_back(record.name);
  for (const Row& row : rows()) {
    if (row.operation != "elementwise") names.push_back(row.operation);
  }
  return names;
}

}  // namespace hebb
