/// Pictures of graphs: boxes with lines of text, joined by arrows.
///
///     DrawnGraph graph;
///     graph.boxes = {{.title = "x"}, {.title = "square", .lines = {"float32(3,)"}}, {.title = "add"}};
///     graph.arrows = {{0, 1}, {1, 2}, {0, 2}};
///     viz::draw_graph(graph).save("graph.svg");
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hebb/viz/canvas.h"
#include "hebb/viz/graph_layout.h"

namespace hebb::viz {

struct DrawnGraph;

struct GraphBox {
  std::string title = {};               ///< on a band of the box's color
  std::vector<std::string> lines = {};  ///< below it
  Color color = Color::hex(0x4a5568);
  /// What the box is made of, drawn within it; null: nothing.
  std::shared_ptr<const DrawnGraph> inside = nullptr;
};

struct GraphArrow : Arrow {
  GraphArrow(size_t from, size_t to, bool is_dashed = false) : Arrow{from, to}, dashed(is_dashed) {}
  bool dashed = false;
};

struct DrawnGraph {
  std::vector<GraphBox> boxes;
  std::vector<GraphArrow> arrows;
};

struct GraphOptions {
  std::string title = {};
  Direction direction = Direction::down;
};

/// A picture as large as the graph needs it; a graph that would need more than the largest picture is drawn smaller.
/// InvalidArgument as `lay_out_graph`.
Picture draw_graph(const DrawnGraph& graph, const GraphOptions& options = {});

}  // namespace hebb::viz
