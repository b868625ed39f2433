/// Data in HDF5 files, streamed from disk: examples are read when a batch needs them, so that data may be larger than
/// memory.
///
///     data::Dataset train = io::open_dataset("train.h5");          // the file's datasets x and y
///     model.fit(train, {.batch_size = 32, .epochs = 3});
///
/// The file holds `x` and `y` (several inputs or targets: `x0, x1, ...`, `y0, y1, ...`, or the names of the model's
/// layers) and, if it likes, `sample_weight`, each with the examples along the first axis. Integers and floats of any
/// width are read as the types that `data::read_npz` gives them: uint8 stays uint8. Training on such data gives the
/// same bits as training on the same arrays in memory.
///
/// Values in one piece, as h5py's `file["x"] = array` and `create_dataset("x", shape, dtype)` lay them, are the
/// fastest. Compressed ones (gzip, shuffle, fletcher32) are decoded a chunk at a time: in shuffled order a chunk is
/// decoded for nearly every example once the data is larger than the cache, so that chunks should hold few examples:
/// `create_dataset("x", data=x, chunks=(8, *x.shape[1:]), compression="gzip")`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hebb/data/dataset.h"

namespace hebb::io {

struct OpenDatasetOptions {
  std::vector<std::string> input_names = {};   ///< of a model's inputs, `model.input_names()`; empty: x, or x0, x1, ...
  std::vector<std::string> output_names = {};  ///< of its outputs; empty: y, or y0, y1, ...
  int64_t cache_bytes = int64_t{64} << 20;     ///< memory for decoded chunks
};

/// The file stays open as long as the data set lives. Nothing outside of the file is read: links, external storage and
/// virtual datasets are refused. IoError, naming file and dataset, for what is missing, damaged, of another type, or of
/// other sizes than the rest.
data::Dataset open_dataset(const std::string& path, const OpenDatasetOptions& options = {});

}  // namespace hebb::io
