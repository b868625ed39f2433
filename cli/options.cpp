#include "cli/options.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

namespace hebb::cli {

namespace {

/// The parts between commas, but for those within the brackets of a list.
std::vector<std::string> split_options(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth <= 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// A value of an option as JSON: a number, a truth value, a list of such in brackets, or else text. `what` names the
/// option in errors.
Json option_value(const std::string& text, const std::string& what) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    Json list = Json::array();
    const std::string inner = text.substr(1, text.size() - 2);
    if (inner.empty()) return list;
    for (const std::string& part : split_options(inner)) {
      if (part.empty()) throw UsageError(message(what, ": expected a value between the commas of ", text, "."));
      list.push_back(option_value(part, what));
    }
    return list;
  }
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  if (text == "none" || text == "None" || text == "null") return nullptr;
  try {
    const Json parsed = Json::parse(text, "option");
    if (parsed.is_number()) return parsed;
  } catch (const Error&) {
    // Not a number: text as it stands.
  }
  return text;
}

/// The whole of a text as a number; false where it is none.
template <class T>
bool read_number(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end;
}

std::string range_text(int64_t least, int64_t most) {
  if (least == std::numeric_limits<int64_t>::min() && most == std::numeric_limits<int64_t>::max())
    return "of at most 64 bits";
  return message("from ", least, " to ", most);
}

}  // namespace

NamedOptions parse_named(const std::string& text, const std::string& what) {
  const size_t colon = text.find(':');
  NamedOptions out{text.substr(0, colon), Json::object()};
  if (out.name.empty()) throw UsageError(message(what, ": expected NAME[:option=value,...], got '", text, "'."));
  if (colon == std::string::npos) return out;
  for (const std::string& part : split_options(text.substr(colon + 1))) {
    const size_t equals = part.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw UsageError(message(what, ": expected option=value, got '", part, "' in '", text, "'."));
    const std::string name = part.substr(0, equals);
    if (out.options.contains(name))
      throw UsageError(message(what, ": expected option '", name, "' once, got it twice in '", text, "'."));
    out.options.set(name, option_value(part.substr(equals + 1), what));
  }
  return out;
}

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& value, const std::string& doc) {
  return app.add_option(name, value, doc)->check([](const std::string& text) {
    return text.empty() ? std::string("expected a value, got an empty text. Leave the option out for its default.")
                        : std::string();
  });
}

CLI::Option* add_number(CLI::App& app, const std::string& name, int64_t& value, const std::string& doc, int64_t least,
                        int64_t most) {
  auto* option = app.add_option_function<std::string>(
      name,
      [&value, name, least, most](const std::string& text) {
        int64_t read = 0;
        if (!read_number(text, read) || read < least || read > most) {
          throw CLI::ValidationError(
              name, message("expected a whole number ", range_text(least, most), ", got '", text, "'."));
        }
        value = read;
      },
      doc);
  return option->type_name("N")->default_str(std::to_string(value));
}

CLI::Option* add_fraction(CLI::App& app, const std::string& name, double& value, const std::string& doc) {
  auto* option = app.add_option_function<std::string>(
      name,
      [&value, name](const std::string& text) {
        double read = -1;
        if (!read_number(text, read) || !(read >= 0 && read < 1)) {
          throw CLI::ValidationError(name, message("expected a fraction from 0 to below 1, got '", text, "'."));
        }
        value = read;
      },
      doc);
  return option->type_name("F");
}

void add_batch_size(CLI::App& app, int64_t& value) {
  add_number(app, "--batch-size", value, "examples a step", 1, int64_t{1} << 30);
}

void add_threads(CLI::App& app) {
  app.add_option_function<std::string>(
         "--threads",
         [](const std::string& text) {
           constexpr int most = 1024;  // what set_threads takes
           int count = 0;
           if (!read_number(text, count) || count < 1 || count > most) {
             throw CLI::ValidationError("--threads",
                                        message("expected a whole number from 1 to ", most, ", got '", text, "'."));
           }
           set_threads(count);
         },
         "number of threads; default: all cores")
      ->type_name("N");
}

void check_ending(const std::string& path, const std::vector<std::string>& endings, const char* option) {
  if (path.empty()) return;
  const std::string ending = std::filesystem::path(path).extension().string();
  if (std::find(endings.begin(), endings.end(), ending) == endings.end()) {
    throw UsageError(message(option, ": expected a file ending in ", join(endings), ", got '", path, "'."));
  }
}

void check_writable(const std::string& path) {
  if (path.empty()) return;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw IoError(message(path, ": is a folder. Give the name of a file."));
  const std::filesystem::path given = std::filesystem::path(path).parent_path(), folder = given.empty() ? "." : given;
  if (!std::filesystem::is_directory(folder, ignored))
    throw IoError(message(path, ": there is no folder ", folder.string(), ". Make it first."));
  if (access(folder.c_str(), W_OK) != 0)
    throw IoError(message(path, ": the folder ", folder.string(), " may not be written."));
}

}  // namespace hebb::cli
