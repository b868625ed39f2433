// hebb: the command line. One file a subcommand; what they print is promised in docs/cli.md.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>

#include "cli/common.h"
#include "cli/interrupt.h"
#include "hebb/backend/cpu/simd/conv_winograd.h"
#include "hebb/base/printable.h"
#include "hebb/graph/passes/passes.h"
#include "hebb/plan/tuning.h"

namespace {

constexpr const char* version = "hebb " HEBB_VERSION;

int report(const char* text, int status) {
  std::fprintf(stderr, "hebb: %s\n", hebb::printable(hebb::cli::for_command_line(text)).c_str());
  return status;
}

/// "unknown option '--epoch'. Did you mean '--epochs'?"
std::string unexpected_text(const CLI::App& command, const std::string& arguments) {
  // The values of an option that does not exist are not expected either: the option is what is wrong.
  const size_t option_at = arguments.rfind("-", 0) == 0 ? 0 : arguments.find(" -");
  const size_t from = option_at == std::string::npos ? 0 : arguments.find('-', option_at);
  const std::string wrong = arguments.substr(from, arguments.find(' ', from) - from);
  if (wrong.rfind('-', 0) != 0)
    return hebb::message("unexpected argument '", wrong, "'. Quote what contains blanks; options begin with --.");
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return hebb::unknown_name("option", wrong.substr(0, wrong.find('=')), names);
}

/// What the parser says, in the manner of all other messages.
std::string usage_text(const CLI::App& app, const CLI::ParseError& error, const std::string& first) {
  const bool chosen = !app.get_subcommands().empty();
  const CLI::App& command = chosen ? *app.get_subcommands().front() : app;
  const std::string text = error.what();
  if (!chosen && !first.empty() && first[0] != '-') {
    std::vector<std::string> names;
    for (const CLI::App* known : app.get_subcommands({})) names.push_back(known->get_name());
    return hebb::unknown_name("command", first, names);
  }
  if (const auto at = text.find("not expected: "); at != std::string::npos)
    return unexpected_text(command, text.substr(at + 14));
  if (!chosen && !first.empty()) return unexpected_text(app, first);
  if (text == "A subcommand is required") return "expected a command, got none.";
  if (const auto at = text.find(": 1 required "); at != std::string::npos)
    return hebb::message(text.substr(0, at), ": expected a value, got none.");
  if (const auto at = text.find(": At Most 1 required"); at != std::string::npos)
    return hebb::message(text.substr(0, at), ": expected it once, got it several times.");
  if (dynamic_cast<const CLI::RequiredError*>(&error) && chosen)
    return hebb::message(command.get_name(), ": ", text, ".");
  if (dynamic_cast<const CLI::ConversionError*>(&error) || dynamic_cast<const CLI::InvalidError*>(&error) ||
      dynamic_cast<const CLI::ArgumentMismatch*>(&error))
    return hebb::message(text, ". An option that is on or off takes no value.");
  return text;
}

int report_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const std::string text = usage_text(app, error, argc > 1 ? argv[1] : "");
  const std::string command = app.get_subcommands().empty() ? "" : " " + app.get_subcommands().front()->get_name();
  std::fprintf(stderr, "hebb: %s\nTry 'hebb%s --help'.\n", hebb::printable(text).c_str(), command.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Deep learning the way Keras does it, without Python.", "hebb");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  int status = 0;
  hebb::cli::handle_interrupts();
  // Progress and other words go to standard error; results to standard output.
  hebb::set_console([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); },
                    isatty(STDERR_FILENO) == 1);
  hebb::cli::add_train(app, status);
  hebb::cli::add_evaluate(app, status);
  hebb::cli::add_predict(app, status);
  hebb::cli::add_summary(app, status);
  hebb::cli::add_plot(app, status);
  hebb::cli::add_report(app, status);
  hebb::cli::add_convert(app, status);
  hebb::cli::add_verify(app, status);
  hebb::cli::add_explain(app, status);
  hebb::cli::add_lists(app, status);
  hebb::cli::add_activations(app, status);
  hebb::cli::add_search(app, status);
  hebb::cli::add_ensemble(app, status);
  hebb::cli::add_demo(app, status);
  hebb::cli::add_lecture(app, status);
  try {
    // Reads HEBB_THREADS, HEBB_WINOGRAD, HEBB_TUNE, HEBB_SKIP_PASSES and HEBB_KERNELS, so that what is wrong there is
    // said before anything else.
    hebb::cli::as_usage([] {
      hebb::threads();
      (void)hebb::winograd_use();
      (void)hebb::tuning();
      (void)hebb::passes_skipped_by_environment();
      (void)(hebb::Tensor::scalar(1) + 1.0);
    });
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
    return report("not enough memory. Use a smaller model, smaller batches or less data.", 1);
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}
