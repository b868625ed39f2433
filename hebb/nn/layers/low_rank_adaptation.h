/// LoRA for layers that are there: large kernels are left as they are, and thin matrices beside them are trained.
///
///     Model model = load_model("large.keras");
///     enable_lora(model.get_layer("dense"), 4);
///     model.compile({.optimizer = "adam", .loss = "mse"});
#pragma once

#include <cstdint>
#include <optional>

#include "hebb/nn/layer.h"

namespace hebb {

/// Keras's `layer.enable_lora(rank, lora_alpha)` (Hu et al. 2021): from now on the layer's kernel does not train; in
/// its place a product of two matrices of this rank does, of which lora_alpha / rank times is added to it (unset: the
/// product as it is). It begins as zero. For built layers: Dense, EinsumDense, Embedding, Conv1D, Conv2D and Conv3D.
/// Compile the model afterwards. InvalidArgument for other layers, those that are not built, have a constraint of the
/// kernel or such a product already; NotSupported for quantised ones.
void enable_lora(const Layer& layer, int64_t rank, std::optional<double> lora_alpha = {});

}  // namespace hebb
