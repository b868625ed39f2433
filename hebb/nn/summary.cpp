#include "hebb/nn/summary.h"

#include <algorithm>
#include <cstdio>

#include "hebb/base/printable.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb {

namespace {

using Row = std::vector<std::vector<std::string>>;  // the lines of each cell

std::string with_commas(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string size_text(int64_t bytes) {
  double value = static_cast<double>(bytes);
  const char* units[] = {"B", "KB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %s", value, units[unit]);
  return text;
}

std::string line(const std::vector<size_t>& widths, const char* left, const char* fill, const char* middle,
                 const char* right) {
  std::string out = left;
  for (size_t i = 0; i < widths.size(); ++i) out += (i ? middle : "") + repeated(fill, widths[i] + 2);
  return out + right + "\n";
}

std::string cells(const Row& row, const std::vector<size_t>& widths, const std::vector<bool>& to_right,
                  const char* bar) {
  std::string out;
  size_t height = 1;
  for (const auto& cell : row) height = std::max(height, cell.size());
  for (size_t k = 0; k < height; ++k) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string text = k < row[i].size() ? row[i][k] : "";
      const std::string space(widths[i] - count_characters(text), ' ');
      out += message(bar, " ", to_right[i] ? space + text : text + space, " ");
    }
    out += message(bar, "\n");
  }
  return out;
}

int64_t elements(const Tensors& tensors) {
  int64_t total = 0;
  for (const Tensor& tensor : tensors) total += tensor.size();
  return total;
}

int64_t bytes(const Tensors& tensors) {
  int64_t total = 0;
  for (const Tensor& tensor : tensors) total += tensor.spec().bytes();
  return total;
}

}  // namespace

std::vector<LayerSummary> layer_summaries(const ModelBase& model) {
  std::vector<LayerSummary> rows;
  for (const auto& layer : model.layers()) {
    LayerSummary row{layer->name(), layer->class_name(), {}, layer->count_params(), layer->trainable(), {}};
    for (const auto& call : model.calls()) {
      if (call->layer != layer) continue;
      if (row.output_shapes.empty()) {
        for (const Spec& output : call->outputs) row.output_shapes.push_back(output.shape);
      }
      for (const Tensor& input : call->inputs) {
        const LayerSymbol* symbol = symbol_of(input);
        row.connected_to.push_back(
            message(symbol->call->layer->name(), "[", symbol->call->index, "][", symbol->output, "]"));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

ParameterCounts parameter_counts(const ModelBase& model) {
  ParameterCounts counts{elements(model.trainable_weights()), elements(model.non_trainable_weights()), 0};
  const Trainer* trainer = model.trainer_if_any();
  if (trainer && trainer->is_compiled() && trainer->optimizer()->is_built())
    counts.optimizer = elements(trainer->optimizer()->variables());
  return counts;
}

std::string summary_text(const ModelBase& model) {
  const bool functional = model.kind() == ModelBase::Kind::functional;
  std::vector<Row> rows;
  for (const LayerSummary& layer : layer_summaries(model)) {
    std::string shapes;
    for (const Shape& shape : layer.output_shapes) shapes += (shapes.empty() ? "" : ", ") + shape.to_string();
    if (layer.output_shapes.empty()) shapes = "?";
    Row row = {{printable(message(layer.name, " (", layer.class_name, ")"))},
               {shapes},
               {layer.output_shapes.empty() && layer.params == 0 ? "0 (unbuilt)" : with_commas(layer.params)}};
    if (functional) {
      std::vector<std::string> lines;
      for (const std::string& source : layer.connected_to) lines.push_back(printable(source));
      for (size_t i = 0; i + 1 < lines.size(); ++i) lines[i] += ",";
      if (lines.empty()) lines = {"-"};
      row.push_back(std::move(lines));
    }
    rows.push_back(std::move(row));
  }
  Row header = {{"Layer (type)"}, {"Output Shape"}, {"Param #"}};
  // Keras's widths, and more where a name needs it.
  std::vector<size_t> widths = {31, 22, 13};
  std::vector<bool> to_right = {false, false, true};
  if (functional) {
    header.push_back({"Connected to"});
    widths = {19, 17, 10, 17};
    to_right.push_back(false);
  }
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      for (const std::string& text : row[i]) widths[i] = std::max(widths[i], count_characters(text));
    }
  }
  std::string out = message("Model: \"", printable(model.name()), "\"\n", line(widths, "┏", "━", "┳", "┓"),
                            cells(header, widths, to_right, "┃"), line(widths, "┡", "━", "╇", "┩"));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += line(widths, "├", "─", "┼", "┤");
    out += cells(rows[i], widths, to_right, "│");
  }
  out += line(widths, "└", "─", "┴", "┘");
  const ParameterCounts counts = parameter_counts(model);
  const int64_t trainable = bytes(model.trainable_weights()), frozen = bytes(model.non_trainable_weights());
  const int64_t optimizer = counts.optimizer > 0 ? bytes(model.trainer_if_any()->optimizer()->variables()) : 0;
  auto total = [&](const char* what, int64_t count, int64_t size) {
    out += message(" ", what, " params: ", with_commas(count), " (", size_text(size), ")\n");
  };
  total("Total", counts.trainable + counts.non_trainable + counts.optimizer, trainable + frozen + optimizer);
  total("Trainable", counts.trainable, trainable);
  total("Non-trainable", counts.non_trainable, frozen);
  if (counts.optimizer > 0) total("Optimizer", counts.optimizer, optimizer);
  return out;
}

}  // namespace hebb
