// A layer of one's own: the gradient follows from the operations. Registered under a name, files can hold it.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

struct Swish : LayerBase {
  Tensor beta;
  void build(const Shape& input) override { beta = add_weight("beta", {input.back()}, "ones"); }
  Tensor call(const Tensor& x) override { return x * sigmoid(beta * x); }  // the gradient follows from the ops
};

int main() {
  register_layer("Swish", [](const Json& config) {
    auto layer = make_layer<Swish>();
    layer->read_base_config(config);
    return layer;
  });
  auto [x, y] = data::spirals({.samples = 600, .noise = 0.01, .seed = 3});
  auto layer = make_layer<Swish>();
  Sequential model({Input({2}), Dense(32), layer, Dense(32), make_layer<Swish>(), Dense(2, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam({.learning_rate = 0.01}), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = 60, .verbose = 0});
  model.save("swish.keras");
  Model again = load_model("swish.keras");
  std::printf("accuracy %.3f, and %.3f after loading; beta of the first: %s\n", model.evaluate(x, y)["accuracy"],
              again.evaluate(x, y)["accuracy"], layer.weights()[0].to_string().c_str());
}
