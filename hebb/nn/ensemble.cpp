#include "hebb/nn/ensemble.h"

#include <algorithm>
#include <set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/compile_config.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb {

namespace {

/// So far apart are a sharpened softmax's operands that what was 1e-5 likelier takes it all.
constexpr double sharpness = 1e6;

std::string shapes_text(const Tensors& tensors) {
  std::vector<std::string> texts;
  for (const Tensor& tensor : tensors) texts.push_back(tensor.shape().to_string());
  return join(texts);
}

void check_members(const std::vector<Model>& members) {
  if (members.size() < 2)
    throw InvalidArgument(message("ensemble: expected at least two models, got ", members.size(), "."));
  std::set<const ModelBase*> known;
  const ModelBase& first = members.front().base();
  for (const Model& member : members) {
    const ModelBase& base = member.base();
    if (!known.insert(&base).second)
      throw InvalidArgument(message("ensemble: ", base.where(), "is there twice. Load or make it a second time."));
    if (!base.is_connected())
      throw InvalidArgument(
          message("ensemble: ", base.where(), "is not built. Give it an Input(), or train it first."));
    if (base.outputs().size() != 1)
      throw InvalidArgument(
          message("ensemble: ", base.where(), "expected one output, got ", base.outputs().size(), "."));
    const auto same = [](const Tensors& a, const Tensors& b) {
      return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tensor& x, const Tensor& y) {
        return x.shape().sub(1, x.rank()) == y.shape().sub(1, y.rank());
      });
    };
    if (!same(base.inputs(), first.inputs()) || !same(base.outputs(), first.outputs())) {
      throw InvalidArgument(message("ensemble: ", base.where(), "takes ", shapes_text(base.inputs()), " and gives ",
                                    shapes_text(base.outputs()), ", where ", first.where(), "takes ",
                                    shapes_text(first.inputs()), " and gives ", shapes_text(first.outputs()),
                                    ". Members must be for the same data."));
    }
  }
}

}  // namespace

Model ensemble(const std::vector<Model>& members, const EnsembleOptions& options) {
  const std::vector<std::string> ways = {"average", "vote"};
  if (options.how != "average" && options.how != "vote")
    throw InvalidArgument(message("ensemble: ", unknown_name("way to decide", options.how, ways)));
  check_members(members);
  std::set<std::string> names;
  for (const Model& member : members) {
    const std::string name = member.name();
    std::string unique = name;
    for (int i = 1; !names.insert(unique).second; ++i) unique = message(name, "_", i);
    member.base().set_name(unique);
  }

  Tensors inputs;
  for (const Tensor& input : members.front().base().inputs())
    inputs.push_back(Input(input.shape().without(0), {.dtype = input.dtype()}));
  Tensors answers;
  for (const Model& member : members) {
    Tensor answer = member(inputs);
    if (options.how == "vote") {
      const bool is_probability = answer.shape().back() == 1;
      answer = Rescaling(sharpness, {.offset = is_probability ? -sharpness / 2 : 0.0})(answer);
      answer = is_probability ? Activation("sigmoid")(answer) : Softmax()(answer);
    }
    answers.push_back(answer);
  }
  Model model(inputs, Average()(answers), options.name.empty() ? "ensemble" : options.name);
  const Trainer& first = members.front().base().trainer();
  if (first.is_compiled()) {
    const Json config = compile_config(first.options(), model.base().output_names());
    // Names of outputs are other names here: what speaks of them is left out.
    if (!config.is_null() && first.options().loss.by_name().empty() && first.options().metrics.by_name().empty())
      model.compile(compile_options_from_json(config, model.base().output_names()));
  }
  return model;
}

}  // namespace hebb
