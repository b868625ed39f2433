/// What the subcommands share: output, errors of the command line, and their own names.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "hebb/base/text.h"
#include "hebb/hebb.h"

namespace hebb::cli {

/// The command line was wrong: exit status 2.
class UsageError : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// Turns what `body` throws because of a wrong name or option into a UsageError that begins with `where`, such as
/// "--loss: ".
void as_usage(const std::function<void()>& body, std::string_view where = "");

/// A message of the library's with what to do on a command line in place of what to do in a program.
std::string for_command_line(std::string text);

void print(std::string_view text);
/// One line of JSON on standard output.
void print_json(const Json& json);
/// To standard error.
void warn(std::string_view text);

/// A number; null where it is none: JSON knows neither NaN nor infinity.
Json json_number(double value);
Json logs_json(const Logs& logs);

// Each subcommand adds itself; running it sets the exit status.
void add_train(CLI::App& app, int& status);
void add_evaluate(CLI::App& app, int& status);
void add_predict(CLI::App& app, int& status);
void add_summary(CLI::App& app, int& status);
void add_convert(CLI::App& app, int& status);
void add_verify(CLI::App& app, int& status);
void add_lists(CLI::App& app, int& status);
void add_activations(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_demo(CLI::App& app, int& status);
void add_search(CLI::App& app, int& status);
void add_ensemble(CLI::App& app, int& status);
void add_plot(CLI::App& app, int& status);
void add_report(CLI::App& app, int& status);
void add_lecture(CLI::App& app, int& status);

}  // namespace hebb::cli
