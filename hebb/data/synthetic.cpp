#include "hebb/data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/ops/random.h"

namespace hebb::data {

namespace {

constexpr double pi = std::numbers::pi;

/// What the numbers of one seed are drawn for; each has a stream of its own.
enum Stream : uint64_t { noise_stream, centre_stream };

PhiloxStream draw(int64_t seed, Stream stream) { return PhiloxStream(static_cast<uint64_t>(seed), stream); }

void check_samples(const char* where, int64_t samples) {
  if (samples < 1) throw InvalidArgument(message(where, ": expected samples of at least 1, got ", samples, "."));
}

void check_deviation(const char* where, const char* name, double value) {
  if (!(value >= 0 && std::isfinite(value))) {
    throw InvalidArgument(message(where, ": expected ", name, " of at least 0, got ", value, "."));
  }
}

/// Collects points class by class, then hands them over, in random order if wanted.
class Collector {
 public:
  explicit Collector(int64_t features) : features_(features) {}

  void add(std::initializer_list<double> point, int32_t class_number) {
    coordinates_.insert(coordinates_.end(), point);
    classes_.push_back(class_number);
  }
  void add_coordinate(double value) { coordinates_.push_back(value); }
  void end_point(int32_t class_number) { classes_.push_back(class_number); }

  void add_noise(double deviation, int64_t seed) {
    if (deviation == 0) return;
    PhiloxStream random = draw(seed, noise_stream);
    for (double& value : coordinates_) value += deviation * random.normal();
  }

  Points points(bool shuffle, int64_t seed) const {
    const auto count = static_cast<int64_t>(classes_.size());
    std::vector<int64_t> order;
    if (shuffle) order = random::permutation(count, seed).to_vector<int64_t>();
    Points out{Tensor::empty({count, features_}), Tensor::empty({count}, DType::int32)};
    float* x = out.x.mutable_data<float>();
    int32_t* y = out.y.mutable_data<int32_t>();
    for (int64_t i = 0; i < count; ++i) {
      const int64_t from = shuffle ? order[static_cast<size_t>(i)] : i;
      y[i] = classes_[static_cast<size_t>(from)];
      for (int64_t f = 0; f < features_; ++f) {
        x[i * features_ + f] = static_cast<float>(coordinates_[static_cast<size_t>(from * features_ + f)]);
      }
    }
    return out;
  }

