/// Reading options from a configuration: by name, with a message that says which option of what was wrong.
///
///     OptionReader read("SGD", config);
///     read("momentum", options.momentum);
///     read("nesterov", options.nesterov);
///     read.finish();                        // InvalidArgument for members that nobody asked for, with the nearest name
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/base/function_ref.h"
#include "hebb/base/json.h"

namespace hebb {

class OptionReader {
 public:
  /// `owner`: whose options they are, for messages. Neither argument is copied.
  OptionReader(const char* owner, const Json& config) : owner_(owner), config_(config) {}

  // A member that is missing leaves the value as it is. So does null, but for what is optional, which it empties.
  void operator()(const char* name, bool& value);
  void operator()(const char* name, int64_t& value);
  void operator()(const char* name, double& value);
  void operator()(const char* name, std::string& value);
  void operator()(const char* name, std::optional<int64_t>& value);
  void operator()(const char* name, std::optional<double>& value);
  /// For any other type: calls `use` with the member, null or not, if there is one.
  void take(const char* name, FunctionRef<void(const Json&)> use);

  /// `ignored`: what other versions of Keras write and what has no meaning here.
  void finish(const std::vector<std::string>& ignored = {}) const;

 private:
  const char* owner_;
  const Json& config_;
  std::vector<std::string> known_;
};

}  // namespace hebb
