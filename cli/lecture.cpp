#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/common.h"
#include "cli/options.h"
#include "examples/lectures/site.h"

namespace hebb::cli {

namespace {

using lectures::Experiment;

struct LectureRequest {
  std::string name;
  lectures::Options options;
  bool json = false;
};

void list(bool json) {
  size_t width = 0;
  Json out = Json::object();
  for (const Experiment& experiment : lectures::experiments()) {
    width = std::max(width, experiment.name.size());
    out.set(experiment.name, experiment.doc);
  }
  if (json) return print_json(out);
  for (const Experiment& experiment : lectures::experiments())
    print(message(experiment.name, std::string(width - experiment.name.size() + 2, ' '), experiment.doc, "\n"));
}

/// Which pages an experiment's page links: all, of a whole site; alone, those that are there already.
lectures::Links links_of(const Experiment& experiment, const lectures::Options& options, bool whole_site) {
  const std::span<const Experiment> all = lectures::experiments();
  const auto index = static_cast<size_t>(&experiment - all.data());
  const auto is_there = [&](std::string_view name) {
    std::error_code ignored;
    return whole_site || std::filesystem::exists(std::filesystem::path(options.out) / message(name, ".html"), ignored);
  };
  lectures::Links links{.index = is_there("index")};
  if (index > 0 && is_there(all[index - 1].name)) links.before = &all[index - 1];
  if (index + 1 < all.size() && is_there(all[index + 1].name)) links.after = &all[index + 1];
  return links;
}

/// Runs one experiment and writes its page.
lectures::IndexEntry run(const Experiment& experiment, const lectures::Options& options, bool whole_site) {
  print(message("\n", experiment.title, "\n", std::string(experiment.title.size(), '='), "\n"));
  lectures::Page page(std::string(experiment.name), options);
  set_random_seed(1);
  const auto start = std::chrono::steady_clock::now();
  experiment.run(page);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  lectures::write_page(options.out, experiment, page, seconds, links_of(experiment, options, whole_site));
  return lectures::entry_of(experiment, page);
}

int run_lecture(const LectureRequest& request) {
  if (request.name.empty()) {
    list(request.json);
    return 0;
  }
  constexpr int64_t least_images = 50;  // a tenth of them, of which a tenth is held out, is the least to train with
  if (request.options.images > 0 && request.options.images < least_images)
    throw UsageError(
        message("--images: expected 0 for all, or at least ", least_images, ", got ", request.options.images, "."));
  const std::span<const Experiment> all = lectures::experiments();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Experiment& each) { return each.name == request.name; });
  if (found == all.end() && request.name != "all") {
    std::vector<std::string> names = {"all"};
    for (const Experiment& experiment : all) names.emplace_back(experiment.name);
    throw UsageError(unknown_name("experiment", request.name, names));
  }
  // Said at once, not by the first experiment that shows images.
  const data::MnistOptions images{.path = request.options.data};
  if (!images.path.empty() && !data::find_mnist(images)) (void)data::mnist(images);
  std::error_code failed;
  std::filesystem::create_directories(request.options.out, failed);
  if (failed)
    throw IoError(message("--out: '", request.options.out, "': cannot make this folder: ", failed.message(), "."));
  std::vector<lectures::IndexEntry> entries;
  if (request.name == "all") {
    for (const Experiment& experiment : all) {
      entries.push_back(run(experiment, request.options, true));
      // Written after each, so that a reader can begin.
      lectures::write_index(request.options.out, entries);
    }
    print(message("\nThe site: ", (std::filesystem::path(request.options.out) / "index.html").string(), "\n"));
    return 0;
  }
  run(*found, request.options, false);
  print(message("\nIts page: ", (std::filesystem::path(request.options.out) / message(found->name, ".html")).string(),
                "\n"));
  return 0;
}

}  // namespace

void add_lecture(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("lecture", "the lectures' experiments: lists them, or runs one or all");
  auto request = std::make_shared<LectureRequest>();
  add_text(command, "NAME", request->name, "an experiment, or all; without it they are listed");
  add_text(command, "--out", request->options.out, "the folder for pages and figures")->capture_default_str();
  add_text(command, "--data", request->options.data,
           "a folder with MNIST's files; default: where hebb finds MNIST, else the embedded digits");
  add_number(command, "--trainings", request->options.trainings,
             "of networks whose outcome depends on where the weights start: the mean and the spread are shown", 1, 100);
  add_number(command, "--images", request->options.images,
             "for training at most, and for testing at most; 0: all. Fewer, and --epochs, for a quick look", 0, 60000);
  add_number(command, "--epochs", request->options.epochs, "of each training at most; 0: as the lecture says", 0,
             100000);
  add_threads(command);
  command.add_flag("--json", request->json, "the list as one JSON object")->disable_flag_override();
  command.footer("Example: hebb lecture mnist-table --out site");
  command.callback([request, &status] { status = run_lecture(*request); });
}

}  // namespace hebb::cli
