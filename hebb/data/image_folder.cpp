#include "hebb/data/image_folder.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/data/class_folders.h"
#include "hebb/data/image.h"

namespace hebb::data {

namespace {

/// From which two places a result is interpolated, and how near it is to the second.
struct Between {
  int64_t lower, upper;
  float part;
};

std::vector<Between> places_between(int64_t from, int64_t to) {
  std::vector<Between> out;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int64_t i = 0; i < to; ++i) {
    const float at = (static_cast<float>(i) + 0.5f) * scale - 0.5f, floor = std::floor(at);
    out.push_back({std::max<int64_t>(static_cast<int64_t>(floor), 0),
                   std::min<int64_t>(static_cast<int64_t>(std::ceil(at)), from - 1), at - floor});
  }
  return out;
}

class ImageFolderSource : public Source {
 public:
  ImageFolderSource(const std::string& path, const ImageFolderOptions& options) : options_(options) {
    const std::vector<std::string> modes = {"rgb", "grayscale"};
    if (std::find(modes.begin(), modes.end(), options.color_mode) == modes.end())
      throw InvalidArgument(message("image_folder: ", unknown_name("color_mode", options.color_mode, modes)));
    if (options.dtype != DType::float32 && options.dtype != DType::uint8)
      throw InvalidArgument(message("image_folder: dtype: expected float32 or uint8, got ", options.dtype, "."));
    if (options.image_size.height < 1 || options.image_size.width < 1) {
      throw InvalidArgument(message("image_folder: image_size: expected at least 1x1, got ", options.image_size.height,
                                    "x", options.image_size.width, "."));
    }
    ClassFiles found = files_of_classes(path, {.where = "image_folder",
                                               .what = "images",
                                               .endings = {".png", ".jpg", ".jpeg"},
                                               .class_names = options.class_names});
    if (options.shuffle) found.mix(options.seed);
    class_names_ = std::move(found.class_names);
    files_ = std::move(found.files);
    labels_ = std::move(found.labels);
    components_ = {Spec{{options.image_size.height, options.image_size.width, is_gray() ? 1 : 3}, options.dtype},
                   Spec{Shape{}, DType::int32}};
    workers_ = options.workers > 0 ? options.workers : std::min<int64_t>(threads(), 4);
  }

  int64_t size() const override { return static_cast<int64_t>(files_.size()); }
  const std::vector<Spec>& components() const override { return components_; }
  std::vector<std::string> names() const override { return {"images", "labels"}; }
  std::vector<std::string> class_names() const override { return class_names_; }
  void gather(std::span<const int64_t> indices, std::span<void* const> out) const override {
    gather_wanted(indices, out);
  }
  void gather_wanted(std::span<const int64_t> indices, std::span<void* const> out) const override {
    if (auto* labels = static_cast<int32_t*>(out[1])) {
      for (size_t i = 0; i < indices.size(); ++i) labels[i] = labels_[static_cast<size_t>(indices[i])];
    }
    if (out[0]) read_images(indices, static_cast<std::byte*>(out[0]));
  }

 private:
  bool is_gray() const { return options_.color_mode == "grayscale"; }

  /// By threads of its own: those that compute are busy with the step that goes on meanwhile.
  void read_images(std::span<const int64_t> indices, std::byte* out) const {
    std::atomic<size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr error;
    const auto bytes = static_cast<size_t>(components_[0].bytes());
    const auto work = [&] {
      try {
        for (size_t i; (i = next++) < indices.size();)
          read_into(files_[static_cast<size_t>(indices[i])], out + i * bytes);
      } catch (...) {
        next = indices.size();
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    };
    std::vector<std::thread> helpers;
    for (int64_t i = 1; i < std::min<int64_t>(workers_, static_cast<int64_t>(indices.size())); ++i)
      helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
    if (error) std::rethrow_exception(error);
  }

  void read_into(const std::string& file, void* to) const {
    const Tensor image = read_image(file, {.grayscale = is_gray()});
    const bool fits = image.shape()[1] == options_.image_size.height && image.shape()[2] == options_.image_size.width;
    const auto elements = static_cast<size_t>(components_[0].shape.elements());
    if (fits && options_.dtype == DType::uint8) {
      std::memcpy(to, image.raw(), elements);
    } else if (fits) {
      std::copy_n(image.data<uint8_t>(), elements, static_cast<float*>(to));
    } else {
      const Tensor resized = resize_image(image, options_.image_size);
      const auto* values = resized.data<float>();
      if (options_.dtype == DType::float32) {
        std::copy_n(values, elements, static_cast<float*>(to));
      } else {
        std::transform(values, values + elements, static_cast<uint8_t*>(to),
                       [](float value) { return static_cast<uint8_t>(std::lround(std::clamp(value, 0.f, 255.f))); });
      }
    }
  }

  ImageFolderOptions options_;
  std::vector<std::string> class_names_, files_;
  std::vector<int32_t> labels_;
  std::vector<Spec> components_;
  int64_t workers_ = 1;
};

template <class T>
void interpolate(const T* in, int64_t width, int64_t channels, const std::vector<Between>& rows,
                 const std::vector<Between>& columns, float* out) {
  for (const Between& row : rows) {
    const T *top = in + row.lower * width * channels, *bottom = in + row.upper * width * channels;
    for (const Between& column : columns) {
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t left = column.lower * channels + c, right = column.upper * channels + c;
        const auto mix = [](float a, float b, float part) { return a + (b - a) * part; };
        *out++ = mix(mix(static_cast<float>(top[left]), static_cast<float>(top[right]), column.part),
                     mix(static_cast<float>(bottom[left]), static_cast<float>(bottom[right]), column.part), row.part);
      }
    }
  }
}

}  // namespace

Tensor resize_image(const Tensor& image, const ImageSize& size) {
  const Spec& spec = image.spec();
  const bool known = spec.dtype == DType::uint8 || spec.dtype == DType::float32;
  if (spec.shape.rank() != 4 || spec.shape.front() != 1 || spec.shape.elements() == 0 || !known || size.height < 1 ||
      size.width < 1) {
    throw InvalidArgument(message("resize_image: expected uint8 or float32 (1, height, width, channels) and a size of ",
                                  "at least 1x1, got ", spec, " and ", size.height, "x", size.width, "."));
  }
  const int64_t width = spec.shape[2], channels = spec.shape[3];
  Tensor out = Tensor::empty({1, size.height, size.width, channels});
  const auto rows = places_between(spec.shape[1], size.height), columns = places_between(width, size.width);
  auto* to = static_cast<float*>(out.mutable_raw());
  if (spec.dtype == DType::uint8) {
    interpolate(image.data<uint8_t>(), width, channels, rows, columns, to);
  } else {
    interpolate(image.data<float>(), width, channels, rows, columns, to);
  }
  return out;
}

Dataset image_folder(const std::string& path, const ImageFolderOptions& options) {
  return Dataset(std::make_shared<ImageFolderSource>(path, options));
}

}  // namespace hebb::data
