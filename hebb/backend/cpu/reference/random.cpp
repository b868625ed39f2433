#include "hebb/ops/random.h"

#include <cmath>
#include <numbers>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/base/philox.h"

namespace hebb {

namespace {

/// Calls `body(element, the words of its block, which of them is its own)`; the order of ops/random.h.
template <class Body>
void each_word(const KernelArgs& args, int64_t count, Body&& body) {
  const auto seed = static_cast<uint64_t>(args.input<int64_t>(0)[0]);
  const auto counter = static_cast<uint64_t>(args.input<int64_t>(0)[1]);
  for (int64_t i = 0; i < count; ++i) {
    const auto block = static_cast<uint64_t>(i / 64 * 16 + i % 16);
    const auto words = philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                                   static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32)},
                                  {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    body(i, words, static_cast<size_t>(i / 16 % 4));
  }
}

}  // namespace

std::unique_ptr<Kernel> make_reference_random(const Call& call, Refusal&) {
  const auto& op = static_cast<const Random&>(call.op);
  const int64_t count = call.out[0].shape.elements();
  switch (op.kind()) {
    case Random::Kind::uniform:
      return plain_kernel([count](const KernelArgs& args) {
        each_word(args, count, [&](int64_t i, const auto& words, size_t own) {
          args.output<float>()[i] = uniform_from_bits(words[own]);
        });
      });
    case Random::Kind::bernoulli:
      return plain_kernel([count, probability = op.probability()](const KernelArgs& args) {
        each_word(args, count, [&](int64_t i, const auto& words, size_t own) {
          args.output<bool>()[i] = static_cast<double>(uniform_from_bits(words[own])) < probability;
        });
      });
    case Random::Kind::normal: break;
  }
  return plain_kernel([count](const KernelArgs& args) {
    each_word(args, count, [&](int64_t i, const auto& words, size_t own) {
      const size_t pair = own / 2 * 2;
      const double radius = std::sqrt(-2 * std::log(1.0 - static_cast<double>(uniform_from_bits(words[pair]))));
      const double angle = 2 * std::numbers::pi * static_cast<double>(uniform_from_bits(words[pair + 1]));
      args.output<float>()[i] = static_cast<float>(radius * (own == pair ? std::cos(angle) : std::sin(angle)));
    });
  });
}

}  // namespace hebb
