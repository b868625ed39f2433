/// The optimizers with their options, in the order of Keras's arguments and with Keras's defaults.
#pragma once

#include <utility>
#include <vector>

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
  double schedule_decay =
      1;  ///< hebb's own: the momentum of step t warms up by 0.96^(t schedule_decay); 0.004 in Keras 2
};
/// Adam with Nesterov's momentum (Dozat 2016).
Optimizer Nadam(const NadamOptions& options = {});

struct AdamaxOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Adam with the largest gradient so far, slowly forgotten, in place of the root mean square (Kingma and Ba 2015,
/// section 7).
Optimizer Adamax(const AdamaxOptions& options = {});

struct AdafactorOptions {
  LearningRate learning_rate = 0.001;
  double beta_2_decay = -0.8;
  double epsilon_1 = 1e-30;     ///< added to the squared gradient
  double epsilon_2 = 1e-3;      ///< the least size of a variable that the step is relative to
  double clip_threshold = 1.0;  ///< of the update's root mean square
  bool relative_step = true;    ///< a fixed learning rate is limited to 1 / sqrt(step)
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// RMSprop with steps relative to the variables' sizes; a matrix's squares are remembered as those of its rows and of
/// its columns (Shazeer and Stern 2018).
Optimizer Adafactor(const AdafactorOptions& options = {});

struct FtrlOptions {
  LearningRate learning_rate = 0.001;
  double learning_rate_power = -0.5;  ///< at most 0; 0: the learning rate stays
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0.0;
  double l2_regularization_strength = 0.0;
  double l2_shrinkage_regularization_strength = 0.0;
  double beta = 0.0;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Follow the regularised leader: weights that exact L1 penalties keep at zero (McMahan et al. 2013).
/// InvalidArgument for negative strengths and a positive power.
Optimizer Ftrl(const FtrlOptions& options = {});

struct LionOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.99;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// The sign of a mixture of gradient and momentum (Chen et al. 2023). InvalidArgument for beta_1 outside (0, 1].
Optimizer Lion(const LionOptions& options = {});

struct LambOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// Adam's direction, as long as the variable that it changes, for large batches (You et al. 2020).
Optimizer Lamb(const LambOptions& options = {});

struct MuonOptions {
  LearningRate learning_rate = 0.001;
  double adam_beta_1 = 0.9;
  double adam_beta_2 = 0.999;
  std::optional<double> adam_weight_decay = 0.004;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = 0.004;
  HEBB_OPTIMIZER_OPTIONS
  std::vector<std::string> exclude_layers = {};  ///< regular expressions, searched in paths as "out/kernel": AdamW's
  bool exclude_embeddings = true;
  double muon_a = 3.4445;
  double muon_b = -4.7750;
  double muon_c = 2.0315;
  double adam_lr_ratio = 1;  ///< AdamW's learning rate is this times the learning rate
  double momentum = 0.95;
  int64_t ns_steps = 5;  ///< of the Newton-Schulz iteration
  bool nesterov = true;
  std::optional<double> rms_rate = 0.2;  ///< updates are scaled to this root mean square (Liu et al. 2025)
};
/// Momentum, made orthogonal, for matrices; AdamW for everything else (Jordan et al. 2024).
Optimizer Muon(const MuonOptions& options = {});

struct ScheduleFreeAdamWOptions {
  LearningRate learning_rate = 0.0025;
  double beta_1 = 0.9;  ///< how much of the mean of all iterates is in the weights at which gradients are taken
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  int64_t warmup_steps = 0;
  std::optional<double> weight_decay = {};
  HEBB_OPTIMIZER_OPTIONS
};
/// AdamW that averages its iterates in place of a decreasing learning rate (Defazio et al. 2024).
Optimizer ScheduleFreeAdamW(const ScheduleFreeAdamWOptions& options = {});

#undef HEBB_OPTIMIZER_OPTIONS

struct LossScaleOptions {
  double initial_scale = 32768;         ///< what the loss is multiplied with at first
  int64_t dynamic_growth_steps = 2000;  ///< steps without infinite gradients after which the scale doubles
  std::string name = {};
};
/// Multiplies the loss, so that gradients in few bits do not vanish, and divides the gradients; steps with gradients
/// that are not finite are left out and halve the factor (Micikevicius et al. 2018). The learning rate and the
/// iterations are `inner_optimizer`'s; its own `loss_scale_factor` is dropped. InvalidArgument without an optimizer.
Optimizer LossScaleOptimizer(const Optimizer& inner_optimizer, const LossScaleOptions& options = {});

struct MultiOptions {
  std::optional<double> loss_scale_factor = {};  ///< takes the place of the optimizers' own
  std::string name = {};
};
/// Which optimizer changes which variables: the one whose key is the variable's name or a regular expression for all of
/// it (`"encoder/.*"`), else the default. Keras puts a Sequential's own name before its variables' (`sequential/dense/
/// kernel`); here a key fits with it and without it.
struct OptimizerMap {
  Optimizer default_optimizer;
  std::vector<std::pair<std::string, Optimizer>> optimizer_map = {};
};
/// Gives each variable to one of several optimizers. InvalidArgument when two keys fit a variable, when an optimizer
/// holds others, and for the learning rate, which each of them has for itself.
Optimizer MultiOptimizer(const OptimizerMap& optimizer_map, const MultiOptions& options = {});

}  // namespace hebb
