/// DATA: a built-in data set, or a file or folder of the reader's own.
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/table.h"

namespace hebb::cli {

/// The rows of the table of data sets.
struct DatasetRecord {
  std::string name, doc;
  data::TrainTest (*load)(int64_t seed);
};
const std::vector<DatasetRecord>& dataset_records();

/// What DATA holds: what to learn from and, where the data has one, the part to be judged by.
struct LoadedData {
  data::TrainTest parts;
  std::string where;                     ///< as it was given, for messages
  std::string name;                      ///< for titles
  std::vector<std::string> class_names;  ///< of the target, where it is a column of texts
  std::vector<std::string> columns;      ///< of the inputs, where they have names
  std::vector<std::string> array_names;  ///< of the arrays, inputs first, where they have names
  TableTexts texts = {};                 ///< of the columns of words of a .csv file
  bool has_test() const { return !parts.test.empty(); }
  /// What to judge a model by.
  const data::Dataset& judged() const { return has_test() ? parts.test : parts.train; }
};
/// DATA as the promise says; `table` says how CSV files are read, `model` (may be null) gives the names of inputs and
/// outputs, and the words of CSV files that it learned from. IoError for what cannot be learned from, with the file's
/// name.
LoadedData load_data(const std::string& what, const TableOptions& table, const Model* model);

/// Class numbers as one-hot rows of so many classes, in all parts (0: as many as there are); other targets as they are.
void make_target_rows(LoadedData& data, int64_t classes = 0);
/// The same where the model's own loss takes rows: it may have learned from mixed targets.
void match_targets(LoadedData& data, const Model& model);

/// Where inputs, targets or weights hold NaN or infinity, which no training survives; empty where they do not.
std::string not_finite(const LoadedData& data);

}  // namespace hebb::cli
