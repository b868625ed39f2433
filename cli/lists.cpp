#include <algorithm>

#include "cli/data.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/zoo/zoo.h"

namespace hebb::cli {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

void add_list(CLI::App& app, int& status, const std::string& name, const std::string& doc, std::function<Rows()> rows) {
  auto* command = app.add_subcommand(name, doc);
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "one JSON object: names and descriptions")->disable_flag_override();
  command->footer("Example: hebb " + name);
  command->callback([json, rows = std::move(rows), &status] {
    status = 0;
    const Rows all = rows();
    if (*json) {
      Json out = Json::object();
      for (const auto& [row, text] : all) out.set(row, text);
      return print_json(out);
    }
    size_t width = 0;
    for (const auto& [row, text] : all) width = std::max(width, row.size());
    for (const auto& [row, text] : all) print(message(row, std::string(width - row.size() + 2, ' '), text, "\n"));
  });
}

template <class Records, class Name>
Rows rows_of(const Records& records, Name name) {
  Rows rows;
  for (const auto& record : records) rows.emplace_back(record.*name, record.doc);
  return rows;
}

}  // namespace

void add_lists(CLI::App& app, int& status) {
  add_list(app, status, "models", "the built-in architectures",
           [] { return rows_of(zoo::architecture_records(), &zoo::ArchitectureRecord::name); });
  add_list(app, status, "datasets", "the built-in data sets",
           [] { return rows_of(dataset_records(), &DatasetRecord::name); });
  add_list(app, status, "layers", "the built-in layers",
           [] { return rows_of(layer_records(), &LayerRecord::class_name); });
  add_list(app, status, "optimizers", "the built-in optimizers", [] {
    Rows rows = rows_of(optimizer_records(), &OptimizerRecord::class_name);
    for (const auto& row : rows_of(whole_set_optimizer_records(), &OptimizerRecord::class_name)) rows.push_back(row);
    return rows;
  });
}

}  // namespace hebb::cli
