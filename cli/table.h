/// Tables in .csv files: data to learn from, inputs to predict for, and the words in them. A model keeps the words that
/// it learned from (nn/notes.h), so that a word means the same number in every file.
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace hebb::cli {

struct LoadedData;

/// How the command line says that a table is read.
struct TableOptions {
  std::string target;              ///< the column that is to be predicted; empty: the last
  std::string decimal;             ///< "." or ","; empty: found out
  std::vector<std::string> texts;  ///< columns of words, even where they look like numbers
};
void add_target(CLI::App& app, TableOptions& options, const char* doc);
void add_reading(CLI::App& app, TableOptions& options);
/// UsageError when there are options for tables, but `what` is none.
void check_no_table(const TableOptions& options, const std::string& what);

/// The words of a table.
struct TableTexts {
  Json note;              ///< what a model is to keep of them; null: there are none
  std::string numbering;  ///< for people: "column 'kind' has 2 words (cat 0, dog 1)"
  bool known = false;     ///< the model had kept them, so that nothing was guessed
};

/// One column is the target, the others are the inputs.
void learn_from_table(LoadedData& out, const std::string& path, const TableOptions& options, const Model* model);
/// A table of inputs; `-` is standard input. A model of several inputs takes the columns that are called like them.
Tensors read_inputs_table(const std::string& path, const TableOptions& options, const Model& model);

/// Gives the layers that take texts, and learned no vocabulary yet, that of the data, and says so.
void adapt_layers(const Model& model, const LoadedData& data, bool quiet);
/// Keeps the words of the data with the model that learns from it, and says which there are.
void keep_texts(const Model& model, const LoadedData& data, bool trained_before, bool quiet);
/// Warns where the words were numbered without knowing how the model knows them.
void warn_of_unknown_texts(const TableTexts& texts, const std::string& where);

}  // namespace hebb::cli
