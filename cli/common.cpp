#include "cli/common.h"

#include <cmath>
#include <cstdio>

#include "hebb/base/printable.h"
#include "hebb/nn/remedies.h"

namespace hebb::cli {

void as_usage(const std::function<void()>& body, std::string_view where) {
  try {
    body();
  } catch (const UsageError&) {
    throw;
  } catch (const InvalidArgument& error) {
    throw UsageError(message(where, error.what()));
  }
}

std::string for_command_line(std::string text) {
  const std::string_view in_programs = load_without_training;
  for (size_t at = text.find(in_programs); at != std::string::npos; at = text.find(in_programs, at))
    text.replace(at, in_programs.size(), "Train it anew: hebb train --optimizer NAME --loss NAME.");
  return text;
}

void print(std::string_view text) {
  const std::string shown = printable(text);
  std::fwrite(shown.data(), 1, shown.size(), stdout);
}

void print_json(const Json& json) {
  print(json.dump() + "\n");
  std::fflush(stdout);
}

void warn(std::string_view text) {
  const std::string shown = printable(for_command_line(std::string(text)));
  std::fwrite(shown.data(), 1, shown.size(), stderr);
  std::fflush(stderr);
}

Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json logs_json(const Logs& logs) {
  Json out = Json::object();
  for (const auto& [name, value] : logs) out.set(name, json_number(value));
  return out;
}

}  // namespace hebb::cli
