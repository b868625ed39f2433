#include "hebb/nn/masking.h"

namespace hebb {

Tensor mask_of(const Tensor& tensor) {
  return tensor.defined() && tensor.body()->mask ? Tensor(tensor.body()->mask) : Tensor();
}

void set_mask(const Tensor& tensor, const Tensor& mask) {
  if (mask.defined()) tensor.body()->mask = mask.body();
}

void remove_mask(const Tensor& tensor) { tensor.body()->mask = nullptr; }

}  // namespace hebb
