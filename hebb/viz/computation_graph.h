/// Pictures of traced computations: every operation a box, every value an arrow.
///
///     Graph graph = trace(f, {Spec{{2}}});
///     viz::draw_graph(viz::computation_graph(graph)).save("graph.svg");
#pragma once

#include "hebb/graph/graph.h"
#include "hebb/viz/graph_drawing.h"

namespace hebb::viz {

/// Boxes for parameters, variables, constants, operations (with their attributes and what they give) and outputs.
/// Constants of one element show their value. Each parameter and variable is one box; a constant is one for each of its
/// readers, so that no arrows cross the page for a 2.
DrawnGraph computation_graph(const Graph& graph);

}  // namespace hebb::viz
