#include "hebb/backend/cpu/simd/winograd_tiling.h"

#include <atomic>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "hebb/backend/cpu/simd/conv_winograd.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace simd {

namespace {

WinogradUse initial_use() {
  const char* text = std::getenv("HEBB_WINOGRAD");
  const std::string_view wanted = text ? text : "";
  if (wanted.empty() || wanted == "on") return WinogradUse::on;
  if (wanted == "always") return WinogradUse::always;
  if (wanted == "off") return WinogradUse::off;
  throw InvalidArgument(message("HEBB_WINOGRAD: expected on, always or off, got '", wanted, "'."));
}

std::atomic<WinogradUse>& winograd_use() {
  static std::atomic<WinogradUse> use = initial_use();
  return use;
}

}  // namespace

std::optional<WinogradGeometry> winograd_geometry(const ConvOptions& options, const Shape& x, const Shape& kernel,
                                                  const Shape& y, const Call& call, bool backward, Refusal& why) {
  const auto refuse = [&](const char* reason) {
    why(reason);
    return std::nullopt;
  };
  const WinogradUse use = winograd_use();
  if (use == WinogradUse::off) return refuse("switched off by HEBB_WINOGRAD");
  for (const Spec& spec : call.in) {
    if (spec.dtype != DType::float32) return refuse("float32 only");
    if (spec.shape.elements() == 0) return refuse("nothing to compute");
  }
  if (x.rank() != 4 || y.elements() == 0) return refuse("two spatial axes only");
  if (kernel[0] != kernel[1]) return refuse("square kernels only");
  const auto all_one = [](const std::vector<int64_t>& values) {
    return std::all_of(values.begin(), values.end(), [](int64_t value) { return value == 1; });
  };
  if (!all_one(options.strides) || !all_one(options.dilations) || options.groups != 1)
    return refuse("no strides, dilations or groups");
  const auto window = static_cast<int>(std::min<int64_t>(kernel[0], 99));
  const WinogradTransforms* transforms = winograd_transforms(4, window);
  if (!transforms) return refuse("no transforms for this size of kernel, or no AVX2");
  WinogradGeometry g{transforms, x[0], x[1], x[2], x[3], y[1], y[2], y[3], options.low[0], options.low[1]};
  if (backward) {
    std::swap(g.source_rows, g.target_rows);
    std::swap(g.source_columns, g.target_columns);
    std::swap(g.source_channels, g.target_channels);
    g.top = kernel[0] - 1 - g.top;
    g.left = kernel[1] - 1 - g.left;
  }
  // Of a small picture there are so few large tiles that more time goes into reading their weights than is saved.
  if (const WinogradTransforms* smaller = winograd_transforms(2, window)) {
    WinogradGeometry small_tiles = g;
    small_tiles.transforms = smaller;
    if (small_tiles.cost(call.lasts(1)) < g.cost(call.lasts(1))) g = small_tiles;
  }
  if (use == WinogradUse::on && !call.by_measurement && g.cost(call.lasts(1)) > 0.9 * g.direct_products())
    return refuse("the direct way is faster");
  return g;
}

}  // namespace simd

WinogradUse winograd_use() { return simd::winograd_use(); }

void set_winograd_use(WinogradUse use) { simd::winograd_use() = use; }

}  // namespace hebb
