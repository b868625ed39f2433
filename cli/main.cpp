// hebb: the command line. One file a subcommand; what they print is promised in docs/cli.md.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>

#include "cli/common.h"

namespace {

constexpr const char* version = "hebb " HEBB_VERSION;

int report(const char* text, int status) {
  std::fprintf(stderr, "hebb: %s\n", text);
  return status;
}

/// "The following argument was not expected: evalute" with the nearest subcommand.
int report_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::string text = error.what();
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    text = hebb::unknown_name("command", argv[1], names);
  } else if (const auto at = text.find("not expected: "); at != std::string::npos) {
    const CLI::App* command = app.get_subcommands().empty() ? &app : app.get_subcommands().front();
    // The values of an option that does not exist are not expected either: the option is what is wrong.
    const size_t option_at = text.find("--", at);
    const size_t from = option_at == std::string::npos ? at + 14 : option_at;
    const std::string wrong = text.substr(from, text.find(' ', from) - from);
    std::vector<std::string> names;
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    if (wrong.rfind("--", 0) == 0) text = hebb::unknown_name("option", wrong.substr(0, wrong.find('=')), names);
  }
  std::fprintf(stderr, "hebb: %s\nTry 'hebb%s%s --help'.\n", text.c_str(), app.get_subcommands().empty() ? "" : " ",
               app.get_subcommands().empty() ? "" : app.get_subcommands().front()->get_name().c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Deep learning the way Keras does it, without Python.", "hebb");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  int status = 0;
  // Progress and other words go to standard error; results to standard output.
  hebb::set_console([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); },
                    isatty(STDERR_FILENO) == 1);
  hebb::cli::add_train(app, status);
  hebb::cli::add_evaluate(app, status);
  hebb::cli::add_predict(app, status);
  hebb::cli::add_summary(app, status);
  hebb::cli::add_convert(app, status);
  hebb::cli::add_lists(app, status);
  hebb::cli::add_demo(app, status);
  try {
    hebb::cli::as_usage([] { hebb::threads(); });  // reads HEBB_THREADS
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return report("cannot write to standard output.", 1);
    return status;
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return report_usage(app, error, argc, argv);
  } catch (const hebb::cli::UsageError& error) {
    return report(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return report("not enough memory.", 1);
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}
