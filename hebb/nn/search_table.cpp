#include "hebb/nn/search_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::search {

namespace {

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

std::string text_of(const Json& json) {
  if (json.is_string()) return json.as_string();
  return json.is_number() ? number_text(json.as_double()) : json.dump();
}

Json row_to_json(const Row& row) {
  Json setting = Json::object();
  for (const auto& [name, value] : row.setting) setting.set(name, value);
  Json json = Json::object({{"trial", row.number},
                            {"setting", std::move(setting)},
                            {"epochs", row.epochs},
                            {"score", number_or_null(row.score)},
                            {"seconds", row.seconds}});
  if (!row.error.empty()) json.set("error", row.error);
  if (row.more.size() > 0) json.set("more", row.more);
  return json;
}

Row row_from_json(const Json& json) {
  Row row;
  row.number = json.at("trial").as_int();
  for (const auto& [name, value] : json.at("setting").members()) row.setting.emplace_back(name, value.as_string());
  row.epochs = json.at("epochs").as_int();
  const Json& score = json.at("score");
  row.score = score.is_null() ? std::numeric_limits<double>::quiet_NaN() : score.as_double();
  row.seconds = json.at("seconds").as_double();
  row.error = json.get("error", "");
  if (const Json* more = json.find("more")) row.more = *more;
  return row;
}

/// The columns of the table, the same for every way of writing it.
struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

/// For people: four digits. Files have all of them.
std::string rounded(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || text.find_first_of(".e") == std::string::npos) return text;
  char out[32];
  std::snprintf(out, sizeof out, "%.4g", value);
  return out;
}

Table table_of(const std::vector<Row>& rows) {
  Table table;
  table.head = {"score"};
  if (rows.empty()) return table;
  for (const auto& [name, value] : rows.front().setting) table.head.push_back(name);
  table.head.insert(table.head.end(), {"epochs", "seconds"});
  std::vector<std::string> more;
  for (const Row& row : rows) {
    for (const auto& [name, value] : row.more.members()) {
      if (std::find(more.begin(), more.end(), name) == more.end()) more.push_back(name);
    }
  }
  table.head.insert(table.head.end(), more.begin(), more.end());
  table.head.push_back("error");
  for (const Row& row : rows) {
    std::vector<std::string> cells = {std::isnan(row.score) ? "" : number_text(row.score)};
    for (const auto& [name, value] : row.setting) cells.push_back(value);
    cells.push_back(message(row.epochs));
    cells.push_back(number_text(std::round(row.seconds * 1000) / 1000));
    for (const std::string& name : more) {
      const Json* value = row.more.find(name);
      cells.push_back(value && !value->is_null() ? text_of(*value) : "");
    }
    cells.push_back(row.error);
    table.rows.push_back(std::move(cells));
  }
  const bool has_errors = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return !row.error.empty(); });
  if (!has_errors) {
    table.head.pop_back();
    for (auto& cells : table.rows) cells.pop_back();
  }
  return table;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string Result::table_text() const {
  Table table = table_of(rows);
  for (auto& cells : table.rows) {
    for (std::string& cell : cells) cell = rounded(cell);
  }
  std::vector<size_t> widths;
  for (const std::string& name : table.head) widths.push_back(name.size());
  for (const auto& cells : table.rows) {
    for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string out;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) line += cells[i] + std::string(widths[i] - cells[i].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add(table.head);
  for (const auto& cells : table.rows) add(cells);
  return out;
}

std::string Result::to_csv() const {
  const Table table = table_of(rows);
  std::string out;
  const auto add = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) out += (i ? "," : "") + csv_cell(cells[i]);
    out += "\r\n";
  };
  add(table.head);
  for (const auto& cells : table.rows) add(cells);
  return out;
}

Json Result::to_json() const {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(row_to_json(row));
  return list;
}

std::vector<Row> read_rows(const Options& options) {
  const std::string& path = options.results;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) throw IoError(message("search: cannot read ", path, "."));
  try {
    const Json json = Json::parse(text, path);
    if (json.at("seed").as_int() != options.seed || json.at("about").as_string() != options.about) {
      throw IoError(message(path, ": expected the results of this search (", options.about, ", seed ", options.seed,
                            "), got those of ", json.at("about").as_string(), ", seed ", json.at("seed").as_int(),
                            ". Give another file."));
    }
    std::vector<Row> rows;
    for (const Json& row : json.at("rows").items()) rows.push_back(row_from_json(row));
    return rows;
  } catch (const InvalidArgument& error) {
    throw IoError(
        message(path, ": expected the results of a search, got something else: ", error.what(), " Give another file."));
  }
}

void write_rows(const Options& options, const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(row_to_json(row));
  const Json json = Json::object({{"about", options.about}, {"seed", options.seed}, {"rows", std::move(list)}});
  write_atomically(options.results, json.dump(1) + "\n");
}

}  // namespace hebb::search
