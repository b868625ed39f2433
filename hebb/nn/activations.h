/// Activation functions: all of Keras's and the others of the textbooks, as functions of tensors and by name.
///
///     Tensor y = gelu(x);
///     Dense(20, {.activation = "gelu"});
///     Dense(20, {.activation = "gaussian"});                       // hebb's own: Keras does not load such a file
///     Dense(20, {.activation = [](const Tensor& x) { return x * sigmoid(1.7 * x); }});
///
/// `relu`, `sigmoid`, `tanh`, `softplus`, `exp`, `atan`, `asinh`, `erf`, `sin`, `sign` are operations
/// (ops/elementwise.h), as are `softmax` and `log_softmax` (ops/reduce.h). At kinks the gradients are those of Keras's
/// TensorFlow backend, stated with each function. All that have a name, with range, smoothness and origin:
/// nn/activation_table.h, docs/activations.md. Those with weights of their own are layers: PReLU, SoftExponential,
/// PiecewiseLinear, Maxout.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

class Layer;

struct ReluParameters {
  double negative_slope = 0;             ///< slope below the threshold
  std::optional<double> max_value = {};  ///< the result is cut off here; unset: never
  double threshold = 0;                  ///< below it the result is negative_slope * (x - threshold)
};

/// Keras's `relu` with all its arguments.
Tensor relu(const Tensor& x, const ReluParameters& parameters);
Tensor relu6(const Tensor& x);                                    ///< min(max(x, 0), 6); gradient 0 at 0 and at 6
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.2);  ///< x where x > 0, elsewhere negative_slope * x
Tensor elu(const Tensor& x, double alpha = 1);   ///< x where x > 0, elsewhere alpha (exp(x) - 1) (Clevert et al. 2016)
Tensor selu(const Tensor& x);                    ///< scaled elu that keeps mean and variance (Klambauer et al. 2017)
Tensor celu(const Tensor& x, double alpha = 1);  ///< max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1) (Barron 2017)
Tensor gelu(const Tensor& x, bool approximate);  ///< approximate: by a tanh, as in the paper; else the operation
Tensor silu(const Tensor& x);                    ///< x sigmoid(x), also called swish (Ramachandran et al. 2017)
Tensor mish(const Tensor& x);                    ///< x tanh(softplus(x)) (Misra 2019)
Tensor softsign(const Tensor& x);                ///< x / (1 + |x|)
Tensor squareplus(const Tensor& x, double b = 4);             ///< (x + sqrt(x^2 + b)) / 2 (Barron 2021)
Tensor soft_shrink(const Tensor& x, double threshold = 0.5);  ///< moved towards 0 by the threshold, 0 inside
Tensor hard_shrink(const Tensor& x, double threshold = 0.5);  ///< x where |x| > threshold, elsewhere 0
Tensor tanh_shrink(const Tensor& x);                          ///< x - tanh(x)
Tensor sparse_plus(const Tensor& x);                          ///< 0 below -1, x above 1, (x + 1)^2 / 4 between
Tensor sparse_sigmoid(const Tensor& x);                       ///< 0 below -1, 1 above 1, (x + 1) / 2 between
Tensor hard_sigmoid(const Tensor& x);                         ///< relu6(x + 3) / 6
Tensor hard_silu(const Tensor& x);                            ///< x hard_sigmoid(x) (Howard et al. 2019)
Tensor hard_tanh(const Tensor& x);                            ///< x cut off at -1 and 1
Tensor log_sigmoid(const Tensor& x);                          ///< log(sigmoid(x)), without overflow
Tensor exponential(const Tensor& x);                          ///< exp(x)
Tensor linear(const Tensor& x);                               ///< x itself
/// x where x > threshold, elsewhere default_value.
Tensor threshold(const Tensor& x, double threshold, double default_value);
/// The first half along the axis times the sigmoid of the second (Dauphin et al. 2017). InvalidArgument for an odd
/// size.
Tensor glu(const Tensor& x, int64_t axis = -1);
/// The nearest point of the probability simplex (Martins and Astudillo 2016). Takes size^2 memory along the axis. Keras
/// 3.15 computes another function where more than one value stays above zero, by an error in its sum.
Tensor sparsemax(const Tensor& x, int64_t axis = -1);

