#include "hebb/nn/summary.h"

#include "cli/models.h"
#include "cli/options.h"
#include "hebb/nn/model_base.h"

namespace hebb::cli {

namespace {

Json shape_json(const Shape& shape) {
  Json out = Json::array();
  for (int64_t dim : shape) out.push_back(dim == Shape::unknown ? Json() : Json(dim));
  return out;
}

}  // namespace

void add_summary(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("summary", "layers, output shapes and parameter counts");
  struct Request {
    std::string model;
    bool json = false;
  };
  auto request = std::make_shared<Request>();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5, .json) or a built-in architecture")->required();
  command.add_flag("--json", request->json, "one JSON object on standard output")->disable_flag_override();
  command.footer("Example: hebb summary mnist-cnn");
  command.callback([request, &status] {
    const Model model = load_any_model(request->model, nullptr, forgiving(request->model));
    status = 0;
    if (!request->json) return print(model.summary_text());
    Json layers = Json::array();
    for (const LayerSummary& layer : layer_summaries(model.base())) {
      Json shapes = Json::array();
      for (const Shape& shape : layer.output_shapes) shapes.push_back(shape_json(shape));
      layers.push_back(Json::object({{"name", layer.name},
                                     {"class_name", layer.class_name},
                                     {"output_shape", shapes.size() == 1 ? shapes.at(size_t{0}) : shapes},
                                     {"params", layer.params},
                                     {"trainable", layer.trainable}}));
    }
    const ParameterCounts counts = parameter_counts(model.base());
    print_json(Json::object({{"name", model.name()},
                             {"class_name", model.class_name()},
                             {"layers", layers},
                             {"total_params", counts.trainable + counts.non_trainable},
                             {"trainable_params", counts.trainable},
                             {"non_trainable_params", counts.non_trainable},
                             {"optimizer_params", counts.optimizer}}));
  });
}

}  // namespace hebb::cli
