/// A page that explains one step of learning of a small network: the network drawn with every number on it, the
/// formulas with the numbers put in below.
///
///     write_atomically("step.html", viz::explanation_page(explain(model, x, target)));
#pragma once

#include <string>

#include "hebb/nn/explanation.h"

namespace hebb::viz {

/// One HTML file that needs nothing else, neither network nor script: forward pass, error signals, gradients and
/// update, each with a drawing as wide as a slide. Weights of different sign differ in color and dash.
std::string explanation_page(const Explanation& explanation);

}  // namespace hebb::viz
