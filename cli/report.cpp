#include <filesystem>

#include "cli/models.h"
#include "cli/options.h"
#include "cli/run_record.h"
#include "hebb/nn/resume.h"

namespace hebb::cli {

namespace {

namespace fs = std::filesystem;

struct Request {
  std::string run, out, data;
  TableOptions table;
};

/// The page of a folder that `train --run` wrote.
viz::ReportPage page_of_folder(const Request& request) {
  const fs::path folder = request.run;
  const std::string model_file = (folder / "model.keras").string();
  if (!fs::exists(folder / "run.json")) {
    throw IoError(message(request.run,
                          ": expected a folder that hebb train --run wrote, with a file run.json, or a history (.json, "
                          ".csv)."));
  }
  RunRecord record = RunRecord::read((folder / "run.json").string());
  const History history = read_history((folder / "history.json").string());
  if (!fs::exists(model_file)) {
    warn(message("hebb: warning: ", request.run,
                 ": no model.keras, which a training that diverged or was stopped early leaves out.\nThe page tells "
                 "nothing of the model and of its mistakes.\n"));
    return page_of(record, history, nullptr);
  }
  Model model = load_model(model_file);
  Judged judged;
  std::vector<std::string> class_names;
  try {
    const TableOptions& table = request.data.empty() ? record.table : request.table;
    const LoadedData data = load_data(request.data.empty() ? record.data_source : request.data, table, &model);
    data::Dataset validation;
    if (!data.has_test() && request.data.empty()) {
      if (!record.validation_source.empty()) {
        validation = load_data(record.validation_source, record.table, &model).judged();
      } else if (record.validation_split > 0) {
        const data::Dataset& all = data.parts.train;
        validation = all.skip(training_examples(all.size(), record.validation_split));
      }
    }
    judged = judge_held_out(model, data, validation);
    class_names = data.class_names;
  } catch (const IoError& error) {
    if (!request.data.empty()) throw;
    // A page without mistakes is better than none.
    warn(message("hebb: warning: ", error.what(),
                 "\nThe page tells nothing of mistakes. --data says where the data is.\n"));
  }
  viz::ReportPage page = page_of(record, history, &judged);
  page.class_names = class_names;
  page.model = model;
  return page;
}

}  // namespace

void add_report(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("report", "a page about a training, for any browser");
  auto request = std::make_shared<Request>();
  add_text(command, "RUN", request->run, "the folder that train --run wrote, or a history (.json, .csv)")->required();
  add_text(command, "--out", request->out, "where the page goes; default: report.html in the folder");
  add_text(command, "--data", request->data, "what to judge by; default: what was held out when it was trained");
  add_target(command, request->table, "the column of a CSV file that is predicted; default: the last");
  add_reading(command, request->table);
  add_threads(command);
  command.footer("Example: hebb report runs/first --out first.html");
  command.callback([request, &status] {
    const bool folder = fs::is_directory(request->run);
    std::string out = request->out;
    if (out.empty())
      out = folder ? (fs::path(request->run) / "report.html").string()
                   : fs::path(request->run).replace_extension(".html").string();
    check_ending(out, {".html"}, "--out");
    check_writable(out);
    viz::ReportPage page;
    if (folder) {
      page = page_of_folder(*request);
    } else {
      if (!fs::exists(request->run)) throw IoError(message(request->run, ": no such file or folder."));
      page.title = fs::path(request->run).filename().string();
      page.history = read_history(request->run);
    }
    viz::save_report_page(page, out);
    print(message(out, "\n"));
    status = 0;
  });
}

}  // namespace hebb::cli
