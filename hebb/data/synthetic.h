/// Small synthetic data sets of points in the plane, to see at a glance what a model can separate.
///
///     auto [x, y] = data::moons({.samples = 1000, .noise = 0.2, .seed = 42});
///
/// x is float32(samples, features) and y int32(samples) with the classes 0, 1, ... The shapes, the numbers of points in
/// each class and the defaults are scikit-learn's (make_moons, make_circles, make_blobs); the random numbers are hebb's
/// own. All throw InvalidArgument for options that make no sense.
#pragma once

#include <cstdint>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::data {

/// Points and their classes: `auto [x, y] = ...`.
struct Points {
  Tensor x, y;
};

struct MoonsOptions {
  int64_t samples = 100;  ///< half of them in each moon; the odd one belongs to class 1
  bool shuffle = true;    ///< false: first all points of class 0
  double noise = 0;       ///< deviation of the normal noise on both coordinates
  int64_t seed = 0;
};
/// Two half circles of radius 1 that interleave: class 0 arches around (0, 0), class 1 hangs around (1, 0.5).
Points moons(const MoonsOptions& options = {});

struct CirclesOptions {
  int64_t samples = 100;  ///< half of them on each circle; the odd one belongs to class 1
  bool shuffle = true;
  double noise = 0;
  int64_t seed = 0;
  double factor = 0.8;  ///< radius of the inner circle, from 0 to below 1
};
/// A circle of radius 1 (class 0) around a smaller one (class 1).
Points circles(const CirclesOptions& options = {});

struct BlobsOptions {
  int64_t samples = 100;  ///< divided equally among the centres, the first ones taking what is left over
  int64_t features = 2;
  int64_t centers = 3;
  double cluster_std = 1;
  double center_low = -10, center_high = 10;  ///< the box of which the centres are drawn
  bool shuffle = true;
  int64_t seed = 0;
  /// The centres themselves, all of the same length; `features` and `centers` then follow from them.
  std::vector<std::vector<double>> center_points = {};
};
/// Normal clouds of points around centres.
Points blobs(const BlobsOptions& options = {});

struct SpiralsOptions {
  int64_t samples = 100;  ///< divided equally among the classes, the first ones taking what is left over
  bool shuffle = true;
  double noise = 0;
  int64_t seed = 0;
  int64_t classes = 2;
  double turns = 1.5;  ///< of each arm around the origin
};
/// Arms that wind around one another, one for each class, from near the origin to radius 1. Two of them are the
/// problem of Lang and Witbrock (1988), which stopped the first generation of multilayer networks.
Points spirals(const SpiralsOptions& options = {});

struct XorOptions {
  int64_t samples = 4;  ///< the four corners in turn: (0, 0), (0, 1), (1, 0), (1, 1)
  bool shuffle = false;
  double noise = 0;
  int64_t seed = 0;
};
/// The exclusive or, which no single line separates (Minsky and Papert, 1969): class 1 where the coordinates differ. By
/// default the truth table itself. (`xor` is a keyword of C++.)
Points xor_problem(const XorOptions& options = {});

}  // namespace hebb::data
