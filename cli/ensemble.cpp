// hebb ensemble: several models as one.
#include "cli/models.h"
#include "cli/options.h"
#include "hebb/nn/model_base.h"

namespace hebb::cli {

void add_ensemble(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("ensemble", "several models that answer together, as one file");
  struct Request {
    std::vector<std::string> models;
    std::string out, how = "average";
    bool json = false;
  };
  auto request = std::make_shared<Request>();
  command.add_option("MODEL", request->models, "two or more files (.keras, .h5), of models for the same data")
      ->required();
  add_text(command, "--out", request->out, "where the ensemble goes (.keras, .h5)")->required();
  add_text(command, "--how", request->how, "average of the outputs, or vote for the likeliest class")
      ->capture_default_str();
  command.add_flag("--json", request->json, "one JSON object on standard output")->disable_flag_override();
  command.footer("Example: hebb ensemble one.keras two.keras three.keras --out together.keras");
  command.callback([request, &status] {
    check_ending(request->out, {".keras", ".h5", ".hdf5"}, "--out");
    check_writable(request->out);
    if (request->models.size() < 2)
      throw UsageError(message("MODEL: expected at least two models, got ", request->models.size(), "."));
    const std::vector<std::string> ways = {"average", "vote"};
    if (request->how != ways[0] && request->how != ways[1])
      throw UsageError(message("--how: ", unknown_name("way to decide", request->how, ways)));
    std::vector<Model> members;
    for (const std::string& path : request->models) {
      if (is_architecture(path))
        throw UsageError(message("MODEL: expected files of trained models, got '", path, "'. Train it first."));
      members.push_back(load_any_model(path, nullptr));
    }
    const Model model = ensemble(members, {.how = request->how});
    model.save(request->out);
    if (request->json) {
      print_json(Json::object({{"members", static_cast<int64_t>(members.size())},
                               {"how", request->how},
                               {"params", model.count_params()},
                               {"out", request->out}}));
    } else {
      print(message(members.size(), " models with ", model.count_params(), " weights, ", request->how, ": ",
                    request->out, "\n"));
    }
    status = 0;
  });
}

}  // namespace hebb::cli
