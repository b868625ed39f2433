// Tensors and gradients without layers: a regression by hand, and a product with the second derivative.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

int main() {
  Tensor w = variable(zeros({3})), x = random::normal({100, 3}, {.seed = 1}), y = matmul(x, Tensor{1.f, -2.f, 0.5f});
  for (int step = 0; step < 200; ++step) {
    Tensor loss = mean(square(matmul(x, w) - y));
    w -= 0.1 * gradient(loss, w);
  }
  std::printf("w = %s\n", w.to_string().c_str());

  auto loss_of = [&](const Tensor& w) { return mean(square(square(matmul(x, w)) - y)); };
  Tensor v{1.f, 0.f, 0.f};
  Tensor g = gradient(loss_of(w), w), hv = gradient(sum(g * v), w);  // second order, the same call
  std::printf("gradient %s\nHessian times v %s\n", g.to_string().c_str(), hv.to_string().c_str());
}
