#include "hebb/viz/judgement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::viz {

namespace {

struct Answer {
  int64_t place = 0;
  double value = 0;
};

/// The largest of a row's outputs. NaN says nothing for its class: it never wins, and where there is nothing else no
/// class does, so that the first one stands with NaN.
Answer likeliest(const double* row, int64_t classes) {
  Answer best{0, row[0]};
  for (int64_t i = 1; i < classes; ++i) {
    if (row[i] > best.value || (std::isnan(best.value) && !std::isnan(row[i]))) best = {i, row[i]};
  }
  return best;
}

/// The probability of the class with the largest of these logits; 0 where there is none.
double probability_of_best(const double* row, int64_t classes, double best) {
  if (std::isnan(best) || best == -std::numeric_limits<double>::infinity()) return 0;
  double sum = 0;
  for (int64_t i = 0; i < classes; ++i) {
    if (row[i] == best) {
      sum += 1;  // also where both are infinite, whose difference is NaN
    } else if (!std::isnan(row[i])) {
      sum += std::exp(row[i] - best);
    }
  }
  return 1 / sum;
}

}  // namespace

int64_t Judgement::right() const {
  int64_t count = 0;
  for (size_t i = 0; i < truth.size(); ++i) count += is_right(i);
  return count;
}

double Judgement::accuracy() const {
  return truth.empty() ? 0 : static_cast<double>(right()) / static_cast<double>(size());
}

std::vector<int64_t> Judgement::mistakes() const {
  std::vector<int64_t> wrong;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (!is_right(i)) wrong.push_back(static_cast<int64_t>(i));
  }
  std::stable_sort(wrong.begin(), wrong.end(), [&](int64_t a, int64_t b) {
    return confidence[static_cast<size_t>(a)] > confidence[static_cast<size_t>(b)];
  });
  return wrong;
}

std::vector<int64_t> class_numbers(const Tensor& targets) {
  if (targets.rank() == 2 && targets.shape().back() > 1) {
    const std::vector<double> values = targets.to_vector<double>();
    const int64_t classes = targets.shape().back();
    std::vector<int64_t> numbers;
    for (auto row = values.begin(); row != values.end(); row += classes) {
      numbers.push_back(likeliest(&*row, classes).place);
    }
    return numbers;
  }
  if (targets.rank() < 1 || targets.size() != targets.shape().front()) {
    throw InvalidArgument(
        message("expected class numbers (n,) or one-hot rows (n, classes), got ", targets.spec(), "."));
  }
  if (is_floating(targets.dtype())) {
    const std::vector<double> values = targets.to_vector<double>();
    const auto bad = std::find_if(values.begin(), values.end(), [](double value) { return !std::isfinite(value); });
    if (bad != values.end())
      throw InvalidArgument(message("expected class numbers, got ", *bad, " at place ", bad - values.begin(), "."));
  }
  return targets.to_vector<int64_t>();
}

Judgement judge(const Tensor& outputs) {
  const bool single = outputs.rank() == 1 || (outputs.rank() == 2 && outputs.shape().back() == 1);
  if (!single && outputs.rank() != 2) {
    throw InvalidArgument(message("expected a classifier's outputs (n, classes), got ", outputs.spec(), "."));
  }
  const std::vector<double> values = outputs.to_vector<double>();
  const bool logits = std::any_of(values.begin(), values.end(), [](double v) { return v < 0 || v > 1.0001; });
  Judgement out;
  if (single) {
    out.classes = 2;
    for (const double value : values) {
      const double p = logits ? 1 / (1 + std::exp(-value)) : value;
      out.predicted.push_back(p > 0.5);
      out.confidence.push_back(std::isnan(p) ? 0 : std::max(p, 1 - p));
    }
    return out;
  }
  out.classes = outputs.shape().back();
  for (auto row = values.begin(); row != values.end(); row += out.classes) {
    const Answer best = likeliest(&*row, out.classes);
    const double confidence = logits ? probability_of_best(&*row, out.classes, best.value) : best.value;
    out.predicted.push_back(best.place);
    out.confidence.push_back(std::isnan(confidence) ? 0 : confidence);
  }
  return out;
}

Judgement judge(const Tensor& outputs, const Tensor& truth) {
  Judgement out = judge(outputs);
  out.truth = class_numbers(truth);
  if (out.truth.size() != out.predicted.size()) {
    throw InvalidArgument(
        message("expected as many classes as outputs, got ", truth.spec(), " for ", outputs.spec(), "."));
  }
  out.confusion.assign(static_cast<size_t>(out.classes), std::vector<int64_t>(static_cast<size_t>(out.classes)));
  for (size_t i = 0; i < out.truth.size(); ++i) {
    if (out.truth[i] < 0 || out.truth[i] >= out.classes) {
      throw InvalidArgument(
          message("expected class numbers from 0 to ", out.classes - 1, ", got ", out.truth[i], " at place ", i, "."));
    }
    ++out.confusion[static_cast<size_t>(out.truth[i])][static_cast<size_t>(out.predicted[i])];
  }
  return out;
}

}  // namespace hebb::viz
