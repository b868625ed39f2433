#include "hebb/io/verify.h"

#include "cli/options.h"

namespace hebb::cli {

namespace {

std::string layers_text(const io::Verification& seen) {
  std::vector<std::string> parts;
  int64_t total = 0;
  for (const auto& [class_name, count] : seen.layers) {
    parts.push_back(message(count, " ", class_name));
    total += count;
  }
  return message(total, total == 1 ? " layer" : " layers", total > 0 ? " (" : "", join(parts), total > 0 ? ")" : "");
}

std::string training_text(const io::Verification& seen) {
  if (!seen.is_compiled) return "not compiled: it can be trained after compile, or with --optimizer and --loss";
  if (seen.optimizer.empty()) return "compiled, but not so that hebb can train it";
  return message("compiled with ", seen.optimizer, ", ", seen.iterations, " steps done");
}

std::string sample_text(const io::Verification& seen) {
  if (!seen.sample_difference) return "the file has none";
  return message("computes what it computed when it was saved, but for ", *seen.sample_difference);
}

void print_text(const std::string& path, const io::Verification& seen) {
  print(message(path, "\n  format      ", seen.format,
                seen.version.empty() ? std::string() : message(", written by Keras ", seen.version, " or as it writes"),
                "\n"));
  if (seen.loads) {
    const ParameterCounts& counts = seen.parameters;
    print(message("  model       ", seen.class_name, " '", seen.name, "'", seen.is_quantized ? ", quantised" : "", ", ",
                  layers_text(seen), "\n"));
    print(
        message("  parameters  ", counts.trainable + counts.non_trainable, ", ", counts.trainable, " of them trainable",
                counts.optimizer > 0 ? message(", and ", counts.optimizer, " of the optimizer") : std::string(), "\n"));
    print(message("  training    ", training_text(seen), "\n"));
    print(message("  sample      ", sample_text(seen), "\n"));
  }
  for (const std::string& problem : seen.problems) print(message("  problem     ", problem, "\n"));
  print(seen.problems.empty()
            ? "  no problems\n"
            : message("  ", seen.problems.size(), seen.problems.size() == 1 ? " problem\n" : " problems\n"));
}

Json as_json(const io::Verification& seen) {
  Json layers = Json::object(), problems = Json::array();
  for (const auto& [class_name, count] : seen.layers) layers.set(class_name, count);
  for (const std::string& problem : seen.problems) problems.push_back(problem);
  return Json::object({{"format", seen.format},
                       {"keras_version", seen.version.empty() ? Json() : Json(seen.version)},
                       {"loads", seen.loads},
                       {"name", seen.name},
                       {"class_name", seen.class_name},
                       {"layers", layers},
                       {"trainable_params", seen.parameters.trainable},
                       {"non_trainable_params", seen.parameters.non_trainable},
                       {"optimizer_params", seen.parameters.optimizer},
                       {"compiled", seen.is_compiled},
                       {"optimizer", seen.optimizer.empty() ? Json() : Json(seen.optimizer)},
                       {"iterations", seen.iterations},
                       {"quantized", seen.is_quantized},
                       {"sample_difference", seen.sample_difference ? json_number(*seen.sample_difference) : Json()},
                       {"problems", problems}});
}

}  // namespace

void add_verify(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("verify", "what is in a file, and whether all of it can be used");
  struct Request {
    std::string model;
    bool json = false;
  };
  auto request = std::make_shared<Request>();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5, .json)")->required();
  command.add_flag("--json", request->json, "one JSON object on standard output")->disable_flag_override();
  command.footer("Example: hebb verify model.keras");
  command.callback([request, &status] {
    const io::Verification seen = io::verify(request->model);
    if (request->json) {
      print_json(as_json(seen));
    } else {
      print_text(request->model, seen);
    }
    status = seen.problems.empty() ? 0 : 1;
  });
}

}  // namespace hebb::cli
