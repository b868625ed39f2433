#include "hebb/backend/cpu/onednn/onednn_api.h"

#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <thread>
#include <utility>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#endif

namespace hebb::onednn {

namespace {

static_assert(DNNL_VERSION_MAJOR == 2 || DNNL_VERSION_MAJOR == 3, "oneDNN 2 or 3 is needed");

const char* text_of(dnnl_status_t status) {
  switch (status) {
    case dnnl_out_of_memory: return "out of memory";
    case dnnl_invalid_arguments: return "invalid arguments";
    case dnnl_unimplemented: return "not implemented";
    default: return "error";
  }
}

void check(dnnl_status_t status, const char* call) {
  if (status != dnnl_success) {
    throw InternalError(message("oneDNN: ", call, ": ", text_of(status), " (", static_cast<int>(status), ")."));
  }
}

/// While it lives, the library's OpenMP has one thread for the calling thread: primitives are created for one thread
/// and never fork. What the user's own code set is put back.
class OneThread {
 public:
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
  OneThread() : saved_(omp_get_max_threads()) {
    if (saved_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (saved_ != 1) omp_set_num_threads(saved_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int saved_;
#endif
};

/// A handle of the library that is destroyed with its owner.
template <class T, dnnl_status_t (*destroy)(T)>
class Owned {
 public:
  Owned() = default;
  ~Owned() {
    if (handle_) destroy(handle_);
  }
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  T get() const { return handle_; }
  T* receive() { return &handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  T handle_ = nullptr;
};

using Stream = Owned<dnnl_stream_t, dnnl_stream_destroy>;
using Memory = Owned<dnnl_memory_t, dnnl_memory_destroy>;
using Attribute = Owned<dnnl_primitive_attr_t, dnnl_primitive_attr_destroy>;
using PostOps = Owned<dnnl_post_ops_t, dnnl_post_ops_destroy>;
using PrimitiveDesc = Owned<dnnl_primitive_desc_t, dnnl_primitive_desc_destroy>;
using PrimitiveHandle = Owned<dnnl_primitive_t, dnnl_primitive_destroy>;

/// The processor. Never destroyed: primitives may outlive any static object.
dnnl_engine_t engine() {
  static dnnl_engine_t const one = [] {
    dnnl_engine_t created = nullptr;
    check(dnnl_engine_create(&created, dnnl_cpu, 0), "dnnl_engine_create");
    return created;
  }();
  return one;
}

// ------------------------------------------------------------- descriptors of memory: what differs between 2 and 3
// most

using Dims = std::vector<int64_t>;

/// Shape, order and padding of a tensor.
class Desc {
 public:
#if DNNL_VERSION_MAJOR == 2
  using Pointer = const dnnl_memory_desc_t*;
  Desc() = default;
  explicit Desc(Pointer other) : desc_(*other) {}
  Pointer get() const { return &desc_; }

 private:
  dnnl_memory_desc_t* receive() { return &desc_; }
  dnnl_memory_desc_t desc_{};
#else
  using Pointer = const_dnnl_memory_desc_t;
  Desc() = default;
  explicit Desc(Pointer other) { check(dnnl_memory_desc_clone(&desc_, other), "dnnl_memory_desc_clone"); }
  Desc(const Desc& other) : Desc(other.desc_) {}
  Desc(Desc&& other) noexcept : desc_(std::exchange(other.desc_, nullptr)) {}
  Desc& operator=(Desc other) noexcept {
    std::swap(desc_, other.desc_);
    return *this;
  }
  ~Desc() {
    if (desc_) dnnl_memory_desc_destroy(desc_);
  }
  Pointer get() const { return desc_; }

 private:
  dnnl_memory_desc_t* receive() { return &desc_; }
  dnnl_memory_desc_t desc_ = nullptr;
#endif

 public:
  static Desc with_tag(const Dims& dims, dnnl_format_tag_t tag) {
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

  static Desc with_strides(const Dims& dims, const Dims& strides) {
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

  int64_t bytes() const { return static_cast<int64_t>(dnnl_memory_desc_get_size(get())); }

  /// For each axis, where its i-th index lies: the place of an element is the sum over the axes. Empty when the format
  /// is not a blocked one, or holds more than the elements.
  std::vector<Dims> offsets() const {
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

 private:
  struct Blocks {
    int rank = 0, inner = 0;
    const int64_t *dims = nullptr, *strides = nullptr, *inner_sizes = nullptr, *inner_axes = nullptr;
  };

  Blocks blocks() const {
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
};

Desc queried(const PrimitiveDesc& desc, dnnl_query_t what) {
  return Desc(dnnl_primitive_desc_query_md(desc.get(), what, 0));
}

std::string implementation_of(const PrimitiveDesc& desc) {
  const char* name = nullptr;
  check(dnnl_primitive_desc_query(desc.get(), dnnl_query_impl_info_str, 0, &name), "dnnl_primitive_desc_query");
  return name;
}

/// Plain loops, slower than a kernel of ours.
bool is_slow(const std::string& implementation) {
  return implementation.starts_with("ref") || implementation.find(":ref") != std::string::npos;
}

/// The scratchpad in the caller's memory, and an activation behind the product.
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

/// A descriptor, or nothing where the library has no implementation.
PrimitiveDesc found(dnnl_status_t status, PrimitiveDesc desc) {
  if (status == dnnl_unimplemented) return {};
  check(status, "creating a primitive's descriptor");
  return desc;
}

// --------------------------------------------------------------------------------------------------------- convolution

/// A convolution's tensors in the library's order of axes: (batch, channels, spatial...).
struct ConvDescs {
  Desc x, y, weights, bias;
  Dims strides, dilations, low, high;

  ConvDescs(const ConvProblem& p, const Desc* format) : strides(p.strides), low(p.low), high(p.high) {
    for (int64_t dilation : p.dilations) dilations.push_back(dilation - 1);
    const size_t spatial = p.input.size();
    constexpr dnnl_format_tag_t last[] = {dnnl_nwc, dnnl_nhwc, dnnl_ndhwc};
    const auto activations = [&](int64_t features, const Dims& places) {
      Dims dims{p.batch, features};
      dims.insert(dims.end(), places.begin(), places.end());
      return Desc::with_tag(dims, last[spatial - 1]);
    };
    x = activations(p.channels, p.input);
    y = activations(p.filters, p.output);
    if (p.bias) bias = Desc::with_tag({p.filters}, dnnl_x);
    weights = format ? *format : Desc::with_tag(weights_dims(p), dnnl_format_tag_any);
  }

  static Dims weights_dims(const ConvProblem& p) {
    Dims dims;
    if (p.groups > 1) dims.push_back(p.groups);
    dims.push_back(p.filters / p.groups);
    dims.push_back(p.channels / p.groups);
    dims.insert(dims.end(), p.window.begin(), p.window.end());
    return dims;
  }
};

PrimitiveDesc forward_desc(const ConvProblem& p, const ConvDescs& d, const Attribute& attribute) {
  PrimitiveDesc desc;
  Desc::Pointer bias = p.bias ? d.bias.get() : nullptr;
#if DNNL_VERSION_MAJOR == 2
  dnnl_convolution_desc_t conv;
  check(dnnl_dilated_convolution_forward_desc_init(&conv, dnnl_forward_training, dnnl_convolution_direct, d.x.get(),
                                                   d.weights.get(), bias, d.y.get(), d.strides.data(),
                                                   d.dilations.data(), d.low.data(), d.high.data()),
        "dnnl_dilated_convolution_forward_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &conv, attribute.get(), engine(), nullptr);
#else
  const auto status = dnnl_convolution_forward_primitive_desc_create(
      desc.receive(), engine(), dnnl_forward_training, dnnl_convolution_direct, d.x.get(), d.weights.get(), bias,
      d.y.get(), d.strides.data(), d.dilations.data(), d.low.data(), d.high.data(), attribute.get());
#endif
  return found(status, std::move(desc));
}

PrimitiveDesc backward_input_desc(const ConvDescs& d, const PrimitiveDesc& forward, const Attribute& attribute) {
  PrimitiveDesc desc;
#if DNNL_VERSION_MAJOR == 2
  dnnl_convolution_desc_t conv;
  check(dnnl_dilated_convolution_backward_data_desc_init(&conv, dnnl_convolution_direct, d.x.get(), d.weights.get(),
                                                         d.y.get(), d.strides.data(), d.dilations.data(), d.low.data(),
                                                         d.high.data()),
        "dnnl_dilated_convolution_backward_data_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &conv, attribute.get(), engine(), forward.get());
#else
  const auto status = dnnl_convolution_backward_data_primitive_desc_create(
      desc.receive(), engine(), dnnl_convolution_direct, d.x.get(), d.weights.get(), d.y.get(), d.strides.data(),
      d.dilations.data(), d.low.data(), d.high.data(), forward.get(), attribute.get());
#endif
  return found(status, std::move(desc));
}

PrimitiveDesc backward_kernel_desc(const ConvDescs& d, const PrimitiveDesc& forward, const Attribute& attribute) {
  PrimitiveDesc desc;
#if DNNL_VERSION_MAJOR == 2
  dnnl_convolution_desc_t conv;
  check(dnnl_dilated_convolution_backward_weights_desc_init(&conv, dnnl_convolution_direct, d.x.get(), d.weights.get(),
                                                            nullptr, d.y.get(), d.strides.data(), d.dilations.data(),
                                                            d.low.data(), d.high.data()),
        "dnnl_dilated_convolution_backward_weights_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &conv, attribute.get(), engine(), forward.get());
#else
  const auto status = dnnl_convolution_backward_weights_primitive_desc_create(
      desc.receive(), engine(), dnnl_convolution_direct, d.x.get(), d.weights.get(), nullptr, d.y.get(),
      d.strides.data(), d.dilations.data(), d.low.data(), d.high.data(), forward.get(), attribute.get());
#endif
  return found(status, std::move(desc));
}

/// The descriptor of a pass; empty when the library has only slow implementations.
PrimitiveDesc conv_desc(const ConvProblem& problem, ConvPass pass, const Desc* format) {
  const Attribute attribute = make_attribute(problem.activation);
  PrimitiveDesc desc;
  if (pass == ConvPass::forward) {
    desc = forward_desc(problem, ConvDescs(problem, format), attribute);
  } else {
    const PrimitiveDesc forward = forward_desc(problem, ConvDescs(problem, nullptr), attribute);
    if (!forward) return {};
    const ConvDescs descs(problem, format);
    desc = pass == ConvPass::backward_input ? backward_input_desc(descs, forward, attribute)
                                            : backward_kernel_desc(descs, forward, attribute);
  }
  if (!desc || is_slow(implementation_of(desc))) return {};
  return desc;
}

Desc weights_of(const PrimitiveDesc& desc, ConvPass pass) {
  return queried(desc, pass == ConvPass::backward_kernel ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
}

WeightsPlacement place_weights(const ConvProblem& p, const Desc& desc) {
  const std::vector<Dims> offsets = desc.offsets();
  const bool grouped = p.groups > 1;
  if (offsets.empty()) return {};
  const size_t first = grouped ? 1 : 0;  // the axis of filters; then channels, then the window
  WeightsPlacement placement;
  placement.bytes = desc.bytes();
  placement.channels = offsets[first + 1];
  for (int64_t group = 0; group < p.groups; ++group) {
    for (int64_t filter : offsets[first]) {
      placement.filters.push_back(filter + (grouped ? offsets[0][static_cast<size_t>(group)] : 0));
    }
  }
  placement.taps = {0};
  for (size_t axis = first + 2; axis < offsets.size(); ++axis) {
    Dims taps;
    for (int64_t outer : placement.taps) {
      for (int64_t inner : offsets[axis]) taps.push_back(outer + inner);
    }
    placement.taps = std::move(taps);
  }
  return placement;
}

}  // namespace

class WeightsFormat {
 public:
  WeightsFormat(const ConvProblem& problem, Desc desc)
      : desc_(std::move(desc)), placement_(place_weights(problem, desc_)) {}
  const Desc& desc() const { return desc_; }
  const WeightsPlacement& placement() const { return placement_; }

 private:
  Desc desc_;
  WeightsPlacement placement_;
};

const WeightsPlacement& placement(const WeightsFormat& format) { return format.placement(); }

// ----------------------------------------------------------------------------------------------------------- execution

/// What `Primitive` holds. A slot is what one execution at a time needs: the library writes the addresses of its memory
/// into objects of its own, so two threads must not share them.
struct Primitive::State {
  static constexpr size_t max_arguments = 5;

  struct alignas(64) Slot {
    std::atomic<bool> busy{false};
    Stream stream;
    std::array<Memory, max_arguments> memories;  // in the order of `roles`
    std::array<dnnl_exec_arg_t, max_arguments> arguments;
  };

  enum Role { role_a, role_b, role_out, role_bias, role_scratch };
  struct Argument {
    Role role;
    int id;
    Desc desc;
  };

  std::string implementation;
  PrimitiveHandle primitive;
  std::vector<Argument> arguments;
  int64_t scratch_of_one = 0;
  size_t slot_count = 0;
  std::unique_ptr<Slot[]> slots;

  State(const PrimitiveDesc& desc, std::vector<Argument> operands, int executions)
      : implementation(implementation_of(desc)),
        arguments(std::move(operands)),
        slot_count(static_cast<size_t>(executions)) {
    check(dnnl_primitive_create(primitive.receive(), desc.get()), "dnnl_primitive_create");
    const Desc scratch = queried(desc, dnnl_query_scratchpad_md);
    if (scratch.bytes() > 0) {
      scratch_of_one = (scratch.bytes() + 63) / 64 * 64;
      arguments.push_back({role_scratch, DNNL_ARG_SCRATCHPAD, scratch});
    }
    slots = std::make_unique<Slot[]>(slot_count);
    for (Slot& slot : std::span(slots.get(), slot_count)) {
      check(dnnl_stream_create(slot.stream.receive(), engine(), dnnl_stream_default_flags), "dnnl_stream_create");
      for (size_t i = 0; i < arguments.size(); ++i) {
        check(dnnl_memory_create(slot.memories[i].receive(), arguments[i].desc.get(), engine(), nullptr),
              "dnnl_memory_create");
        slot.arguments[i] = {arguments[i].id, slot.memories[i].get()};
      }
    }
  }

  size_t take_slot(int64_t hint) const {
    for (auto i = static_cast<size_t>(hint) % slot_count;;) {
      if (!slots[i].busy.load(std::memory_order_relaxed) && !slots[i].busy.exchange(true, std::memory_order_acquire)) {
        return i;
      }
      if (++i == slot_count) {
        i = 0;
        std::this_thread::yield();
      }
    }
  }

  void execute(const Buffers& buffers, size_t index) const {
    Slot& slot = slots[index];
    for (size_t i = 0; i < arguments.size(); ++i) {
      const void* data = nullptr;
      switch (arguments[i].role) {
        case role_a: data = buffers.a; break;
        case role_b: data = buffers.b; break;
        case role_out: data = buffers.out; break;
        case role_bias: data = buffers.bias; break;
        case role_scratch: data = buffers.scratch + static_cast<int64_t>(index) * scratch_of_one; break;
      }
      check(dnnl_memory_set_data_handle(slot.memories[i].get(), const_cast<void*>(data)),
            "dnnl_memory_set_data_handle");
    }
    check(dnnl_primitive_execute(primitive.get(), slot.stream.get(), static_cast<int>(arguments.size()),
                                 slot.arguments.data()),
          "dnnl_primitive_execute");
  }
};

Primitive::Primitive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Primitive::~Primitive() = default;

const std::string& Primitive::implementation() const { return state_->implementation; }

int64_t Primitive::scratch_bytes() const { return static_cast<int64_t>(state_->slot_count) * state_->scratch_of_one; }

void Primitive::execute(const Buffers& buffers, int64_t hint) const {
  struct Release {
    std::atomic<bool>& busy;
    ~Release() { busy.store(false, std::memory_order_release); }
  };
  const OneThread one_thread;
  const size_t slot = state_->take_slot(hint);
  const Release release{state_->slots[slot].busy};
  state_->execute(buffers, slot);
}

WeightsFormatPtr find_weights_format(const ConvProblem& problem, ConvPass pass) {
  const OneThread one_thread;
  const PrimitiveDesc desc = conv_desc(problem, pass, nullptr);
  if (!desc) return nullptr;
  auto format = std::make_shared<const WeightsFormat>(problem, weights_of(desc, pass));
  return format->placement().filters.empty() ? nullptr : format;
}

std::unique_ptr<Primitive> make_convolution(const ConvProblem& problem, ConvPass pass, const WeightsFormat* weights,
                                            int executions) {
  using State = Primitive::State;
  const OneThread one_thread;
  const PrimitiveDesc desc = conv_desc(problem, pass, weights ? &weights->desc() : nullptr);
  if (!desc) return nullptr;
  const ConvDescs descs(problem, nullptr);
  const Desc format = weights_of(desc, pass);
  std::vector<State::Argument> arguments;
  switch (pass) {
    case ConvPass::forward:
      arguments = {{State::role_a, DNNL_ARG_SRC, descs.x},
                   {State::role_b, DNNL_ARG_WEIGHTS, format},
                   {State::role_out, DNNL_ARG_DST, descs.y}};
      if (problem.bias) arguments.push_back({State::role_bias, DNNL_ARG_BIAS, descs.bias});
      break;
    case ConvPass::backward_input:
      arguments = {{State::role_a, DNNL_ARG_DIFF_DST, descs.y},
                   {State::role_b, DNNL_ARG_WEIGHTS, format},
                   {State::role_out, DNNL_ARG_DIFF_SRC, descs.x}};
      break;
    case ConvPass::backward_kernel:
      arguments = {{State::role_a, DNNL_ARG_SRC, descs.x},
                   {State::role_b, DNNL_ARG_DIFF_DST, descs.y},
                   {State::role_out, DNNL_ARG_DIFF_WEIGHTS, format}};
      break;
  }
  return std::make_unique<Primitive>(std::make_unique<State>(desc, std::move(arguments), executions));
}

std::unique_ptr<Primitive> make_matmul(const MatmulProblem& p, int executions) {
  using State = Primitive::State;
  const OneThread one_thread;
  const Attribute attribute = make_attribute(p.activation);
  const Desc a = Desc::with_strides({p.m, p.k}, {p.a_row, p.a_column});
  const Desc b = Desc::with_strides({p.k, p.n}, {p.b_row, p.b_column});
  const Desc out = Desc::with_strides({p.m, p.n}, {p.out_row, 1});
  const Desc bias_desc = Desc::with_strides({1, p.n}, {p.n, 1});
  Desc::Pointer bias = p.bias ? bias_desc.get() : nullptr;
  PrimitiveDesc desc;
#if DNNL_VERSION_MAJOR == 2
  dnnl_matmul_desc_t matmul;
  check(dnnl_matmul_desc_init(&matmul, a.get(), b.get(), bias, out.get()), "dnnl_matmul_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &matmul, attribute.get(), engine(), nullptr);
#else
  const auto status =
      dnnl_matmul_primitive_desc_create(desc.receive(), engine(), a.get(), b.get(), bias, out.get(), attribute.get());
#endif
  desc = found(status, std::move(desc));
  if (!desc || is_slow(implementation_of(desc))) return nullptr;
  std::vector<State::Argument> arguments = {
      {State::role_a, DNNL_ARG_SRC, a}, {State::role_b, DNNL_ARG_WEIGHTS, b}, {State::role_out, DNNL_ARG_DST, out}};
  if (p.bias) arguments.push_back({State::role_bias, DNNL_ARG_BIAS, bias_desc});
  return std::make_unique<Primitive>(std::make_unique<State>(desc, std::move(arguments), executions));
}

bool supports_activation(std::string_view name) { return name == "tanh" || name == "sigmoid"; }

}  // namespace hebb::onednn
