/// Options of the command line: read with messages that name the option, what was expected and what came.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/common.h"

namespace hebb::cli {

/// "adam", "sgd:learning_rate=0.1,nesterov=true", "muon:exclude_layers=[head,tokens]": a name and options as JSON
/// values.
struct NamedOptions {
  std::string name;
  Json options;
};
/// `what` names the option in errors: "--optimizer".
NamedOptions parse_named(const std::string& text, const std::string& what);

/// Any text but an empty one, which is a variable of a script that was not set.
CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& value, const std::string& doc);
/// A whole number from `least` to `most`; its default is what `value` holds.
CLI::Option* add_number(CLI::App& app, const std::string& name, int64_t& value, const std::string& doc, int64_t least,
                        int64_t most);
/// A fraction from 0 to below 1.
CLI::Option* add_fraction(CLI::App& app, const std::string& name, double& value, const std::string& doc);
void add_batch_size(CLI::App& app, int64_t& value);
void add_threads(CLI::App& app);

/// UsageError unless the path has one of the endings, or is empty.
void check_ending(const std::string& path, const std::vector<std::string>& endings, const char* option);
/// An hour of training must not end with a folder that does not exist. IoError.
void check_writable(const std::string& path);

}  // namespace hebb::cli