// Not Keras's.
//
// Steps (binary_step, one_hot_argmax, the operation `sign`) have the gradient 0 everywhere: where they jump, the true
// one does not exist. Training changes the layers behind a step, never those before it, which keep the weights they
// have.

/// 1 from 0 on, elsewhere 0 (McCulloch and Pitts 1943; also Heaviside's). Its gradient is 0: see above.
Tensor binary_step(const Tensor& x);
/// 1 at the (first) largest value along the last axis, elsewhere 0: winner takes all. Its gradient is 0: see above.
Tensor one_hot_argmax(const Tensor& x);
Tensor bent_identity(const Tensor& x);  ///< (sqrt(x^2 + 1) - 1) / 2 + x
Tensor sinc(const Tensor& x);           ///< sin(x) / x, 1 at 0; exact near 0 in all derivatives
Tensor gaussian(const Tensor& x);       ///< exp(-x^2)
/// From a logarithm (alpha -1) over the identity (0) to an exponential (1): -log(1 - alpha (x + alpha)) / alpha below
/// 0, (exp(alpha x) - 1) / alpha + alpha above (Godfrey and Gashler 2015). alpha broadcasts with x and has a gradient,
/// at 0 too. Where alpha < 0 and x <= 1 / alpha - alpha there is no logarithm: the result stays what it is where the
/// logarithm's argument is 1e-6, with gradient 0 to x.
Tensor soft_exponential(const Tensor& x, const Tensor& alpha);
Tensor soft_exponential(const Tensor& x, double alpha);
/// max(x, 0) + sum over s of slopes[s] max(0, hinges[s] - x) (Agostinelli et al. 2015). slopes, hinges: (pieces,), or
/// (pieces, features) for functions of their own for each of the features on x's last axis.
Tensor piecewise_linear(const Tensor& x, const Tensor& slopes, const Tensor& hinges);

/// What an activation does when it is not one of the table's.
class ActivationBase {
 public:
  virtual ~ActivationBase() = default;
  virtual std::string name() const = 0;
  virtual Tensor apply(const Tensor& x) const = 0;
  /// Keras's serialized form: the name, or an object.
  virtual Json to_json() const { return name(); }
};

/// A handle: a name (`"relu"`), a function of one's own, or a layer (`ReLU({.max_value = 6})`, `PReLU()`); one with
/// weights only where the layer that it belongs to takes them among its own: not in recurrent layers. Empty: linear.
class ActivationFunction {
 public:
  ActivationFunction() = default;
  ActivationFunction(const char* name) : ActivationFunction(std::string(name)) {}
  ActivationFunction(const std::string& name);  ///< InvalidArgument for an unknown name
  ActivationFunction(std::shared_ptr<const ActivationBase> object) : object_(std::move(object)) {}
  ActivationFunction(const Layer& layer);
  /// A function of one's own. To load a file that has it, register it under its name (`register_activation`).
  template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&> && !std::is_base_of_v<Layer, F>)
  ActivationFunction(F function, const std::string& name = "custom")
      : object_(std::make_shared<Custom<F>>(std::move(function), name)) {}

  Tensor operator()(const Tensor& x) const { return object_ ? object_->apply(x) : x; }
  bool is_linear() const { return object_ == nullptr; }
  /// "linear" when empty.
  std::string name() const { return object_ ? object_->name() : "linear"; }
  /// The layer that it is, if it is one, for the layer that it belongs to: whoever asks counts its weights as its own.
  Layer taken_layer() const;

  Json to_json() const;
  /// From a name, null, or an object such as {"class_name": "function", "config": "relu"} or a layer's.
  static ActivationFunction from_json(const Json& json);

 private:
  template <class F>
  class Custom : public ActivationBase {
   public:
    Custom(F function, std::string name) : function_(std::move(function)), name_(std::move(name)) {}
    std::string name() const override { return name_; }
    Tensor apply(const Tensor& x) const override { return function_(x); }

   private:
    F function_;
    std::string name_;
  };

  std::shared_ptr<const ActivationBase> object_;
};

/// Makes files with an activation of one's own loadable.
void register_activation(const std::string& name, Tensor (*function)(const Tensor& x));

}  // namespace hebb
