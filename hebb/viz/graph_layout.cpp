#include "hebb/viz/graph_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::viz {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double bend_gap = 14;  // between a bend of a long arrow and what stands beside it

/// A box, or a bend: the place where a long arrow passes a layer.
struct Item {
  double width = 0, height = 0;
  bool is_box = true;
  int64_t layer = 0;
  double x = 0;  // of the middle
  std::vector<size_t> above, below;
};

struct Drawing {
  std::vector<Item> items;                  // the boxes first
  std::vector<std::vector<size_t>> layers;  // items from left to right
  std::vector<std::vector<size_t>> chains;  // of each arrow: from, bends, to
};

/// The boxes so that each arrow goes from an earlier one to a later one.
std::vector<size_t> in_order(size_t boxes, const std::vector<Arrow>& arrows) {
  std::vector<std::vector<size_t>> after(boxes);
  std::vector<size_t> waiting_for(boxes), order;
  for (const Arrow& arrow : arrows) {
    after[arrow.from].push_back(arrow.to);
    ++waiting_for[arrow.to];
  }
  for (size_t i = 0; i < boxes; ++i) {
    if (waiting_for[i] == 0) order.push_back(i);
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const size_t to : after[order[next]]) {
      if (--waiting_for[to] == 0) order.push_back(to);
    }
  }
  if (order.size() != boxes) {
    throw InvalidArgument("lay_out_graph: expected arrows that lead nowhere back, got some that go in a circle.");
  }
  return order;
}

/// Each box as early as what leads to it allows; then, where that makes its arrows shorter, as late as what it leads to
/// allows, so that an input that is needed late does not stand on top.
std::vector<int64_t> layers_of(size_t boxes, const std::vector<Arrow>& arrows) {
  const std::vector<size_t> order = in_order(boxes, arrows);
  std::vector<std::vector<size_t>> before(boxes), after(boxes);
  for (const Arrow& arrow : arrows) {
    before[arrow.to].push_back(arrow.from);
    after[arrow.from].push_back(arrow.to);
  }
  std::vector<int64_t> layer(boxes);
  for (const size_t i : order) {
    for (const size_t from : before[i]) layer[i] = std::max(layer[i], layer[from] + 1);
  }
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    if (after[*at].size() <= before[*at].size()) continue;
    int64_t latest = std::numeric_limits<int64_t>::max();
    for (const size_t to : after[*at]) latest = std::min(latest, layer[to] - 1);
    layer[*at] = latest;
  }
  const int64_t first = boxes == 0 ? 0 : *std::min_element(layer.begin(), layer.end());
  for (int64_t& one : layer) one -= first;
  return layer;
}

Drawing with_bends(const std::vector<BoxSize>& boxes, const std::vector<Arrow>& arrows) {
  const std::vector<int64_t> layers = layers_of(boxes.size(), arrows);
  Drawing drawing;
  for (size_t i = 0; i < boxes.size(); ++i)
    drawing.items.push_back({boxes[i].width, boxes[i].height, true, layers[i], 0, {}, {}});
  for (const Arrow& arrow : arrows) {
    std::vector<size_t> chain = {arrow.from};
    for (int64_t layer = layers[arrow.from] + 1; layer < layers[arrow.to]; ++layer) {
      chain.push_back(drawing.items.size());
      drawing.items.push_back({0, 0, false, layer, 0, {}, {}});
    }
    chain.push_back(arrow.to);
    for (size_t i = 0; i + 1 < chain.size(); ++i) {
      drawing.items[chain[i]].below.push_back(chain[i + 1]);
      drawing.items[chain[i + 1]].above.push_back(chain[i]);
    }
    drawing.chains.push_back(std::move(chain));
  }
  int64_t count = 0;
  for (const Item& item : drawing.items) count = std::max(count, item.layer + 1);
  drawing.layers.resize(static_cast<size_t>(count));
  return drawing;
}

