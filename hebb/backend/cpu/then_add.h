/// A product whose kernel cannot add something to its result: the addition and the activation behind it run as a loop
/// of their own.
#pragma once

#include <memory>
#include <string>

#include "hebb/plan/kernel.h"

namespace hebb {

/// `product` computes the call's output from its first inputs; then output = activation(output + last input). Null
/// when there is no loop for the activation.
std::unique_ptr<Kernel> then_add(std::unique_ptr<Kernel> product, const Call& call, const std::string& activation);

}  // namespace hebb
