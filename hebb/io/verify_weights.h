/// Looking a file of weights without their model through. Internal: `io::verify` is the way in.
#pragma once

#include <string>

#include "hebb/io/verify.h"
#include "hebb/tensor/tensor.h"

namespace hebb::io {

/// Whether a path is that of such a file: by its ending, or by what is in it.
bool holds_weights_alone(const std::string& path);

/// Fills in what can be said of one.
void verify_weights(const std::string& path, Verification& out);

/// "... of 10 values 3 are no numbers and 0 infinite."; empty where all are finite. `where` names the weight.
std::string non_finite_values(const std::string& where, const Tensor& weight);

}  // namespace hebb::io
