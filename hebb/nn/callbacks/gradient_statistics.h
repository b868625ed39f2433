/// GradientStatistics: a record of how activations, gradients and weights of every layer change while a net learns.
///
///     const auto statistics = std::make_shared<GradientStatistics>(GradientStatisticsOptions{.filename = "flow.csv"});
///     model.fit(train, {.epochs = 10, .callbacks = {statistics}});
///     for (const auto& record : statistics->records()) plot(record.epoch, record.layers);
///
/// What to look for: gradients that vanish or explode from layer to layer (Hochreiter 1991; Glorot and Bengio 2010).
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "hebb/nn/callbacks/callback.h"
#include "hebb/nn/gradient_flow.h"

namespace hebb {

struct GradientStatisticsOptions {
  std::string filename = {};  ///< a CSV file with a line for each layer and time; empty: none
  int64_t steps = 0;          ///< measure after every so many steps; 0: after every epoch
  int64_t examples = 256;     ///< to measure with: the first ones of the training data, the same each time
};

/// Measures before training and then after every epoch, or after so many steps, on the same examples each time, as
/// `gradient_flow` does. Training comes out to the bit as without it.
class GradientStatistics : public CallbackBase {
 public:
  explicit GradientStatistics(GradientStatisticsOptions options = {});
  ~GradientStatistics() override;

  struct Record {
    int64_t epoch = 0;  ///< complete epochs, counted as `fit` counts
    int64_t step = 0;   ///< steps since this call of `fit` began
    std::vector<LayerFlow> layers;
  };
  const std::vector<Record>& records() const { return records_; }

  void on_train_begin() override;
  void on_epoch_begin(int64_t epoch) override;
  void on_train_batch_end(int64_t batch, const BatchLogs& logs) override;
  void on_epoch_end(int64_t epoch, Logs& logs) override;
  void on_train_end() override;

 private:
  void measure(int64_t epoch);

  GradientStatisticsOptions options_;
  std::vector<Record> records_;
  std::FILE* file_ = nullptr;
  int64_t epoch_ = 0, step_ = 0;
  bool begun_ = false;
};

}  // namespace hebb
