/// The table of activations: what each is, its range, how smooth it is, and where it comes from.
///
///     for (const ActivationRecord& record : activation_records()) std::cout << record.name << ": " << record.formula;
///
/// `hebb activations` prints it; docs/activations.md is made of it.
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// Where the values of a function lie.
struct ActivationRange {
  double low, high;  ///< the largest lower and the least upper bound; may be infinite
  std::string text;  ///< "(0, 1)", "[0, inf)", "{0, 1}"
};

/// How often a function can be differentiated so that the result is continuous: -1 where it jumps itself, 0 where it
/// has kinks, `Continuity::infinite` where the exponential function's kind never ends.
struct Continuity {
  static constexpr int infinite = 1000;
  int order;

  bool is_infinite() const { return order == infinite; }
  std::string text() const;  ///< "C0", "C1", "C-infinity"; "jumps" for -1
};

/// One row of the table of activations.
struct ActivationRecord {
  std::string name;                     ///< as in `.activation = "relu"`; of a layer its class's
  Tensor (*function)(const Tensor& x);  ///< of a layer: the function at the weights that `formula` states
  std::string doc;                      ///< what it is, in a few words
  std::string formula;
  ActivationRange range;
  Continuity continuity;
  bool monotonic;                 ///< never falls
  std::string origin = {};        ///< paper and year; empty where nobody is known to have proposed it first
  bool in_keras = true;           ///< false: Keras does not load files that have it
  bool elementwise = true;        ///< false: takes the elements along the last axis together
  const char* same_as = nullptr;  ///< of another name for the same function: the name that files get
};

/// All activations that have a name: Keras's, with its aliases (swish, hard_swish), and hebb's own. Keras's `threshold`
/// is not among them, since it has no defaults.
const std::vector<ActivationRecord>& activation_records();

/// Those with weights that are learned, which are layers (nn/layers/learned_activations.h): the function that each is
/// at some weights that show what it is like.
const std::vector<ActivationRecord>& learned_activation_records();

}  // namespace hebb
