/// The zoo: architectures with a name, ready to be trained.
///
///     Model model = zoo::make("mnist-cnn");
///     Model model = zoo::make("mlp", {.input_shape = {784}, .options = Json::object({{"units", "500-500"}})});
///
/// They come compiled with the optimizer and loss that go with them. For data of one's own `options_for`
/// (hebb/zoo/targets.h) says what fits.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"

namespace hebb::zoo {

/// What the last layer says, and so which targets it learns from.
enum class Head {
  labels,   ///< a softmax over classes; targets are class numbers
  one_hot,  ///< a softmax over classes; targets are one-hot rows
  flags,    ///< a sigmoid for each of several yes-or-no questions; targets are 0 or 1
  numbers,  ///< linear: regression; targets are real numbers
};

struct MakeOptions {
  Shape input_shape = {28, 28, 1};  ///< of one example
  int64_t classes = 10;             ///< units of the last layer: classes, questions or numbers
  bool bytes = true;                ///< inputs are 0 to 255 and are scaled to [0, 1] first
  Json options = Json::object();    ///< the architecture's own
  Head head = Head::labels;
};

struct ArchitectureRecord {
  std::string name;
  Model (*make)(const MakeOptions& options);
  std::string doc;
  std::vector<std::string> option_names;
};
const std::vector<ArchitectureRecord>& architecture_records();

/// InvalidArgument, with the nearest name, for an unknown name or option, and when the input's shape does not suit.
Model make(const std::string& name, const MakeOptions& options = {});

}  // namespace hebb::zoo
