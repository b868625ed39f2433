/// hebb: deep learning in native C++ that works the way Keras does. This header is all of it.
///
///     #include <hebb/hebb.h>
///     using namespace hebb;
#pragma once

#include "hebb/autograd/gradient.h"
#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/threads.h"
#include "hebb/classic/gates.h"
#include "hebb/classic/linear_neurons.h"
#include "hebb/classic/perceptron.h"
#include "hebb/classic/separation.h"
#include "hebb/data/data.h"
#include "hebb/io/open_dataset.h"
#include "hebb/nn/activation_table.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/augmentation.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/gradient_statistics.h"
#include "hebb/nn/ensemble.h"
#include "hebb/nn/gradient_flow.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/search.h"
#include "hebb/ops/ops.h"
#include "hebb/plan/compiled.h"
#include "hebb/viz/viz.h"
