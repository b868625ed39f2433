#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

Tensor root_mean_square(const Tensor& x) { return sqrt(mean(square(x))); }

class AdafactorRule : public OptimizerRule<AdafactorOptions> {
 public:
  explicit AdafactorRule(const AdafactorOptions& options) : OptimizerRule(options, "Adafactor") {}

 protected:
  void make_slots(const Tensors& variables) override {
    for (const Tensor& variable : variables) {
      const Shape shape = variable.shape();
      if (is_factored(variable)) {
        rows_.push_back(add_state(zeros(shape.without(shape.rank() - 1), variable.dtype()), variable.name()));
        columns_.push_back(add_state(zeros(shape.without(shape.rank() - 2), variable.dtype()), variable.name()));
      } else {
        // Keras keeps two whole numbers in their place, and its files have them.
        rows_.push_back(add_state(Tensor::scalar(0, DType::int32), variable.name(), true));
        columns_.push_back(add_state(Tensor::scalar(0, DType::int32), variable.name(), true));
      }
      squares_.push_back(add_slots({variable}, "velocity").front());
    }
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = step_number();
    const Tensor decreasing = 1.0 / sqrt(step);
    const bool is_relative = options_.relative_step && !settings().learning_rate.schedule();
    const Tensor relative = minimum(is_relative ? minimum(rate, decreasing) : rate, decreasing);
    const Tensor size = maximum(root_mean_square(read(w)), options_.epsilon_2) * relative;
    const Tensor squares = square(g) + options_.epsilon_1;
    const Tensor share = 1.0 - power(step, options_.beta_2_decay);
    Tensor square_mean;
    if (is_factored(w)) {
      const Tensor rows = share * read(rows_[index]) + (1.0 - share) * mean(squares, {.axes = {-1}});
      const Tensor columns = share * read(columns_[index]) + (1.0 - share) * mean(squares, {.axes = {-2}});
      set(rows_[index], rows);
      set(columns_[index], columns);
      square_mean = expand_dims(rows / mean(rows, {.axes = {-1}, .keepdims = true}), -1) * expand_dims(columns, -2);
    } else {
      square_mean = share * read(squares_[index]) + (1.0 - share) * squares;
    }
    set(squares_[index], square_mean);
    const Tensor direction = g / sqrt(square_mean);
    const Tensor clipped = direction / maximum(root_mean_square(direction) / options_.clip_threshold, 1.0);
    set(w, read(w) - size * clipped);
  }

 private:
  static bool is_factored(const Tensor& variable) { return variable.shape().rank() >= 2; }

  Tensors rows_, columns_, squares_;
};

}  // namespace

Optimizer Adafactor(const AdafactorOptions& options) { return std::make_shared<AdafactorRule>(options); }

}  // namespace hebb
