#include "hebb/data/preprocessing.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/ops/random.h"

namespace hebb::data {

namespace {

/// A stream of numbers for each thing that one seed decides.
enum Counter : int64_t { order_counter, class_counter, rest_counter };

struct Indices {
  std::vector<int64_t> train, test;
};

std::vector<int64_t> shuffled(int64_t count, const SplitOptions& options, int64_t counter) {
  return random::permutation(count, options.seed, counter).to_vector<int64_t>();
}

int64_t test_count(int64_t n, const SplitOptions& options) {
  const double size = options.test_size;
  const bool fraction = size > 0 && size < 1, whole = size >= 1 && size == std::floor(size) && size < 9e15;
  if (!fraction && !whole) {
    throw InvalidArgument(message(
        "train_test_split: expected a test_size between 0 and 1, or a whole number of examples, got ", size, "."));
  }
  // A product like 0.1 * 30 may be a hair above the whole number; scikit-learn takes the ceiling as it is, and so do
  // we.
  const int64_t count = static_cast<int64_t>(fraction ? std::ceil(size * static_cast<double>(n)) : size);
  if (count >= n) {
    throw InvalidArgument(
        message("train_test_split: of ", n, " examples, a test_size of ", size, " leaves none to train with."));
  }
  return count;
}

/// Divides `wanted` places among classes as their counts are to one another: the whole parts first, then one each to
/// the largest remainders, equal ones in a random order.
std::vector<int64_t> apportion(const std::vector<int64_t>& counts, int64_t wanted, const std::vector<int64_t>& order) {
  const int64_t total = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  std::vector<int64_t> out(counts.size());
  std::vector<double> remainder(counts.size());
  int64_t left = wanted;
  for (size_t c = 0; c < counts.size(); ++c) {
    const double exact = static_cast<double>(counts[c]) * static_cast<double>(wanted) / static_cast<double>(total);
    out[c] = static_cast<int64_t>(std::floor(exact));
    remainder[c] = exact - std::floor(exact);
    left -= out[c];
  }
  std::vector<int64_t> by_remainder = order;
  std::stable_sort(by_remainder.begin(), by_remainder.end(), [&](int64_t a, int64_t b) {
    return remainder[static_cast<size_t>(a)] > remainder[static_cast<size_t>(b)];
  });
  for (int64_t i = 0; i < left; ++i) ++out[static_cast<size_t>(by_remainder[static_cast<size_t>(i)])];
  return out;
}

Indices stratified(const Tensor& y, int64_t n_test, const SplitOptions& options) {
  const int64_t n = y.shape().front(), n_train = n - n_test;
  if (!options.shuffle) {
    throw InvalidArgument("train_test_split: stratify draws at random; it does not go with shuffle = false.");
  }
  if (y.size() != n) {
    throw InvalidArgument(
        message("train_test_split: to stratify, expected one class number for each example, got y of ", y.spec(), "."));
  }
  std::map<double, std::vector<int64_t>> members;
  const std::vector<double> labels = y.to_vector<double>();
  for (int64_t i = 0; i < n; ++i) members[labels[static_cast<size_t>(i)]].push_back(i);
  const auto classes = static_cast<int64_t>(members.size());
  for (const auto& [label, indices] : members) {
    if (indices.size() < 2) {
      throw InvalidArgument(message(
          "train_test_split: to stratify, expected at least 2 examples of every class; class ", label, " has one."));
    }
  }
  if (n_train < classes || n_test < classes) {
    throw InvalidArgument(message("train_test_split: to stratify, expected room for all ", classes,
                                  " classes in both parts, got ", n_train, " training and ", n_test,
                                  " test examples."));
  }
  std::vector<int64_t> counts;
  for (const auto& [label, indices] : members) counts.push_back(static_cast<int64_t>(indices.size()));
  const std::vector<int64_t> order = shuffled(classes, options, class_counter);
  const std::vector<int64_t> for_test = apportion(counts, n_test, order);
  Indices out;
  size_t c = 0;
  for (const auto& [label, indices] : members) {
    const auto count = static_cast<int64_t>(indices.size());
    const std::vector<int64_t> mixed = shuffled(count, options, rest_counter + static_cast<int64_t>(c));
    for (int64_t i = 0; i < count; ++i) {
      const int64_t index = indices[static_cast<size_t>(mixed[static_cast<size_t>(i)])];
      (i < for_test[c] ? out.test : out.train).push_back(index);
    }
    ++c;
  }
  // So far class by class.
  auto mix = [&](std::vector<int64_t>& part, int64_t counter) {
    const std::vector<int64_t> mixed = shuffled(static_cast<int64_t>(part.size()), options, counter);
    std::vector<int64_t> result;
    for (const int64_t i : mixed) result.push_back(part[static_cast<size_t>(i)]);
    part = std::move(result);
  };
  mix(out.train, rest_counter + classes);
  mix(out.test, rest_counter + classes + 1);
  return out;
}

Indices split_indices(int64_t n, const Tensor& y, const SplitOptions& options) {
  const int64_t n_test = test_count(n, options);
  if (options.stratify) return stratified(y, n_test, options);
  std::vector<int64_t> order;
  if (!options.shuffle) {
    order.resize(static_cast<size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    return {{order.begin(), order.end() - n_test}, {order.end() - n_test, order.end()}};
  }
  order = shuffled(n, options, order_counter);
  return {{order.begin() + n_test, order.end()}, {order.begin(), order.begin() + n_test}};
}

Tensor take_rows(const Tensor& x, const std::vector<int64_t>& indices) {
  Tensor out = Tensor::empty(x.shape().without(0).with(0, static_cast<int64_t>(indices.size())), x.dtype());
  const auto bytes = static_cast<size_t>(Spec{x.shape().without(0), x.dtype()}.bytes());
  const auto* from = static_cast<const std::byte*>(x.raw());
  auto* to = static_cast<std::byte*>(out.mutable_raw());
  for (const int64_t index : indices) {
    std::memcpy(to, from + static_cast<size_t>(index) * bytes, bytes);
    to += bytes;
  }
  return out;
}

DType scaled_type(DType dtype) { return is_floating(dtype) ? dtype : DType::float32; }

/// Writes change(x[i], feature of i) for all i.
template <class Change>
Tensor change_features(const Tensor& x, int64_t features, const Change& change) {
  Tensor out = Tensor::empty(x.shape(), scaled_type(x.dtype()));
  with_type(x.dtype(), [&](auto from_zero) {
    using From = decltype(from_zero);
    const From* from = static_cast<const From*>(x.raw());
    auto write = [&](auto* to) {
      using To = std::remove_pointer_t<decltype(to)>;
      constexpr int64_t rows_a_piece = 256;
      const int64_t rows = x.shape().front();
      parallel_for((rows + rows_a_piece - 1) / rows_a_piece, [&](int64_t piece) {
        for (int64_t row = piece * rows_a_piece; row < std::min(rows, (piece + 1) * rows_a_piece); ++row) {
          for (int64_t f = 0; f < features; ++f) {
            const int64_t at = row * features + f;
            to[at] = static_cast<To>(change(static_cast<double>(from[at]), f));
          }
        }
      });
    };
    if (out.dtype() == DType::float64) {
      write(out.mutable_data<double>());
    } else {
      write(out.mutable_data<float>());
    }
  });
  return out;
}

}  // namespace

Split train_test_split(const Tensor& x, const Tensor& y, const SplitOptions& options) {
  if (x.rank() < 1 || y.rank() < 1 || x.shape().front() != y.shape().front()) {
    throw InvalidArgument(
        message("train_test_split: expected x and y with as many examples, got ", x.spec(), " and ", y.spec(), "."));
  }
  const Indices indices = split_indices(x.shape().front(), y, options);
  return {take_rows(x, indices.train), take_rows(x, indices.test), take_rows(y, indices.train),
          take_rows(y, indices.test)};
}

TrainTest train_test_split(const Dataset& dataset, const SplitOptions& options) {
  Indices indices = split_indices(dataset.size(), options.stratify ? dataset.y() : Tensor(), options);
  return {dataset.select(std::move(indices.train)), dataset.select(std::move(indices.test))};
}

Tensor to_categorical(const Tensor& y, int64_t num_classes) {
  if (num_classes < 0) {
    throw InvalidArgument(message("to_categorical: expected num_classes of at least 0, got ", num_classes, "."));
  }
  const std::vector<int64_t> classes = y.to_vector<int64_t>();
  if (num_classes == 0) {
    if (classes.empty())
      throw InvalidArgument("to_categorical: y is empty; say how many classes there are with num_classes.");
    num_classes = std::max<int64_t>(*std::max_element(classes.begin(), classes.end()) + 1, 0);
  }
  const bool column = y.rank() > 1 && y.shape().back() == 1;
  const Shape lead = column ? y.shape().without(y.rank() - 1) : y.shape();
  Tensor out = zeros(lead.with_back(num_classes));
  float* rows = out.mutable_data<float>();
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < -num_classes || classes[i] >= num_classes) {
      throw InvalidArgument(message("to_categorical: expected classes from 0 to ", num_classes - 1,
                                    " (or negative ones counting from behind), got ", classes[i], " at place ", i,
                                    "."));
    }
    const int64_t place = classes[i] < 0 ? classes[i] + num_classes : classes[i];
    rows[static_cast<int64_t>(i) * num_classes + place] = 1;
  }
  return out;
}

