#include <algorithm>
#include <cmath>
#include <regex>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class MuonRule : public OptimizerRule<MuonOptions> {
 public:
  explicit MuonRule(const MuonOptions& options) : OptimizerRule(options, "Muon") {
    if (options.ns_steps < 0)
      throw InvalidArgument(message("Muon: expected ns_steps of at least 0, got ", options.ns_steps, "."));
    for (const std::string& pattern : options.exclude_layers)
      excluded_.push_back(regular_expression("Muon: exclude_layers", pattern));
  }
  void set_paths(const std::vector<std::pair<Tensor, std::string>>& paths) override { paths_ = VariablePaths(paths); }

 protected:
  void make_slots(const Tensors& variables) override {
    squares_.resize(variables.size());
    for (size_t i = 0; i < variables.size(); ++i) {
      momentums_.push_back(add_slots({variables[i]}, "momentum").front());
      if (is_for_adamw(variables[i])) squares_[i] = add_slots({variables[i]}, "velocity").front();
    }
  }
  std::optional<double> weight_decay_of(const Tensor& variable) const override {
    return is_for_adamw(variable) ? std::optional(options_.adam_weight_decay) : settings().weight_decay;
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    if (squares_[index].defined()) {
      adamw(g, w, index, rate * options_.adam_lr_ratio);
    } else {
      muon(g, w, index, rate);
    }
  }

 private:
  bool is_for_adamw(const Tensor& variable) const {
    if (variable.shape().rank() != 2) return true;
    const std::string path = paths_.of(variable);
    if (options_.exclude_embeddings && lower_case(path).find("embedding") != std::string::npos) return true;
    return std::any_of(excluded_.begin(), excluded_.end(),
                       [&](const std::regex& pattern) { return std::regex_search(path, pattern); });
  }

  void muon(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) {
    const Tensor momentum = g + read(momentums_[index]) * options_.momentum;
    set(momentums_[index], momentum);
    Tensor step = rate * orthogonalized(options_.nesterov ? g + momentum * options_.momentum : momentum);
    if (options_.rms_rate) {
      const auto larger = static_cast<double>(std::max(w.shape()[0], w.shape()[1]));
      step = step * (std::sqrt(larger) * *options_.rms_rate);
    }
    set(w, read(w) - step);
  }

  /// Nearly U V' where x = U S V', by the Newton-Schulz iteration of fifth degree.
  Tensor orthogonalized(Tensor x) const {
    const bool is_tall = x.shape()[0] > x.shape()[1];
    if (is_tall) x = transpose(x);
    x = x / (sqrt(sum(square(x))) + 1e-7);
    for (int64_t i = 0; i < options_.ns_steps; ++i) {
      const Tensor gram = matmul(x, x, {.transpose_b = true});
      x = x * options_.muon_a + matmul(gram * options_.muon_b + matmul(gram * options_.muon_c, gram), x);
    }
    return is_tall ? transpose(x) : x;
  }

  void adamw(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) {
    const Tensor step = step_number();
    const Tensor alpha =
        rate * sqrt(1.0 - power(options_.adam_beta_2, step)) / (1.0 - power(options_.adam_beta_1, step));
    const Tensor m = read(momentums_[index]), v = read(squares_[index]);
    const Tensor mean = m + (g - m) * (1 - options_.adam_beta_1);
    const Tensor square_mean = v + (square(g) - v) * (1 - options_.adam_beta_2);
    set(momentums_[index], mean);
    set(squares_[index], square_mean);
    set(w, read(w) - mean * alpha / (sqrt(square_mean) + options_.epsilon));
  }

  std::vector<std::regex> excluded_;
  VariablePaths paths_;
  Tensors momentums_, squares_;  // squares: of AdamW's variables
};

}  // namespace

Optimizer Muon(const MuonOptions& options) { return std::make_shared<MuonRule>(options); }

}  // namespace hebb
