#include <algorithm>
#include <limits>
#include <vector>

#include "hebb/graph/passes/passes.h"

namespace hebb {

namespace {

/// Where in a training step memory runs highest, what is kept from before that moment for after it, and which part of
/// it is better computed again.
///
/// Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016: the way to the peak is cut into segments; what
/// passes a cut is kept, and what lies within a segment is computed a second time from that, just before the way back
/// needs it. Of n equal layers about sqrt(n) cuts are best.
class Recomputation {
 public:
  explicit Recomputation(Graph graph) : graph_(std::move(graph)), readers_(graph_.readers()) {}

  Graph run() {
    find_peak();
    find_saved();
    choose_cuts();
    if (cuts_.empty()) return std::move(graph_);
    return rewritten();
  }

 private:
  using Position = int;

  int64_t bytes(int value) const { return graph_.values[static_cast<size_t>(value)].spec.bytes(); }
  const Graph::Value& value(int v) const { return graph_.values[static_cast<size_t>(v)]; }
  Position end() const { return static_cast<Position>(graph_.nodes.size()); }
  bool is_made(int v) const { return value(v).source == Graph::Source::node; }

  /// The last position that reads a value, at most `before`; -1 for none.
  Position last_reader(int v, Position before) const {
    Position last = -1;
    for (int reader : readers_[static_cast<size_t>(v)]) {
      if (reader < before) last = std::max(last, reader);
    }
    return last;
  }

  void find_peak() {
    const std::vector<bool> at_end = graph_.needed_at_end();
    lasting_ = graph_.lasting_values();
    std::vector<int64_t> change(graph_.nodes.size() + 2, 0);
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      if (!is_made(static_cast<int>(v)) || lasting_[v] || at_end[v]) continue;
      change[static_cast<size_t>(graph_.values[v].index)] += bytes(static_cast<int>(v));
      change[static_cast<size_t>(last_reader(static_cast<int>(v), end()) + 1)] -= bytes(static_cast<int>(v));
    }
    int64_t live = 0, most = -1;
    for (Position p = 0; p < end(); ++p) {
      live += change[static_cast<size_t>(p)];
      if (live > most) {
        most = live;
        peak_ = p;
      }
    }
  }

  /// What is made before the peak and read after it, large enough to matter.
  void find_saved() {
    saved_.assign(graph_.values.size(), false);
    const std::vector<bool> at_end = graph_.needed_at_end();
    for (size_t v = 0; v < graph_.values.size(); ++v) largest_ = std::max(largest_, bytes(static_cast<int>(v)));
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const int id = static_cast<int>(v);
      if (!is_made(id) || lasting_[v] || at_end[v] || value(id).index >= peak_) continue;
      if (last_reader(id, end()) < peak_) continue;
      saved_[v] = !is_small(id);
    }
  }

