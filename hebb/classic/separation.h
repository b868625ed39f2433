/// Whether a line separates two classes, and by how much: what the perceptron's convergence theorem asks for.
///
///     classic::Separation gap = classic::separation(x, y);
///     gap.bound();         // Rosenblatt's rule makes at most that many corrections; infinity for the exclusive or
#pragma once

#include "hebb/tensor/tensor.h"

namespace hebb::classic {

struct Separation {
  double radius = 0;  ///< R: the length of the longest example, with the constant 1 of the bias as one more coordinate
  /// gamma: how far the nearest example is from the plane through the origin of that larger space that separates best;
  /// 0 where none separates.
  double margin = 0;

  /// (R / gamma)^2: at most so many corrections does the perceptron make that starts from zero, at any learning rate
  /// and in any order of the examples (Novikoff, On convergence proofs on perceptrons, 1962).
  double bound() const;
};

/// x: (examples, features), y: (examples,) or (examples, 1) with at most two different values. The margin is found as
/// the distance of the origin from the convex hull of the examples, those of the smaller value mirrored (Gilbert, An
/// iterative procedure for computing the minimum of a quadratic form on a convex set, 1966); where it stops early the
/// margin is a little too small, and the bound a little too large but true. InvalidArgument for other shapes and more
/// values.
Separation separation(const Tensor& x, const Tensor& y);

}  // namespace hebb::classic
