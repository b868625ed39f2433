/// Folders with a sub-folder of files for each class: what image_folder.h and text_folder.h have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hebb::data {

struct ClassFiles {
  std::vector<std::string> class_names, files;
  std::vector<int32_t> labels;  ///< of each file the place of its class

  /// Puts the files into an order that follows from the seed alone.
  void mix(int64_t seed);
};

/// What files are looked for, and the words for messages.
struct ClassFilesOptions {
  std::string where, what;           ///< "image_folder", "images"
  std::vector<std::string> endings;  ///< ".png"; in any case of letters
  std::vector<std::string> class_names = {};
};

/// The files of all sub-folders, class by class and by the alphabet of their paths; links to folders and names that
/// begin with a point are not followed. Classes stand by the alphabet, or in the order that is given. IoError when
/// there are no sub-folders or no files, InvalidArgument when the names given are not those of the sub-folders.
ClassFiles files_of_classes(const std::string& path, const ClassFilesOptions& options);

/// Whether the folder has sub-folders.
bool has_class_folders(const std::string& path);

}  // namespace hebb::data
