#include "hebb/backend/cpu/onednn/api/handles.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::onednn {

namespace {

const char* text_of(dnnl_status_t status) {
  switch (status) {
    case dnnl_out_of_memory: return "out of memory";
    case dnnl_invalid_arguments: return "invalid arguments";
    case dnnl_unimplemented: return "not implemented";
    default: return "error";
  }
}

}  // namespace

void check(dnnl_status_t status, const char* call) {
  if (status != dnnl_success) {
    throw InternalError(message("oneDNN: ", call, ": ", text_of(status), " (", static_cast<int>(status), ")."));
  }
}

dnnl_engine_t engine() {
  static dnnl_engine_t const one = [] {
    dnnl_engine_t created = nullptr;
    check(dnnl_engine_create(&created, dnnl_cpu, 0), "dnnl_engine_create");
    return created;
  }();
  return one;
}

Desc Desc::with_tag(const Dims& dims, dnnl_format_tag_t tag) {
  Desc desc;
#if DNNL_VERSION_MAJOR == 2
  check(dnnl_memory_desc_init_by_tag(desc.receive(), static_cast<int>(dims.size()), dims.data(), dnnl_f32, tag),
        "dnnl_memory_desc_init_by_tag");
#else
  check(dnnl_memory_desc_create_with_tag(desc.receive(), static_cast<int>(dims.size()), dims.data(), dnnl_f32, tag),
        "dnnl_memory_desc_create_with_tag");
#endif
  return desc;
}

Desc Desc::with_strides(const Dims& dims, const Dims& strides) {
  Desc desc;
#if DNNL_VERSION_MAJOR == 2
  check(dnnl_memory_desc_init_by_strides(desc.receive(), static_cast<int>(dims.size()), dims.data(), dnnl_f32,
                                         strides.data()),
        "dnnl_memory_desc_init_by_strides");
#else
  check(dnnl_memory_desc_create_with_strides(desc.receive(), static_cast<int>(dims.size()), dims.data(), dnnl_f32,
                                             strides.data()),
        "dnnl_memory_desc_create_with_strides");
#endif
  return desc;
}

std::vector<Dims> Desc::offsets() const {
  const Blocks b = blocks();
  std::vector<Dims> result;
  for (int axis = 0; axis < b.rank; ++axis) {
    int64_t inner = 1;  // elements of this axis in a block
    for (int i = 0; i < b.inner; ++i) inner *= b.inner_axes[i] == axis ? b.inner_sizes[i] : 1;
    Dims offsets(static_cast<size_t>(b.dims[axis]));
    for (int64_t index = 0; index < b.dims[axis]; ++index) {
      int64_t at = index / inner * b.strides[axis], rest = index % inner, stride = 1;
      for (int i = b.inner - 1; i >= 0; --i) {
        if (b.inner_axes[i] == axis) {
          at += rest % b.inner_sizes[i] * stride;
          rest /= b.inner_sizes[i];
        }
        stride *= b.inner_sizes[i];
      }
      offsets[static_cast<size_t>(index)] = at;
    }
    result.push_back(std::move(offsets));
  }
  return result;
}

Desc::Blocks Desc::blocks() const {
  Blocks b;
#if DNNL_VERSION_MAJOR == 2
  if (desc_.format_kind != dnnl_blocked || desc_.extra.flags != 0 || desc_.offset0 != 0) return b;
  const dnnl_blocking_desc_t& blocking = desc_.format_desc.blocking;
  b = {desc_.ndims, blocking.inner_nblks, desc_.dims, blocking.strides, blocking.inner_blks, blocking.inner_idxs};
#else
  dnnl_format_kind_t kind;
  check(dnnl_memory_desc_query(desc_, dnnl_query_format_kind, &kind), "dnnl_memory_desc_query");
  if (kind != dnnl_blocked) return b;
  const dnnl_dims_t *dims, *strides, *sizes, *axes;
  check(dnnl_memory_desc_query(desc_, dnnl_query_ndims_s32, &b.rank), "dnnl_memory_desc_query");
  check(dnnl_memory_desc_query(desc_, dnnl_query_inner_nblks_s32, &b.inner), "dnnl_memory_desc_query");
  check(dnnl_memory_desc_query(desc_, dnnl_query_dims, &dims), "dnnl_memory_desc_query");
  check(dnnl_memory_desc_query(desc_, dnnl_query_strides, &strides), "dnnl_memory_desc_query");
  check(dnnl_memory_desc_query(desc_, dnnl_query_inner_blks, &sizes), "dnnl_memory_desc_query");
  check(dnnl_memory_desc_query(desc_, dnnl_query_inner_idxs, &axes), "dnnl_memory_desc_query");
  b.dims = *dims, b.strides = *strides, b.inner_sizes = *sizes, b.inner_axes = *axes;
#endif
  return b;
}

Desc queried(const PrimitiveDesc& desc, dnnl_query_t what) {
  return Desc(dnnl_primitive_desc_query_md(desc.get(), what, 0));
}

std::string implementation_of(const PrimitiveDesc& desc) {
  const char* name = nullptr;
  check(dnnl_primitive_desc_query(desc.get(), dnnl_query_impl_info_str, 0, &name), "dnnl_primitive_desc_query");
  return name;
}

bool is_slow(const std::string& implementation) {
  return implementation.starts_with("ref") || implementation.find(":ref") != std::string::npos;
}

Attribute make_attribute(const std::string& activation) {
  Attribute attribute;
  check(dnnl_primitive_attr_create(attribute.receive()), "dnnl_primitive_attr_create");
  check(dnnl_primitive_attr_set_scratchpad_mode(attribute.get(), dnnl_scratchpad_mode_user),
        "dnnl_primitive_attr_set_scratchpad_mode");
  if (activation.empty()) return attribute;
  const dnnl_alg_kind_t kind = activation == "tanh" ? dnnl_eltwise_tanh : dnnl_eltwise_logistic;
  PostOps post_ops;
  check(dnnl_post_ops_create(post_ops.receive()), "dnnl_post_ops_create");
#if DNNL_VERSION_MAJOR == 2
  check(dnnl_post_ops_append_eltwise(post_ops.get(), 1, kind, 0, 0), "dnnl_post_ops_append_eltwise");
#else
  check(dnnl_post_ops_append_eltwise(post_ops.get(), kind, 0, 0), "dnnl_post_ops_append_eltwise");
#endif
  check(dnnl_primitive_attr_set_post_ops(attribute.get(), post_ops.get()), "dnnl_primitive_attr_set_post_ops");
  return attribute;
}

PrimitiveDesc found(dnnl_status_t status, PrimitiveDesc desc) {
  if (status == dnnl_unimplemented) return {};
  check(status, "creating a primitive's descriptor");
  return desc;
}

}  // namespace hebb::onednn
