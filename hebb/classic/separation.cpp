#include "hebb/classic/separation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::classic {

namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

double Separation::bound() const {
  if (margin <= 0) return std::numeric_limits<double>::infinity();
  return (radius / margin) * (radius / margin);
}

Separation separation(const Tensor& x, const Tensor& y) {
  const int64_t examples = x.rank() == 2 ? x.shape().front() : 0;
  if (examples == 0 || y.size() != examples) {
    throw InvalidArgument(message("separation: expected examples (examples, features) and a class for each, got ",
                                  x.spec(), " and ", y.spec(), "."));
  }
  const Vector values = x.to_vector<double>(), classes = y.to_vector<double>();
  const std::set<double> kinds(classes.begin(), classes.end());
  if (kinds.size() > 2) {
    throw InvalidArgument(message("separation: expected classes of at most two different values, got ", kinds.size(),
                                  ". Ask for one neuron's column of targets at a time."));
  }
  // What is to lie on the positive side: (x, 1) of the one class, -(x, 1) of the other.
  const auto features = static_cast<size_t>(x.shape().back());
  std::vector<Vector> points;
  Separation out;
  for (size_t i = 0; i < static_cast<size_t>(examples); ++i) {
    const double side = classes[i] == *kinds.rbegin() ? 1 : -1;
    Vector point;
    for (size_t k = 0; k < features; ++k) point.push_back(side * values[i * features + k]);
    point.push_back(side);
    out.radius = std::max(out.radius, std::sqrt(dot(point, point)));
    points.push_back(std::move(point));
  }

  // w stays in the convex hull and moves towards the vertex that is least far in w's direction, as long as that brings
  // it nearer to the origin.
  Vector w = points.front();
  constexpr int most_steps = 20'000;
  for (int step = 0; step < most_steps; ++step) {
    const double length = std::sqrt(dot(w, w));
    if (length < 1e-9 * out.radius) break;  // the origin is in the hull: nothing separates
    const auto nearest = std::ranges::min_element(points, {}, [&](const Vector& point) { return dot(w, point); });
    const double least = dot(w, *nearest) / length;
    out.margin = std::max(out.margin, least);
    if (length - least < 1e-6 * length) break;
    // The point of the segment from w to the vertex that is nearest to the origin.
    Vector way(w.size());
    for (size_t k = 0; k < w.size(); ++k) way[k] = (*nearest)[k] - w[k];
    const double share = std::clamp(-dot(w, way) / dot(way, way), 0.0, 1.0);
    for (size_t k = 0; k < w.size(); ++k) w[k] += share * way[k];
  }
  return out;
}

}  // namespace hebb::classic
