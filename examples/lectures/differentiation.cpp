// Two ways of differentiating one function: symbols to numbers (a tape) and symbols to symbols (a graph).
#include <hebb/graph/passes/passes.h>
#include <hebb/graph/trace.h>

#include <cmath>

#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

/// f(a, b) = a b + sin(a).
Tensor f(const Tensor& a, const Tensor& b) { return a * b + sin(a); }

}  // namespace

void differentiation(Page& page) {
  page.text(
      "A gradient can be computed in two ways that come to the same numbers. Both follow the chain rule from the "
      "result back to the inputs (reverse mode; Griewank and Walther, 2008). The function here is f(a, b) = a b + "
      "sin(a), at a = 2, b = 3, so that ∂f/∂a = b + cos(a) and ∂f/∂b = a.");

  page.section("Symbol to number");
  page.text(
      "The function runs, and each operation is written on a tape with its operands. The gradient walks the tape back "
      "and computes with the numbers on it. The tape serves once: for another point, or for the gradient of the "
      "gradient, it is recorded again. `gradient(f(a, b), {a, b})` on tensors with values does that.");
  const Tensor a = variable(Tensor::scalar(2)), b = variable(Tensor::scalar(3));
  const Tensor product = a * b, sine = sin(a), result = product + sine;
  const Tensors numbers = gradient(result, {a, b});
  const auto cell = [](double value) { return viz::short_number(value, 5); };
  // What the walk back finds for everything in between.
  const Tensors between = gradient(result, {product, sine});
  page.table("The tape, and what the walk back from the bottom to the top adds to it",
             {"operation", "value", "∂f/∂(it)", "from"},
             {{"`a`", cell(a.item()), cell(numbers[0].item()), "b ∂f/∂(a b) + cos(a) ∂f/∂(sin a)"},
              {"`b`", cell(b.item()), cell(numbers[1].item()), "a ∂f/∂(a b)"},
              {"`a b`", cell(product.item()), cell(between[0].item()), "∂f/∂f"},
              {"`sin(a)`", cell(sine.item()), cell(between[1].item()), "∂f/∂f"},
              {"`f = a b + sin(a)`", cell(result.item()), "1", ""}});

  page.section("Symbol to symbol");
  page.text(
      "Run on placeholders, the same calls compute nothing: they write down a graph, and the gradient is more of that "
      "graph. It can be simplified, drawn, compiled once and run for any numbers, and differentiated again. That is "
      "how training steps become plans here.");
  const Spec scalar{Shape{}};
  const Graph function = trace([](const Tensors& in) { return Tensors{f(in[0], in[1])}; }, {scalar, scalar});
  const Graph raw = trace([](const Tensors& in) { return gradient(f(in[0], in[1]), in); }, {scalar, scalar});
  const auto tidied = [](const Graph& graph) {
    return remove_dead_code(merge_common_subexpressions(simplify(fold_constants(graph))));
  };
  const Graph graph = tidied(raw);
  const Graph curved = tidied(trace(
      [](const Tensors& in) { return Tensors{gradient(gradient(f(in[0], in[1]), in[0]), in[0])}; }, {scalar, scalar}));
  const std::vector<std::string> names = {"a", "b"};
  page.figure(viz::draw_graph(viz::computation_graph(function, names), {.title = "f(a, b) = a b + sin(a)"}), "function",
              "The function.");
  page.figure(viz::draw_graph(viz::computation_graph(graph, names), {.title = "Its gradient"}), "gradient",
              "The graph of both derivatives, simplified: output 0 is b + cos(a), output 1 is a.");
  page.figure(viz::draw_graph(viz::computation_graph(curved, names), {.title = "Differentiated again"}), "curvature",
              "∂²f/∂a² = -sin(a): the gradient's graph differentiated once more.");
  page.output(message("As traced, ", raw.nodes.size(), " operations; simplified:\n", graph.to_string()));

  page.section("The same numbers");
  auto plan = compiled([](const Tensor& p, const Tensor& q) { return gradient(f(p, q), p); });
  auto second = compiled([](const Tensor& p, const Tensor& q) { return gradient(gradient(f(p, q), p), p); });
  page.number({.what = "∂f/∂a by the formula, 3 + cos(2)", .here = {3 + std::cos(2.0)}, .decimals = 6});
  page.number({.what = "∂f/∂a by the tape", .here = {numbers[0].item()}, .decimals = 6, .on_index = true});
  page.number({.what = "∂f/∂a by the graph", .here = {plan(a, b).item()}, .decimals = 6, .on_index = true});
  page.number({.what = "∂²f/∂a² by the graph (-sin(2) = -0.909297)", .here = {second(a, b).item()}, .decimals = 6});
}

}  // namespace hebb::lectures
