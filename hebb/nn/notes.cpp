#include "hebb/nn/notes.h"

#include "hebb/nn/model_base.h"

namespace hebb {

void set_note(const Model& model, std::string_view name, Json value) { model.base().notes.set(name, std::move(value)); }

const Json* find_note(const Model& model, std::string_view name) { return model.base().notes.find(name); }

}  // namespace hebb
