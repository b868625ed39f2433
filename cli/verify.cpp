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

void print_weights(const io::Verification& seen) {
  const io::WeightsContent& weights = *seen.weights;
  const auto several = [](int64_t count, const char* one) { return message(count, " ", one, count == 1 ? "" : "s"); };
  print(message("  layers      ", several(static_cast<int64_t>(weights.groups.size()), "layer"), " with ",
                several(weights.arrays, "array"), "\n"));
  for (const auto& [group, arrays] : weights.groups)
    print(
        message("              ", group.empty() ? "(the model itself)" : group, ": ", several(arrays, "array"), "\n"));
  print(message("  parameters  ", weights.parameters, "\n"));
  if (weights.optimizer_arrays > 0) {
    print(message("  optimizer   ", several(weights.optimizer_arrays, "array"), " with ",
                  several(seen.parameters.optimizer, "value"), "\n"));
  }
}

void print_text(const std::string& path, const io::Verification& seen) {
  print(message(path, "\n  format      ", seen.format,
                seen.version.empty() ? std::string() : message(", written by Keras ", seen.version, " or as it writes"),
                "\n"));
  if (seen.weights) print_weights(seen);
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
  for (const std::string& warning : seen.warnings) print(message("  warning     ", for_command_line(warning), "\n"));
  for (const std::string& problem : seen.problems) print(message("  problem     ", for_command_line(problem), "\n"));
  print(seen.problems.empty()
            ? "  no problems\n"
            : message("  ", seen.problems.size(), seen.problems.size() == 1 ? " problem\n" : " problems\n"));
}

Json as_json(const io::Verification& seen) {
  Json layers = Json::object(), problems = Json::array(), warnings = Json::array();
  for (const std::string& warning : seen.warnings) warnings.push_back(for_command_line(warning));
  for (const auto& [class_name, count] : seen.layers) layers.set(class_name, count);
  for (const std::string& problem : seen.problems) problems.push_back(for_command_line(problem));
  if (seen.weights) {
    Json groups = Json::object();
    for (const auto& [group, arrays] : seen.weights->groups) groups.set(group, arrays);
    return Json::object({{"format", seen.format},
                         {"keras_version", seen.version.empty() ? Json() : Json(seen.version)},
                         {"weights_only", true},
                         {"arrays_of_layers", groups},
                         {"arrays", seen.weights->arrays},
                         {"params", seen.weights->parameters},
                         {"optimizer_arrays", seen.weights->optimizer_arrays},
                         {"optimizer_params", seen.parameters.optimizer},
                         {"problems", problems}});
  }
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
                       {"warnings", warnings},
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
  add_text(command, "MODEL", request->model, "a file (.keras, .h5, .json; .weights.h5 and .h5 of weights alone)")
      ->required();
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
