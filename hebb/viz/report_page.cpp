#include "hebb/viz/report_page.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/summary.h"
#include "hebb/viz/bars.h"
#include "hebb/viz/confusion.h"
#include "hebb/viz/curves.h"
#include "hebb/viz/histograms.h"
#include "hebb/viz/html.h"
#include "hebb/viz/judgement.h"
#include "hebb/viz/model_graph.h"
#include "hebb/viz/plot.h"
#include "hebb/viz/predictions.h"

namespace hebb::viz {

namespace {

constexpr int refresh_seconds = 3;

constexpr const char* style = R"(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: #1f2430; font: 16px/1.5 "DejaVu Sans", Verdana, "Segoe UI", sans-serif; }
header { background: #1f2430; color: #fff; padding: 28px 40px 24px; border-top: 6px solid #0072b2; }
h1 { margin: 0; font-size: 28px; line-height: 1.25; overflow-wrap: anywhere; }
header p { margin: 6px 0 0; color: #c5ccd6; }
main { max-width: 1400px; margin: 0 auto; padding: 24px 24px 56px; }
.numbers { display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 24px; }
.number { flex: 1 1 150px; background: #fff; border-radius: 8px; padding: 14px 18px; box-shadow: 0 1px 2px #0002; }
.number b { display: block; font-size: 24px; white-space: nowrap; }
.number span { color: #5b6472; font-size: 14px; }
section { background: #fff; border-radius: 8px; padding: 20px 24px 24px; margin-bottom: 24px; box-shadow: 0 1px 2px #0002; }
h2 { margin: 0 0 12px; font-size: 20px; }
.side { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 24px; }
.tables section { margin: 0; }
.scroll { overflow-x: auto; }
img { max-width: 100%; height: auto; display: block; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid #e4e7ec; overflow-wrap: anywhere; }
th { color: #5b6472; font-weight: normal; }
thead th { font-weight: bold; color: #1f2430; }
.tables th { width: 40%; }
td.count, th.count { text-align: right; white-space: nowrap; }
.layers { flex: 1 1 420px; }
@media print { body { background: #fff; } section, .number { box-shadow: none; border: 1px solid #e4e7ec; break-inside: avoid; } }
)";

std::string section(const std::string& title, const std::string& content) {
  return message("<section><h2>", html_text(title), "</h2>\n", content, "</section>\n");
}

std::string table_section(const std::string& title, const PageTable& rows) {
  if (rows.empty()) return "";
  std::string out = "<table>\n";
  for (const auto& [name, value] : rows)
    out += message("<tr><th>", html_text(name), "</th><td>", html_text(value), "</td></tr>\n");
  return section(title, out + "</table>");
}

std::string number(const std::string& value, const std::string& what) {
  return message("<div class=\"number\"><b>", html_text(value), "</b><span>", html_text(what), "</span></div>\n");
}

bool is_fraction(const std::string& name) {
  return name.find("accuracy") != std::string::npos || name.find("precision") != std::string::npos ||
         name.find("recall") != std::string::npos;
}

std::string value_text(const std::string& name, double value) {
  return is_fraction(name) ? percent_text(value) : short_number(value, 4);
}

/// The numbers that a reader looks for first.
std::string first_numbers(const ReportPage& page, const std::optional<Judgement>& judgement) {
  std::string out;
  if (judgement && judgement->size() > 0) {
    out += number(percent_text(judgement->accuracy()),
                  message("right of ", count_text(judgement->size()), " ", page.part, " examples"));
    out += number(count_text(judgement->size() - judgement->right()), "mistakes");
  }
  constexpr size_t most = 2;
  size_t shown = 0;
  for (const std::string& name : curve_names(page.history)) {
    if (name == "learning_rate" || shown == most) continue;
    const std::vector<double>* validation = page.history.find("val_" + name);
    const std::vector<double>* values = validation ? validation : page.history.find(name);
    if (!values || values->empty()) continue;
    out += number(value_text(name, values->back()), message(validation ? "validation " : "training ", spoken(name)));
    ++shown;
  }
  if (!page.history.empty())
    // Of a training that went on from elsewhere the first ones may be missing.
    out += number(std::to_string(page.history.epochs().back() + 1),
                  page.history.epochs().back() == 0 ? "epoch" : "epochs");
  if (page.model) {
    const ParameterCounts counts = parameter_counts(page.model->base());
    out += number(count_text(counts.trainable + counts.non_trainable), "parameters");
  }
  return message("<div class=\"numbers\">\n", out, "</div>\n");
}

std::string layers_table(const Model& model) {
  std::string out =
      "<table><thead><tr><th>layer</th><th>class</th><th>output</th><th class=\"count\">parameters</th>"
      "</tr></thead>\n";
  for (const LayerSummary& layer : layer_summaries(model.base())) {
    std::string shapes;
    for (const Shape& shape : layer.output_shapes) shapes += (shapes.empty() ? "" : ", ") + shape.to_string();
    out += message("<tr><td>", html_text(layer.name), layer.trainable ? "" : " (not trainable)", "</td><td>",
                   html_text(layer.class_name), "</td><td>", html_text(shapes), "</td><td class=\"count\">",
                   count_text(layer.params), "</td></tr>\n");
  }
  return message("<div class=\"layers scroll\">", out, "</table></div>");
}

std::string model_sections(const Model& model) {
  std::string graph;
  if (model.base().is_connected()) {
    const Picture picture = model_graph(model, {.show_shapes = true, .show_layer_activations = true});
    graph = message("<div>", html_picture(picture, "svg", "the graph of the model's layers"), "</div>\n");
  }
  std::string out = section("model", message("<div class=\"side\">\n", graph, layers_table(model), "</div>\n"));
  std::vector<NamedValues> values = weight_values(model, true);
  constexpr size_t most = 24;
  if (values.size() > most) values.resize(most);
  if (!values.empty()) {
    HistogramsOptions options;
    options.x_label = "weight";
    options.columns = 2;
    options.width = 410;
    out += section("weights", html_picture(histograms(values, options), "svg", "histograms of the weights by layer"));
  }
  return out;
}

/// The rows of numbers that the model is most wrongly sure of.
std::string worst_rows(const ReportPage& page, const Judgement& judgement) {
  constexpr size_t most = 12;
  std::vector<int64_t> mistakes = judgement.mistakes();
  if (mistakes.size() > most) mistakes.resize(most);
  const auto name = [&](int64_t number) {
    const auto i = static_cast<size_t>(number);
    return i < page.class_names.size() ? page.class_names[i] : std::to_string(number);
  };
  const int64_t features = page.rows.shape().back();
  const std::vector<float> values = page.rows.to_vector<float>();
  std::string out =
      "<table><thead><tr><th class=\"count\">example</th><th>true</th><th>predicted</th><th>confidence</th>";
  for (int64_t feature = 1; feature <= features; ++feature) out += message("<th>x<sub>", feature, "</sub></th>");
  out += "</tr></thead>\n";
  for (const int64_t row : mistakes) {
    const auto i = static_cast<size_t>(row);
    out += message("<tr><td class=\"count\">", row, "</td><td>", html_text(name(judgement.truth[i])), "</td><td>",
                   html_text(name(judgement.predicted[i])), "</td><td>", std::lround(judgement.confidence[i] * 100),
                   " %</td>");
    for (int64_t feature = 0; feature < features; ++feature)
      out += message("<td>", short_number(values[static_cast<size_t>(row * features + feature)], 4), "</td>");
    out += "</tr>\n";
  }
  return section("worst mistakes", message("<div class=\"scroll\">", out, "</table></div>"));
}

std::string judgement_sections(const ReportPage& page, const Judgement& judgement) {
  std::string content = html_picture(confusion_matrix(judgement, {.title = "", .class_names = page.class_names}), "svg",
                                     "confusion matrix");
  const ConfusionOptions mistakes{.title = "most common mistakes", .class_names = page.class_names};
  if (judgement.right() < judgement.size()) {
    Picture common(380, 380);
    draw_common_mistakes(common, {8, 8, 364, 364}, judgement, mistakes);
    content += html_picture(common, "svg", "the classes that are confused most often");
  }
  std::string out = section(message("confusion (", page.part, " data)"), "<div class=\"side\">" + content + "</div>");
  if (page.images.defined() && judgement.right() < judgement.size()) {
    const Picture picture = images(page.images, page.outputs, page.truth,
                                   {.class_names = page.class_names, .most = 36, .mistakes_only = true, .columns = 9});
    out += section("worst mistakes: true → predicted (confidence)",
                   html_picture(picture, "png", "the images that the model is most wrongly sure of"));
  }
  const bool has_rows = page.rows.defined() && page.rows.rank() == 2 && page.rows.shape()[0] == judgement.size();
  if (has_rows && judgement.right() < judgement.size()) out += worst_rows(page, judgement);
  return out;
}

}  // namespace

std::string report_page(const ReportPage& page) {
  std::optional<Judgement> judgement;
  if (page.truth.defined() && page.outputs.defined()) judgement = judge(page.outputs, page.truth);
  std::string body = first_numbers(page, judgement);
  if (!page.history.empty()) {
    body += section("learning curves", html_picture(learning_curves(page.history, {.columns = 2, .width = 410}), "svg",
                                                    "learning curves of loss and metrics"));
  }
  if (judgement && judgement->size() > 0) body += judgement_sections(page, *judgement);
  const std::string tables = table_section("configuration", page.configuration) + table_section("data", page.data) +
                             table_section("time and memory", page.resources);
  if (!tables.empty()) body += message("<div class=\"tables\">\n", tables, "</div><br>\n");
  if (page.epoch_seconds.size() > 1) {
    BarsOptions options;
    options.x_label = "epoch";
    options.y_label = "seconds";
    options.height = 260;
    options.width = 860;
    options.first = 1;  // as the curves count them
    if (page.epoch_seconds.size() <= 40) {
      const std::vector<int64_t>& epochs = page.history.epochs();
      const bool numbered = epochs.size() == page.epoch_seconds.size();
      for (size_t i = 0; i < page.epoch_seconds.size(); ++i)
        options.labels.push_back(std::to_string(1 + (numbered ? epochs[i] : static_cast<int64_t>(i))));
    }
    body +=
        section("time of each epoch", html_picture(bars(page.epoch_seconds, options), "svg", "seconds of each epoch"));
  }
  if (page.model) body += model_sections(*page.model);
  return message("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
                 page.running ? message("<meta http-equiv=\"refresh\" content=\"", refresh_seconds, "\">\n") : "",
                 "<title>", html_text(page.title), "</title>\n<style>", style,
                 "</style>\n</head>\n<body>\n<header><h1>", html_text(page.title), "</h1>",
                 page.state.empty() ? "" : "<p>" + html_text(page.state) + "</p>", "</header>\n<main>\n", body,
                 "</main>\n</body>\n</html>\n");
}

void save_report_page(const ReportPage& page, const std::string& path) { write_atomically(path, report_page(page)); }

}  // namespace hebb::viz