  /// For each position, the bytes of what is made before it and read from it on, on the way to the peak.
  std::vector<int64_t> crossing_bytes() const {
    std::vector<int64_t> change(static_cast<size_t>(peak_) + 2, 0);
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const int id = static_cast<int>(v);
      if (!is_made(id) || lasting_[v] || value(id).index >= peak_) continue;
      const Position last = last_reader(id, peak_);
      if (last <= value(id).index) continue;
      change[static_cast<size_t>(value(id).index) + 1] += bytes(id);
      change[static_cast<size_t>(last) + 1] -= bytes(id);
    }
    for (size_t p = 1; p < change.size(); ++p) change[p] += change[p - 1];
    return change;
  }

  void choose_cuts() {
    std::vector<int64_t> made(static_cast<size_t>(peak_) + 1, 0);  // bytes that each position saves
    int64_t total = 0;
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      if (!saved_[v]) continue;
      made[static_cast<size_t>(graph_.values[v].index)] += bytes(static_cast<int>(v));
      total += bytes(static_cast<int>(v));
    }
    const std::vector<int64_t> crossing = crossing_bytes();
    int64_t least = total;
    for (int64_t segments = 2; segments <= 64; ++segments) {
      const std::vector<Position> cuts = cuts_for(total / segments, made, crossing);
      const int64_t needed = peak_with(cuts, made, crossing);
      // A little less memory is not worth many more cuts.
      if (needed < least - least / 50) {
        least = needed;
        cuts_ = cuts;
      }
    }
  }

  /// Cuts where little passes, about so many saved bytes apart.
  std::vector<Position> cuts_for(int64_t wanted, const std::vector<int64_t>& made,
                                 const std::vector<int64_t>& crossing) const {
    std::vector<Position> cuts;
    int64_t since = 0, lowest = std::numeric_limits<int64_t>::max();
    Position best = -1;
    for (Position p = 0; p < peak_; ++p) {
      since += made[static_cast<size_t>(p)];
      const auto cut = static_cast<size_t>(p) + 1;
      if (since * 4 >= wanted * 3 && crossing[cut] < lowest) {
        lowest = crossing[cut];
        best = p + 1;
      }
      if (since * 4 < wanted * 5 || best < 0) continue;
      cuts.push_back(best);
      p = best - 1;
      since = 0;
      lowest = std::numeric_limits<int64_t>::max();
      best = -1;
    }
    return cuts;
  }

  int64_t peak_with(const std::vector<Position>& cuts, const std::vector<int64_t>& made,
                    const std::vector<int64_t>& crossing) const {
    int64_t kept = 0, largest = 0;
    Position from = 0;
    for (size_t i = 0; i <= cuts.size(); ++i) {
      const Position to = i < cuts.size() ? cuts[i] : peak_;
      int64_t segment = 0;
      for (Position p = from; p < to; ++p) segment += made[static_cast<size_t>(p)];
      largest = std::max(largest, segment);
      if (i < cuts.size()) kept += crossing[static_cast<size_t>(to)];
      from = to;
    }
    return kept + largest;
  }

  /// The segment that a position before the peak lies in.
  size_t segment_of(Position p) const {
    return static_cast<size_t>(std::upper_bound(cuts_.begin(), cuts_.end(), p) - cuts_.begin());
  }

  /// Not worth computing twice.
  bool is_small(int v) const { return bytes(v) * 64 < largest_; }

  /// Whether a value is there all the way from where it is made: it passes a cut, or is small, or is the last
  /// segment's.
  bool is_kept(int v) const {
    if (!is_made(v) || value(v).index >= peak_) return true;
    const size_t segment = segment_of(value(v).index);
    if (segment == cuts_.size()) return true;
    return is_small(v) || last_reader(v, peak_) >= cuts_[segment];
  }

  Graph rewritten() {
    const std::vector<std::vector<int>> again = nodes_to_repeat();
    Graph out = graph_;
    out.nodes.clear();
    std::vector<int> second(graph_.values.size(), -1);
    const auto append = [&](Graph::Operation node, const std::vector<int>& moved_inputs) {
      node.inputs = moved_inputs;
      for (int output : node.outputs)
        out.values[static_cast<size_t>(output)].index = static_cast<int>(out.nodes.size());
      out.nodes.push_back(std::move(node));
    };
    const auto seen_from_behind = [&](std::vector<int> inputs) {
      for (int& input : inputs) {
        if (second[static_cast<size_t>(input)] >= 0) input = second[static_cast<size_t>(input)];
      }
      return inputs;
    };
    for (Position p = 0; p < end(); ++p) {
      for (int repeated : again[static_cast<size_t>(p)]) {
        Graph::Operation node = graph_.nodes[static_cast<size_t>(repeated)];
        const std::vector<int> inputs = seen_from_behind(node.inputs);
        for (int& output : node.outputs) {
          const Graph::Value known = value(output);
          const int fresh = out.add_value(known.spec, Graph::Source::node, 0, known.output);
          if (!is_kept(output)) second[static_cast<size_t>(output)] = fresh;
          output = fresh;
        }
        append(std::move(node), inputs);
      }
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(p)];
      append(node, p < peak_ ? node.inputs : seen_from_behind(node.inputs));
    }
    return compacted(out);
  }

  /// For each position from the peak on, the nodes to compute again before it, in order.
  std::vector<std::vector<int>> nodes_to_repeat() const {
    std::vector<std::vector<int>> again(graph_.nodes.size());
    for (size_t segment = 0; segment < cuts_.size(); ++segment) {
      const Position from = segment == 0 ? 0 : cuts_[segment - 1], to = cuts_[segment];
      std::vector<bool> wanted(static_cast<size_t>(to - from), false);
      Position first = end();
      for (size_t v = 0; v < graph_.values.size(); ++v) {
        const int id = static_cast<int>(v);
        if (!is_made(id) || value(id).index < from || value(id).index >= to || is_kept(id)) continue;
        for (int reader : readers_[v]) {
          if (reader < peak_) continue;
          first = std::min(first, reader);
          wanted[static_cast<size_t>(value(id).index - from)] = true;
        }
      }
      if (first == end()) continue;
      for (Position p = to; p-- > from;) {
        if (!wanted[static_cast<size_t>(p - from)]) continue;
        for (int input : graph_.nodes[static_cast<size_t>(p)].inputs) {
          if (!is_kept(input)) wanted[static_cast<size_t>(value(input).index - from)] = true;
        }
      }
      for (Position p = from; p < to; ++p) {
        if (wanted[static_cast<size_t>(p - from)]) again[static_cast<size_t>(first)].push_back(p);
      }
    }
    return again;
  }

  Graph graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> lasting_;
  Position peak_ = 0;
  int64_t largest_ = 0;
  std::vector<bool> saved_;
  std::vector<Position> cuts_;
};

}  // namespace

/// Keeps a part of what the way back reads, and computes the rest a second time: less memory for more time. The same
/// bits, since the same operations are done on the same numbers. Done only when asked for
/// (`PlanOptions::recompute_activations`).
Graph recompute_activations(Graph graph) { return Recomputation(std::move(graph)).run(); }

}  // namespace hebb
