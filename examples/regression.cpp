// A straight line by gradient descent and at once, dependent columns, and classes by logistic regression.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

int main() {
  const Tensor x = random::normal({200, 2}, {.seed = 1});
  const Tensor y = matmul(x, Tensor{2.f, -1.f}) + 0.5 + 0.1 * random::normal({200}, {.seed = 2});
  classic::LinearRegression descended, solved;
  const auto run = descended.fit(x, y, {.learning_rate = 0.1, .epochs = 100});  // w -= 0.1 * 2/m X'(Xw - y)
  const auto best = solved.solve(x, y);                                         // X'X w = X'y, by QR
  std::printf("descent: error %.6f after %d steps, w %s\n", run.errors.back(), static_cast<int>(run.errors.size()),
              descended.weights().to_string().c_str());
  std::printf("at once: error %.6f, rank %d, w %s\n", best.error, static_cast<int>(best.rank),
              solved.weights().to_string().c_str());

  // The third column is the sum of the others: many weights are best, the shortest ones are taken, and the rank tells.
  classic::LinearRegression dependent;
  const auto again = dependent.solve(concatenate({x, sum(x, {.axes = {1}, .keepdims = true})}), y);
  std::printf("dependent columns: rank %d of 4, w %s\n", static_cast<int>(again.rank),
              dependent.weights().to_string().c_str());

  for (const int64_t count : {2, 3}) {
    const auto [points, labels] = data::blobs({.samples = 300, .centers = count, .cluster_std = 2, .seed = 3});
    classic::LogisticRegression classes;
    const auto learned =
        classes.fit(data::StandardScaler().fit_transform(points), labels, {.learning_rate = 1, .epochs = 300});
    const Tensor right =
        equal(classes.classify(data::StandardScaler().fit_transform(points)), cast(labels, DType::int64));
    std::printf("%d classes: cross-entropy %.4f, %.1f %% right\n", static_cast<int>(count), learned.errors.back(),
                100 * mean(right).item());
  }
}
