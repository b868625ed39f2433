#include "hebb/data/text_folder.h"

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/class_folders.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {

namespace {

/// Texts in memory, with the names of their classes.
class TextFolderSource : public Source {
 public:
  TextFolderSource(Dataset data, std::vector<std::string> class_names)
      : data_(std::move(data)), class_names_(std::move(class_names)) {}
  int64_t size() const override { return data_.size(); }
  const std::vector<Spec>& components() const override { return data_.source().components(); }
  std::vector<std::string> names() const override { return {"texts", "labels"}; }
  std::vector<std::string> class_names() const override { return class_names_; }
  Tensors arrays() const override { return data_.source().arrays(); }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    data_.source().gather(indices, out);
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    data_.source().gather_wanted(indices, out);
  }

 private:
  Dataset data_;
  std::vector<std::string> class_names_;
};

}  // namespace

Dataset text_folder(const std::string& path, const TextFolderOptions& options) {
  if (options.max_length < 0)
    throw InvalidArgument(message("text_folder: max_length: expected at least 0, got ", options.max_length, "."));
  ClassFiles found = files_of_classes(
      path, {.where = "text_folder", .what = "texts", .endings = {".txt"}, .class_names = options.class_names});
  if (options.shuffle) found.mix(options.seed);
  std::vector<std::string> all;
  for (const std::string& file : found.files) {
    std::string& text = all.emplace_back(read_file(file));
    if (options.max_length > 0 && static_cast<int64_t>(text.size()) > options.max_length)
      text.resize(static_cast<size_t>(options.max_length));
  }
  const Dataset data(texts(std::move(all)), Tensor::from(found.labels));
  return Dataset(std::make_shared<TextFolderSource>(data, std::move(found.class_names)));
}

}  // namespace hebb::data
