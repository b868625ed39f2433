/// What optimizers of Keras 1 and 2 (of its own package, of TensorFlow before 2.11, and tf_keras's `optimizers.legacy`)
/// wrote into configurations, in the options of today. Internal.
#pragma once

#include "hebb/base/json.h"

namespace hebb {

/// Whether such an optimizer wrote this configuration, {"lr": 0.01, "decay": 0.0, ...}: its state stands in files in
/// another order.
bool is_of_old_optimizer(const Json& config);

/// {"class_name", "config"} of any optimizer, in the options of today:
/// - `lr` is `learning_rate`; with `decay` it is an `InverseTimeDecay` of one step;
/// - `clipnorm` of Keras's own package was that of all gradients together: `global_clipnorm`;
/// - `epsilon` of Adagrad, and of RMSprop without momentum, stood outside of the root: its square inside of it does the
///   same but where a root is about as small as epsilon;
/// - a LossScaleOptimizer that keeps its scale is the optimizer inside of it, with a `loss_scale_factor`.
/// NotSupported for what cannot be said in them.
Json optimizer_of_today(const Json& optimizer);

/// What Nadam's `u_product` (the product of its momenta, Dozat 2016) is after so many steps: Keras 2 did not save it.
/// `optimizer` as it is in the file. At once for any number of steps.
double nadam_product(const Json& optimizer, double steps);

}  // namespace hebb
