/// Notes: what a program keeps with a model. Files (`.keras`, `.h5`) hold them, and Keras passes over them.
///
///     set_note(model, "my_app/units", "cm");
///     model.save("model.keras");
///     ...
///     Model loaded = load_model("model.keras");
///     const Json* units = find_note(loaded, "my_app/units");
///
/// The program `hebb` keeps under "csv" which words the numbers of a CSV file's columns stand for.
#pragma once

#include <string_view>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb {

/// Keeps a value with the model under a name, in place of the one that it had. Files hold some megabytes of notes, no
/// more.
void set_note(const Model& model, std::string_view name, Json value);

/// The value under that name; nullptr when there is none. It lives until the notes are changed.
const Json* find_note(const Model& model, std::string_view name);

}  // namespace hebb
