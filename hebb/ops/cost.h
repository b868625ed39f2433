/// What an operation costs: arithmetic and memory traffic, from its specs alone.
///
///     Cost cost = cost_of(*node.op, in_specs, out_specs);
///     double floor = std::max(cost.flops / peak_flops, cost.bytes / bandwidth);   // seconds, the roofline
///
/// The counts are those of the definition, so that implementations that do more work or less (Winograd) compare: a
/// product or convolution counts two for each multiplication with its addition, taps that fall on padding included;
/// an elementwise operation one for each element, whatever the function; a softmax five; moving elements nothing.
/// Bytes are those of the inputs that are read and of the outputs, each once.
#pragma once

#include <span>

#include "hebb/ops/op.h"

namespace hebb {

struct Cost {
  double flops = 0;  ///< floating-point operations
  double bytes = 0;  ///< read and written
};

/// The cost of one call.
Cost cost_of(const Op& op, std::span<const Spec> in, std::span<const Spec> out);

/// Whether the operation's arithmetic is known: a test asks it of every operation there is.
bool has_known_cost(const Op& op);

}  // namespace hebb
