#include "cli/table.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/data.h"
#include "cli/options.h"
#include "hebb/base/byte_source.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/notes.h"
#include "hebb/nn/text_stage.h"

namespace hebb::cli {

namespace {

/// {"columns": [{"name": "colour", "words": ["blue", "red"]}, {"name": "size"}, ...], "target": 4}: all columns of the
/// table that was learned from, with the words of those that have any in the order of their numbers.
constexpr const char* note_name = "csv";

using Words = std::vector<std::string>;

const Json* note_of(const Model* model) { return model ? find_note(*model, note_name) : nullptr; }

enum class Holds : uint8_t { targets_too, inputs_alone };

/// The words by the names of columns, and by their numbers for files without a header.
std::map<std::string, Words> known_words(const Json& note, Holds holds) {
  std::map<std::string, Words> by_name, by_number;
  std::set<std::string> names;
  try {
    int64_t number = -1, at = -1;
    const int64_t target = note.at("target").as_int();
    for (const Json& column : note.at("columns").items()) {
      const std::string& name = column.at("name").as_string();
      names.insert(name);
      const bool is_target = ++at == target;
      if (holds == Holds::inputs_alone && is_target) continue;
      ++number;
      const Json* given = column.find("words");
      if (!given) continue;
      Words words;
      for (const Json& word : given->items()) words.push_back(word.as_string());
      if (std::set<std::string>(words.begin(), words.end()).size() != words.size())
        throw InvalidArgument(message("column '", name, "' has a word twice."));
      by_number.emplace(std::to_string(number), words);
      by_name.emplace(name, std::move(words));
    }
  } catch (const InvalidArgument& error) {
    throw IoError(message("the model's file: the words of the CSV file that it learned from (", note_name,
                          "): ", error.what(), " The file is damaged."));
  }
  // Where the model's table had no header, its names are the numbers, those of the target's table too.
  const bool headed = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find_first_not_of("0123456789") != std::string::npos;
  });
  if (!headed) return by_number;
  for (auto& [number, words] : by_number) {
    if (!names.contains(number)) by_name.emplace(number, std::move(words));
  }
  return by_name;
}

bool takes_texts(const Model* model) { return model && has_texts(model->base()); }

/// The columns that a model takes as texts: all but the target, of a model with one input, those called like its inputs
/// of others. `target` empty: there is none, and a column that is called like the only input is enough.
Words text_columns(const Model& model, const Words& columns, const std::string& target) {
  const ModelBase& base = model.base();
  if (base.inputs().size() == 1) {
    const std::string name = base.input_names().front();
    if (target.empty() && std::count(columns.begin(), columns.end(), name) == 1) return {name};
    Words all = columns;
    std::erase(all, target);
    return all;
  }
  Words out;
  for (size_t i = 0; i < base.inputs().size(); ++i) {
    const std::string name = base.input_names()[i];
    if (base.inputs()[i].dtype() == DType::string && std::count(columns.begin(), columns.end(), name) > 0)
      out.push_back(name);
  }
  return out;
}

/// Whether the first line of a table of texts names its columns: by names that the model knows, as "text", or since a
/// model of several inputs needs them.
bool names_columns(const Words& first, const Model& model, const Json* note) {
  if (model.base().inputs().size() > 1) return true;
  Words known = model.base().input_names();
  known.emplace_back("text");
  if (note) {
    for (const Json& column : note->at("columns").items()) known.push_back(column.at("name").as_string());
  }
  return std::all_of(first.begin(), first.end(), [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  });
}

/// IoError unless there is a column for each input.
void check_named(const Words& columns, const Model& model, const std::string& where) {
  const Words names = model.base().input_names();
  for (const std::string& name : names) {
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) continue;
    throw IoError(message(where, ": expected a column for each input of the model (", join(names), "), found ",
                          join(columns), ". Call the columns so in the first line."));
  }
}

data::CsvTable read(const std::string& path, const TableOptions& options, const Json* note, const Model* model,
                    Holds holds) {
  data::CsvOptions how{.decimal = options.decimal.empty() ? '\0' : options.decimal[0], .texts = options.texts};
  if (note) {
    how.categories = known_words(*note, holds);
    how.find_texts = false;
  }
  const std::string text = read_file(path), where = path == "-" ? "standard input" : message("'", path, "'");
  if (takes_texts(model)) {
    if (holds == Holds::inputs_alone)
      how.header = names_columns(data::csv_columns(text, where, {.header = true}), *model, note);
    const Words columns = data::csv_columns(text, where, how);
    std::string target = options.target;
    if (holds == Holds::targets_too && target.empty()) target = columns.back();
    if (model->base().inputs().size() > 1) check_named(columns, *model, where);
    how.verbatim = text_columns(*model, columns, holds == Holds::targets_too ? target : "");
    for (const std::string& name : how.verbatim) how.categories.erase(name);
  }
  data::CsvTable table;
  as_usage([&] { table = data::parse_csv(text, where, how); }, message("--texts: ", path, ": "));
  return table;
}

