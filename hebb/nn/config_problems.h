/// All that is wrong with a configuration, not only what its reader says first.
///
///     Problems problems;                              // of {"class_name": "Dense", "config": {"units": -3, "bogus": 1}}
///     if (!run_thoroughly(json, [&](const Json& one) { layer = layer_from_json(one); }, problems)) ...
///                                                     // problems.texts(): what is wrong with units, and with bogus
#pragma once

#include "hebb/base/function_ref.h"
#include "hebb/base/json.h"
#include "hebb/base/problems.h"

namespace hebb {

/// Calls `read`. Where that throws because of bad input, keeps it in `problems` and calls `read` with what is left when
/// the option that it is about is taken away, until nothing is wrong or no option explains it. False when anything was.
/// `json` is an entry, {"class_name": ..., "config": {...}}, in which there may be others. `read` must not keep what it
/// made of a configuration in which something was wrong.
bool run_thoroughly(const Json& json, FunctionRef<void(const Json&)> read, Problems& problems);

}  // namespace hebb
