/// Masks: which steps of a sequence count, as Keras's masks say it.
///
///     Tensor x = Embedding(1000, 64, {.mask_zero = true})(words);     // x carries a mask: words != 0
///     Tensor y = LSTM(32)(x);                                         // skips what is masked
///
/// A layer's output carries its mask along, a boolean (batch, steps) that is true where a step counts. The next layer
/// gets it in its call's options (`CallOptions::masks`) and, if it supports masking, hands one on
/// (`LayerBase::compute_masks`); a loss or metric leaves out what the mask of the predictions leaves out. Operations
/// give results without a mask, so that it travels from layer to layer alone, eagerly and in a trace alike.
#pragma once

#include "hebb/tensor/tensor.h"

namespace hebb {

/// The mask that a tensor carries; undefined where there is none.
Tensor mask_of(const Tensor& tensor);

/// Gives a tensor, and all handles of it, a mask. An undefined one changes nothing. Not for variables and inputs of
/// one's own: they would carry it into the next call.
void set_mask(const Tensor& tensor, const Tensor& mask);

/// Takes its mask from a tensor, and from all handles of it.
void remove_mask(const Tensor& tensor);

}  // namespace hebb
