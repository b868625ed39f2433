// What a training leaves behind besides the model: the history and the picture.
#include <algorithm>
#include <filesystem>

#include "cli/run_record.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"
#include "hebb/zoo/targets.h"

namespace hebb::cli {

namespace {

std::string csv_of(const History& history) {
  std::string text = "epoch";
  for (const auto& [name, values] : history) text += "," + name;
  text += "\n";
  for (size_t i = 0; i < history.epochs().size(); ++i) {
    text += std::to_string(history.epochs()[i]);
    for (const auto& [name, values] : history) text += "," + (i < values.size() ? number_text(values[i]) : "");
    text += "\n";
  }
  return text;
}

Json json_of(const History& history, bool with_epochs) {
  Json out = Json::object();
  if (with_epochs) out.set("epoch", history.epochs());
  for (const auto& [name, values] : history) {
    Json numbers = Json::array();
    for (const double value : values) numbers.push_back(json_number(value));
    out.set(name, numbers);
  }
  return out;
}

/// Whether outputs and targets are a classifier's, of which a picture shows what was taken for what.
bool classifies(const Model& model, const data::Dataset& judged) {
  if (model.base().outputs().size() != 1 || model.output_shape().rank() != 2) return false;
  const auto& learned = model.base().trainer().options().loss.list();
  const bool by_classes =
      learned.size() == 1 && learned[0] && learned[0]->class_name().find("Crossentropy") != std::string::npos;
  if (!by_classes) return false;
  const std::string loss = zoo::suggested_loss(model.output_shape(), judged.y());
  const int64_t units = model.output_shape().back();
  return loss == "sparse_categorical_crossentropy" || (loss == "categorical_crossentropy" && units > 1) ||
         (loss == "binary_crossentropy" && units == 1);
}

}  // namespace

void write_history(const History& history, const std::string& path, bool with_epochs) {
  const bool table = std::filesystem::path(path).extension() == ".csv";
  write_atomically(path, table ? csv_of(history) : json_of(history, with_epochs).dump(2) + "\n");
}

Judged judge_held_out(Model& model, const LoadedData& data, const data::Dataset& validation) {
  // What was held out shows what was learned; what was trained on shows at most what was remembered.
  const bool validated = !data.has_test() && !validation.empty();
  const data::Dataset& held = validated ? validation : data.judged();
  // A picture has room for a few mistakes: of data that is not in memory, a part tells enough.
  constexpr int64_t most_streamed = 2000;
  const data::Dataset judged = held.source().arrays().empty() ? held.take(std::min(most_streamed, held.size())) : held;
  Judged out{data.has_test() ? "test" : validated ? "validation" : "training", {}, {}, {}, {}};
  if (classifies(model, judged)) {
    out.outputs = model.predict(judged, {.batch_size = 256});
    out.truth = judged.y();
    const Spec& first = judged.source().components().front();
    const Shape& example = first.shape;
    constexpr int64_t most_features = 12;  // in a table of a page
    if (example.rank() == 3) out.images = judged.x();
    const bool numbers = first.dtype != DType::string && judged.source().inputs() == 1;
    if (example.rank() == 1 && example.front() <= most_features && numbers) out.rows = cast(judged.x(), DType::float32);
  }
  return out;
}

bool is_page(const std::string& path) { return std::filesystem::path(path).extension() == ".html"; }

void save_report(Trained& trained, const TrainRequest& request) {
  const Judged judged = judge_held_out(trained.model, trained.data, trained.validation);
  viz::train_report({.title = message(request.model, " on ", trained.data.name),
                     .history = trained.history,
                     .part = judged.part,
                     .images = judged.images,
                     .truth = judged.truth,
                     .outputs = judged.outputs,
                     .class_names = trained.data.class_names})
      .save(request.report);
}

}  // namespace hebb::cli