/// A first order: as a search in depth comes along, short arrows first, so that what belongs together stands together
/// and long arrows pass on the right.
void put_in_first_order(Drawing& drawing) {
  std::vector<bool> seen(drawing.items.size());
  std::vector<size_t> open;
  for (size_t i = drawing.items.size(); i-- > 0;) {
    if (drawing.items[i].above.empty()) open.push_back(i);
  }
  while (!open.empty()) {
    const size_t at = open.back();
    open.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    const Item& item = drawing.items[at];
    drawing.layers[static_cast<size_t>(item.layer)].push_back(at);
    for (const bool boxes : {false, true}) {  // the last is taken first
      for (size_t i = item.below.size(); i-- > 0;) {
        if (drawing.items[item.below[i]].is_box == boxes) open.push_back(item.below[i]);
      }
    }
  }
}

std::vector<size_t> places(const Drawing& drawing) {
  std::vector<size_t> place(drawing.items.size());
  for (const auto& layer : drawing.layers) {
    for (size_t i = 0; i < layer.size(); ++i) place[layer[i]] = i;
  }
  return place;
}

/// Crossings of the arrows between a layer and the next: pairs in the wrong order, counted with a tree of sums (Barth,
/// Mutzel and Jünger, "Simple and efficient bilayer cross counting", 2004).
int64_t crossings_below(const Drawing& drawing, size_t layer, const std::vector<size_t>& place) {
  if (layer + 1 >= drawing.layers.size()) return 0;
  std::vector<int64_t> tree(drawing.layers[layer + 1].size() + 1);
  int64_t crossings = 0, passed = 0;
  for (const size_t from : drawing.layers[layer]) {
    std::vector<size_t> ends;
    for (const size_t to : drawing.items[from].below) ends.push_back(place[to]);
    std::sort(ends.begin(), ends.end());
    for (const size_t end : ends) {
      int64_t left_or_here = 0;
      for (size_t i = end + 1; i > 0; i -= i & -i) left_or_here += tree[i];
      crossings += passed - left_or_here;
    }
    for (const size_t end : ends) {
      for (size_t i = end + 1; i < tree.size(); i += i & -i) ++tree[i];
      ++passed;
    }
  }
  return crossings;
}

int64_t crossings_of(const Drawing& drawing) {
  const std::vector<size_t> place = places(drawing);
  int64_t crossings = 0;
  for (size_t i = 0; i < drawing.layers.size(); ++i) crossings += crossings_below(drawing, i, place);
  return crossings;
}

/// Puts each item of a layer where its neighbours on one side stand on average.
void sort_by_neighbours(Drawing& drawing, size_t layer, bool by_above) {
  const std::vector<size_t> place = places(drawing);
  std::vector<std::pair<double, size_t>> keys;
  for (const size_t at : drawing.layers[layer]) {
    const std::vector<size_t>& neighbours = by_above ? drawing.items[at].above : drawing.items[at].below;
    double sum = 0;
    for (const size_t other : neighbours) sum += static_cast<double>(place[other]);
    const double here = static_cast<double>(place[at]);
    keys.emplace_back(neighbours.empty() ? here : sum / static_cast<double>(neighbours.size()), at);
  }
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < keys.size(); ++i) drawing.layers[layer][i] = keys[i].second;
}

/// Crossings of the arrows of two neighbours in a layer, the first to the left of the second.
int64_t crossings_of_pair(const Drawing& drawing, size_t left, size_t right, const std::vector<size_t>& place) {
  int64_t crossings = 0;
  auto count = [&](const std::vector<size_t>& of_left, const std::vector<size_t>& of_right) {
    for (const size_t a : of_left) {
      for (const size_t b : of_right) crossings += place[a] > place[b];
    }
  };
  count(drawing.items[left].above, drawing.items[right].above);
  count(drawing.items[left].below, drawing.items[right].below);
  return crossings;
}

/// Exchanges neighbours while that saves crossings.
void exchange_neighbours(Drawing& drawing) {
  std::vector<size_t> place = places(drawing);
  constexpr int most_rounds = 8;
  bool better = true;
  for (int round = 0; better && round < most_rounds; ++round) {
    better = false;
    for (auto& layer : drawing.layers) {
      for (size_t i = 0; i + 1 < layer.size(); ++i) {
        if (crossings_of_pair(drawing, layer[i + 1], layer[i], place) >=
            crossings_of_pair(drawing, layer[i], layer[i + 1], place))
          continue;
        std::swap(layer[i], layer[i + 1]);
        std::swap(place[layer[i]], place[layer[i + 1]]);
        better = true;
      }
    }
  }
}

