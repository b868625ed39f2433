#include "hebb/viz/t_sne.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/viz/pca.h"

namespace hebb::viz {

namespace {

struct Place {
  double x = 0, y = 0;
};

/// The affinities p_ij as rows of a sparse symmetric matrix.
struct Affinities {
  std::vector<size_t> start;  // of each row, and the end
  std::vector<size_t> column;
  std::vector<double> value;
};

/// Squared distances of a point to all others.
std::vector<double> distances_from(const std::vector<double>& x, int64_t n, int64_t features, int64_t i) {
  std::vector<double> out(static_cast<size_t>(n));
  const double* a = &x[static_cast<size_t>(i * features)];
  for (int64_t j = 0; j < n; ++j) {
    const double* b = &x[static_cast<size_t>(j * features)];
    double sum[4] = {};
    int64_t k = 0;
    for (; k + 4 <= features; k += 4) {
      for (int64_t lane = 0; lane < 4; ++lane) sum[lane] += (a[k + lane] - b[k + lane]) * (a[k + lane] - b[k + lane]);
    }
    for (; k < features; ++k) sum[0] += (a[k] - b[k]) * (a[k] - b[k]);
    out[static_cast<size_t>(j)] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
  return out;
}

struct Neighbour {
  double distance;
  size_t index;
};

/// The nearest points, nearest first, without the point itself.
std::vector<Neighbour> nearest(const std::vector<double>& distances, size_t self, size_t count) {
  std::vector<Neighbour> all;
  for (size_t j = 0; j < distances.size(); ++j) {
    if (j != self) all.push_back({distances[j], j});
  }
  auto nearer = [](const Neighbour& a, const Neighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.index < b.index;
  };
  count = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), nearer);
  all.resize(count);
  return all;
}

/// The Gaussian's shares whose entropy is that of `perplexity` equal neighbours, by bisection of its precision.
std::vector<double> shares_of(const std::vector<Neighbour>& neighbours, double perplexity) {
  double low = 0, high = std::numeric_limits<double>::infinity(), precision = 1;
  const double wanted = std::log(perplexity), nearest_distance = neighbours.front().distance;
  double mean = 0;
  for (const Neighbour& one : neighbours) mean += one.distance - nearest_distance;
  if (mean > 0) precision = static_cast<double>(neighbours.size()) / mean;
  std::vector<double> shares(neighbours.size());
  for (int step = 0; step < 100; ++step) {
    double sum = 0, weighted = 0;
    for (size_t k = 0; k < neighbours.size(); ++k) {
      const double beyond = neighbours[k].distance - nearest_distance;
      shares[k] = std::exp(-precision * beyond);
      sum += shares[k];
      weighted += beyond * shares[k];
    }
    for (double& share : shares) share /= sum;
    // The nearest one alone counts 1.
    const double entropy = std::log(std::max(sum, 1.)) + precision * weighted / sum;
    if (std::abs(entropy - wanted) < 1e-6) break;
    if (entropy > wanted) {
      low = precision;
      precision = std::isfinite(high) ? (low + high) / 2 : precision * 2;
    } else {
      high = precision;
      precision = (low + high) / 2;
    }
  }
  return shares;
}

Affinities affinities_of(const std::vector<double>& x, int64_t n, int64_t features, double perplexity) {
  const auto count = static_cast<size_t>(std::min<int64_t>(n - 1, std::llround(std::ceil(3 * perplexity))));
  const auto size = static_cast<size_t>(n);
  std::vector<std::vector<std::pair<size_t, double>>> rows(size);
  parallel_for(n, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    const std::vector<Neighbour> found = nearest(distances_from(x, n, features, i), at, count);
    const std::vector<double> shares = shares_of(found, perplexity);
    for (size_t k = 0; k < found.size(); ++k) rows[at].emplace_back(found[k].index, shares[k]);
  });
  std::vector<std::map<size_t, double>> both(size);
  for (size_t i = 0; i < size; ++i) {
    for (const auto& [j, share] : rows[i]) {
      both[i][j] += share / (2 * static_cast<double>(n));
      both[j][i] += share / (2 * static_cast<double>(n));
    }
  }
  Affinities out;
  for (const auto& row : both) {
    out.start.push_back(out.column.size());
    for (const auto& [j, value] : row) {
      out.column.push_back(j);
      out.value.push_back(value);
    }
  }
  out.start.push_back(out.column.size());
  return out;
}

