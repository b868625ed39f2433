/// Tables in CSV files.
///
///     data::CsvTable iris = data::read_csv("iris.csv");
///     iris.columns;                 // "sepal_length", ..., "species"
///     iris.values;                  // float32(150, 5)
///     iris.categories[4];           // "setosa", "versicolor", "virginica": values 0, 1 and 2 of column 4
///     data::write_csv("out.csv", {"a", "b"}, probabilities);
///
/// Files are read as RFC 4180 has them (quoted fields, doubled quotes, line breaks inside of quotes), with lines ending
/// in LF or CRLF; blank lines are skipped. Errors are IoErrors that tell line and column.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::data {

struct CsvOptions {
  /// What separates fields; 0 looks at the file: a comma, a semicolon or a tab.
  char delimiter = '\0';
  /// Whether the first line names the columns. Where it is not said, it does when it has no number, or has a text where
  /// the second line has a number.
  std::optional<bool> header = std::nullopt;
  /// The decimal mark of numbers: '.' or ','; 0 looks at the file: a comma where semicolons separate fields, some
  /// numbers are like 1,5 and none like 1.5.
  char decimal = '\0';
  /// Missing values (empty fields, NA, N/A, NaN, nan, null, NULL, None, ?) become NaN; else they are an error.
  bool allow_missing = true;
  /// float32 or float64. Integers above 2^24 need float64 to stay exact.
  DType dtype = DType::float32;
  /// Columns of texts of which it is known which texts there are, by their names ("0", "1", ... without a header):
  /// their values are places in these lists, and another text is an error. So two files are numbered alike:
  /// `read_csv("test.csv", {.categories = train.known_categories()})`. Names that the file has not are passed over.
  std::map<std::string, std::vector<std::string>> categories = {};
  /// Columns that hold texts even where they look like numbers; elsewhere a column that mixes both is an error.
  std::vector<std::string> texts = {};
  /// Columns of texts that are taken as they stand, for layers that take texts: blanks at the ends belong to them, and
  /// none is missing.
  std::vector<std::string> verbatim = {};
  /// Whether other columns may hold texts; else they are expected to hold numbers.
  bool find_texts = true;
};

struct CsvTable {
  std::vector<std::string> columns;  ///< the header's names, or "0", "1", ... without a header
  Tensor values;                     ///< (rows, columns)
  char decimal = '.';                ///< the decimal mark of its numbers
  /// For each column its texts, in alphabetical order or as they were given, if it is a column of texts, whose values
  /// are then places in this list; nothing for a column of numbers.
  std::vector<std::vector<std::string>> categories;

  /// The place of a column, by its name; InvalidArgument, with the nearest name, when there is none.
  int64_t column(std::string_view name) const;
  /// The categories by the columns' names, as `CsvOptions` takes them. InvalidArgument when a column of texts has a
  /// name that another column has too.
  std::map<std::string, std::vector<std::string>> known_categories() const;
};

/// Reads a file; `-` is standard input.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {});
/// Reads text; `where` names it in errors.
CsvTable parse_csv(std::string_view text, std::string_view where, const CsvOptions& options = {});

/// The names of the columns alone, "0", "1", ... without a header.
std::vector<std::string> csv_columns(std::string_view text, std::string_view where, const CsvOptions& options = {});

/// The text of a table with these columns: a line for each item of the first axis, whose other axes are flattened.
/// Floats are written so that they read back the same; texts may be values too. No names: no header. InvalidArgument
/// when the number of names is wrong.
std::string csv_text(std::span<const std::string> columns, const Tensor& values);
/// Writes it to a file, atomically.
void write_csv(const std::string& path, std::span<const std::string> columns, const Tensor& values);
void write_csv(const std::string& path, std::initializer_list<std::string> columns, const Tensor& values);

}  // namespace hebb::data
