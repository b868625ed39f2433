#include "hebb/io/open_dataset.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/array_names.h"
#include "hebb/io/hdf5_rows.h"

namespace hebb::io {

namespace {

class Hdf5Source : public data::Source {
 public:
  Hdf5Source(const std::string& path, const OpenDatasetOptions& options) {
    const auto file = std::make_shared<const Hdf5Reader>(path);
    const auto cache = std::make_shared<ChunkCache>(options.cache_bytes);
    const std::vector<std::string> found = file->children("/");
    std::vector<std::string> names = data::array_names(found, path, "x", options.input_names);
    inputs_ = static_cast<int64_t>(names.size());
    const std::vector<std::string> targets = data::array_names(found, path, "y", options.output_names);
    targets_ = static_cast<int64_t>(targets.size());
    names.insert(names.end(), targets.begin(), targets.end());
    for (const std::string& name : names) arrays_.push_back(std::make_unique<Hdf5Rows>(file, path, name, cache));
    if (std::find(found.begin(), found.end(), data::sample_weight_name) != found.end()) {
      std::vector<Spec> of_targets;
      for (auto target = arrays_.begin() + inputs_; target != arrays_.end(); ++target)
        of_targets.push_back((*target)->spec());
      names.emplace_back(data::sample_weight_name);
      arrays_.push_back(std::make_unique<Hdf5Rows>(file, path, names.back(), cache, DType::float32));
      data::check_weights(path, arrays_.back()->spec(), of_targets);
    }
    std::vector<Spec> specs;
    for (const auto& array : arrays_) specs.push_back(array->spec());
    data::check_examples(path, names, specs);
    for (const Spec& spec : specs) components_.push_back({spec.shape.without(0), spec.dtype});
    size_ = specs.front().shape.front();
  }

  int64_t size() const override { return size_; }
  const std::vector<Spec>& components() const override { return components_; }
  int64_t inputs() const override { return inputs_; }
  int64_t targets() const override { return targets_; }
  std::vector<std::string> names() const override {
    std::vector<std::string> out;
    for (const auto& array : arrays_) out.push_back(array->dataset());
    return out;
  }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_wanted(indices, out);
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    for (size_t i = 0; i < arrays_.size(); ++i) {
      if (out[i]) arrays_[i]->read(indices, out[i]);
    }
  }

 private:
  int64_t size_ = 0, inputs_ = 0, targets_ = 0;
  std::vector<std::unique_ptr<Hdf5Rows>> arrays_;
  std::vector<Spec> components_;
};

}  // namespace

data::Dataset open_dataset(const std::string& path, const OpenDatasetOptions& options) {
  if (options.cache_bytes < 0)
    throw InvalidArgument(message("open_dataset: cache_bytes: expected at least 0, got ", options.cache_bytes, "."));
  return data::Dataset(std::make_shared<Hdf5Source>(path, options));
}

}  // namespace hebb::io
