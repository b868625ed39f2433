#include "hebb/tensor/late_value.h"

namespace hebb {

Tensor variable_without_value(const Spec& spec, const std::string& name, bool trainable) {
  Tensor made = Tensor::empty(spec);
  made.body()->variable = true;
  made.body()->trainable = trainable;
  made.body()->name = name;
  return made;
}

void move_into_variable(const Tensor& variable, Tensor&& value) {
  const Tensor moved = std::move(value);
  const bool is_alone = moved.is_concrete() && moved.body().use_count() == 1 && moved.body()->buffer.use_count() == 1;
  if (!is_alone || !variable.is_variable() || variable.body()->layout || variable.spec() != moved.spec())
    return write_variable(variable, moved);
  variable.body()->buffer = moved.body()->buffer;
  ++variable.body()->version;
}

}  // namespace hebb
