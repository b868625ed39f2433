/// The library's objects as C++ ones, and what differs between oneDNN 2 and 3 in making them. For this folder alone,
/// which holds every call of the library; the rest of hebb uses onednn_api.h.
#pragma once

#include <oneapi/dnnl/dnnl.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#endif

namespace hebb::onednn {

static_assert(DNNL_VERSION_MAJOR == 2 || DNNL_VERSION_MAJOR == 3, "oneDNN 2 or 3 is needed");

/// InternalError, naming the call, unless it succeeded.
void check(dnnl_status_t status, const char* call);

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
dnnl_engine_t engine();

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
  /// float32, in one of the library's named orders.
  static Desc with_tag(const Dims& dims, dnnl_format_tag_t tag);
  static Desc with_strides(const Dims& dims, const Dims& strides);

  int64_t bytes() const { return static_cast<int64_t>(dnnl_memory_desc_get_size(get())); }

  /// For each axis, where its i-th index lies: the place of an element is the sum over the axes. Empty when the format
  /// is not a blocked one, or holds more than the elements.
  std::vector<Dims> offsets() const;

 private:
  struct Blocks {
    int rank = 0, inner = 0;
    const int64_t *dims = nullptr, *strides = nullptr, *inner_sizes = nullptr, *inner_axes = nullptr;
  };

  Blocks blocks() const;
};

/// A tensor that a primitive works on, as the library wants it.
Desc queried(const PrimitiveDesc& desc, dnnl_query_t what);

std::string implementation_of(const PrimitiveDesc& desc);

/// Plain loops, slower than a kernel of ours.
bool is_slow(const std::string& implementation);

/// The scratchpad in the caller's memory, and an activation behind the product.
Attribute make_attribute(const std::string& activation);

/// A descriptor, or nothing where the library has no implementation.
PrimitiveDesc found(dnnl_status_t status, PrimitiveDesc desc);

}  // namespace hebb::onednn
