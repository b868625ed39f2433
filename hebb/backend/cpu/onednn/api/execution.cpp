#include "hebb/backend/cpu/onednn/api/execution.h"

#include <span>
#include <thread>

namespace hebb::onednn {

Primitive::State::State(const PrimitiveDesc& desc, std::vector<Argument> operands, int executions)
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

size_t Primitive::State::take_slot(int64_t hint) const {
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

void Primitive::State::execute(const Buffers& buffers, size_t index) const {
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
    check(dnnl_memory_set_data_handle(slot.memories[i].get(), const_cast<void*>(data)), "dnnl_memory_set_data_handle");
  }
  check(dnnl_primitive_execute(primitive.get(), slot.stream.get(), static_cast<int>(arguments.size()),
                               slot.arguments.data()),
        "dnnl_primitive_execute");
}

Primitive::Primitive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Primitive::~Primitive() = default;

const std::string& Primitive::implementation() const { return state_->implementation; }

int64_t Primitive::scratch_bytes() const { return static_cast<int64_t>(state_->slot_count) * state_->scratch_of_one; }

void Primitive::execute(const Buffers& buffers, int64_t hint) const {
  struct Release {
    std::atomic<bool>& busy;
    ~Release() { busy.store(false, std::memory_order_release); }
  };
  [[maybe_unused]] const OneThread one_thread;  // nothing where oneDNN runs on other threads than OpenMP's
  const size_t slot = state_->take_slot(hint);
  const Release release{state_->slots[slot].busy};
  state_->execute(buffers, slot);
}

}  // namespace hebb::onednn