StandardScaler& StandardScaler::fit(const Tensor& x) {
  if (x.rank() < 1 || x.shape().front() < 1) {
    throw InvalidArgument(
        message("StandardScaler: expected at least one example along the first axis, got ", x.spec(), "."));
  }
  const Shape example = x.shape().without(0);
  const int64_t rows = x.shape().front(), features = example.elements();
  mean_ = Tensor::empty(example, DType::float64);
  variance_ = Tensor::empty(example, DType::float64);
  scale_ = Tensor::empty(example, DType::float64);
  double* mean = mean_.mutable_data<double>();
  double* variance = variance_.mutable_data<double>();
  double* scale = scale_.mutable_data<double>();

  // Two passes, so that nothing cancels: the means, then the squares of what is left. Pieces are ranges of features:
  // each sum is made by one thread, in the order of the examples.
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* data = static_cast<const T*>(x.raw());
    constexpr int64_t width = 64;
    parallel_for((features + width - 1) / width, [&](int64_t piece) {
      const int64_t first = piece * width, count = std::min(features - first, width);
      double sum[width] = {}, n[width] = {}, squares[width] = {}, rest[width] = {};
      for (int64_t row = 0; row < rows; ++row) {
        const T* values = data + row * features + first;
        for (int64_t f = 0; f < count; ++f) {
          const double value = static_cast<double>(values[f]);
          const bool known = !std::isnan(value);
          sum[f] += known ? value : 0;
          n[f] += known ? 1 : 0;
        }
      }
      for (int64_t f = 0; f < count; ++f) sum[f] /= n[f];
      for (int64_t row = 0; row < rows; ++row) {
        const T* values = data + row * features + first;
        for (int64_t f = 0; f < count; ++f) {
          const double difference = static_cast<double>(values[f]) - sum[f];
          const bool known = !std::isnan(difference);
          squares[f] += known ? difference * difference : 0;
          rest[f] += known ? difference : 0;  // zero but for rounding; corrects the squares (Chan et al., 1983)
        }
      }
      for (int64_t f = 0; f < count; ++f) {
        const double var = (squares[f] - rest[f] * rest[f] / n[f]) / n[f];
        // scikit-learn's bound on the rounding errors of the variance of a constant.
        constexpr double epsilon = std::numeric_limits<double>::epsilon();
        const double bound = n[f] * epsilon * var + (n[f] * sum[f] * epsilon) * (n[f] * sum[f] * epsilon);
        mean[first + f] = sum[f];
        variance[first + f] = var;
        scale[first + f] = var <= bound ? 1 : std::sqrt(var);
      }
    });
  });
  return *this;
}

