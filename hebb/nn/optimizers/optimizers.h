/// The optimizers with their options, in the order of Keras's arguments and with Keras's defaults.
#pragma once

#include "hebb/nn/optimizers/optimizer.h"

namespace hebb {

// What every optimizer's options end with. A macro, since designated initialisers do not reach into a base.
#define HEBB_OPTIMIZER_OPTIONS                             \
  std::optional<double> clipnorm = {};                     \
  std::optional<double> clipvalue = {};                    \
  std::optional<double> global_clipnorm = {};              \
  bool use_ema = false;                                    \
  double ema_momentum = 0.99;                              \
  std::optional<int64_t> ema_overwrite_frequency = {};     \
  std::optional<double> loss_scale_factor = {};            \
  std::optional<int64_t> gradient_accumulation_steps = {}; \
  std::string name = {};

struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Gradient descent: v = momentum v - learning_rate g; w += v. With `nesterov`: w += momentum v - learning_rate g
/// (Sutskever et al. 2013).
Optimizer SGD(const SGDOptions& options = {});

struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Divides the gradient by the root of a moving mean of its square (Hinton 2012).
Optimizer RMSprop(const RMSpropOptions& options = {});

struct AdagradOptions {
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Divides the gradient by the root of the sum of all its squares (Duchi et al. 2011).
Optimizer Adagrad(const AdagradOptions& options = {});

struct AdadeltaOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.95;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Scales the gradient by the ratio of the moving sizes of past updates and gradients (Zeiler 2012).
Optimizer Adadelta(const AdadeltaOptions& options = {});

struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Moving means of the gradient and of its square, both corrected for their start (Kingma and Ba 2015); epsilon is the
/// paper's "epsilon hat". `amsgrad`: the largest of the second so far (Reddi et al. 2018).
Optimizer Adam(const AdamOptions& options = {});

struct AdamWOptions {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  HEBB_OPTIMIZER_OPTIONS
};
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
Optimizer AdamW(const AdamWOptions& options = {});

struct NadamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Adam with Nesterov's momentum (Dozat 2016).
Optimizer Nadam(const NadamOptions& options = {});

#undef HEBB_OPTIMIZER_OPTIONS

}  // namespace hebb
