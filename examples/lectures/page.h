/// What an experiment of the lectures tells: text, the lecture's numbers beside its own, tables and figures. All of it
/// is printed while the experiment runs, and becomes a page of the site at the end.
///
///     void gates(Page& page) {
///       page.text("A neuron with the weights (-30, 20, 20) computes AND.");
///       page.number({.what = "test accuracy", .lecture = 0.9380, .here = {0.9326, 0.9360, 0.9354}});
///       page.figure(viz::decision_regions(model, x, y), "regions", "What the network tells apart.");
///     }
#pragma once

#include <hebb/base/text.h>
#include <hebb/hebb.h>

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hebb::lectures {

struct Options {
  std::string out = "lectures";  ///< the folder of the site; figures go to a folder of the experiment's name in it
  std::string data;              ///< a folder with MNIST's files; empty: where data::find_mnist looks
  int64_t trainings = 3;         ///< of experiments whose outcome depends on where the weights start: seeds 1, 2, ...
  int64_t images = 0;            ///< at most so many images for training, and for testing; 0: all
  int64_t epochs = 0;            ///< at most so many of each training; 0: as many as the experiment says
};

/// Figures of this size stand side by side on a page, in twos, with words that can be read from afar.
inline constexpr double pair_width = 410, pair_height = 350;

/// A number of the lecture, and what came out here: of one training or of several.
struct Number {
  std::string what = {};
  std::optional<double> lecture = {};
  std::vector<double> here = {};
  int decimals = 4;
  std::optional<int> lecture_decimals = {};  ///< as the lecture wrote it; unset: `decimals`
  bool scientific = false;                   ///< two digits and a power of ten, "1.9·10⁻⁶", instead of `decimals`
  bool on_index = false;                     ///< the one that stands for the experiment
  double mean() const;
  /// Half of what lies between the least and the most.
  double half_spread() const;
  /// "0.9346 (0.9326 to 0.9360)".
  std::string here_text() const;
  std::string lecture_text() const;
  /// Where the lecture's number, with its decimals, lies among those here: "equal", "within the spread", or by how much
  /// outside, "the lecture's is 0.0043 above the spread" (of one number: higher). Empty where one of them is missing.
  std::string comparison() const;
};

/// Which of the numbers is the median one (of an even count the lower): the training that is worth drawing, since the
/// first one may be the worst.
size_t median_of(const std::vector<double>& numbers);

/// Images with their digits: MNIST where it is present, else the embedded `digits`.
struct Images {
  std::string name;  ///< "MNIST" or "digits"
  data::Dataset train, test;
};

class Page {
 public:
  struct Paragraph {
    std::string text;
  };
  struct Section {
    std::string title;
  };
  struct Output {
    std::string text;
  };
  struct Table {
    std::string caption;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
  };
  struct Figure {
    std::string file, caption;  ///< without the folder and the ending
    double width;
  };
  struct Link {
    std::string file, text;  ///< within the experiment's folder
  };
  using Block = std::variant<Paragraph, Section, Output, Table, Number, Figure, Link>;

  Page(std::string name, const Options& options) : name_(std::move(name)), options_(options) {}

  void section(const std::string& title);
  /// A paragraph. What stands between backticks is code.
  void text(const std::string& paragraph);
  /// Lines as a program prints them, such as a training log.
  void output(const std::string& lines);
  void table(const std::string& caption, const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows);
  void number(const Number& number);
  /// Saves the picture as `FILE.svg` and `FILE.png` in the experiment's folder.
  void figure(const viz::Picture& picture, const std::string& file, const std::string& caption);
  /// Loss and metrics of a training by epoch.
  void curves(const History& history, const std::string& file, const std::string& caption);
  /// Lines with their axes as a figure.
  void plot(const std::vector<viz::Series>& lines, const viz::PlotOptions& look, const std::string& file,
            const std::string& caption);
  /// Bars of the numbers' means with these names; lines show the spread where there are several trainings.
  void bars(const std::vector<Number>& numbers, const std::vector<std::string>& names, viz::BarsOptions look,
            const std::string& file, const std::string& caption);
  /// Saves an HTML page of its own in the experiment's folder, and links it.
  void document(const std::string& html, const std::string& file, const std::string& text);

  /// The images, read once; says which they are.
  const Images& images();
  /// The numbers of the seeds to train with.
  std::vector<int64_t> seeds();
  /// Whether it asked for seeds: there are numbers of several trainings on it then.
  bool has_seeds() const { return has_seeds_; }
  /// Whether it showed MNIST's images.
  bool has_mnist() const { return images_ && images_->name == "MNIST"; }
  /// How many epochs to train that should be `wanted`.
  int64_t epochs(int64_t wanted) const { return options_.epochs > 0 ? std::min(wanted, options_.epochs) : wanted; }
  /// A word on standard error about what goes on.
  void progress(const std::string& what) const;

  const std::string& name() const { return name_; }
  const Options& options() const { return options_; }
  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  std::string name_;
  Options options_;
  std::vector<Block> blocks_;
  std::optional<Images> images_;
  bool has_seeds_ = false;
};

/// Numbers as a line of a plot, at x = 1, 2, ...
viz::Series line_of(const std::string& label, const std::vector<double>& values);

/// The logarithms to the base 10 of a line's values, for axes with `.y_base = 10`; below 1e-30 nothing.
viz::Series logarithm(viz::Series line);

}  // namespace hebb::lectures
