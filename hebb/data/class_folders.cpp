#include "hebb/data/class_folders.h"

#include <algorithm>
#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/random.h"

namespace hebb::data {

namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

std::vector<std::string> sub_folders(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !is_hidden(at->path())) names.push_back(at->path().filename().string());
  }
  if (error) throw IoError(message(path, ": the folder cannot be read: ", error.message(), "."));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> files_below(const fs::path& folder, const std::vector<std::string>& endings) {
  std::vector<std::string> files;
  const auto is_wanted = [&](const fs::path& path) {
    return std::find(endings.begin(), endings.end(), lower_case(path.extension().string())) != endings.end();
  };
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (is_hidden(at->path())) {
      at.disable_recursion_pending();
    } else if (is_wanted(at->path()) && at->is_regular_file(ignored)) {
      files.push_back(at->path().string());
    }
  }
  if (error) throw IoError(message(folder.string(), ": the folder cannot be read: ", error.message(), "."));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void ClassFiles::mix(int64_t seed) {
  std::vector<std::string> mixed_files;
  std::vector<int32_t> mixed_labels;
  const auto count = static_cast<int64_t>(files.size());
  for (const int64_t at : random::permutation(count, seed, 0).to_vector<int64_t>()) {
    mixed_files.push_back(std::move(files[static_cast<size_t>(at)]));
    mixed_labels.push_back(labels[static_cast<size_t>(at)]);
  }
  files = std::move(mixed_files);
  labels = std::move(mixed_labels);
}

ClassFiles files_of_classes(const std::string& path, const ClassFilesOptions& options) {
  ClassFiles out;
  out.class_names = sub_folders(path);
  if (out.class_names.empty()) {
    throw IoError(message(path, ": expected a sub-folder of ", options.what, " for each class, found none. Put the ",
                          options.what, " of each class into a folder that is called after it."));
  }
  if (!options.class_names.empty()) {
    std::vector<std::string> given = options.class_names;
    std::sort(given.begin(), given.end());
    if (given != out.class_names) {
      throw InvalidArgument(message(options.where, ": class_names: expected the names of the sub-folders of ", path,
                                    " (", join(out.class_names), "), got ", join(options.class_names), "."));
    }
    out.class_names = options.class_names;
  }
  for (size_t label = 0; label < out.class_names.size(); ++label) {
    for (std::string& file : files_below(fs::path(path) / out.class_names[label], options.endings)) {
      out.files.push_back(std::move(file));
      out.labels.push_back(static_cast<int32_t>(label));
    }
  }
  if (out.files.empty()) {
    throw IoError(message(path, ": expected ", options.what, " (", join(options.endings), ") in its sub-folders (",
                          join(out.class_names), "), found none."));
  }
  return out;
}

bool has_class_folders(const std::string& path) { return !sub_folders(path).empty(); }

}  // namespace hebb::data
