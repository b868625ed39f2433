// hebb activations: the table of activation functions, as a list, as JSON, and as a page with pictures
// (docs/activations.md and docs/images/activations are what `hebb activations --out docs` writes).
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/options.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/activation_table.h"

namespace hebb::cli {

namespace {

using Records = std::vector<ActivationRecord>;

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

Json to_json(const ActivationRecord& record, bool is_layer) {
  Json json = Json::object({{"kind", is_layer ? "layer" : "function"},
                            {"doc", record.doc},
                            {"formula", record.formula},
                            {"range", record.range.text},
                            {"continuity", record.continuity.text()},
                            {"monotonic", record.monotonic},
                            {"origin", record.origin},
                            {"keras", record.in_keras}});
  if (record.same_as != nullptr) json.set("same_as", record.same_as);
  return json;
}

void print_list() {
  size_t names = 0, docs = 0;
  for (const Records* records : {&activation_records(), &learned_activation_records()}) {
    for (const ActivationRecord& record : *records) {
      names = std::max(names, record.name.size());
      docs = std::max(docs, record.doc.size());
    }
  }
  auto padded = [](const std::string& text, size_t width) { return text + std::string(width - text.size() + 2, ' '); };
  for (const Records* records : {&activation_records(), &learned_activation_records()}) {
    for (const ActivationRecord& record : *records)
      print(message(padded(record.name, names), padded(record.doc, docs), record.formula, "\n"));
  }
}

// ------------------------------------------------------------------------------------------------------------ the page

/// In a table of Markdown a bar ends the cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string row(const ActivationRecord& record) {
  const std::string name = record.in_keras ? message("`", record.name, "`") : message("`", record.name, "` ¹");
  return message("| <img src=\"images/activations/", record.name, ".svg\" width=\"300\" alt=\"", record.name, "\"> | ",
                 name, "<br>", cell(record.doc), " | `", cell(record.formula), "` | ", record.range.text, " | ",
                 record.continuity.text(), " | ", yes_or_no(record.monotonic), " | ",
                 record.origin.empty() ? "" : cell(record.origin), " |\n");
}

std::string table(const Records& records, bool elementwise) {
  std::string text =
      "| value (line) and derivative (dashed) | name | formula | range | continuity | monotonic | origin |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const ActivationRecord& record : records) {
    if (record.same_as == nullptr && record.elementwise == elementwise) text += row(record);
  }
  return text + "\n";
}

std::string page() {
  std::string text =
      "# Activation functions\n\n"
      "Each is usable by its name in any layer that has an activation (`Dense(20, {.activation = \"gelu\"})`,\n"
      "`Activation(\"gelu\")`), and as a function of tensors. Continuity: `C0` has kinks, `C1` has a continuous "
      "derivative and\n"
      "so on, `C-infinity` has all; `jumps` is not continuous itself. The gradient says nothing of a "
      "jump:\n"
      "behind a step, which is flat elsewhere, nothing learns by gradients.\n\n"
      "¹ Not Keras's: model files name it, and Keras does not load them.\n\n"
      "*This page is written by `hebb activations --out docs` from the table in `hebb/nn/activation_table.cpp`.*\n\n"
      "## Of each element\n\n";
  text += table(activation_records(), true);
  text += "Other names: ";
  std::string others;
  for (const ActivationRecord& record : activation_records()) {
    if (record.same_as == nullptr) continue;
    others += message(others.empty() ? "" : ", ", "`", record.name, "` of `", record.same_as, "`");
  }
  text +=
      others + ". `threshold(x, threshold, default_value)` is Keras's too, but has no defaults: give a function.\n\n";
  text += "## Of the elements along the last axis\n\nThe pictures show the first element of the result for (x, 0).\n\n";
  text += table(activation_records(), false);
  text +=
      "## With weights of their own\n\nThese are layers: `PReLU()`, `SoftExponential()` and `PiecewiseLinear()` go "
      "behind a layer,\n"
      "`Maxout(units)` takes the place of `Dense(units)`.\n\n";
  text += table(learned_activation_records(), true);
  text.pop_back();
  return text;
}

void write_page(const std::string& folder) {
  const std::filesystem::path pictures = std::filesystem::path(folder) / "images" / "activations";
  std::error_code error;
  std::filesystem::create_directories(pictures, error);
  if (error) {
    throw IoError(message("cannot make the folder '", pictures.string(), "': ", error.message(),
                          ". Choose another one with --out."));
  }
  for (const Records* records : {&activation_records(), &learned_activation_records()}) {
    for (const ActivationRecord& record : *records) {
      if (record.same_as != nullptr) continue;
      // Small, and shown enlarged: words of 11 points have 14 pixels.
      viz::ActivationPlotOptions options{.width = 230, .height = 180};
      if (!record.elementwise) options.beside = 0;
      if (std::isfinite(record.range.high) && record.range.high > options.x.high)  // so that the cut is seen
        options.x = {-4, record.range.high + 2}, options.y.high = record.range.high + 1;
      viz::activation_plot(ActivationFunction(record.function, record.name), options)
          .save((pictures / (record.name + ".svg")).string());
    }
  }
  write_atomically((std::filesystem::path(folder) / "activations.md").string(), page());
}

}  // namespace

void add_activations(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("activations", "the built-in activation functions");
  auto json = std::make_shared<bool>(false);
  auto out = std::make_shared<std::string>();
  command.add_flag("--json", *json, "one JSON object: names with what is known of each")->disable_flag_override();
  add_text(command, "--out", *out, "a folder for a page about them (activations.md) and a picture of each");
  command.footer("Example: hebb activations --out docs");
  command.callback([json, out, &status] {
    status = 0;
    if (!out->empty()) return write_page(*out);
    if (!*json) return print_list();
    Json all = Json::object();
    for (const ActivationRecord& record : activation_records()) all.set(record.name, to_json(record, false));
    for (const ActivationRecord& record : learned_activation_records()) all.set(record.name, to_json(record, true));
    print_json(all);
  });
}

}  // namespace hebb::cli
