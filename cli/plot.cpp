#include <charconv>
#include <limits>

#include "cli/models.h"
#include "cli/options.h"
#include "cli/run_record.h"
#include "hebb/nn/model_base.h"

namespace hebb::cli {

namespace {

struct Request {
  std::string kind, model, data, out, layer, method = "pca", direction = "TB", title, image_shape;
  TableOptions table;
  int64_t class_index = -1, example = 0, examples = 2000;
  bool expand = false;
};

/// A model and the data to show it with.
struct Shown {
  Model model;
  LoadedData data;
  std::vector<std::string> class_names;

  /// The first examples of the part that is judged by.
  data::Dataset first(int64_t count) const {
    const data::Dataset& all = data.judged();
    return all.take(std::min(count, all.size()));
  }
};

Shown load(const Request& request, bool with_data) {
  Shown out;
  if (with_data && request.data.empty()) {
    throw UsageError(message("plot ", request.kind, ": expected --data, got none. It says for which examples."));
  }
  if (!is_file_name(request.model)) {
    zoo::MakeOptions made;
    if (!request.data.empty()) {
      out.data = load_data(request.data, request.table, nullptr);
      made = made_for(out.data, {});
    }
    out.model = load_any_model(request.model, request.data.empty() ? nullptr : &made);
    if (request.kind != "graph")
      warn(message("hebb: warning: ", request.model, " is not trained: its weights are random.\n"));
  } else {
    out.model = load_any_model(request.model, nullptr, forgiving(request.model));
    if (!request.data.empty()) out.data = load_data(request.data, request.table, &out.model);
  }
  if (!request.data.empty()) {
    connect(out.model, out.data.judged());
    out.class_names = out.data.class_names;
  }
  return out;
}

/// One example, by --example.
Tensor example_of(const Request& request, const Shown& shown) {
  const data::Dataset& all = shown.data.judged();
  if (request.example >= all.size()) {
    throw UsageError(message("--example: expected a number from 0 to ", all.size() - 1, " (", request.data, " has ",
                             all.size(), " examples to judge by), got ", request.example, "."));
  }
  return all.slice(request.example, request.example + 1).x();
}

std::optional<int64_t> class_of(const Request& request) {
  return request.class_index < 0 ? std::nullopt : std::optional<int64_t>(request.class_index);
}

/// "28x28" or "32x32x3"; empty: as the model says.
Shape image_shape_of(const Request& request) {
  std::vector<int64_t> sizes;
  if (request.image_shape.empty()) return {};
  for (const std::string& part : split(request.image_shape, 'x')) {
    int64_t size = 0;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), size);
    if (error != std::errc() || stop != part.data() + part.size() || size < 1) sizes.clear();
    sizes.push_back(size);
    if (size < 1) break;
  }
  if (sizes.size() != 2 && sizes.size() != 3)
    throw UsageError(message("--image-shape: expected height and width, such as 28x28, or 32x32x3 with colors, got '",
                             request.image_shape, "'."));
  return Shape(sizes);
}

viz::Picture graph(const Request& request) {
  const Shown shown = load(request, false);
  return viz::model_graph(shown.model, {.show_shapes = true,
                                        .show_layer_names = true,
                                        .show_layer_activations = true,
                                        .expand_nested = request.expand,
                                        .rankdir = request.direction,
                                        .title = request.title});
}

viz::Picture weights(const Request& request) {
  viz::WeightPictureOptions options;
  options.layer = request.layer;
  options.image_shape = image_shape_of(request);
  options.title = request.title;
  return viz::weights(load(request, false).model, options);
}

viz::Picture filters(const Request& request) {
  return viz::filters(load(request, false).model, {.layer = request.layer, .title = request.title});
}

viz::Picture neuron(const Request& request) {
  const Shown shown = load(request, false);
  const int64_t c = request.class_index < 0 ? 0 : request.class_index;
  return viz::neuron_patterns(shown.model, c, {.title = request.title, .image_shape = image_shape_of(request)});
}

