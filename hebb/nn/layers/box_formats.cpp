#include "hebb/nn/layers/box_formats.h"

#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// A format, and whether its numbers are shares of the image's size.
struct Format {
  bool relative;
  std::string order;
};
Format parsed(const std::string& format) {
  const bool relative = format.starts_with("rel_");
  return {relative, relative ? format.substr(4) : format};
}

/// Two numbers of each box, (batch, boxes, 2).
Tensor two(const Tensor& boxes, int64_t first) {
  return slice(boxes, {0, 0, first}, {boxes.shape()[0], boxes.shape()[1], first + 2});
}
Tensor turned(const Tensor& pair) { return reverse(pair, {2}); }

Tensor size_of(int64_t height, int64_t width, const Tensor& like) {
  const auto w = static_cast<double>(width), h = static_cast<double>(height);
  return cast(Tensor::from(std::vector<double>{w, h, w, h}), like.dtype());
}

}  // namespace

const std::vector<std::string>& box_formats() {
  static const std::vector<std::string> formats = {"xyxy",     "yxyx",     "xywh",     "center_xywh",    "center_yxhw",
                                                   "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"};
  return formats;
}

Tensor edges_of_boxes(const Tensor& boxes, const std::string& format, int64_t height, int64_t width) {
  const auto [relative, order] = parsed(format);
  Tensor first = two(boxes, 0), second = two(boxes, 2);
  if (order == "yxyx" || order == "center_yxhw") {
    first = turned(first);
    second = turned(second);
  }
  if (order == "xywh") {
    second = first + second;
  } else if (order.starts_with("center")) {
    const Tensor middle = first, half = second / 2.0;
    first = middle - half;
    second = middle + half;
  }
  const Tensor edges = concatenate({first, second}, 2);
  return relative ? edges : edges / size_of(height, width, edges);
}

Tensor boxes_of_edges(const Tensor& edges, const std::string& format, int64_t height, int64_t width) {
  const auto [relative, order] = parsed(format);
  const Tensor scaled = relative ? edges : edges * size_of(height, width, edges);
  Tensor first = two(scaled, 0), second = two(scaled, 2);
  if (order == "xywh") {
    second = second - first;
  } else if (order.starts_with("center")) {
    const Tensor size = second - first;
    first = first + size / 2.0;
    second = size;
  }
  if (order == "yxyx" || order == "center_yxhw") {
    first = turned(first);
    second = turned(second);
  }
  return concatenate({first, second}, 2);
}

}  // namespace hebb