/// The order in each layer with the fewest crossings that sweeps down and up come to.
int64_t put_in_order(Drawing& drawing) {
  put_in_first_order(drawing);
  std::vector<std::vector<size_t>> best = drawing.layers;
  int64_t fewest = crossings_of(drawing);
  constexpr int sweeps = 24;
  for (int sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
    const size_t count = drawing.layers.size();
    for (size_t i = 1; i < count; ++i) {
      const bool down = sweep % 2 == 0;
      sort_by_neighbours(drawing, down ? i : count - 1 - i, down);
    }
    exchange_neighbours(drawing);
    const int64_t crossings = crossings_of(drawing);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = drawing.layers;
  }
  drawing.layers = std::move(best);
  return fewest;
}

double distance(const Drawing& drawing, size_t left, size_t right, double box_gap) {
  const Item &a = drawing.items[left], &b = drawing.items[right];
  return (a.width + b.width) / 2 + (a.is_box && b.is_box ? box_gap : bend_gap);
}

/// Puts the items of a layer as near to where they want to be as their distances allow: the least sum of weighted
/// squares, found by joining neighbours that push each other (pool adjacent violators).
void place_layer(Drawing& drawing, const std::vector<size_t>& layer, const std::vector<double>& wanted,
                 const std::vector<double>& weight, double box_gap) {
  struct Block {
    double sum, weight;
    size_t count;
    double x() const { return sum / weight; }
  };
  std::vector<Block> blocks;
  std::vector<double> offset(layer.size());
  for (size_t i = 0; i < layer.size(); ++i) {
    if (i > 0) offset[i] = offset[i - 1] + distance(drawing, layer[i - 1], layer[i], box_gap);
    blocks.push_back({(wanted[i] - offset[i]) * weight[i], weight[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].x() > blocks.back().x()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back() = {blocks.back().sum + last.sum, blocks.back().weight + last.weight,
                       blocks.back().count + last.count};
    }
  }
  size_t i = 0;
  for (const Block& block : blocks) {
    for (size_t k = 0; k < block.count; ++k, ++i) drawing.items[layer[i]].x = block.x() + offset[i];
  }
}

/// Where an item wants to be, given its neighbours: boxes below boxes, bends of one arrow below each other; a box heeds
/// long arrows only where it has no other.
double wanted_place(const Drawing& drawing, size_t at, bool heed_above, bool heed_below) {
  const Item& item = drawing.items[at];
  double sum = 0, total = 0;
  auto heed = [&](const std::vector<size_t>& neighbours) {
    for (const size_t other : neighbours) {
      const bool both_boxes = item.is_box && drawing.items[other].is_box;
      const bool both_bends = !item.is_box && !drawing.items[other].is_box;
      const double weight = both_boxes ? 1 : both_bends ? 8 : item.is_box ? 1e-6 : 1;
      sum += weight * drawing.items[other].x;
      total += weight;
    }
  };
  if (heed_above) heed(item.above);
  if (heed_below) heed(item.below);
  return total > 0 ? sum / total : item.x;
}

/// Puts all bends of an arrow on one line, where there is room for it.
void straighten(Drawing& drawing, const std::vector<size_t>& chain, const std::vector<size_t>& place, double box_gap) {
  if (chain.size() < 4) return;
  double low = -infinity, high = infinity, sum = 0;
  for (size_t i = 1; i + 1 < chain.size(); ++i) {
    const std::vector<size_t>& layer = drawing.layers[static_cast<size_t>(drawing.items[chain[i]].layer)];
    const size_t at = place[chain[i]];
    if (at > 0)
      low = std::max(low, drawing.items[layer[at - 1]].x + distance(drawing, layer[at - 1], chain[i], box_gap));
    if (at + 1 < layer.size())
      high = std::min(high, drawing.items[layer[at + 1]].x - distance(drawing, chain[i], layer[at + 1], box_gap));
    sum += drawing.items[chain[i]].x;
  }
  if (low > high) return;
  const double ends = (drawing.items[chain.front()].x + drawing.items[chain.back()].x) / 2;
  const double x = std::clamp(std::isfinite(ends) ? ends : sum, low, high);
  for (size_t i = 1; i + 1 < chain.size(); ++i) drawing.items[chain[i]].x = x;
}

void place_across(Drawing& drawing, double box_gap) {
  for (const auto& layer : drawing.layers) {
    double x = 0;
    for (size_t i = 0; i < layer.size(); ++i) {
      if (i > 0) x += distance(drawing, layer[i - 1], layer[i], box_gap);
      drawing.items[layer[i]].x = x;
    }
    for (const size_t at : layer) drawing.items[at].x -= x / 2;
  }
  auto place_by = [&](const std::vector<size_t>& layer, bool above, bool below) {
    std::vector<double> wanted, weight;
    for (const size_t at : layer) {
      wanted.push_back(wanted_place(drawing, at, above, below));
      weight.push_back(drawing.items[at].is_box ? 1e4 : 1);
    }
    place_layer(drawing, layer, wanted, weight, box_gap);
  };
  constexpr int sweeps = 40;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const bool settle = sweep + 32 >= sweeps;  // the last ones heed both sides
    for (const auto& layer : drawing.layers) place_by(layer, true, settle);
    for (size_t i = drawing.layers.size(); i-- > 0;) place_by(drawing.layers[i], settle, true);
  }
  const std::vector<size_t> place = places(drawing);
  for (int round = 0; round < 3; ++round) {
    for (const auto& chain : drawing.chains) straighten(drawing, chain, place, box_gap);
  }
}