viz::Picture activations(const Request& request) {
  const Shown shown = load(request, true);
  return viz::activations(shown.model, example_of(request, shown), {.layer = request.layer, .title = request.title});
}

viz::Picture saliency(const Request& request) {
  const Shown shown = load(request, true);
  viz::SaliencyOptions options;
  options.title = request.title;
  options.class_index = class_of(request);
  options.class_names = shown.class_names;
  return viz::saliency(shown.model, example_of(request, shown), options);
}

viz::Picture grad_cam(const Request& request) {
  const Shown shown = load(request, true);
  viz::GradCamOptions options;
  options.title = request.title;
  options.class_index = class_of(request);
  options.class_names = shown.class_names;
  options.layer = request.layer;
  return viz::grad_cam(shown.model, example_of(request, shown), options);
}

/// What the model says of the first examples, and what is true.
struct Answers {
  Tensor images, outputs, truth;
  std::vector<std::string> class_names;
};

Answers ask(const Request& request) {
  Shown shown = load(request, true);
  const data::Dataset some = shown.first(request.examples);
  return {some.x(), shown.model.predict(some, {.batch_size = 256}), some.y(), shown.class_names};
}

viz::Picture confusion(const Request& request) {
  const Answers answers = ask(request);
  viz::ConfusionOptions options;
  if (!request.title.empty()) options.title = request.title;
  options.class_names = answers.class_names;
  return viz::confusion_matrix(viz::judge(answers.outputs, answers.truth), options);
}

viz::Picture roc(const Request& request) {
  const Answers answers = ask(request);
  return viz::roc(answers.outputs, answers.truth, {.title = request.title, .class_names = answers.class_names});
}

viz::Picture precision_recall(const Request& request) {
  const Answers answers = ask(request);
  return viz::precision_recall(answers.outputs, answers.truth,
                               {.title = request.title, .class_names = answers.class_names});
}

viz::Picture predictions(const Request& request) {
  const Answers answers = ask(request);
  return viz::images(answers.images, answers.outputs, answers.truth,
                     {.title = request.title, .class_names = answers.class_names});
}

viz::Picture mistakes(const Request& request) {
  const Answers answers = ask(request);
  return viz::images(answers.images, answers.outputs, answers.truth,
                     {.title = request.title, .class_names = answers.class_names, .mistakes_only = true});
}

viz::Picture embedding(const Request& request) {
  const Shown shown = load(request, true);
  const data::Dataset some = shown.first(request.examples);
  viz::EmbeddingOptions options;
  options.title = request.title;
  options.method = request.method;
  options.class_names = shown.class_names;
  options.t_sne.perplexity = std::min(30., static_cast<double>(some.size() - 1) / 3);
  return viz::embedding(viz::layer_features(shown.model, some.x(), request.layer), some.y(), options);
}

viz::Picture histograms(const Request& request) {
  viz::HistogramsOptions options;
  options.title = request.title;
  options.x_label = "weight";
  return viz::histograms(viz::weight_values(load(request, false).model), options);
}

viz::Picture gradients(const Request& request) {
  const Shown shown = load(request, true);
  const data::Dataset some = shown.first(std::min<int64_t>(request.examples, 256));
  viz::HistogramsOptions options;
  options.title =
      request.title.empty() ? message("gradients of the loss of ", some.size(), " examples") : request.title;
  options.x_label = "gradient";
  return viz::histograms(viz::gradient_values(shown.model, some.x(), some.y()), options);
}

viz::Picture regions(const Request& request) {
  const Shown shown = load(request, true);
  const data::Dataset some = shown.first(request.examples);
  const std::vector<std::string>& columns = shown.data.columns;
  return viz::decision_regions(shown.model, some.x(), some.y(),
                               {.title = request.title,
                                .x_label = columns.size() == 2 ? columns[0] : "x1",
                                .y_label = columns.size() == 2 ? columns[1] : "x2",
                                .class_names = shown.class_names});
}

