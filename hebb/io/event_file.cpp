#include "hebb/io/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/image.h"
#include "hebb/io/event.pb.h"
#include "hebb/ops/shaping.h"

namespace hebb::io {

namespace {

constexpr int buckets = 30, most_images = 3;

/// CRC-32C (Castagnoli), by bytes: event files are small.
uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t byte = 0; byte < made.size(); ++byte) {
      uint32_t value = byte;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82f63b78u : 0u);
      made[byte] = value;
    }
    return made;
  }();
  uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

template <class Number>
std::string little_endian(Number number) {
  std::string bytes(sizeof number, '\0');
  for (size_t i = 0; i < sizeof number; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

/// The checksum of TFRecord files: turned and shifted, since checksums of data that has checksums in it are weak.
std::string masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return little_endian(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

/// One summary value of a plugin of TensorBoard's, to be filled in.
struct Draft {
  events::Event event;
  events::Summary::Value* value;
  events::TensorValue* tensor;

  Draft(const std::string& tag, int64_t step, const char* plugin) {
    event.set_wall_time(seconds_since_1970());
    event.set_step(step);
    value = event.mutable_summary()->add_value();
    value->set_tag(tag);
    value->mutable_metadata()->mutable_plugin_data()->set_plugin_name(plugin);
    tensor = value->mutable_tensor();
  }
  std::string bytes() const { return event.SerializeAsString(); }
};

}  // namespace

EventFile::EventFile(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  // Several files of a program within a second need different names.
  static std::atomic<int> number{0};
  path_ =
      (std::filesystem::path(folder) / message("events.out.tfevents.", static_cast<int64_t>(seconds_since_1970()), ".",
                                               host_name(), ".", static_cast<int64_t>(getpid()), ".", number++, ".v2"))
          .string();
  out_.open(path_, std::ios::binary);
  if (!out_) {
    throw IoError(
        message("cannot write '", path_, "'. Check that the folder exists or can be made, and may be written to."));
  }
  events::Event begin;
  begin.set_wall_time(seconds_since_1970());
  begin.set_file_version("brain.Event:2");
  write(begin.SerializeAsString());
}

void EventFile::write(const std::string& event) {
  const std::string length = little_endian(static_cast<uint64_t>(event.size()));
  out_ << length << masked_crc(length) << event << masked_crc(event);
}

void EventFile::flush() {
  out_.flush();
  if (!out_) throw IoError(message("cannot write '", path_, "'. Check that the disk has room."));
}

void EventFile::scalar(const std::string& tag, double value, int64_t step) {
  Draft draft(tag, step, "scalars");
  draft.tensor->set_dtype(events::DT_FLOAT);
  draft.tensor->mutable_tensor_shape();
  draft.tensor->add_float_val(static_cast<float>(value));
  draft.value->mutable_metadata()->set_data_class(events::DATA_CLASS_SCALAR);
  write(draft.bytes());
}

void EventFile::histogram(const std::string& tag, const Tensor& values, int64_t step) {
  const std::vector<float> all = values.to_vector<float>();
  std::vector<std::array<double, 3>> rows(buckets);  // from, to, how many
  double least = INFINITY, most = -INFINITY;
  for (const float value : all) {
    if (!std::isfinite(value)) continue;  // TensorBoard has no place for them
    least = std::min<double>(least, value);
    most = std::max<double>(most, value);
  }
  if (least <= most) {
    const double width = (most - least) / buckets;
    for (int i = 0; i < buckets; ++i)
      rows[i] = {least + i * width, i + 1 < buckets ? least + (i + 1) * width : most, 0};
    for (const float value : all) {
      if (!std::isfinite(value)) continue;
      const int bucket = width > 0 ? static_cast<int>((value - least) / width) : buckets - 1;
      ++rows[std::min(bucket, buckets - 1)][2];
    }
  }
  Draft draft(tag, step, "histograms");
  draft.tensor->set_dtype(events::DT_DOUBLE);
  draft.tensor->mutable_tensor_shape()->add_dim()->set_size(buckets);
  draft.tensor->mutable_tensor_shape()->add_dim()->set_size(3);
  std::string content(rows.size() * sizeof rows[0], '\0');
  std::memcpy(content.data(), rows.data(), content.size());
  draft.tensor->set_tensor_content(content);
  draft.value->mutable_metadata()->set_data_class(events::DATA_CLASS_TENSOR);
  write(draft.bytes());
}

void EventFile::images(const std::string& tag, const Tensor& images, int64_t step) {
  const int64_t count = std::min<int64_t>(images.shape()[0], most_images);
  Draft draft(tag, step, "images");
  draft.tensor->set_dtype(events::DT_STRING);
  draft.tensor->mutable_tensor_shape()->add_dim()->set_size(2 + count);
  draft.tensor->add_string_val(std::to_string(images.shape()[2]));
  draft.tensor->add_string_val(std::to_string(images.shape()[1]));
  for (int64_t i = 0; i < count; ++i) {
    const Tensor one = slice(images, {i, 0, 0, 0}, {i + 1, images.shape()[1], images.shape()[2], images.shape()[3]});
    Tensor pixels = Tensor::empty(one.shape(), DType::uint8);
    const std::vector<float> from = one.to_vector<float>();
    auto* to = static_cast<uint8_t*>(pixels.mutable_raw());
    // As TensorFlow rounds; what is no number becomes black.
    for (size_t k = 0; k < from.size(); ++k)
      to[k] = from[k] > 0 ? static_cast<uint8_t>(std::min(from[k] * 255.5f, 255.f)) : uint8_t{0};
    draft.tensor->add_string_val(data::png_bytes(pixels));
  }
  draft.value->mutable_metadata()->set_data_class(events::DATA_CLASS_BLOB_SEQUENCE);
  write(draft.bytes());
}

void EventFile::keras_model(const std::string& tag, const std::string& json, int64_t step) {
  Draft draft(tag, step, "graph_keras_model");
  draft.value->mutable_metadata()->mutable_plugin_data()->set_content("1");
  draft.tensor->set_dtype(events::DT_STRING);
  draft.tensor->mutable_tensor_shape();
  draft.tensor->add_string_val(json);
  write(draft.bytes());
}

}  // namespace hebb::io
