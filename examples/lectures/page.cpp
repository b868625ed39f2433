#include "examples/lectures/page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numeric>

#include "hebb/base/atomic_file.h"
#include "hebb/base/console.h"

namespace hebb::lectures {

namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string with_decimals(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// "1.9·10⁻⁶"; "0.034" and "5.1" where no power is needed.
std::string with_power(double value) {
  if (value == 0 || !std::isfinite(value)) return viz::short_number(value);
  auto exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (std::abs(exponent) <= 3) return viz::short_number(value, 2);
  std::string digits = with_decimals(value / std::pow(10, exponent), 1);
  if (digits.starts_with("10")) digits = with_decimals(value / std::pow(10, ++exponent), 1);  // 9.96 was rounded up
  return message(digits, "·", viz::power_text(10, exponent));
}

/// Letters as a reader counts them, of UTF-8.
size_t letters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t width) {
  return text + std::string(width > letters(text) ? width - letters(text) : 0, ' ');
}

/// Lines of at most so many letters.
std::string wrapped(const std::string& text, size_t width) {
  std::string out;
  size_t column = 0;
  for (const std::string& word : split(text, ' ')) {
    if (column > 0 && column + 1 + letters(word) > width) {
      out += '\n';
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += letters(word);
  }
  return out + "\n";
}

std::filesystem::path made_folder(const std::string& site, const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(site) / name;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw IoError(message("'", folder.string(), "': cannot make this folder: ", failed.message(), "."));
  return folder;
}

}  // namespace

double Number::mean() const {
  return here.empty() ? 0 : std::accumulate(here.begin(), here.end(), 0.0) / static_cast<double>(here.size());
}

double Number::half_spread() const {
  if (here.empty()) return 0;
  const auto [least, most] = std::minmax_element(here.begin(), here.end());
  return (*most - *least) / 2;
}

std::string Number::here_text() const {
  const auto text = [this](double value) { return scientific ? with_power(value) : with_decimals(value, decimals); };
  if (here.size() < 2) return text(mean());
  const auto [least, most] = std::minmax_element(here.begin(), here.end());
  return message(text(mean()), " (", text(*least), " to ", text(*most), ")");
}

std::string Number::lecture_text() const {
  return lecture ? with_decimals(*lecture, lecture_decimals.value_or(decimals)) : "";
}

std::string Number::comparison() const {
  if (!lecture || here.empty()) return "";
  const int digits = lecture_decimals.value_or(decimals);
  const double unit = std::pow(10, -digits);
  const auto [first, last] = std::minmax_element(here.begin(), here.end());
  const double least = std::round(*first / unit), most = std::round(*last / unit), told = std::round(*lecture / unit);
  const auto outside = [&](double by, const char* of_one, const char* of_several) {
    return message("the lecture's is ", with_decimals(by * unit, digits), here.size() > 1 ? of_several : of_one);
  };
  if (told > most) return outside(told - most, " higher", " above the spread");
  if (told < least) return outside(least - told, " lower", " below the spread");
  return least == most ? "equal" : "within the spread";
}

size_t median_of(const std::vector<double>& numbers) {
  if (numbers.empty()) return 0;
  std::vector<size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return numbers[a] < numbers[b]; });
  return order[(order.size() - 1) / 2];
}

void Page::section(const std::string& title) {
  blocks_.push_back(Section{title});
  print(message("\n", title, "\n", std::string(letters(title), '-'), "\n"));
}

void Page::text(const std::string& paragraph) {
  blocks_.push_back(Paragraph{paragraph});
  print("\n" + wrapped(paragraph, 100));
}

void Page::output(const std::string& lines) {
  blocks_.push_back(Output{lines});
  print("\n" + lines + (lines.ends_with('\n') ? "" : "\n"));
}

void Page::table(const std::string& caption, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
  blocks_.push_back(Table{caption, header, rows});
  std::vector<size_t> widths;
  for (const std::string& cell : header) widths.push_back(letters(cell));
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], letters(row[i]));
  }
  std::string out = "\n" + (caption.empty() ? "" : wrapped(caption, 100));
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size() && i < widths.size(); ++i) text += "  " + padded(cells[i], widths[i]);
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  line(header);
  for (const auto& row : rows) line(row);
  print(out);
}

void Page::number(const Number& number) {
  blocks_.push_back(number);
  const std::string comparison = number.comparison();
  print(message("  ", padded(number.what, 52), "  ",
                number.lecture ? "lecture " + padded(number.lecture_text(), 8) : std::string(16, ' '), "  here ",
                number.here_text(), comparison.empty() ? "" : message(": ", comparison), "\n"));
}

