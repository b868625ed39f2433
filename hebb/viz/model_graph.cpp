#include "hebb/viz/model_graph.h"

#include <map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"

namespace hebb::viz {

namespace {

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

Color color_of(const std::string& class_name, bool is_model) {
  if (is_model) return Color::hex(0x334155);
  if (class_name == "InputLayer") return Color::hex(0x1f2430);
  for (const char* part : {"Conv", "LSTM", "GRU", "RNN", "Bidirectional"}) {
    if (contains(class_name, part)) return Color::hex(0x0072b2);
  }
  for (const char* part : {"Pool", "UpSampling"}) {
    if (contains(class_name, part)) return Color::hex(0x00795a);
  }
  for (const char* part : {"Normalization", "Dropout", "Noise", "Regularization"}) {
    if (contains(class_name, part)) return Color::hex(0x8a4f7d);
  }
  for (const char* part : {"Dense", "Embedding", "Attention"}) {
    if (contains(class_name, part)) return Color::hex(0xb0500f);
  }
  return Color::hex(0x5b6472);
}

std::string shapes_text(const std::vector<Spec>& specs) {
  std::vector<std::string> texts;
  for (const Spec& spec : specs) texts.push_back(spec.shape.to_string());
  return texts.size() == 1 ? texts[0] : message("[", join(texts), "]");
}

std::string dtypes_text(const std::vector<Spec>& specs) {
  std::vector<std::string> texts;
  for (const Spec& spec : specs) texts.emplace_back(name_of(spec.dtype));
  return join(texts);
}

/// The name of a layer's activation as its configuration has it; empty where there is none.
std::string activation_of(const LayerBase& layer) {
  const Json config = layer.config();
  const Json* activation = config.find("activation");
  if (!activation) return "";
  if (activation->is_string()) return activation->as_string();
  const Json* name = activation->is_object() ? activation->find("class_name") : nullptr;
  return name && name->is_string() ? name->as_string() : "";
}

GraphBox box_of(const LayerCall& call, const ModelBase* nested, const ModelGraphOptions& options) {
  const LayerBase& layer = *call.layer;
  GraphBox box;
  box.title = options.show_layer_names ? message(layer.name(), " (", layer.class_name(), ")") : layer.class_name();
  box.color = color_of(layer.class_name(), nested != nullptr);
  if (options.show_layer_activations) {
    if (const std::string activation = activation_of(layer); !activation.empty())
      box.lines.push_back("activation: " + activation);
  }
  std::vector<Spec> inputs;
  for (const Tensor& input : call.inputs) inputs.push_back(input.spec());
  if (options.show_shapes) {
    if (!inputs.empty()) box.lines.push_back("input: " + shapes_text(inputs));
    box.lines.push_back("output: " + shapes_text(call.outputs));
  }
  if (options.show_dtype) box.lines.push_back("dtype: " + dtypes_text(call.outputs));
  if (options.show_trainable && layer.count_params() > 0)
    box.lines.emplace_back(layer.trainable() ? "trainable" : "not trainable");
  return box;
}

DrawnGraph graph_of(const ModelBase& model, const ModelGraphOptions& options) {
  DrawnGraph graph;
  std::map<const LayerCall*, size_t> places;
  for (const std::shared_ptr<LayerCall>& call : model.calls()) {
    const auto* nested = dynamic_cast<const ModelBase*>(call->layer.get());
    GraphBox box = box_of(*call, nested, options);
    if (nested && options.expand_nested && nested->is_connected())
      box.inside = std::make_shared<const DrawnGraph>(graph_of(*nested, options));
    const size_t here = graph.boxes.size();
    for (const Tensor& input : call->inputs) {
      if (const auto from = places.find(symbol_of(input)->call.get()); from != places.end())
        graph.arrows.emplace_back(from->second, here);
    }
    places.emplace(call.get(), here);
    graph.boxes.push_back(std::move(box));
  }
  return graph;
}

Direction direction_of(const std::string& rankdir) {
  if (rankdir == "TB") return Direction::down;
  if (rankdir == "BT") return Direction::up;
  if (rankdir == "LR") return Direction::right;
  if (rankdir == "RL") return Direction::left;
  throw InvalidArgument(message("model_graph: expected rankdir to be TB, BT, LR or RL, got '", rankdir, "'."));
}

}  // namespace

DrawnGraph graph_of_model(const Model& model, const ModelGraphOptions& options) {
  if (!model.base().is_connected()) {
    throw InvalidArgument(
        message("model_graph: the shapes of model '", model.name(),
                "' are not known yet. Put an Input() in front of its layers, or call it on data first."));
  }
  return graph_of(model.base(), options);
}

Picture model_graph(const Model& model, const ModelGraphOptions& options) {
  const Direction direction = direction_of(options.rankdir);
  return draw_graph(graph_of_model(model, options), {.title = options.title, .direction = direction});
}

}  // namespace hebb::viz