std::string name_of_target(const data::CsvTable& table, int64_t target) {
  return target < 0 ? "" : table.columns[static_cast<size_t>(target)];
}

/// The texts of some columns, (rows, columns).
Tensor texts_in(const data::CsvTable& table, const std::vector<size_t>& columns) {
  const int64_t rows = table.values.shape()[0], width = table.values.shape()[1];
  std::vector<std::string> all;
  const auto* values = table.values.data<float>();
  for (int64_t row = 0; row < rows; ++row) {
    for (const size_t column : columns) {
      const float code = values[row * width + static_cast<int64_t>(column)];
      all.push_back(table.categories[column][static_cast<size_t>(code)]);
    }
  }
  return texts(std::move(all), {rows, static_cast<int64_t>(columns.size())});
}

/// The columns from `first` on that are not the target, as the inputs of a model that takes texts.
Tensors inputs_with_texts(const data::CsvTable& table, const Model& model, int64_t target) {
  const ModelBase& base = model.base();
  if (base.inputs().size() == 1) {
    std::vector<size_t> columns;
    for (const std::string& name : text_columns(model, table.columns, name_of_target(table, target)))
      columns.push_back(static_cast<size_t>(table.column(name)));
    return {texts_in(table, columns)};
  }
  Tensors inputs;
  for (size_t i = 0; i < base.inputs().size(); ++i) {
    const int64_t at = table.column(base.input_names()[i]);
    if (base.inputs()[i].dtype() == DType::string) {
      inputs.push_back(texts_in(table, {static_cast<size_t>(at)}));
    } else {
      inputs.push_back(cast(slice(table.values, {0, at}, {table.values.shape()[0], at + 1}), base.inputs()[i].dtype()));
    }
  }
  return inputs;
}

/// "column 'kind' has 2 words (cat 0, dog 1)".
std::string numbering_text(const std::string& column, const Words& words) {
  constexpr size_t most = 8;
  std::string list;
  for (size_t i = 0; i < words.size() && i < most; ++i) list += message(i > 0 ? ", " : "", words[i], " ", i);
  return message("column '", column, "' has ", words.size(), words.size() == 1 ? " word (" : " words (", list,
                 words.size() > most ? ", ...)" : ")");
}

/// `model`: takes texts; or null.
TableTexts texts_of(const data::CsvTable& table, const std::string& path, int64_t target, bool known,
                    const Model* model) {
  const Words verbatim = model ? text_columns(*model, table.columns, name_of_target(table, target)) : Words();
  TableTexts out;
  out.known = known;
  Json columns = Json::array();
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Json column = Json::object({{"name", table.columns[i]}});
    const Words& words = table.categories[i];
    if (std::find(verbatim.begin(), verbatim.end(), table.columns[i]) != verbatim.end()) {
      // The model takes the texts, and not their numbers.
    } else if (!words.empty()) {
      column.set("words", words);
      out.numbering += (out.numbering.empty() ? "" : ", ") + numbering_text(table.columns[i], words);
    }
    columns.push_back(std::move(column));
  }
  if (out.numbering.empty() && verbatim.empty()) return out;
  try {
    (void)table.known_categories();
  } catch (const InvalidArgument& error) {
    throw IoError(message(path, ": ", error.what()));
  }
  out.note = Json::object({{"columns", columns}, {"target", target}});
  return out;
}

}  // namespace

void learn_from_table(LoadedData& out, const std::string& path, const TableOptions& options, const Model* model) {
  const Json* note = note_of(model);
  const data::CsvTable table = read(path, options, note, model, Holds::targets_too);
  const std::string& target = options.target;
  const int64_t rows = table.values.shape()[0], columns = table.values.shape()[1];
  if (columns < 2)
    throw IoError(message(path, ": expected at least two columns, one of them the target, found ", columns, "."));
  if (rows < 1)
    throw IoError(
        message(path, ": expected a row for each example, found a header (", join(table.columns), ") alone."));
  int64_t at = columns - 1;
  if (!target.empty()) as_usage([&] { at = table.column(target); }, message("--target: ", path, ": "));
  const NoTape no_tape;
  const Model* with_texts = takes_texts(model) ? model : nullptr;
  Tensors parts;
  if (at > 0) parts.push_back(slice(table.values, {0, 0}, {rows, at}));
  if (at + 1 < columns) parts.push_back(slice(table.values, {0, at + 1}, {rows, columns}));
  Tensor y = squeeze(slice(table.values, {0, at}, {rows, at + 1}), 1);
  out.texts = texts_of(table, path, at, note != nullptr, with_texts);
  out.class_names = table.categories[static_cast<size_t>(at)];
  for (int64_t i = 0; i < columns; ++i) {
    if (i != at) out.columns.push_back(table.columns[static_cast<size_t>(i)]);
  }
  // Whole numbers are classes, unless a loss says otherwise.
  bool whole = true;
  const std::vector<float> values = y.to_vector<float>();
  for (size_t row = 0; row < values.size(); ++row) {
    if (!std::isfinite(values[row])) {
      throw IoError(message(path, ": column '", table.columns[static_cast<size_t>(at)], "': the target of row ",
                            row + 1, " is ", std::isnan(values[row]) ? "missing" : "infinite, or too large for float32",
                            ". Fill it in, or leave out the row."));
    }
    constexpr float most = 1 << 24;  // above, float32 has gaps between whole numbers
    whole &= values[row] == std::floor(values[row]) && std::abs(values[row]) <= most;
  }
  if (whole) y = cast(y, DType::int32);
  out.parts.train =
      data::Dataset(with_texts ? inputs_with_texts(table, *model, at) : Tensors{concatenate(parts, 1)}, Tensors{y});
}