/// A tree of squares; each knows how many points it holds and where their middle is.
class Tree {
 public:
  explicit Tree(const std::vector<Place>& places) {
    double low_x = places[0].x, high_x = low_x, low_y = places[0].y, high_y = low_y;
    for (const Place& p : places) {
      low_x = std::min(low_x, p.x);
      high_x = std::max(high_x, p.x);
      low_y = std::min(low_y, p.y);
      high_y = std::max(high_y, p.y);
    }
    const double side = std::max({high_x - low_x, high_y - low_y, 1e-12}) * (1 + 1e-9);
    cells_.push_back({low_x, low_y, side, {}, 0, {-1, -1, -1, -1}});
    for (const Place& p : places) insert(p);
  }

  /// The repulsion at a place, sum of q^2 times the difference, and the sum of all q = 1 / (1 + distance^2), of all
  /// points but one that lies there itself.
  void repulsion(Place at, double angle, Place& force, double& sum) const {
    int64_t open[256];
    int count = 0;
    open[count++] = 0;
    while (count > 0) {
      const Cell& cell = cells_[static_cast<size_t>(open[--count])];
      if (cell.count == 0) continue;
      const double dx = at.x - cell.middle.x, dy = at.y - cell.middle.y, distance = dx * dx + dy * dy;
      const bool leaf = cell.children[0] < 0;
      if (leaf || cell.side * cell.side < angle * angle * distance) {
        // A leaf holds one place, if several times: where it is this one, one of the points is the point itself.
        const double many = static_cast<double>(cell.count) - (leaf && distance == 0 ? 1 : 0);
        const double q = 1 / (1 + distance);
        sum += many * q;
        force.x += many * q * q * dx;
        force.y += many * q * q * dy;
      } else {
        for (const int64_t child : cell.children) open[count++] = child;
      }
    }
  }

 private:
  struct Cell {
    double x, y, side;
    Place middle;
    int64_t count;
    int64_t children[4];
  };
  static constexpr int deepest = 50;

  void insert(Place p) {
    int64_t at = 0;
    for (int depth = 0;; ++depth) {
      Cell& cell = cells_[static_cast<size_t>(at)];
      const bool leaf = cell.children[0] < 0;
      const bool same = cell.count > 0 && cell.middle.x == p.x && cell.middle.y == p.y;
      if (leaf && (cell.count == 0 || same || depth == deepest)) {
        add(cell, p);
        return;
      }
      if (leaf) split(at);
      Cell& parent = cells_[static_cast<size_t>(at)];  // `split` may have moved it
      add(parent, p);
      at = parent.children[quadrant(parent, p)];
    }
  }
  static void add(Cell& cell, Place p) {
    cell.count += 1;
    if (cell.count > 1 && cell.middle.x == p.x && cell.middle.y == p.y) return;  // the same place stays exact
    const double share = 1 / static_cast<double>(cell.count);
    cell.middle = {cell.middle.x + (p.x - cell.middle.x) * share, cell.middle.y + (p.y - cell.middle.y) * share};
    if (cell.count == 1) cell.middle = p;
  }
  static int quadrant(const Cell& cell, Place p) {
    return (p.x >= cell.x + cell.side / 2 ? 1 : 0) + (p.y >= cell.y + cell.side / 2 ? 2 : 0);
  }
  /// Hands what a leaf holds, points at one place, to a child.
  void split(int64_t at) {
    const Cell whole = cells_[static_cast<size_t>(at)];
    const double half = whole.side / 2;
    for (int q = 0; q < 4; ++q) {
      cells_[static_cast<size_t>(at)].children[q] = static_cast<int64_t>(cells_.size());
      cells_.push_back({whole.x + (q & 1 ? half : 0), whole.y + (q & 2 ? half : 0), half, {}, 0, {-1, -1, -1, -1}});
    }
    const Cell& parent = cells_[static_cast<size_t>(at)];
    Cell& child = cells_[static_cast<size_t>(parent.children[quadrant(whole, whole.middle)])];
    child.middle = whole.middle;
    child.count = whole.count;
  }