void Page::figure(const viz::Picture& picture, const std::string& file, const std::string& caption) {
  const std::filesystem::path folder = made_folder(options_.out, name_);
  for (const char* ending : {".svg", ".png"}) picture.save((folder / (file + ending)).string());
  blocks_.push_back(Figure{file, caption, picture.width()});
  print(message("  figure: ", (folder / file).string(), ".png\n"));
}

void Page::curves(const History& history, const std::string& file, const std::string& caption) {
  figure(viz::learning_curves(history, {.width = 330, .height = 260}), file, caption);
}

void Page::plot(const std::vector<viz::Series>& lines, const viz::PlotOptions& look, const std::string& file,
                const std::string& caption) {
  // Many lines need room; the site shows them as wide as its text, so that what is written is read from afar.
  const viz::Rectangle page =
      lines.size() > 2 ? viz::Rectangle{0, 0, 700, 430} : viz::Rectangle{0, 0, pair_width, pair_height};
  viz::Picture picture(page.width, page.height);
  viz::draw_plot(picture, page.inside(16, 12, 16, 12), lines, look);
  figure(picture, file, caption);
}

void Page::bars(const std::vector<Number>& numbers, const std::vector<std::string>& names, viz::BarsOptions look,
                const std::string& file, const std::string& caption) {
  std::vector<double> means;
  look.labels = names;
  for (const Number& number : numbers) {
    means.push_back(number.mean());
    look.errors.push_back(number.half_spread());
  }
  // An axis for the lecture's numbers may be too short for those here, with the texts above them.
  if (look.low && look.high) {
    constexpr double room = 0.08;
    for (size_t i = 0; i < means.size(); ++i) {
      const double end = means[i] + look.errors[i], begin = means[i] - look.errors[i];
      if (!std::isfinite(end)) continue;
      if (!look.horizontal) look.high = std::max(*look.high, std::min(1.0, end + room * (*look.high - *look.low)));
      look.low = std::min(*look.low, std::max(0.0, begin));
    }
  }
  std::string words = caption;
  if (look.horizontal && look.low.value_or(0) != 0)
    words += message(" Bars begin at ", std::lround(*look.low * 100), " %.");
  if (has_seeds_ && options_.trainings > 1) words += " Bars are means of the trainings, lines as long as their spread.";
  figure(viz::bars(means, look), file, words);
}

void Page::document(const std::string& html, const std::string& file, const std::string& text) {
  const std::filesystem::path path = made_folder(options_.out, name_) / (file + ".html");
  write_atomically(path.string(), html);
  blocks_.push_back(Link{file + ".html", text});
  print(message("  page: ", path.string(), "\n"));
}

const Images& Page::images() {
  if (images_) return *images_;
  const data::MnistOptions where{.path = options_.data};
  const bool has_mnist = !options_.data.empty() || data::find_mnist(where).has_value();
  const int64_t most = options_.images;
  data::DigitsOptions digits;
  if (most > 0) digits = {.train = std::min(digits.train, most), .test = std::min(digits.test, most)};
  auto [train, test] = has_mnist ? data::mnist(where) : data::digits(digits);
  if (most > 0) train = train.take(std::min(most, train.size())), test = test.take(std::min(most, test.size()));
  images_ = Images{has_mnist ? "MNIST" : "digits", train, test};
  if (has_mnist) {
    text(message("Images: MNIST, ", train.size(), " for training and ", test.size(), " for testing."));
  } else {
    text(message("Images: the embedded `digits` (", train.size(), " for training, ", test.size(),
                 " for testing), since MNIST is not on this machine; the lecture's numbers are MNIST's. `hebb lecture "
                 "NAME --data FOLDER` takes it from a folder."));
  }
  return *images_;
}

std::vector<int64_t> Page::seeds() {
  has_seeds_ = true;
  std::vector<int64_t> all(static_cast<size_t>(options_.trainings));
  std::iota(all.begin(), all.end(), 1);
  return all;
}

void Page::progress(const std::string& what) const { write_console(message("  ... ", what, "\n")); }

viz::Series line_of(const std::string& label, const std::vector<double>& values) {
  viz::Series line{.label = label};
  for (size_t i = 0; i < values.size(); ++i) line.points.push_back({static_cast<double>(i + 1), values[i]});
  return line;
}

viz::Series logarithm(viz::Series line) {
  std::erase_if(line.points, [](const viz::Point& point) { return !(point.y > 1e-30); });
  for (viz::Point& point : line.points) point.y = std::log10(point.y);
  return line;
}

}  // namespace hebb::lectures
