/// What a primitive needs to be executed on several threads at a time.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "hebb/backend/cpu/onednn/api/handles.h"
#include "hebb/backend/cpu/onednn/onednn_api.h"

namespace hebb::onednn {

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

  State(const PrimitiveDesc& desc, std::vector<Argument> operands, int executions);

  /// Waits for a slot that nobody uses, looking from `hint` on.
  size_t take_slot(int64_t hint) const;
  void execute(const Buffers& buffers, size_t index) const;
};

}  // namespace hebb::onednn
