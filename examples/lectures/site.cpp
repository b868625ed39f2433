#include "examples/lectures/site.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "hebb/base/atomic_file.h"
#include "hebb/base/text.h"
#include "hebb/viz/html.h"

namespace hebb::lectures {

namespace {

using viz::html_text;

constexpr const char* style = R"(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: #1f2430; font: 18px/1.55 "DejaVu Sans", Verdana, "Segoe UI", sans-serif; }
header { background: #1f2430; color: #fff; padding: 28px 40px 24px; border-top: 6px solid #0072b2; }
header h1 { margin: 0; font-size: 32px; line-height: 1.25; }
header p { margin: 6px 0 0; color: #c5ccd6; }
header a { color: #9fd0f0; }
main { max-width: 1200px; margin: 0 auto; padding: 24px 24px 56px; }
h2 { margin: 40px 0 8px; font-size: 24px; }
p { max-width: 46em; }
code, pre { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 15px; }
code { background: #e4e7ec; border-radius: 4px; padding: 1px 5px; }
pre { font-size: 14.5px; background: #fff; border: 1px solid #d9dee6; border-radius: 8px; padding: 14px 18px; overflow-x: auto; line-height: 1.4; }
pre code { background: none; padding: 0; font-size: inherit; }
.figures { display: flex; flex-wrap: wrap; gap: 20px; margin: 24px 0; }
figure { margin: 0; flex: 1 1 auto; max-width: 100%; background: #fff; border-radius: 8px; padding: 20px; box-shadow: 0 1px 2px #0002; }
figure img { width: 100%; max-height: 660px; object-fit: contain; display: block; margin: 0 auto; }
figcaption { color: #5b6472; margin-top: 12px; font-size: 16px; }
table { border-collapse: collapse; background: #fff; margin: 16px 0; box-shadow: 0 1px 2px #0002; border-radius: 8px; }
caption { text-align: left; color: #5b6472; padding: 4px 0; font-size: 16px; }
th, td { text-align: left; padding: 7px 14px; border-bottom: 1px solid #e4e7ec; vertical-align: top; }
th { color: #5b6472; font-size: 16px; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
nav { display: flex; justify-content: space-between; margin-top: 40px; gap: 24px; }
a { color: #0060a0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 20px; }
.card { background: #fff; border-radius: 8px; overflow: hidden; box-shadow: 0 1px 2px #0002; text-decoration: none; color: inherit;
  display: flex; flex-direction: column; }
.card:hover, .card:focus { box-shadow: 0 0 0 3px #0072b2; }
.card .view { height: 200px; display: flex; align-items: center; justify-content: center; padding: 12px; }
.card img { max-width: 100%; max-height: 100%; }
.card div.words { padding: 4px 18px 16px; }
.card h2 { margin: 8px 0 4px; font-size: 20px; }
.card p { margin: 0 0 6px; font-size: 16px; color: #5b6472; line-height: 1.4; }
.card b { font-variant-numeric: tabular-nums; }
@media print { body { background: #fff; } figure, table { box-shadow: none; break-inside: avoid; } nav { display: none; } }
)";

/// Text in which backticks enclose code.
std::string rich(const std::string& text) {
  std::string out;
  bool in_code = false;
  for (const std::string& part : split(text, '`')) {
    out += in_code ? message("<code>", html_text(part), "</code>") : html_text(part);
    in_code = !in_code;
  }
  return out;
}

std::string page_of(const std::string& title, const std::string& head, const std::string& body) {
  return message(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>",
      html_text(title), "</title>\n<style>", style, "</style>\n</head>\n<body>\n<header>", head, "</header>\n<main>\n",
      body, "</main>\n</body>\n</html>\n");
}

/// Blocks as HTML. Numbers that follow each other become one table; figures stand side by side where there is room.
class Body {
 public:
  explicit Body(const std::string& folder) : folder_(folder) {}

  std::string of(const std::vector<Page::Block>& blocks) {
    for (const Page::Block& block : blocks) {
      if (!std::holds_alternative<Number>(block)) end_numbers();
      if (!std::holds_alternative<Page::Figure>(block)) end_figures();
      std::visit([this](const auto& part) { add(part); }, block);
    }
    end_numbers();
    end_figures();
    return std::move(out_);
  }

 private:
  void add(const Page::Paragraph& part) { out_ += message("<p>", rich(part.text), "</p>\n"); }
  void add(const Page::Section& part) { out_ += message("<h2>", html_text(part.title), "</h2>\n"); }
  void add(const Page::Output& part) { out_ += message("<pre>", html_text(part.text), "</pre>\n"); }
  void add(const Page::Link& part) {
    out_ += message("<p><a href=\"", html_text(folder_), "/", html_text(part.file), "\">", html_text(part.text),
                    "</a></p>\n");
  }
  void add(const Page::Figure& part) {
    if (!in_figures_) out_ += "<div class=\"figures\">\n";
    in_figures_ = true;
    // As large as lets its smallest words, of 11 points, be read from afar: at least 14 pixels. Enlarged to the width
    // of the text where it stands alone, but not too much.
    constexpr double least = 1.28, most = 1.45, padding = 20;
    out_ += message("<figure style=\"flex-basis:", std::lround(least * part.width + 2 * padding), "px\"><img src=\"",
                    html_text(folder_), "/", html_text(part.file),
                    ".svg\" style=\"max-width:", std::lround(most * part.width), "px\" alt=\"", html_text(part.caption),
                    "\"><figcaption>", rich(part.caption), "</figcaption></figure>\n");
  }
  void add(const Page::Table& part) {
    out_ += "<div class=\"scroll\"><table>";
    if (!part.caption.empty()) out_ += message("<caption>", rich(part.caption), "</caption>");
    out_ += "<thead><tr>";
    for (const std::string& cell : part.header) out_ += message("<th>", rich(cell), "</th>");
    out_ += "</tr></thead>\n";
    // What is short stays on one line, where the table is narrow enough for that; numbers do in any.
    const bool narrow = part.header.size() < 6;
    const auto is_number = [](const std::string& cell) {
      return cell.find_first_not_of("0123456789.,()- to") == std::string::npos;
    };
    for (const auto& row : part.rows) {
      out_ += "<tr>";
      for (const std::string& cell : row)
        out_ += message((narrow && cell.size() < 32) || is_number(cell) ? "<td class=\"number\">" : "<td>", rich(cell),
                        "</td>");
      out_ += "</tr>\n";
    }
    out_ += "</table></div>\n";
  }
  void add(const Number& part) { numbers_.push_back(part); }
  /// The lecture's columns stand where the lecture has a number.
  void end_numbers() {
    if (numbers_.empty()) return;
    const bool lecture = std::any_of(numbers_.begin(), numbers_.end(), [](const Number& n) { return !!n.lecture; });
    out_ += message("<div class=\"scroll\"><table><thead><tr><th></th>", lecture ? "<th>lecture</th>" : "",
                    "<th>here</th>", lecture ? "<th></th>" : "", "</tr></thead>\n");
    for (const Number& number : numbers_) {
      out_ += message("<tr><td>", rich(number.what), "</td>");
      if (lecture) out_ += message("<td class=\"number\">", number.lecture_text(), "</td>");
      out_ += message("<td class=\"number\">", number.here_text(), "</td>");
      if (lecture) out_ += message("<td>", number.comparison(), "</td>");
      out_ += "</tr>\n";
    }
    out_ += "</table></div>\n";
    numbers_.clear();
  }

  void end_figures() {
    if (in_figures_) out_ += "</div>\n";
    in_figures_ = false;
  }

  std::string folder_, out_;
  std::vector<Number> numbers_;
  bool in_figures_ = false;
};

std::string link_to(const Experiment* experiment, const char* left, const char* right) {
  if (!experiment) return "<span></span>";
  return message("<a href=\"", experiment->name, ".html\">", left, html_text(experiment->title), right, "</a>");
}

}  // namespace

IndexEntry entry_of(const Experiment& experiment, const Page& page) {
  IndexEntry entry{&experiment, "", {}};
  for (const Page::Block& block : page.blocks()) {
    if (const auto* figure = std::get_if<Page::Figure>(&block); figure && entry.figure.empty())
      entry.figure = message(page.name(), "/", figure->file, ".svg");
    if (const auto* number = std::get_if<Number>(&block); number && number->on_index) entry.numbers.push_back(*number);
  }
  return entry;
}

void write_page(const std::string& folder, const Experiment& experiment, const Page& page, double seconds,
                const Links& linked) {
  char took[64];
  std::snprintf(took, sizeof took, "%.1f", seconds);
  const std::string head = message("<h1>", html_text(experiment.title), "</h1><p>", html_text(experiment.doc), "</p>",
                                   linked.index ? "<p><a href=\"index.html\">All experiments</a></p>" : "");
  std::string body = Body(page.name()).of(page.blocks());
  // Numbers in parentheses are the least and the most of several trainings, where the experiment asked for those.
  std::string trained;
  if (page.has_seeds()) {
    trained = page.options().trainings == 1
                  ? ", with one training of each network"
                  : message(", with ", page.options().trainings,
                            " trainings of each network where nothing else is said: their mean, and in parentheses "
                            "the least and the most");
  }
  body +=
      message("<h2>Run it</h2>\n<pre>hebb lecture ", experiment.name, page.has_mnist() ? " --data FOLDER_OF_MNIST" : "",
              " --out FOLDER</pre>\n<p>It took ", took, " seconds here", trained, ".</p>\n");
  body += message("<h2>The program</h2>\n<pre><code>", html_text(source_of(experiment.name)), "</code></pre>\n");
  body += message("<nav>", link_to(linked.before, "← ", ""), link_to(linked.after, "", " →"), "</nav>\n");
  write_atomically((std::filesystem::path(folder) / message(experiment.name, ".html")).string(),
                   page_of(std::string(experiment.title), head, body));
}

void write_index(const std::string& folder, const std::vector<IndexEntry>& entries) {
  std::string body = "<div class=\"cards\">\n";
  for (const IndexEntry& entry : entries) {
    const Experiment& experiment = *entry.experiment;
    body += message("<a class=\"card\" href=\"", experiment.name, ".html\">");
    if (!entry.figure.empty())
      body += message("<div class=\"view\"><img src=\"", html_text(entry.figure), "\" alt=\"\"></div>");
    body += message("<div class=\"words\"><h2>", html_text(experiment.title), "</h2><p>", html_text(experiment.doc),
                    "</p>");
    for (const Number& number : entry.numbers) {
      body += message("<p>", html_text(number.what), ": lecture ",
                      number.lecture ? message("<b>", number.lecture_text(), "</b>") : "(none given)", ", here <b>",
                      html_text(number.here_text()), "</b></p>");
    }
    body += "</div></a>\n";
  }
  body += "</div>\n";
  write_atomically(
      (std::filesystem::path(folder) / "index.html").string(),
      page_of("Neural networks: the lectures' experiments",
              "<h1>Neural networks: the lectures' experiments</h1><p>From the perceptron and Hebb's rule to "
              "convolutional networks: each experiment as a small program, with the lecture's numbers beside what "
              "came out here.</p>",
              body));
}

}  // namespace hebb::lectures
