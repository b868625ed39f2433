/// How long the loading thread is busy: while that is less than all of the time, it keeps ahead of the steps.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "hebb/data/dataset.h"

class TimedSource : public hebb::data::Source {
 public:
  explicit TimedSource(std::shared_ptr<const hebb::data::Source> base) : base_(std::move(base)) {}
  int64_t size() const override { return base_->size(); }
  const std::vector<hebb::Spec>& components() const override { return base_->components(); }
  int64_t inputs() const override { return base_->inputs(); }
  int64_t targets() const override { return base_->targets(); }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_in_pass(0, indices, out);
  }
  void gather_in_pass(int64_t pass, std::span<const int64_t> indices, std::span<void* const> out) const override {
    const Clock::time_point start = Clock::now();
    base_->gather_in_pass(pass, indices, out);
    busy_.fetch_add(std::chrono::duration<double>(Clock::now() - start).count());
  }

  void start_anew() const { busy_ = 0; }
  double busy_seconds() const { return busy_; }

 private:
  using Clock = std::chrono::steady_clock;
  std::shared_ptr<const hebb::data::Source> base_;
  mutable std::atomic<double> busy_ = 0;
};