  std::vector<Cell> cells_;
};

std::vector<Place> first_places(const Tensor& points, int64_t n, const TSneOptions& options) {
  std::vector<Place> out(static_cast<size_t>(n));
  if (options.seed) {
    PhiloxStream random(static_cast<uint64_t>(*options.seed));
    for (Place& p : out) {
      p.x = 1e-4 * static_cast<double>(random.normal());
      p.y = 1e-4 * static_cast<double>(random.normal());
    }
    return out;
  }
  const int64_t components = std::min<int64_t>(2, points.size() / n);
  const Pca pca = principal_components(points, components);
  const double scale = pca.variances[0] > 0 ? 1e-4 / std::sqrt(pca.variances[0]) : 0;
  const auto* values = pca.points.data<double>();
  for (size_t i = 0; i < out.size(); ++i) {
    out[i].x = values[i * static_cast<size_t>(components)] * scale;
    out[i].y = components > 1 ? values[i * 2 + 1] * scale : 0;
  }
  return out;
}

/// The gradient of the Kullback-Leibler divergence, 4 (attraction - repulsion / sum of q).
void gradient_at(const std::vector<Place>& places, const Affinities& p, double exaggeration, double angle,
                 std::vector<Place>& gradient, std::vector<double>& sums) {
  const Tree tree(places);
  const auto n = static_cast<int64_t>(places.size());
  std::vector<Place> repulsion(places.size());
  constexpr int64_t piece = 64;
  parallel_for((n + piece - 1) / piece, [&](int64_t at) {
    for (int64_t k = at * piece; k < std::min(n, (at + 1) * piece); ++k) {
      const auto i = static_cast<size_t>(k);
      sums[i] = 0;
      tree.repulsion(places[i], angle, repulsion[i], sums[i]);
      Place pull;
      for (size_t e = p.start[i]; e < p.start[i + 1]; ++e) {
        const Place& other = places[p.column[e]];
        const double dx = places[i].x - other.x, dy = places[i].y - other.y;
        const double weight = p.value[e] / (1 + dx * dx + dy * dy);
        pull.x += weight * dx;
        pull.y += weight * dy;
      }
      gradient[i] = pull;
    }
  });
  const double whole = std::max(std::accumulate(sums.begin(), sums.end(), 0.), 1e-300);
  for (size_t i = 0; i < places.size(); ++i) {
    gradient[i] = {4 * (exaggeration * gradient[i].x - repulsion[i].x / whole),
                   4 * (exaggeration * gradient[i].y - repulsion[i].y / whole)};
  }
}

/// One step with momentum and a gain for each number (Jacobs, 1988).
void step(double& place, double& speed, double& gain, double slope, double momentum, double rate) {
  gain = (slope > 0) == (speed > 0) ? std::max(gain * 0.8, 0.01) : gain + 0.2;
  speed = momentum * speed - rate * gain * slope;
  place += speed;
}

std::vector<double> checked(const Tensor& points, const char* what) {
  std::vector<double> x = points.to_vector<double>();
  if (!std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); }))
    throw InvalidArgument(message(what, ": expected finite values, got NaN or infinity among them."));
  return x;
}

}  // namespace

