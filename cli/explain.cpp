// hebb explain: one step of learning of a small network, number by number.
#include <charconv>
#include <cmath>
#include <limits>

#include "cli/data.h"
#include "cli/models.h"
#include "cli/options.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/explanation.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"
#include "hebb/viz/explanation_page.h"
#include "hebb/zoo/targets.h"

namespace hebb::cli {

namespace {

struct ExplainRequest {
  std::string model, sample, target, data, loss, out;
  double learning_rate = 0.1;
  int64_t seed = 0;
  bool seeded = false, json = false;
};

/// "1,-0.5": numbers in one row.
Tensor numbers_of(const std::string& text, const char* option) {
  std::vector<float> values;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    float value = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, value);
    if (error != std::errc() || stop != text.data() + end || !std::isfinite(value))
      throw UsageError(
          message(option, ": expected numbers with commas between them, such as 1,-0.5, got '", text, "'."));
    values.push_back(value);
    at = end + 1;
  }
  return Tensor::from(values, {1, static_cast<int64_t>(values.size())});
}

struct Sample {
  Tensor x, target;
};

Sample sample_of(const ExplainRequest& request, const Model* model) {
  if (request.data.empty()) {
    if (request.target.empty())
      throw UsageError(
          "--target: expected what the network should answer, such as 1 or 0,1, got none. Or name --data, and give the "
          "sample's number.");
    return {numbers_of(request.sample, "--sample"), numbers_of(request.target, "--target")};
  }
  if (!request.target.empty()) throw UsageError("--target: the data has the targets. Leave it out.");
  const LoadedData data = load_data(request.data, {}, model);
  const data::Dataset& all = data.parts.train;
  int64_t number = -1;
  const auto [stop, error] =
      std::from_chars(request.sample.data(), request.sample.data() + request.sample.size(), number);
  if (error != std::errc() || stop != request.sample.data() + request.sample.size() || number < 0 ||
      number >= all.size())
    throw UsageError(message("--sample: expected the number of a sample from 0 to ", all.size() - 1, ", got '",
                             request.sample, "'."));
  const data::Dataset one = all.take(number + 1);
  auto row = [&](const Tensor& tensor) { return slice(tensor, {number}, {number + 1}); };
  const Tensor x = row(one.x()), y = row(one.y());
  return {cast(x, DType::float32), y.rank() == 1 ? y : reshape(y, {1, y.size()})};
}

Tensor in_one_row(const Tensor& x) { return reshape(x, {1, x.size()}); }

/// A built-in architecture for the sample: its numbers in one row, or, where that one takes images, as they are.
Model model_for(const std::string& name, Sample& sample, const Loss& loss) {
  const auto make = [&](const Tensor& x) {
    const zoo::MakeOptions made = zoo::options_for(data::Dataset(x, sample.target), loss);
    return load_any_model(name, &made);
  };
  if (sample.x.rank() > 2) {
    try {
      Model model = make(in_one_row(sample.x));
      sample.x = in_one_row(sample.x);
      return model;
    } catch (const InvalidArgument&) {
      // It may want the image; if not, what it says of that is said.
    }
  }
  return make(sample.x);
}

bool is_built_in(const std::string& model) { return !is_file_name(model) && is_architecture(model); }

void explain_request(const ExplainRequest& request) {
  check_ending(request.out, {".html"}, "--out");
  if (!request.out.empty()) check_writable(request.out);
  Loss loss;
  as_usage(
      [&] {
        if (!request.loss.empty()) loss = Loss(request.loss);
      },
      "--loss: ");
  if (request.seeded) set_random_seed(request.seed);

  Sample sample;
  Model model;
  if (is_built_in(request.model)) {
    sample = sample_of(request, nullptr);
    model = model_for(request.model, sample, loss);
  } else {
    model = load_any_model(request.model, nullptr, forgiving(request.model));
    sample = sample_of(request, &model);
    if (!model.base().is_connected() || model.base().inputs().front().rank() == 2) sample.x = in_one_row(sample.x);
  }
  if (is_architecture(request.model))
    warn(message("hebb: warning: ", request.model, " is not trained: its weights are random.\n"));

  if (!model.base().is_connected()) model.base().build_for({sample.x.shape()});
  const Shape outputs = model.output_shape();
  // A single number where there are several outputs is the number of a class.
  if (sample.target.size() == 1 && outputs.back() > 1) sample.target = reshape(cast(sample.target, DType::int64), {1});
  const bool compiled = model.base().trainer_if_any() != nullptr;
  if (!loss && !compiled) {
    const std::string name = zoo::suggested_loss(outputs, sample.target);
    warn(message("Loss: ", name, ". Choose another one with --loss.\n"));
    loss = Loss(name);
  }
  Explanation explanation;
  try {
    explanation = explain(model, sample.x, sample.target, {.loss = loss, .learning_rate = request.learning_rate});
  } catch (const InvalidArgument& error) {
    if (sample.x.rank() == 2) throw;
    throw InvalidArgument(message(error.what(), " What ", request.model, " does with an image: hebb plot activations ",
                                  request.model, " --data ", request.data, " --example ", request.sample,
                                  " --out activations.png."));
  }
  if (!request.out.empty()) write_atomically(request.out, viz::explanation_page(explanation));
  if (request.json) return print_json(explanation.to_json());
  if (request.out.empty()) print(explanation.text());
}

}  // namespace

void add_explain(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("explain", "one step of learning of a small network, number by number");
  auto request = std::make_shared<ExplainRequest>();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5, .json) or a built-in architecture, of Dense layers")
      ->required();
  add_text(command, "--sample", request->sample,
           "the inputs' numbers, as 1,-0.5; with --data the number of a sample, from 0")
      ->required();
  add_text(command, "--target", request->target,
           "what the network should answer: a number for each output, or a class number");
  add_text(command, "--data", request->data, "take the sample and its target from this data");
  add_text(command, "--loss", request->loss, "default: what the model was compiled with, else chosen, and said");
  command.add_option("--learning-rate", request->learning_rate, "of the update")
      ->capture_default_str()
      ->check([](const std::string& text) {
        double value = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && stop == text.data() + text.size() && std::isfinite(value) && value > 0
                   ? std::string()
                   : message("expected a number above 0, such as 0.1, got '", text, "'.");
      });
  CLI::Option* seed = add_number(command, "--seed", request->seed, "of random weights",
                                 std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
  add_text(command, "--out", request->out, "a page with the network drawn (.html)");
  command.add_flag("--json", request->json, "one JSON object on standard output")->disable_flag_override();
  command.footer("Example: hebb explain mlp:units=3 --sample 1,0 --target 1 --loss mse --out step.html");
  command.callback([request, seed, &status] {
    request->seeded = seed->count() > 0;
    explain_request(*request);
    status = 0;
  });
}

}  // namespace hebb::cli
