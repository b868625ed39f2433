#include "hebb/backend/eager.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "hebb/base/threads.h"
#include "hebb/plan/kernel.h"

namespace hebb {

namespace {

void append_bytes(std::string& key, const void* bytes, size_t count) {
  key.append(static_cast<const char*>(bytes), count);
}

/// Writes what decides on the kernel: operation, attributes and specs. False when there is a constant tensor among the
/// attributes: it enters by its address, which another tensor may have later.
bool write_key(std::string& key, const Op& op, std::span<const Tensor> inputs, std::span<const Spec> outputs) {
  key.assign(op.name());
  key += '\0';
  const Attributes attributes = op.attributes();
  if (!attributes.empty()) {
    for (const auto& attribute : attributes) {
      if (std::holds_alternative<Tensor>(attribute.second)) return false;
    }
    key += attributes.key();
    key += '\0';
  }
  auto append_spec = [&](const Spec& spec) {
    key += static_cast<char>(spec.dtype);
    key += static_cast<char>(spec.shape.rank());
    append_bytes(key, spec.shape.begin(), static_cast<size_t>(spec.shape.rank()) * sizeof(int64_t));
  };
  for (const Tensor& input : inputs) append_spec(input.spec());
  for (const Spec& output : outputs) append_spec(output);
  return true;
}

/// Kernels by key, the one used last at the front.
class KernelCache {
 public:
  std::shared_ptr<const Kernel> find(const std::string& key) {
    std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().kernel;
  }

  void add(const std::string& key, std::shared_ptr<const Kernel> kernel) {
    std::lock_guard lock(mutex_);
    if (index_.contains(key)) return;  // another thread was first
    entries_.push_front({key, std::move(kernel)});
    index_.emplace(entries_.front().key, entries_.begin());
    if (entries_.size() > kept_kernels) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

  size_t size() {
    std::lock_guard lock(mutex_);
    return entries_.size();
  }

  void clear() {
    std::lock_guard lock(mutex_);
    index_.clear();
    entries_.clear();
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Kernel> kernel;
  };

  std::mutex mutex_;
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // the keys are those of the entries
};

KernelCache& cache() {
  static KernelCache one;
  return one;
}

std::shared_ptr<const Kernel> kernel_for(const Op& op, std::span<const Tensor> inputs, std::span<const Spec> outputs) {
  thread_local std::string key;
  const bool keep = write_key(key, op, inputs, outputs);
  if (keep) {
    if (auto kernel = cache().find(key)) return kernel;
  }
  std::vector<Spec> specs;
  for (const Tensor& input : inputs) specs.push_back(input.spec());
  std::shared_ptr<const Kernel> kernel = choose_kernel({op, specs, outputs});
  if (keep) cache().add(key, kernel);
  return kernel;
}

/// The calling thread's scratch memory. Small ones are kept for the next operation.
class Scratch {
 public:
  explicit Scratch(int64_t bytes) {
    constexpr int64_t most_kept = int64_t{1} << 20;
    thread_local std::shared_ptr<Buffer> kept;
    if (bytes == 0) return;
    if (bytes > most_kept) {
      buffer_ = Buffer::allocate(bytes);
    } else {
      if (!kept || kept->bytes() < bytes) kept = Buffer::allocate(std::min(2 * bytes, most_kept));
      buffer_ = kept;
    }
  }

  std::byte* data() const { return buffer_ ? buffer_->data() : nullptr; }

 private:
  std::shared_ptr<Buffer> buffer_;
};

/// Whether the output has the input's elements in the input's order, so that it need not be computed. A variable's
/// elements may change later, so they have to be copied.
bool is_view(const Op& op, std::span<const Tensor> inputs) {
  const std::string_view name = op.name();
  return (name == "reshape" || name == "stop_gradient") && !inputs[0].is_variable();
}

}  // namespace

size_t kept_kernel_count() { return cache().size(); }

void forget_kernels() { cache().clear(); }

std::vector<std::shared_ptr<Buffer>> run_eagerly(const Op& op, std::span<const Tensor> inputs,
                                                 std::span<const Spec> outputs) {
  std::vector<std::shared_ptr<Buffer>> results;
  if (is_view(op, inputs)) {
    results.push_back(inputs[0].body()->buffer);
    return results;
  }
  const std::shared_ptr<const Kernel> kernel = kernel_for(op, inputs, outputs);

  // Pointers on the stack for all but the widest operations.
  constexpr size_t usual = 16;
  const void* few_inputs[usual];
  void* few_outputs[usual];
  std::vector<const void*> many_inputs(inputs.size() > usual ? inputs.size() : 0);
  std::vector<void*> many_outputs(outputs.size() > usual ? outputs.size() : 0);
  const void** in = many_inputs.empty() ? few_inputs : many_inputs.data();
  void** out = many_outputs.empty() ? few_outputs : many_outputs.data();
  for (size_t i = 0; i < inputs.size(); ++i) in[i] = inputs[i].raw();
  results.reserve(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    results.push_back(Buffer::allocate(outputs[i].bytes()));
    out[i] = results.back()->data();
  }

  const Scratch scratch(kernel->scratch_bytes());
  const FlushDenormals flush;
  run_kernel(*kernel, {in, out, scratch.data()});
  return results;
}

}  // namespace hebb
