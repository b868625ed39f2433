#include "hebb/viz/predictions.h"

#include <cmath>
#include <cstring>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/viz/confusion.h"
#include "hebb/viz/image_grid.h"
#include "hebb/viz/judgement.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

namespace {

std::string class_name(const PredictionsOptions& options, int64_t number) {
  const auto index = static_cast<size_t>(number);
  return index < options.class_names.size() ? options.class_names[index] : std::to_string(number);
}

}  // namespace

Tensor select_images(const Tensor& images, const std::vector<int64_t>& indices) {
  const Shape one = images.shape().without(0);
  Tensor out = Tensor::empty(one.with(0, static_cast<int64_t>(indices.size())), images.dtype());
  const auto bytes = static_cast<size_t>(Spec{one, images.dtype()}.bytes());
  const auto* from = static_cast<const std::byte*>(images.raw());
  auto* to = static_cast<std::byte*>(out.mutable_raw());
  for (const int64_t index : indices) {
    std::memcpy(to, from + static_cast<size_t>(index) * bytes, bytes);
    to += bytes;
  }
  return out;
}

Picture images(const Tensor& images, const Tensor& outputs, const Tensor& truth, const PredictionsOptions& options) {
  const Judgement judgement = judge(outputs, truth);
  if (images.rank() < 1 || images.shape()[0] != judgement.size()) {
    throw InvalidArgument(
        message("images: expected as many images as classes, got ", images.spec(), " and ", truth.spec(), "."));
  }
  std::vector<int64_t> shown(static_cast<size_t>(judgement.size()));
  std::iota(shown.begin(), shown.end(), 0);
  if (options.mistakes_only) shown = judgement.mistakes();
  if (static_cast<int64_t>(shown.size()) > options.most)
    shown.resize(static_cast<size_t>(std::max<int64_t>(options.most, 0)));
  ImageGridOptions grid{.title = options.title, .columns = options.columns};
  if (grid.title.empty()) {
    const int64_t wrong = judgement.size() - judgement.right();
    grid.title =
        options.mistakes_only
            ? message(count_text(wrong), wrong == 1 ? " mistake" : " mistakes", " in ", count_text(judgement.size()),
                      static_cast<int64_t>(shown.size()) < wrong ? ": the most confident" : "")
            : message(percent_text(judgement.accuracy()), " of ", count_text(judgement.size()), " right");
  }
  for (const int64_t i : shown) {
    const auto index = static_cast<size_t>(i);
    const std::string name = class_name(options, judgement.truth[index]);
    grid.wrong.push_back(!judgement.is_right(index));
    grid.captions.push_back(grid.wrong.back() ? message(name, " → ", class_name(options, judgement.predicted[index]),
                                                        " (", std::lround(judgement.confidence[index] * 100), " %)")
                                              : name);
  }
  return image_grid(select_images(images, shown), grid);
}

}  // namespace hebb::viz
