#include "hebb/viz/graph_drawing.h"

#include <algorithm>
#include <cmath>

namespace hebb::viz {

namespace {

constexpr double title_size = 13, line_size = 11.5, padding = 12, band_height = 24, line_height = 17, inner_margin = 16;
constexpr double least_width = 64, margin = 24, arrow_head = 7;
constexpr double largest_side = 15000;

/// A graph and the graphs within its boxes, measured.
struct Measured {
  std::vector<std::unique_ptr<Measured>> inside;  // of each box; null where there is nothing
  GraphLayout layout;
};

/// One box behind the other, and many of them: straight arrows need little room, and the picture stays large enough to
/// be read on a slide.
bool is_long_chain(const DrawnGraph& graph) {
  constexpr size_t many = 9;
  return graph.boxes.size() >= many &&
         std::all_of(graph.arrows.begin(), graph.arrows.end(), [](const auto& a) { return a.to == a.from + 1; });
}

std::unique_ptr<Measured> measure(const Picture& ruler, const DrawnGraph& graph, Direction direction) {
  auto out = std::make_unique<Measured>();
  std::vector<BoxSize> sizes;
  for (const GraphBox& box : graph.boxes) {
    BoxSize size{std::max(least_width, ruler.text_width(box.title, {.size = title_size, .bold = true}) + 2 * padding),
                 band_height};
    for (const std::string& line : box.lines)
      size.width = std::max(size.width, ruler.text_width(line, {.size = line_size}) + 2 * padding);
    if (!box.lines.empty()) size.height += static_cast<double>(box.lines.size()) * line_height + 7;
    out->inside.push_back(box.inside ? measure(ruler, *box.inside, direction) : nullptr);
    if (box.inside) {
      const GraphLayout& inner = out->inside.back()->layout;
      size.width = std::max(size.width, inner.width + 2 * inner_margin);
      size.height += inner.height + 2 * inner_margin;
    }
    sizes.push_back(size);
  }
  GraphLayoutOptions options{.direction = direction};
  if (is_long_chain(graph)) options.layer_gap = 22;
  out->layout = lay_out_graph(sizes, {graph.arrows.begin(), graph.arrows.end()}, options);
  return out;
}

void draw_arrow(Picture& picture, const std::vector<Point>& points, Point origin, bool dashed) {
  std::vector<Point> line;
  for (const Point& p : points) line.push_back({origin.x + p.x, origin.y + p.y});
  const Point tip = line.back();
  // The direction of the end: of the last point that is not the tip itself.
  Point before = line.front();
  for (const Point& p : line) {
    if (std::hypot(tip.x - p.x, tip.y - p.y) > 0.5) before = p;
  }
  const double length = std::max(std::hypot(tip.x - before.x, tip.y - before.y), 1e-9);
  const Point along{(tip.x - before.x) / length, (tip.y - before.y) / length}, across{-along.y, along.x};
  const Point neck{tip.x - along.x * arrow_head, tip.y - along.y * arrow_head};
  // The line ends in the head, so that its round end does not look out beyond the tip.
  while (line.size() > 1 && std::hypot(tip.x - line.back().x, tip.y - line.back().y) < arrow_head) line.pop_back();
  line.push_back(neck);
  picture.line(line, {.color = soft_ink, .width = 1.4, .dashed = dashed});
  const double half = arrow_head * 0.48;
  const Point head[] = {
      tip, {neck.x + across.x * half, neck.y + across.y * half}, {neck.x - across.x * half, neck.y - across.y * half}};
  picture.polygon(head, soft_ink);
}

void draw(Picture& picture, const DrawnGraph& graph, const Measured& measured, Point origin) {
  for (size_t i = 0; i < graph.arrows.size(); ++i)
    draw_arrow(picture, measured.layout.arrows[i], origin, graph.arrows[i].dashed);
  for (size_t i = 0; i < graph.boxes.size(); ++i) {
    const GraphBox& box = graph.boxes[i];
    Rectangle where = measured.layout.boxes[i];
    where.x += origin.x;
    where.y += origin.y;
    constexpr double radius = 5;
    const bool plain = box.lines.empty() && !box.inside;
    picture.fill(where, plain ? box.color : white.mixed(box.color, box.inside ? 0.05 : 0.09), radius);
    if (!plain) {
      const Rectangle band{where.x, where.y, where.width, band_height};
      picture.fill(band, box.color, radius);
      picture.fill(band.inside(0, radius + 1, 0, 0), box.color);  // square below
    }
    picture.frame(where, {.color = box.color, .width = 1.2}, radius);
    picture.text(box.title, where.centre().x, where.y + band_height / 2 + title_size * 0.36,
                 {.size = title_size, .color = white, .bold = true, .align = Align::centre});
    double y = where.y + band_height + line_size + 6;
    for (const std::string& line : box.lines) {
      picture.text(line, where.centre().x, y, {.size = line_size, .color = ink, .align = Align::centre});
      y += line_height;
    }
    if (box.inside) {
      const GraphLayout& inner = measured.inside[i]->layout;
      draw(picture, *box.inside, *measured.inside[i],
           {where.centre().x - inner.width / 2, where.bottom() - inner_margin - inner.height});
    }
  }
}

}  // namespace

Picture draw_graph(const DrawnGraph& graph, const GraphOptions& options) {
  const Picture ruler(1, 1);
  const auto measured = measure(ruler, graph, options.direction);
  const TextStyle title{.size = 16, .color = ink, .bold = true};
  const double header = options.title.empty() ? 0 : 34;
  const double width = std::max(
      {measured->layout.width, options.title.empty() ? 0 : std::min(ruler.text_width(options.title, title), 600.), 1.});
  const double height = std::max(measured->layout.height, 1.);
  const double scale = std::min(1.0, largest_side / std::max(width, height));
  Picture picture(width * scale + 2 * margin, height * scale + 2 * margin + header);
  if (!options.title.empty()) picture.text(picture.fit_text(options.title, width, title), margin, margin + 14, title);
  picture.zoom({margin, margin + header}, scale);
  draw(picture, graph, *measured, {(width - measured->layout.width) / 2, 0});
  picture.unzoom();
  return picture;
}

}  // namespace hebb::viz