/// From one point to the next, leaving and arriving straight: a cubic Bézier curve as short lines.
void curve_to(std::vector<Point>& points, Point to) {
  const Point from = points.back();
  if (std::abs(from.x - to.x) < 0.5) {
    points.push_back({from.x, to.y});
    return;
  }
  const double pull = (to.y - from.y) * 0.55;
  constexpr int steps = 14;
  for (int i = 1; i <= steps; ++i) {
    const double t = static_cast<double>(i) / steps, s = 1 - t;
    const double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
    points.push_back(
        {(a + b) * from.x + (c + d) * to.x, a * from.y + b * (from.y + pull) + c * (to.y - pull) + d * to.y});
  }
}

/// How far from the middle of a box its arrows begin or end: those that come from straight above in the middle, others
/// on their side of it.
void spread_ports(const Drawing& drawing, size_t box, const std::vector<std::pair<double, size_t>>& ends,
                  std::vector<double>& port) {
  const double middle = drawing.items[box].x;
  std::vector<std::pair<double, size_t>> sides[3];
  for (const auto& end : ends) sides[end.first < middle - 1 ? 0 : end.first > middle + 1 ? 2 : 1].push_back(end);
  for (auto& side : sides) std::stable_sort(side.begin(), side.end());
  const size_t most = std::max({sides[0].size(), sides[2].size(), (sides[1].size() + 1) / 2});
  if (most == 0) return;
  const double step = std::min(16.0, drawing.items[box].width * 0.42 / static_cast<double>(most));
  const double half = sides[1].empty() ? 0.5 : 1;  // without a middle one the others come nearer to it
  for (size_t i = 0; i < sides[0].size(); ++i)
    port[sides[0][i].second] = -step * (static_cast<double>(sides[0].size() - i) - 1 + half);
  for (size_t i = 0; i < sides[2].size(); ++i) port[sides[2][i].second] = step * (static_cast<double>(i) + half);
  for (size_t i = 0; i < sides[1].size(); ++i)
    port[sides[1][i].second] = step * (static_cast<double>(i) - static_cast<double>(sides[1].size() - 1) / 2);
}

void turn(GraphLayout& layout, Direction direction) {
  auto turned = [&](Point p) -> Point {
    if (direction == Direction::right || direction == Direction::left) std::swap(p.x, p.y);
    if (direction == Direction::left) p.x = layout.width - p.x;
    if (direction == Direction::up) p.y = layout.height - p.y;
    return p;
  };
  if (direction == Direction::right || direction == Direction::left) std::swap(layout.width, layout.height);
  for (Rectangle& box : layout.boxes) {
    const Point a = turned({box.x, box.y}), b = turned({box.right(), box.bottom()});
    box = {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(b.x - a.x), std::abs(b.y - a.y)};
  }
  for (auto& arrow : layout.arrows) {
    for (Point& p : arrow) p = turned(p);
  }
}

