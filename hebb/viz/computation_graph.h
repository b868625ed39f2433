/// Pictures of traced computations: every operation a box, every value an arrow.
///
///     Graph graph = trace(f, {Spec{{2}}});
///     viz::draw_graph(viz::computation_graph(graph)).save("graph.svg");
#pragma once

#include <string>
#include <vector>

#include "hebb/graph/graph.h"
#include "hebb/viz/graph_drawing.h"

namespace hebb::viz {

/// Boxes for parameters, variables, constants, operations (with their attributes and what they give) and outputs.
/// Constants of one element show their value. Each parameter and variable is one box; a constant is one for each of its
/// readers, so that no arrows cross the page for a 2.
/// `parameters` names the boxes of the parameters; those beyond it are called "parameter 0" and so on.
DrawnGraph computation_graph(const Graph& graph, const std::vector<std::string>& parameters = {});

}  // namespace hebb::viz
