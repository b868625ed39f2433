// Two ways of differentiating the same function: symbols to numbers (a tape of what was computed, walked back with
// numbers), and symbols to symbols (a graph of the gradient, which can be improved, drawn, run and differentiated
// again).
#include <hebb/graph/passes/passes.h>
#include <hebb/graph/trace.h>
#include <hebb/hebb.h>

#include <cmath>
#include <cstdio>
using namespace hebb;

/// f(a, b) = a b + sin(a).
Tensor f(const Tensor& a, const Tensor& b) { return a * b + sin(a); }

int main() {
  // Symbol to number. Each operation computes at once and remembers what it was applied to.
  const Tensor a = variable(Tensor::scalar(2)), b = variable(Tensor::scalar(3));
  const Tensor y = f(a, b);
  const Tensors numbers = gradient(y, {a, b});
  std::printf("f(2, 3) = %.6f, df/da = %.6f, df/db = %.6f\n\n", y.item(), numbers[0].item(), numbers[1].item());

  // Symbol to symbol. The same calls on placeholders: the gradient is a graph like any other.
  const Spec scalar{Shape{}};
  const Graph raw = trace([](const Tensors& in) { return gradient(f(in[0], in[1]), in); }, {scalar, scalar});
  const Graph graph = remove_dead_code(merge_common_subexpressions(simplify(fold_constants(raw))));
  std::printf("df/da and df/db of a (%%0) and b (%%1), %d operations as traced, simplified:\n%s\n",
              static_cast<int>(raw.nodes.size()), graph.to_string().c_str());
  viz::draw_graph(
      viz::computation_graph(trace([](const Tensors& in) { return Tensors{f(in[0], in[1])}; }, {scalar, scalar})),
      {.title = "f(a, b) = a b + sin(a)"})
      .save("function.svg");
  viz::draw_graph(viz::computation_graph(graph), {.title = "its gradient"}).save("gradient.svg");

  // The graph as a plan, at the same point; and the gradient of the gradient, which symbols give for nothing.
  auto plan = compiled([](const Tensor& p, const Tensor& q) { return gradient(f(p, q), p); });
  auto second = compiled([](const Tensor& p, const Tensor& q) { return gradient(gradient(f(p, q), p), p); });
  const double planned = plan(a, b).item(), curvature = second(a, b).item();
  std::printf("by the graph: df/da = %.6f, d2f/da2 = %.6f (-sin(2) = %.6f)\n", planned, curvature, -std::sin(2.0));
  const bool same = std::abs(planned - numbers[0].item()) < 1e-6 && std::abs(planned - (3 + std::cos(2.0))) < 1e-6 &&
                    std::abs(curvature + std::sin(2.0)) < 1e-6;
  std::printf("the ways agree: %s; drawn: function.svg, gradient.svg\n", same ? "yes" : "no");
  return same ? 0 : 1;
}
