/// Where the boxes and arrows of a graph without cycles go on a page: boxes in layers, arrows from layer to layer, few
/// crossings, long arrows straight.
///
///     GraphLayout layout = lay_out_graph({{80, 30}, {80, 30}, {60, 30}}, {{0, 1}, {1, 2}, {0, 2}});
///     layout.boxes[2];      // where the third box goes
///     layout.arrows[1];     // the points along which the second arrow runs
///
/// The steps are those of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
/// structures" (1981), with the weights of Gansner, Koutsofios, North and Vo, "A technique for drawing directed graphs"
/// (1993). The same graph gives the same layout.
#pragma once

#include <cstdint>
#include <vector>

#include "hebb/viz/canvas.h"

namespace hebb::viz {

/// The way that arrows go.
enum class Direction { down, up, right, left };

struct BoxSize {
  double width = 0, height = 0;
};

/// An arrow between boxes, by their places in the list.
struct Arrow {
  size_t from = 0, to = 0;
};

struct GraphLayoutOptions {
  Direction direction = Direction::down;
  double box_gap = 26;    ///< between boxes of a layer
  double layer_gap = 34;  ///< between layers
};

struct GraphLayout {
  double width = 0, height = 0;            ///< of everything; the upper left corner is (0, 0)
  std::vector<Rectangle> boxes;            ///< in the order given
  std::vector<std::vector<Point>> arrows;  ///< in the order given, each from border to border
  std::vector<int64_t> layers;             ///< of each box, the first is 0
  int64_t crossings = 0;                   ///< of arrows
};

/// InvalidArgument when an arrow names a box that is not there, or arrows go in a circle.
GraphLayout lay_out_graph(const std::vector<BoxSize>& boxes, const std::vector<Arrow>& arrows,
                          const GraphLayoutOptions& options = {});

}  // namespace hebb::viz