Tensors read_inputs_table(const std::string& path, const TableOptions& options, const Model& model) {
  const Json* note = note_of(&model);
  const data::CsvTable table = read(path, options, note, &model, Holds::inputs_alone);
  const std::string where = path == "-" ? "standard input" : path;
  if (table.values.shape()[0] < 1)
    throw IoError(
        message(where, ": expected a row for each example, found a header (", join(table.columns), ") alone."));
  const Model* with_texts = takes_texts(&model) ? &model : nullptr;
  warn_of_unknown_texts(texts_of(table, where, -1, note != nullptr, with_texts), where);
  const NoTape no_tape;
  return with_texts ? inputs_with_texts(table, model, -1) : Tensors{table.values};
}

void adapt_layers(const Model& model, const LoadedData& data, bool quiet) {
  const ModelBase& base = model.base();
  for (const auto& call : base.calls()) {
    auto* keeper = dynamic_cast<KeepsVocabulary*>(call->layer.get());
    if (!keeper || !keeper->vocabulary().empty() || call->inputs.size() != 1) continue;
    for (size_t i = 0; i < base.inputs().size(); ++i) {
      if (symbol_of(base.inputs()[i])->call != symbol_of(call->inputs.front())->call) continue;
      adapt(Layer(call->layer), data.parts.train, {.input = static_cast<int64_t>(i)});
      if (!quiet) {
        warn(message(data.where, ": layer '", call->layer->name(), "' learned a vocabulary of ",
                     keeper->vocabulary().size(), " tokens\n"));
      }
    }
  }
}

void keep_texts(const Model& model, const LoadedData& data, bool trained_before, bool quiet) {
  const TableTexts& texts = data.texts;
  if (texts.note.is_null() || texts.known) return;
  constexpr size_t most_bytes = 4 << 20;
  if (texts.note.dump().size() > most_bytes) {
    throw IoError(message(data.where, ": expected columns of words to have some thousands of different words, got ",
                          texts.numbering,
                          ". Leave such columns out: a model learns nothing from words that are all "
                          "different."));
  }
  if (texts.numbering.empty()) {
    // Texts alone, of which the model knows the words.
  } else if (trained_before) {
    warn_of_unknown_texts(texts, data.where);
  } else if (!quiet) {
    warn(message(data.where, ": read as words: ", texts.numbering, "\n"));
  }
  set_note(model, note_name, texts.note);
}

void warn_of_unknown_texts(const TableTexts& texts, const std::string& where) {
  if (texts.note.is_null() || texts.known || texts.numbering.empty()) return;
  warn(message("hebb: warning: ", where, ": ", texts.numbering,
               ". The model's file does not say how it numbers words, so they were numbered in the order of the "
               "alphabet; this is wrong where the data that it learned from had other words.\n"));
}

void add_target(CLI::App& app, TableOptions& options, const char* doc) {
  add_text(app, "--target", options.target, doc);
}

void add_reading(CLI::App& app, TableOptions& options) {
  add_text(app, "--decimal", options.decimal, "the decimal mark of a CSV file, . or ,; default: found out")
      ->check([](const std::string& text) {
        return text == "." || text == "," ? std::string() : message("expected . or , got '", text, "'.");
      });
  app.add_option("--texts", options.texts,
                 "COLUMN,...: columns of a CSV file that hold words even where they look like numbers")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void check_no_table(const TableOptions& options, const std::string& what) {
  const char* const given = !options.target.empty()    ? "--target"
                            : !options.decimal.empty() ? "--decimal"
                            : !options.texts.empty()   ? "--texts"
                                                       : nullptr;
  if (given)
    throw UsageError(message(given, ": expected data in a .csv file, whose columns have names, got '", what, "'."));
}

}  // namespace hebb::cli
