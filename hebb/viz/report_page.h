/// The report of a training as one HTML page that needs nothing but itself: no network, no scripts, no fonts.
///
///     viz::ReportPage page;
///     page.title = "mnist-cnn on digits";
///     page.history = history;
///     page.model = model;
///     page.images = test.x(), page.truth = test.y(), page.outputs = model.predict(test);
///     viz::save_report_page(page, "report.html");
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/history.h"
#include "hebb/nn/model.h"
#include "hebb/tensor/tensor.h"

namespace hebb::viz {

/// Rows of a table: what, and how much.
using PageTable = std::vector<std::pair<std::string, std::string>>;

struct ReportPage {
  std::string title = "training";
  std::string state = {};  ///< beside the title: "epoch 3 of 10"; empty: nothing
  bool running = false;    ///< the page loads itself again every few seconds
  History history = {};
  PageTable configuration = {};            ///< how it was trained
  PageTable data = {};                     ///< what with
  PageTable resources = {};                ///< time and memory
  std::vector<double> epoch_seconds = {};  ///< how long each epoch took
  std::optional<Model> model = {};         ///< its graph, its layers and its weights; unset: none of these
  /// What was judged, as in `ReportOptions`: undefined tensors leave the parts that need them out.
  std::string part = "test";
  Tensor images = {}, truth = {}, outputs = {};
  Tensor rows =
      {};  ///< the examples as rows of numbers (n, features), for a table of the worst mistakes; undefined: none
  std::vector<std::string> class_names = {};
};

/// The page: numbers that matter, curves, confusion and worst mistakes, configuration, data, time and memory, layers
/// and graph, histograms of the weights. InvalidArgument when images, truth and outputs do not go together.
std::string report_page(const ReportPage& page);
/// Writes it, whole or not at all. IoError.
void save_report_page(const ReportPage& page, const std::string& path);

}  // namespace hebb::viz
