#include "hebb/nn/callbacks/gradient_statistics.h"

#include <algorithm>
#include <utility>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb {

GradientStatistics::GradientStatistics(GradientStatisticsOptions options) : options_(std::move(options)) {
  if (options_.steps < 0 || options_.examples < 1) {
    throw InvalidArgument(message("GradientStatistics: expected steps of at least 0 and at least one example, got ",
                                  options_.steps, " and ", options_.examples, "."));
  }
}

GradientStatistics::~GradientStatistics() {
  if (file_) std::fclose(file_);
}

void GradientStatistics::on_train_begin() {
  records_.clear();
  step_ = 0;
  begun_ = false;
  if (options_.filename.empty()) return;
  file_ = std::fopen(options_.filename.c_str(), "wb");
  if (!file_) {
    throw IoError(message("GradientStatistics: cannot write ", options_.filename,
                          ". Check that its folder exists and may be written."));
  }
  std::fputs(
      "epoch,step,layer,class,activation_mean,activation_deviation,gradient_deviation,weight_norm,"
      "weight_gradient_norm\r\n",
      file_);
}

void GradientStatistics::on_epoch_begin(int64_t epoch) {
  epoch_ = epoch;
  if (!std::exchange(begun_, true)) measure(epoch);
}

void GradientStatistics::on_train_batch_end(int64_t, const BatchLogs&) {
  ++step_;
  if (options_.steps > 0 && step_ % options_.steps == 0) measure(epoch_);
}

void GradientStatistics::on_epoch_end(int64_t epoch, Logs&) {
  if (options_.steps == 0) measure(epoch + 1);
}

void GradientStatistics::on_train_end() {
  if (file_) std::fclose(std::exchange(file_, nullptr));
}

void GradientStatistics::measure(int64_t epoch) {
  const data::Dataset& all = model().base().trainer().training_data();
  records_.push_back({epoch, step_, gradient_flow(model(), all.take(std::min(options_.examples, all.size())))});
  if (!file_) return;
  bool written = true;
  for (const LayerFlow& flow : records_.back().layers) {
    std::string line = message(epoch, ",", step_, ",", flow.name, ",", flow.class_name);
    for (const double value : {flow.activation_mean, flow.activation_deviation, flow.gradient_deviation,
                               flow.weight_norm, flow.weight_gradient_norm})
      line += "," + number_text(value);
    written = written && std::fputs((line + "\r\n").c_str(), file_) >= 0;
  }
  if (!written || std::fflush(file_) != 0)
    throw IoError(message("GradientStatistics: cannot write ", options_.filename, ". Is the disk full?"));
}

}  // namespace hebb
