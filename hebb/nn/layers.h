/// All layers.
#pragma once

#include "hebb/nn/layers/activation_layers.h"
#include "hebb/nn/layers/color_augmentation.h"
#include "hebb/nn/layers/conv.h"
#include "hebb/nn/layers/dense.h"
#include "hebb/nn/layers/geometric_augmentation.h"
#include "hebb/nn/layers/learned_activations.h"
#include "hebb/nn/layers/merging.h"
#include "hebb/nn/layers/noise.h"
#include "hebb/nn/layers/normalization.h"
#include "hebb/nn/layers/options.h"
#include "hebb/nn/layers/pooling.h"
#include "hebb/nn/layers/preprocessing.h"
#include "hebb/nn/layers/regularization.h"
#include "hebb/nn/layers/reshaping.h"
#include "hebb/nn/layers/resizing.h"
#include "hebb/nn/symbolic.h"
