/// Grids of maps: small matrices shown as colors, such as weights, filters and activations.
///
///     viz::map_grid(maps, {.captions = {"neuron 0", "neuron 1"}, .is_signed = true}).save("maps.svg");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct MapGridOptions {
  std::string title = {};
  std::vector<std::string> captions = {};         ///< below the maps; fewer leave the rest without
  std::vector<std::optional<Color>> frames = {};  ///< around the maps; fewer leave the rest without
  bool is_signed = true;                          ///< blue below zero, red above; else light to dark from zero on
  bool own_scales = false;                        ///< each map takes all colors, instead of one scale for all
  bool color_bar = true;                          ///< which color is which number; none with `own_scales`
  std::string unit = {};                          ///< what the color bar shows: "weight"
  int64_t columns = 0;                            ///< 0: as many as make the grid about half as wide again as high
  double cell = 84;                               ///< the longer side of a map on the page
  double least_side = 8;                          ///< of the shorter side; a map much longer than wide is stretched
};

/// Maps (n, height, width) of numbers, or (n, height, width, 3) whose channels are shown as red, green and blue, the
/// middle grey being zero. InvalidArgument for other shapes.
Picture map_grid(const Tensor& maps, const MapGridOptions& options = {});

/// The size that `draw_map_grid` needs, as a rectangle at (0, 0).
Rectangle map_grid_size(const Tensor& maps, const MapGridOptions& options = {});
/// Draws the grid, without its title, with its upper left corner at the point.
void draw_map_grid(Picture& picture, Point corner, const Tensor& maps, const MapGridOptions& options = {});

/// The colors of a map's numbers, 4 bytes each, for `Picture::image`; `scale` is the number of the strongest color.
std::vector<uint8_t> map_colors(const float* values, int64_t count, double scale, bool is_signed);

}  // namespace hebb::viz