viz::Picture curves(const Request& request) {
  return viz::learning_curves(read_history(request.model), {.title = request.title});
}

struct Kind {
  const char* name;
  viz::Picture (*draw)(const Request& request);
  const char* doc;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"graph", graph, "the layers and what flows between them"},
      {"weights", weights, "the weights into each neuron of a dense layer"},
      {"filters", filters, "the filters of a convolution"},
      {"neuron", neuron, "what speaks for a class (--class) and against it"},
      {"histograms", histograms, "of the weights, layer by layer"},
      {"activations", activations, "what a layer says of an example"},
      {"saliency", saliency, "which pixels of an example the answer depends on"},
      {"grad-cam", grad_cam, "where in an example a convolution sees the class"},
      {"predictions", predictions, "examples with what they are taken for"},
      {"mistakes", mistakes, "the examples that the model is most wrongly sure of"},
      {"confusion", confusion, "which classes are taken for which"},
      {"roc", roc, "false against true positive rate, by class"},
      {"precision-recall", precision_recall, "recall against precision, by class"},
      {"embedding", embedding, "what the last hidden layer says of examples, in the plane (--method)"},
      {"gradients", gradients, "histograms of the loss's gradients, layer by layer"},
      {"regions", regions, "how the model divides the plane"},
      {"curves", curves, "the learning curves of a history (.json, .csv), given instead of MODEL"},
  };
  return all;
}

const Kind& kind_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (name == kind.name) return kind;
    names.emplace_back(kind.name);
  }
  throw UsageError(unknown_name("kind of picture", name, names));
}

}  // namespace

void add_plot(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("plot", "pictures of a model, and of what it does with data");
  auto request = std::make_shared<Request>();
  add_text(command, "KIND", request->kind, "what to draw, see below")->required();
  add_text(command, "MODEL", request->model, "a file (.keras, .h5, .json) or a built-in architecture")->required();
  add_text(command, "--out", request->out, "where the picture goes (.png, .svg, .pdf)")->required();
  add_text(command, "--data", request->data, "as for train; where the data has a test half, that is shown");
  add_target(command, request->table, "the column of a CSV file that is predicted; default: the last");
  add_reading(command, request->table);
  add_text(command, "--layer", request->layer, "which layer; default: the first of the kind, or the last for grad-cam");
  add_text(command, "--image-shape", request->image_shape,
           "of weights and neuron: the image that the inputs are, as 28x28; default: as the model says");
  add_number(command, "--class", request->class_index, "which class; default: the one that the model chooses", 0,
             int64_t{1} << 40)
      ->default_str("");
  add_number(command, "--example", request->example, "which example of the data", 0, int64_t{1} << 40);
  add_number(command, "--examples", request->examples, "how many examples are looked at, at most", 2, int64_t{1} << 40);
  add_text(command, "--method", request->method, "of embedding: pca or t-sne")->capture_default_str();
  add_text(command, "--direction", request->direction, "of graph: TB, BT, LR or RL")->capture_default_str();
  command.add_flag("--expand-nested", request->expand, "of graph: show what nested models are made of")
      ->disable_flag_override();
  add_text(command, "--title", request->title, "above the picture");
  add_threads(command);
  std::string footer = "Kinds:\n";
  for (const Kind& kind : kinds()) {
    std::string name = kind.name;
    name.resize(18, ' ');
    footer += message("  ", name, kind.doc, "\n");
  }
  command.footer(footer + "\nExample: hebb plot grad-cam digits.keras --data digits --example 3 --out cam.png");
  command.callback([request, &status] {
    const Kind& kind = kind_named(request->kind);
    check_ending(request->out, {".png", ".svg", ".pdf"}, "--out");
    check_writable(request->out);
    kind.draw(*request).save(request->out);
    status = 0;
  });
}

}  // namespace hebb::cli
