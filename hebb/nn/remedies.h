/// What messages tell programs to do that command lines say in their own words.
#pragma once

namespace hebb {

/// Of a file whose training cannot go on.
inline constexpr const char* load_without_training =
    "Load the model with {.compile = false} to use it without training on.";

}  // namespace hebb
