#include "hebb/ops/shaping.h"

#include <cstring>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

/// Where the first element of a walk lies, and whether what is not written is zero.
struct Moving {
  int64_t from = 0, to = 0;
  bool zero_first = false;
};

/// Copies the elements of `shape` from an array with one set of strides to an array with another.
std::unique_ptr<Kernel> move_elements(const Call& call, const Shape& shape, const Strides& from, const Strides& to,
                                      Moving moving = {}) {
  const Walk<2> walk(shape, {from, to});
  const int64_t total = call.out[0].shape.elements();
  return with_type(call.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel([walk, moving, total](const KernelArgs& args) {
      if (moving.zero_first) std::fill_n(args.output<T>(), total, T(0));
      walk.rows([&](auto at, int64_t count, auto step) {
        const T* x = args.input<T>(0) + moving.from + at[0];
        T* out = args.output<T>() + moving.to + at[1];
        for (int64_t i = 0; i < count; ++i) out[i * step[1]] = x[i * step[0]];
      });
    });
  });
}

}  // namespace

std::unique_ptr<Kernel> make_reference_copy(const Call& call, Refusal&) {
  const auto bytes = static_cast<size_t>(call.out[0].bytes());
  return plain_kernel(
      [bytes](const KernelArgs& args) {
        if (bytes > 0 && args.out[0] != args.in[0]) std::memcpy(args.out[0], args.in[0], bytes);
      },
      {.overwrites = 1});
}

std::unique_ptr<Kernel> make_reference_broadcast_to(const Call& call, Refusal&) {
  const Shape& shape = call.out[0].shape;
  return move_elements(call, shape, broadcast_strides(call.in[0].shape, shape), row_major(shape));
}

std::unique_ptr<Kernel> make_reference_transpose(const Call& call, Refusal&) {
  const auto& axes = static_cast<const Transpose&>(call.op).axes();
  const Strides own = row_major(call.in[0].shape);
  Strides from{};
  for (size_t i = 0; i < axes.size(); ++i) from[i] = own[static_cast<size_t>(axes[i])];
  return move_elements(call, call.out[0].shape, from, row_major(call.out[0].shape));
}

std::unique_ptr<Kernel> make_reference_concatenate(const Call& call, Refusal&) {
  const int64_t at = static_cast<const ConcatenateOp&>(call.op).axis();
  const Axis whole(call.out[0].shape, at);
  const int64_t element = size_of(call.out[0].dtype);
  // Of each input as many bytes lie together as its part of the axis and the axes behind it take.
  std::vector<size_t> chunks;
  for (const Spec& input : call.in) {
    const Axis part(input.shape, at);
    chunks.push_back(static_cast<size_t>(part.count * part.inner * element));
  }
  return plain_kernel([chunks, outer = whole.outer](const KernelArgs& args) {
    auto* out = args.output<std::byte>();
    for (int64_t o = 0; o < outer; ++o) {
      for (size_t i = 0; i < chunks.size(); ++i) {
        if (chunks[i] > 0) std::memcpy(out, args.input<std::byte>(i) + static_cast<size_t>(o) * chunks[i], chunks[i]);
        out += chunks[i];
      }
    }
  });
}

std::unique_ptr<Kernel> make_reference_slice(const Call& call, Refusal&) {
  const auto& op = static_cast<const Slice&>(call.op);
  Strides from = row_major(call.in[0].shape);
  Moving moving;
  for (size_t i = 0; i < op.begin().size(); ++i) {
    moving.from += op.begin()[i] * from[i];
    from[i] *= op.steps()[i];
  }
  return move_elements(call, call.out[0].shape, from, row_major(call.out[0].shape), moving);
}

std::unique_ptr<Kernel> make_reference_pad(const Call& call, Refusal&) {
  const auto& op = static_cast<const Pad&>(call.op);
  Strides to = row_major(call.out[0].shape);
  Moving moving{.zero_first = true};
  for (size_t i = 0; i < op.low().size(); ++i) {
    moving.to += op.low()[i] * to[i];
    to[i] *= op.inner()[i] + 1;
  }
  return move_elements(call, call.in[0].shape, row_major(call.in[0].shape), to, moving);
}

std::unique_ptr<Kernel> make_reference_reverse(const Call& call, Refusal&) {
  const Shape& shape = call.in[0].shape;
  Strides from = row_major(shape);
  Moving moving;
  for (int64_t axis : static_cast<const Reverse&>(call.op).axes()) {
    auto& step = from[static_cast<size_t>(normalize_axis(axis, shape.rank(), "reverse"))];
    moving.from += step * (shape[static_cast<int>(axis)] - 1);
    step = -step;
  }
  return move_elements(call, shape, from, row_major(shape), moving);
}

}  // namespace hebb
