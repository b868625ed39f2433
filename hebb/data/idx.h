/// IDX, the format of MNIST and its relatives (Fashion-MNIST, EMNIST), plain or gzipped.
///
///     Tensor images = data::read_idx("train-images-idx3-ubyte.gz");      // uint8(60000, 28, 28)
///     auto mnist = data::read_idx_folder("data/mnist");                  // the usual four files
///
/// The format: http://yann.lecun.com/exdb/mnist/, "the IDX file format": two zero bytes, a type, the number of axes,
/// their sizes as big-endian uint32, then the elements, big-endian.
#pragma once

#include <string>

#include "hebb/tensor/tensor.h"

namespace hebb {
class ByteSource;
}

namespace hebb::data {

/// The array of an IDX file, plain or gzipped (told by its first bytes). Types: uint8 stays; int8, int16 and int32
/// become int32; float32 and float64 stay. IoError, with the byte offset, when the file is damaged, cut off or has
/// bytes behind the array; its size is checked before anything is allocated.
Tensor read_idx(const std::string& path);
/// The same from a stream, which must end behind the array.
Tensor read_idx(ByteSource& source);

/// MNIST's four files.
struct IdxFolder {
  Tensor x_train;  ///< images, uint8(count, height, width)
  Tensor y_train;  ///< classes, uint8(count)
  Tensor x_test;
  Tensor y_test;
};

/// Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`
/// from a folder; each may be gzipped (`.gz`), and may have a dot for the last dash but one
/// (`train-images.idx3-ubyte`). IoError when one is missing, or images and labels do not go together.
IdxFolder read_idx_folder(const std::string& folder);

/// Whether the folder has the training images of `read_idx_folder`.
bool is_idx_folder(const std::string& folder);

}  // namespace hebb::data
