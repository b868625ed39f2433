#include "hebb/graph/passes/passes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

constexpr std::array records = {
    PassRecord{"fold_constants", fold_constants, "computes what depends on constants alone"},
    PassRecord{"simplify", simplify, "removes operations that change nothing and shortens chains of moves"},
    PassRecord{"merge_common_subexpressions", merge_common_subexpressions, "computes the same thing once"},
    PassRecord{"share_softmax", share_softmax, "takes probabilities from the crossentropy that computes them anyway"},
    PassRecord{"fold_scales", fold_scales, "takes a scale for each channel into the weights of the product before it"},
    PassRecord{"fuse_products", fuse_products, "takes bias and activation into the product before them"},
    PassRecord{"fuse_quantized", fuse_quantized,
               "takes what follows a product of bytes into it, as far as the next bytes"},
    PassRecord{"read_bfloat16", read_bfloat16, "lets products of one row read bfloat16 weights as they are"},
    PassRecord{"fuse_elementwise", fuse_elementwise, "joins elementwise operations into one loop"},
    PassRecord{"fuse_sums", fuse_sums, "takes sums over a batch into the loop that computes what is summed"},
    PassRecord{"fuse_product_loops", fuse_product_loops,
               "uses large products in the loops behind them while they are in cache"},
    PassRecord{"remove_dead_code", remove_dead_code, "removes what no output and no update needs"},
    PassRecord{"recompute_activations", recompute_activations, "computes twice what would be kept for long", true},
    PassRecord{"update_in_place", update_in_place, "lets new values of variables be computed over the old ones"},
};

/// `where` stands before the message.
void check_names(const std::vector<std::string>& passes, std::string_view where = "") {
  std::vector<std::string> known = {"all"};
  for (const PassRecord& record : records) known.emplace_back(record.name);
  for (const std::string& name : passes) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw InvalidArgument(message(where, unknown_name("pass", name, known)));
  }
}

}  // namespace

std::span<const PassRecord> pass_records() { return records; }

std::vector<std::string> passes_skipped_by_environment() {
  const char* text = std::getenv("HEBB_SKIP_PASSES");
  if (!text || !*text) return {};
  std::vector<std::string> passes = split(text, ',');
  check_names(passes, "HEBB_SKIP_PASSES: ");
  return passes;
}

Graph apply_passes(Graph graph, const std::vector<std::string>& skip, std::vector<PassReport>* reports) {
  check_names(skip);
  auto skipped = [&](std::string_view name) { return std::find(skip.begin(), skip.end(), name) != skip.end(); };
  for (const PassRecord& record : records) {
    if (skipped("all") || skipped(record.name)) continue;
    const size_t before = graph.nodes.size();
    const auto start = std::chrono::steady_clock::now();
    graph = record.apply(std::move(graph));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    try {
      graph.verify();
    } catch (const InternalError& error) {
      throw InternalError(message("after pass ", record.name, ": ", error.what()));
    }
    if (reports) reports->push_back({record.name, took.count(), before, graph.nodes.size()});
  }
  return graph;
}

Graph remove_dead_code(Graph graph) { return compacted(graph); }

}  // namespace hebb
