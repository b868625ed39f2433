/// Passes: rules that turn a graph into a better one that computes the same.
///
/// Each pass has a name, can be skipped, is timed, and is verified after.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/graph/graph.h"

namespace hebb {

struct PassRecord {
  std::string_view name;
  Graph (*apply)(Graph graph);
  std::string_view doc;
  bool on_request = false;  ///< trades one thing for another, so that a plan does it only when asked to
};

/// All passes in the order in which they are applied.
std::span<const PassRecord> pass_records();

struct PassReport {
  std::string_view name;
  double seconds = 0;
  size_t nodes_before = 0, nodes_after = 0;
};

/// Applies the passes whose names are not in `skip` ("all" skips every one). InvalidArgument for an unknown name.
Graph apply_passes(Graph graph, const std::vector<std::string>& skip, std::vector<PassReport>* reports = nullptr);

/// The passes that `HEBB_SKIP_PASSES` says to leave out, as "fuse_elementwise,fuse_sums". InvalidArgument for an
/// unknown name.
std::vector<std::string> passes_skipped_by_environment();

Graph fold_constants(Graph graph);
Graph simplify(Graph graph);
Graph merge_common_subexpressions(Graph graph);
Graph share_softmax(Graph graph);
Graph fold_scales(Graph graph);
Graph fuse_products(Graph graph);
Graph fuse_quantized(Graph graph);
Graph read_bfloat16(Graph graph);
Graph fuse_elementwise(Graph graph);
Graph fuse_sums(Graph graph);
Graph fuse_product_loops(Graph graph);
Graph remove_dead_code(Graph graph);
Graph recompute_activations(Graph graph);
Graph update_in_place(Graph graph);

}  // namespace hebb
