/// Layers of Keras, of this version and of older ones, that hebb has not: why, and what to do. Internal.
#pragma once

#include <string>
#include <vector>

namespace hebb {

/// A layer that files may name and that cannot be read from them.
struct AbsentLayer {
  const char* class_name;
  const char* reason;  ///< "it ..."
  const char* remedy;  ///< a sentence
};
const std::vector<AbsentLayer>& absent_layers();

/// What to say of such a layer; empty for other classes.
std::string why_absent(const std::string& class_name);

}  // namespace hebb
