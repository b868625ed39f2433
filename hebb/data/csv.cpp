#include "hebb/data/csv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/csv_form.h"
#include "hebb/data/csv_scanner.h"

namespace hebb::data {

using namespace detail;

namespace {

/// A column while it is read.
struct Column {
  enum class Kind : uint8_t { unknown, numbers, texts };
  Kind kind = Kind::unknown;
  bool declared = false;                            // texts, whatever they look like
  bool verbatim = false;                            // texts, as they stand
  const std::vector<std::string>* known = nullptr;  // the texts that there are, if they were given
  std::unordered_map<std::string, int64_t> codes;   // of texts, by their first appearance or as they were given
  int64_t first_line = 0;                           // the first text, to point at where numbers follow
  std::string first_text;
};

/// Puts the texts in alphabetical order: gives for each code its place, and the list.
std::vector<double> sort_texts(const Column& column, std::vector<std::string>& sorted) {
  for (const auto& [text, code] : column.codes) sorted.push_back(text);
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> places(sorted.size());
  for (size_t i = 0; i < sorted.size(); ++i)
    places[static_cast<size_t>(column.codes.at(sorted[i]))] = static_cast<double>(i);
  return places;
}

/// A field in a message.
std::string quoted(std::string_view content) {
  constexpr size_t most = 40;
  return message("'", content.substr(0, most), content.size() > most ? "..." : "", "'");
}

/// "blue, green, red", the first of many.
std::string listed(const std::vector<std::string>& texts) {
  constexpr size_t most = 12;
  std::string out;
  for (size_t i = 0; i < texts.size() && i < most; ++i) out += message(i > 0 ? ", " : "", quoted(texts[i]));
  return texts.size() > most ? message(out, ", ... (", texts.size(), " in all)") : out;
}

class TableReader {
 public:
  TableReader(std::string_view text, std::string_view where, const CsvOptions& options)
      : text_(text), where_(where), options_(options) {}

  std::vector<std::string> read_names() {
    const char delimiter = read_form();
    Scanner scanner(text_, where_, delimiter);
    read_first(scanner);
    return table_.columns;
  }

  CsvTable read() {
    const char delimiter = read_form();
    const bool header = header_;
    Scanner scanner(text_, where_, delimiter);
    std::vector<std::string_view> fields = read_first(scanner);
    const size_t width = fields.size();
    columns_.resize(width);
    declare_texts();

    const int64_t room = most_rows(header ? scanner.position() : 0, width);
    table_.values = Tensor::empty({room, static_cast<int64_t>(width)}, options_.dtype);
    int64_t rows = 0;
    with_type(options_.dtype, [&](auto zero) {
      using T = decltype(zero);
      if constexpr (std::is_floating_point_v<T>) {
        T* values = table_.values.mutable_data<T>();
        for (bool more = header ? scanner.next(fields) : true; more; more = scanner.next(fields)) {
          if (fields.size() != width) wrong_width(scanner.record_line(), width, fields.size(), delimiter);
          T* row = values + static_cast<size_t>(rows) * width;
          for (size_t i = 0; i < width; ++i) row[i] = static_cast<T>(value_of(fields[i], i, scanner.record_line()));
          ++rows;
        }
        finish_texts(values, rows);
      }
    });
    shorten(rows);
    return std::move(table_);
  }

 private:
  /// How the table is written; the delimiter.
  char read_form() {
    const char delimiter = options_.delimiter ? options_.delimiter : detect_delimiter(text_, options_.decimal);
    table_.decimal = options_.decimal ? options_.decimal : detect_decimal(text_, delimiter);
    header_ = options_.header.value_or(detect_header(text_, delimiter, table_.decimal));
    return delimiter;
  }

  /// The first record, which names the columns or not.
  std::vector<std::string_view> read_first(Scanner& scanner) {
    std::vector<std::string_view> fields;
    if (!scanner.next(fields)) throw IoError(message(where_, ": it is empty; expected a table in CSV."));
    for (size_t i = 0; i < fields.size(); ++i)
      table_.columns.push_back(header_ ? std::string(trim(fields[i])) : std::to_string(i));
    return fields;
  }