 private:
  int64_t features_;
  std::vector<double> coordinates_;
  std::vector<int32_t> classes_;
};

/// The i-th of n numbers spread evenly over [0, end], both ends included.
double spread(int64_t i, int64_t n, double end) {
  return n == 1 ? 0 : end * static_cast<double>(i) / static_cast<double>(n - 1);
}

/// How many of the samples belong to a class when they are divided equally.
int64_t share(int64_t samples, int64_t classes, int64_t class_number) {
  return samples / classes + (class_number < samples % classes ? 1 : 0);
}

}  // namespace

Points moons(const MoonsOptions& options) {
  check_samples("moons", options.samples);
  check_deviation("moons", "noise", options.noise);
  Collector out(2);
  const int64_t outer = options.samples / 2, inner = options.samples - outer;
  for (int64_t i = 0; i < outer; ++i) {
    const double angle = spread(i, outer, pi);
    out.add({std::cos(angle), std::sin(angle)}, 0);
  }
  for (int64_t i = 0; i < inner; ++i) {
    const double angle = spread(i, inner, pi);
    out.add({1 - std::cos(angle), 0.5 - std::sin(angle)}, 1);
  }
  out.add_noise(options.noise, options.seed);
  return out.points(options.shuffle, options.seed);
}

Points circles(const CirclesOptions& options) {
  check_samples("circles", options.samples);
  check_deviation("circles", "noise", options.noise);
  if (!(options.factor >= 0 && options.factor < 1)) {
    throw InvalidArgument(message("circles: expected a factor from 0 to below 1, got ", options.factor, "."));
  }
  Collector out(2);
  const int64_t outer = options.samples / 2, inner = options.samples - outer;
  for (int64_t i = 0; i < outer; ++i) {
    const double angle = 2 * pi * static_cast<double>(i) / static_cast<double>(outer);
    out.add({std::cos(angle), std::sin(angle)}, 0);
  }
  for (int64_t i = 0; i < inner; ++i) {
    const double angle = 2 * pi * static_cast<double>(i) / static_cast<double>(inner);
    out.add({options.factor * std::cos(angle), options.factor * std::sin(angle)}, 1);
  }
  out.add_noise(options.noise, options.seed);
  return out.points(options.shuffle, options.seed);
}

Points blobs(const BlobsOptions& options) {
  check_samples("blobs", options.samples);
  check_deviation("blobs", "cluster_std", options.cluster_std);
  std::vector<std::vector<double>> centers = options.center_points;
  if (centers.empty()) {
    if (options.features < 1) {
      throw InvalidArgument(message("blobs: expected features of at least 1, got ", options.features, "."));
    }
    if (options.centers < 1) {
      throw InvalidArgument(message("blobs: expected centers of at least 1, got ", options.centers, "."));
    }
    if (!(options.center_low <= options.center_high)) {
      throw InvalidArgument(message("blobs: expected center_low not above center_high, got ", options.center_low,
                                    " and ", options.center_high, "."));
    }
    PhiloxStream random = draw(options.seed, centre_stream);
    centers.assign(static_cast<size_t>(options.centers), std::vector<double>(static_cast<size_t>(options.features)));
    for (std::vector<double>& centre : centers) {
      for (double& value : centre) {
        value = options.center_low + (options.center_high - options.center_low) * random.uniform_double();
      }
    }
  }
  const size_t features = centers.front().size();
  for (const std::vector<double>& centre : centers) {
    if (centre.empty() || centre.size() != features) {
      throw InvalidArgument(message("blobs: expected center_points of one length of at least 1, got lengths ", features,
                                    " and ", centre.size(), "."));
    }
  }
  Collector out(static_cast<int64_t>(features));
  const auto classes = static_cast<int64_t>(centers.size());
  for (int64_t c = 0; c < classes; ++c) {
    for (int64_t i = 0; i < share(options.samples, classes, c); ++i) {
      for (const double value : centers[static_cast<size_t>(c)]) out.add_coordinate(value);
      out.end_point(static_cast<int32_t>(c));
    }
  }
  out.add_noise(options.cluster_std, options.seed);
  return out.points(options.shuffle, options.seed);
}

Points spirals(const SpiralsOptions& options) {
  check_samples("spirals", options.samples);
  check_deviation("spirals", "noise", options.noise);
  check_deviation("spirals", "turns", options.turns);
  if (options.classes < 1)
    throw InvalidArgument(message("spirals: expected classes of at least 1, got ", options.classes, "."));
  Collector out(2);
  for (int64_t c = 0; c < options.classes; ++c) {
    const int64_t count = share(options.samples, options.classes, c);
    const double start = 2 * pi * static_cast<double>(c) / static_cast<double>(options.classes);
    for (int64_t i = 0; i < count; ++i) {
      // The square root puts the points of an arm at about equal distances.
      const double radius = std::sqrt((static_cast<double>(i) + 1) / static_cast<double>(count));
      const double angle = start + 2 * pi * options.turns * radius;
      out.add({radius * std::cos(angle), radius * std::sin(angle)}, static_cast<int32_t>(c));
    }
  }
  out.add_noise(options.noise, options.seed);
  return out.points(options.shuffle, options.seed);
}

Points xor_problem(const XorOptions& options) {
  check_samples("xor_problem", options.samples);
  check_deviation("xor_problem", "noise", options.noise);
  Collector out(2);
  for (int64_t i = 0; i < options.samples; ++i) {
    const int a = static_cast<int>(i >> 1) & 1, b = static_cast<int>(i) & 1;
    out.add({static_cast<double>(a), static_cast<double>(b)}, a ^ b);
  }
  out.add_noise(options.noise, options.seed);
  return out.points(options.shuffle, options.seed);
}

}  // namespace hebb::data