GraphLayout to_page(const Drawing& drawing, size_t boxes, double layer_gap) {
  GraphLayout layout;
  double left = infinity, right = -infinity;
  for (const Item& item : drawing.items) {
    left = std::min(left, item.x - item.width / 2 - (item.is_box ? 0 : 1));
    right = std::max(right, item.x + item.width / 2 + (item.is_box ? 0 : 1));
  }
  if (drawing.items.empty()) return layout;
  layout.width = right - left;
  std::vector<double> top, height;
  for (const auto& layer : drawing.layers) {
    double highest = 0;
    for (const size_t at : layer) highest = std::max(highest, drawing.items[at].height);
    top.push_back(layout.height);
    height.push_back(highest);
    layout.height += highest + layer_gap;
  }
  layout.height -= layer_gap;
  for (size_t i = 0; i < boxes; ++i) {
    const Item& item = drawing.items[i];
    const auto layer = static_cast<size_t>(item.layer);
    layout.boxes.push_back(
        {item.x - item.width / 2 - left, top[layer] + (height[layer] - item.height) / 2, item.width, item.height});
    layout.layers.push_back(item.layer);
  }
  std::vector<double> start(drawing.chains.size()), end(drawing.chains.size());
  std::vector<std::vector<std::pair<double, size_t>>> leaving(boxes), arriving(boxes);
  for (size_t i = 0; i < drawing.chains.size(); ++i) {
    const std::vector<size_t>& chain = drawing.chains[i];
    leaving[chain.front()].emplace_back(drawing.items[chain[1]].x, i);
    arriving[chain.back()].emplace_back(drawing.items[chain[chain.size() - 2]].x, i);
  }
  for (size_t i = 0; i < boxes; ++i) {
    spread_ports(drawing, i, leaving[i], start);
    spread_ports(drawing, i, arriving[i], end);
  }
  for (size_t i = 0; i < drawing.chains.size(); ++i) {
    const std::vector<size_t>& chain = drawing.chains[i];
    const Rectangle &from = layout.boxes[chain.front()], &to = layout.boxes[chain.back()];
    std::vector<Point> points = {{from.centre().x + start[i], from.bottom()}};
    const auto first = static_cast<size_t>(drawing.items[chain.front()].layer);
    points.push_back({points.back().x, top[first] + height[first]});  // beside higher boxes of its layer
    for (size_t k = 1; k + 1 < chain.size(); ++k) {
      const Item& bend = drawing.items[chain[k]];
      const auto layer = static_cast<size_t>(bend.layer);
      curve_to(points, {bend.x - left, top[layer]});
      points.push_back({bend.x - left, top[layer] + height[layer]});
    }
    const auto last = static_cast<size_t>(drawing.items[chain.back()].layer);
    curve_to(points, {to.centre().x + end[i], top[last]});
    points.push_back({to.centre().x + end[i], to.y});
    layout.arrows.push_back(std::move(points));
  }
  return layout;
}

}  // namespace

GraphLayout lay_out_graph(const std::vector<BoxSize>& boxes, const std::vector<Arrow>& arrows,
                          const GraphLayoutOptions& options) {
  for (const Arrow& arrow : arrows) {
    if (arrow.from < boxes.size() && arrow.to < boxes.size()) continue;
    throw InvalidArgument(message("lay_out_graph: expected arrows between boxes 0 to ",
                                  static_cast<int64_t>(boxes.size()) - 1, ", got one from ", arrow.from, " to ",
                                  arrow.to, "."));
  }
  std::vector<BoxSize> sizes = boxes;
  const bool across = options.direction == Direction::right || options.direction == Direction::left;
  if (across) {
    for (BoxSize& size : sizes) std::swap(size.width, size.height);
  }
  Drawing drawing = with_bends(sizes, arrows);
  const int64_t crossings = put_in_order(drawing);
  place_across(drawing, options.box_gap);
  GraphLayout layout = to_page(drawing, boxes.size(), options.layer_gap);
  layout.crossings = crossings;
  turn(layout, options.direction);
  return layout;
}

}  // namespace hebb::viz
