/// Folders of text files, one sub-folder for each class, as Keras's text_dataset_from_directory reads them.
///
///     data::Dataset train = data::text_folder("aclImdb/train", {.class_names = {"neg", "pos"}});
///     adapt(words, train);                                       // a TextVectorization
///     model.fit(train, {.epochs = 5});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hebb/data/dataset.h"

namespace hebb::data {

struct TextFolderOptions {
  std::vector<std::string> class_names = {};  ///< the order of the classes; empty: by the alphabet
  /// Mixes the classes, in an order that follows from the seed alone, so that a part can be cut off; false: class by
  /// class, by the alphabet.
  bool shuffle = true;
  int64_t seed = 0;
  int64_t max_length = 0;  ///< bytes of a text that are taken; 0: all
};

/// Texts string(n) and their classes int32(n): the number of the sub-folder, by the alphabet or in the order of
/// `class_names`. The .txt files of all sub-folders are read at once and kept in memory. IoError when there are no
/// sub-folders or no texts, or one cannot be read.
Dataset text_folder(const std::string& path, const TextFolderOptions& options = {});

}  // namespace hebb::data
