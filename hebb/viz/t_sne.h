/// t-SNE: points of many dimensions in the plane, neighbours beside neighbours.
///
///     Tensor plane = viz::t_sne(x, {.perplexity = 30});            // (n, 2)
///     double good = viz::trustworthiness(x, plane, 5);
#pragma once

#include <cstdint>
#include <optional>

#include "hebb/tensor/tensor.h"

namespace hebb::viz {

struct TSneOptions {
  double perplexity = 30;          ///< about how many neighbours each point has
  double early_exaggeration = 12;  ///< of the attraction in the first 250 iterations
  double learning_rate = 0;        ///< 0: n / early_exaggeration / 4, at least 50
  int64_t iterations = 1000;
  double angle = 0.5;  ///< how large a far-off cell may look to count as one point; 0: exact
  /// Unset: starts from the two principal components; set: from random places that belong to this seed.
  std::optional<int64_t> seed = {};
};

/// float64(n, 2) for points (n, ...), whose axes but the first are taken as one (van der Maaten and Hinton, 2008), with
/// attraction between the 3 * perplexity nearest neighbours and repulsion by Barnes and Hut's tree (van der Maaten,
/// 2014). The same on any number of threads. 2,000 points take seconds. InvalidArgument for fewer than four points,
/// values that are not finite, and options out of their ranges (perplexity from 1 to below the number of points).
Tensor t_sne(const Tensor& points, const TSneOptions& options = {});

/// How far neighbours in the plane are neighbours in space, from 0 to 1 (Venna and Kaski, 2001): each of a point's
/// `neighbours` nearest in the plane costs by how much its rank in space is beyond that number. InvalidArgument unless
/// 0 < neighbours < n / 2 and there are as many points as places.
double trustworthiness(const Tensor& points, const Tensor& places, int64_t neighbours = 5);

}  // namespace hebb::viz