void StandardScaler::check(const char* what, const Tensor& x) const {
  if (!mean_.defined()) throw InvalidArgument(message("StandardScaler: call fit() before ", what, "()."));
  if (x.rank() < 1 || x.shape().without(0) != mean_.shape()) {
    throw InvalidArgument(message("StandardScaler: expected examples of the shape ", mean_.shape(),
                                  " that it was fitted to, got ", x.spec(), "."));
  }
}

Tensor StandardScaler::transform(const Tensor& x) const {
  check("transform", x);
  const double* mean = mean_.data<double>();
  const double* scale = scale_.data<double>();
  const bool centre = options_.with_mean, divide = options_.with_std;
  return change_features(x, mean_.size(), [=](double value, int64_t f) {
    return (value - (centre ? mean[f] : 0)) / (divide ? scale[f] : 1);
  });
}

Tensor StandardScaler::inverse_transform(const Tensor& x) const {
  check("inverse_transform", x);
  const double* mean = mean_.data<double>();
  const double* scale = scale_.data<double>();
  const bool centre = options_.with_mean, divide = options_.with_std;
  return change_features(x, mean_.size(), [=](double value, int64_t f) {
    return value * (divide ? scale[f] : 1) + (centre ? mean[f] : 0);
  });
}

}  // namespace hebb::data
