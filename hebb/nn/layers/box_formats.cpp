#include "hebb/nn/layers/box_formats.h"

#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
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
  return relative ? edges : edges / pixels_of_edges(height, width);
}

Tensor boxes_of_edges(const Tensor& edges, const std::string& format, int64_t height, int64_t width) {
  const auto [relative, order] = parsed(format);
  const Tensor scaled = relative ? edges : edges * pixels_of_edges(height, width);
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

Tensor pixels_of_edges(int64_t height, int64_t width) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  return Tensor::from(std::vector<float>{w, h, w, h});
}

Tensor entry_of(const Tensors& drawn, int64_t which) {
  const int64_t batch = drawn.front().shape()[0];
  return reshape(slice(drawn.front(), {0, which}, {batch, which + 1}), {batch, 1, 1});
}

Tensor edge_of(const Tensor& edges, int64_t which) {
  return slice(edges, {0, 0, which}, {edges.shape()[0], edges.shape()[1], which + 1});
}

Corners corners_of(const Tensor& edges) {
  const Tensor left = edge_of(edges, 0), top = edge_of(edges, 1), right = edge_of(edges, 2), bottom = edge_of(edges, 3);
  return {concatenate({left, right, right, left}, 2), concatenate({top, top, bottom, bottom}, 2)};
}

Tensor edges_around(const Corners& points) {
  const ReduceOptions over{.axes = {2}, .keepdims = true};
  return concatenate({min(points.x, over), min(points.y, over), max(points.x, over), max(points.y, over)}, 2);
}

LabelledBoxes cut_boxes(const Tensor& edges, const Tensor& labels, const std::string& format, int64_t height,
                        int64_t width, const Tensor& most) {
  const Tensor cut = maximum(most.defined() ? minimum(edges, most) : minimum(edges, 1.0), 0.0);
  LabelledBoxes out{boxes_of_edges(cut, format, height, width), labels};
  if (!labels.defined()) return out;
  const Tensor area = (edge_of(cut, 2) - edge_of(cut, 0)) * (edge_of(cut, 3) - edge_of(cut, 1));
  const Tensor is_left = greater(reshape(area, {cut.shape()[0], cut.shape()[1]}), 0.0);
  out.labels = select(is_left, labels, -1.0);
  return out;
}

}  // namespace hebb
