#include "hebb/nn/weight_paths.h"

namespace hebb {

namespace {

using Paths = std::vector<std::pair<Tensor, std::string>>;

void add_paths(const LayerBase& layer, const std::string& prefix, Paths& out) {
  for (const Tensor& weight : layer.own_weights()) out.emplace_back(weight, prefix + weight.name());
  if (const auto* model = dynamic_cast<const ModelBase*>(&layer)) {
    // A functional model's layers have their weights before it has a name.
    const std::string outer = model->kind() == ModelBase::Kind::sequential ? prefix : "";
    for (const auto& inner : model->layers()) add_paths(*inner, outer + inner->name() + "/", out);
    return;
  }
  for (const auto& [attribute, inner] : layer.sublayers()) add_paths(*inner, prefix + inner->name() + "/", out);
}

}  // namespace

std::vector<std::pair<Tensor, std::string>> weight_paths(const ModelBase& model) {
  Paths paths;
  add_paths(model, model.name() + "/", paths);
  return paths;
}

}  // namespace hebb
