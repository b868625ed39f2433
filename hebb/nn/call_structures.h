/// Lists, tuples and dicts of tensors, as Keras's configurations have them: what layers are called with, and what
/// models take and give. Internal.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"

namespace hebb::detail {

/// [layer, call, output], as Keras 2 writes a tensor, and Keras 3 the ends of models.
bool is_old_reference(const Json& json);

/// A dict, and none of Keras's objects.
bool is_dictionary(const Json& json);

/// A dict's values in the order in which Keras takes them.
std::vector<const Json*> by_the_alphabet(const Json& dictionary);

/// Where a dict that a layer is called with has its tensors, in that order: "bounding_boxes/boxes", "images".
std::vector<std::string> places_in(const Json& dictionary);

/// The dict that has so many tensors at these places.
Json dictionary_of(const std::vector<std::string>& places, const Json::Array& tensors);

/// One mask for each input, null where it has none: Keras nests them as it nests the inputs.
std::vector<const Json*> flat_masks(const Json& json);

/// The keys of a dict with one tensor each, in Keras's order; of anything else none.
std::vector<std::string> keys_of(const Json& json);

/// Lists for tuples.
Json without_tuples(const Json& json);

/// What ModelBase::set_structures takes: null unless lists or dicts stand in each other, or a list holds one tensor.
/// `is_old`: in a file of Keras 2, which has a list around every single tensor.
Json structure_of(const Json& json, bool is_old);

/// One item for each of a model's inputs (outputs) as the model has them: in a dict of these keys, in lists and dicts
/// (ModelBase::set_structures), or in a list.
Json arranged(const Json& items, const std::vector<std::string>& keys, const Json& structure);

/// For each of a model's outputs so nested where Keras has it: the keys and numbers on the way, {"1", "0"}; the second
/// says whether the last of them is a number.
struct Path {
  std::vector<std::string> steps;
  bool ends_with_number = false;
};
std::vector<Path> paths_of(const Json& structure);

}  // namespace hebb::detail
