/// Options that a layer's configuration may have and hebb's layer does not know.
///
///     ConfigReader reader("layer 'dense' (Dense)", config);
///     reader("units", units);
///     refuse_unknown_options(reader, "Dense");    // InvalidArgument: "... unknown option 'bogus'."
///
/// Keras 3 refuses options that its layers do not take, since a file with one was made by another program or damaged.
#pragma once

#include <initializer_list>
#include <string_view>

#include "hebb/nn/config_fields.h"

namespace hebb {

/// InvalidArgument, with the nearest name, for an option that was not asked for, is not one of every layer, and that no
/// version of Keras writes for layers of this class.
void refuse_unknown_options(ConfigReader& reader, std::string_view class_name);
/// The same for a layer that reads its options by itself: one that has no default, and others.
void refuse_unknown_options(const Json& config, std::string_view class_name, const char* required,
                            std::initializer_list<const char*> others = {});

/// The configuration of a layer that gives indices or takes texts, with floats as its type where Keras 2 wrote that of
/// its results or of its inputs.
Json with_floats(const Json& config);

}  // namespace hebb