  /// Rows that the text behind `start` can hold at most: each needs a line, and a byte for each field.
  int64_t most_rows(size_t start, size_t width) const {
    const std::string_view rest = text_.substr(start);
    const auto lines = static_cast<int64_t>(std::count(rest.begin(), rest.end(), '\n')) +
                       (!rest.empty() && rest.back() != '\n' ? 1 : 0);
    return std::min(lines, static_cast<int64_t>((rest.size() + 1) / width));
  }

  [[noreturn]] void wrong_width(int64_t line, size_t expected, size_t got, char delimiter) const {
    fail(where_, line,
         message("expected ", expected, " fields as in the first line, got ", got, " (separated by ",
                 delimiter == '\t' ? std::string("tabs") : message("'", delimiter, "'"),
                 "). Quote fields that contain the separator."));
  }

  /// Columns of which it is known that they hold texts, and perhaps which.
  void declare_texts() {
    for (const std::string& name : options_.texts) columns_[static_cast<size_t>(table_.column(name))].declared = true;
    for (const std::string& name : options_.verbatim) {
      Column& column = columns_[static_cast<size_t>(table_.column(name))];
      column.declared = column.verbatim = true;
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto given = options_.categories.find(table_.columns[i]);
      if (given == options_.categories.end()) continue;
      Column& column = columns_[i];
      column.declared = true;
      column.known = &given->second;
      for (const std::string& text : given->second) {
        if (!column.codes.emplace(text, static_cast<int64_t>(column.codes.size())).second)
          throw InvalidArgument(message("CSV: the categories of column '", given->first, "': expected each once, got ",
                                        quoted(text), " twice."));
      }
    }
    for (Column& column : columns_) {
      if (column.declared) column.kind = Column::Kind::texts;
    }
  }

  double value_of(std::string_view field, size_t index, int64_t line) {
    Column& column = columns_[index];
    if (column.verbatim) return text_value(column, field, index, line);
    const std::string_view content = trim(field);
    if (!column.declared) {
      const auto number = number_of(content, table_.decimal);
      if (number && !std::isnan(*number)) {
        if (column.kind == Column::Kind::texts) mixed(index, column.first_line, column.first_text, line, content);
        column.kind = Column::Kind::numbers;
        return *number;
      }
    }
    if (is_missing(content) && !(column.known && column.codes.contains(std::string(content)))) {
      if (!options_.allow_missing) {
        fail(where_, line,
             message(name_of(index), ": a value is missing. Fill it in, or allow missing values (they become NaN)."));
      }
      return std::numeric_limits<double>::quiet_NaN();
    }
    if (column.kind == Column::Kind::numbers || (!column.declared && !options_.find_texts)) {
      fail(where_, line,
           message(name_of(index), ": expected a number, got ", quoted(content),
                   content.find(',') != std::string_view::npos
                       ? ". Are its decimals written with commas? Say so (decimal)."
                       : ". Correct it, or leave the field empty if it is missing."));
    }
    return text_value(column, content, index, line);
  }

  double text_value(Column& column, std::string_view content, size_t index, int64_t line) {
    if (column.known) {
      const auto found = column.codes.find(std::string(content));
      if (found != column.codes.end()) return static_cast<double>(found->second);
      fail(where_, line,
           message(name_of(index), ": expected one of ", listed(*column.known), ", got ", quoted(content),
                   ". Correct it, or leave out the row."));
    }
    if (column.codes.empty()) {
      column.first_line = line;
      column.first_text = content;
    }
    column.kind = Column::Kind::texts;
    const auto next = static_cast<int64_t>(column.codes.size());
    constexpr int64_t most_exact = 1 << 24;  // of a float32
    if (next >= most_exact)
      fail(where_, line, message(name_of(index), ": more than ", most_exact, " different texts."));
    return static_cast<double>(column.codes.emplace(content, next).first->second);
  }