Tensor t_sne(const Tensor& points, const TSneOptions& options) {
  const int64_t n = points.rank() > 0 ? points.shape()[0] : 0;
  if (n < 4 || points.size() == 0)
    throw InvalidArgument(message("t_sne: expected at least four points, got ", points.spec(), "."));
  if (!(options.perplexity >= 1 && options.perplexity < static_cast<double>(n))) {
    throw InvalidArgument(message("t_sne: expected a perplexity from 1 to below the number of points, ", n, ", got ",
                                  options.perplexity, "."));
  }
  if (!(options.early_exaggeration >= 1) || options.learning_rate < 0 || options.iterations < 1 ||
      !(options.angle >= 0 && options.angle <= 1)) {
    throw InvalidArgument(
        message("t_sne: expected early_exaggeration from 1 on, learning_rate from 0 on, at least one "
                "iteration and angle from 0 to 1, got ",
                options.early_exaggeration, ", ", options.learning_rate, ", ", options.iterations, " and ",
                options.angle, "."));
  }
  const Affinities p = affinities_of(checked(points, "t_sne"), n, points.size() / n, options.perplexity);
  std::vector<Place> places = first_places(points, n, options);
  const auto size = static_cast<size_t>(n);
  std::vector<Place> speed(size), gains(size, {1, 1}), gradient(size);
  std::vector<double> sums(size);
  const double rate = options.learning_rate > 0
                          ? options.learning_rate
                          : std::max(static_cast<double>(n) / options.early_exaggeration / 4, 50.);
  constexpr int64_t early = 250;
  for (int64_t iteration = 0; iteration < options.iterations; ++iteration) {
    const bool exaggerated = iteration < early;
    gradient_at(places, p, exaggerated ? options.early_exaggeration : 1, options.angle, gradient, sums);
    for (size_t i = 0; i < size; ++i) {
      step(places[i].x, speed[i].x, gains[i].x, gradient[i].x, exaggerated ? 0.5 : 0.8, rate);
      step(places[i].y, speed[i].y, gains[i].y, gradient[i].y, exaggerated ? 0.5 : 0.8, rate);
    }
  }
  Tensor out = Tensor::empty({n, 2}, DType::float64);
  auto* values = out.mutable_data<double>();
  Place middle;
  for (const Place& place : places) {
    middle.x += place.x / static_cast<double>(n);
    middle.y += place.y / static_cast<double>(n);
  }
  for (const Place& place : places) {
    *values++ = place.x - middle.x;
    *values++ = place.y - middle.y;
  }
  return out;
}

double trustworthiness(const Tensor& points, const Tensor& places, int64_t neighbours) {
  const int64_t n = points.rank() > 0 ? points.shape()[0] : 0;
  if (places.rank() < 1 || places.shape()[0] != n || neighbours < 1 || 2 * neighbours >= n) {
    throw InvalidArgument(
        message("trustworthiness: expected as many points as places and from 1 to below half as many "
                "neighbours, got ",
                points.spec(), ", ", places.spec(), " and ", neighbours, "."));
  }
  const std::vector<double> x = checked(points, "trustworthiness"), y = checked(places, "trustworthiness");
  const auto size = static_cast<size_t>(n);
  std::vector<double> costs(size);
  parallel_for(n, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    const std::vector<Neighbour> in_space = nearest(distances_from(x, n, points.size() / n, i), at, size);
    std::vector<int64_t> rank(size);
    for (size_t k = 0; k < in_space.size(); ++k) rank[in_space[k].index] = static_cast<int64_t>(k) + 1;
    for (const Neighbour& one :
         nearest(distances_from(y, n, places.size() / n, i), at, static_cast<size_t>(neighbours)))
      costs[at] += static_cast<double>(std::max<int64_t>(rank[one.index] - neighbours, 0));
  });
  const double k = static_cast<double>(neighbours), count = static_cast<double>(n);
  return 1 - std::accumulate(costs.begin(), costs.end(), 0.) * 2 / (count * k * (2 * count - 3 * k - 1));
}

}  // namespace hebb::viz