  /// A word above numbers is as likely a slip as one among them.
  [[noreturn]] void mixed(size_t index, int64_t text_line, std::string_view text, int64_t line,
                          std::string_view number) const {
    fail(where_, text_line,
         message(name_of(index), ": expected numbers alone or words alone, got ", quoted(text), " here and ",
                 quoted(number), " in line ", line,
                 ". Correct it, leave the field empty if it is missing, or declare the column to be of words."));
  }

  std::string name_of(size_t index) const {
    const std::string& name = table_.columns[index];
    const std::string place = std::to_string(index);
    return name == place ? message("column ", index + 1) : message("column ", index + 1, " ('", name, "')");
  }

  template <class T>
  void finish_texts(T* values, int64_t rows) {
    const size_t width = columns_.size();
    table_.categories.resize(width);
    for (size_t i = 0; i < width; ++i) {
      if (columns_[i].known) table_.categories[i] = *columns_[i].known;
      if (columns_[i].kind != Column::Kind::texts || columns_[i].known) continue;
      const std::vector<double> places = sort_texts(columns_[i], table_.categories[i]);
      for (int64_t row = 0; row < rows; ++row) {
        T& value = values[static_cast<size_t>(row) * width + i];
        if (!std::isnan(value)) value = static_cast<T>(places[static_cast<size_t>(value)]);
      }
    }
  }

  /// Gives back the room of rows that did not come: blank lines, line breaks in quotes.
  void shorten(int64_t rows) {
    const Shape& shape = table_.values.shape();
    if (rows == shape[0]) return;
    Tensor exact = Tensor::empty({rows, shape[1]}, options_.dtype);
    std::memcpy(exact.mutable_raw(), table_.values.raw(), static_cast<size_t>(exact.spec().bytes()));
    table_.values = exact;
  }

  std::string_view text_;
  std::string_view where_;
  const CsvOptions& options_;
  CsvTable table_;
  bool header_ = false;
  std::vector<Column> columns_;
};

}  // namespace

int64_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) throw InvalidArgument(unknown_name("column", name, columns));
  return found - columns.begin();
}

std::map<std::string, std::vector<std::string>> CsvTable::known_categories() const {
  std::map<std::string, std::vector<std::string>> known;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (categories[i].empty()) continue;
    if (std::count(columns.begin(), columns.end(), columns[i]) > 1)
      throw InvalidArgument(message("CSV: expected a column of words to have a name of its own, got several columns '",
                                    columns[i], "'. Rename them."));
    known.emplace(columns[i], categories[i]);
  }
  return known;
}

namespace {

/// The text without a byte order mark; an error where it is no table, or the options are none.
std::string_view checked_text(std::string_view text, std::string_view where, const CsvOptions& options) {
  if (!is_floating(options.dtype)) {
    throw InvalidArgument(message("CSV: expected dtype to be float32 or float64, got ", name_of(options.dtype), "."));
  }
  if (options.decimal != '.' && options.decimal != ',' && options.decimal != '\0')
    throw InvalidArgument("CSV: expected decimal to be '.' or ','.");
  if (options.delimiter == quote || options.delimiter == '\n' || options.delimiter == '\r') {
    throw InvalidArgument("CSV: a quote or a line break cannot separate fields.");
  }
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff") {
    throw IoError(message(where, ": it is in UTF-16. Save it as UTF-8."));
  }
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw IoError(message(where, ": byte ", zero, " is zero, which no text has. It is another kind of file."));
  }
  if (text.find('\n') == std::string_view::npos && text.find('\r') < text.size() - 1) {
    throw IoError(message(where, ": its lines end in CR alone. Save it with LF or CRLF."));
  }
  return text;
}

}  // namespace

CsvTable parse_csv(std::string_view text, std::string_view where, const CsvOptions& options) {
  return TableReader(checked_text(text, where, options), where, options).read();
}

std::vector<std::string> csv_columns(std::string_view text, std::string_view where, const CsvOptions& options) {
  return TableReader(checked_text(text, where, options), where, options).read_names();
}

CsvTable read_csv(const std::string& path, const CsvOptions& options) {
  const std::string text = read_file(path);
  return parse_csv(text, path == "-" ? "standard input" : message("'", path, "'"), options);
}

}  // namespace hebb::data
