/// Reading gzipped files.
///
///     auto source = open_maybe_gzip("train-images-idx3-ubyte.gz");   // or the plain file: told by its first bytes
#pragma once

#include <memory>
#include <string>

#include "hebb/base/byte_source.h"

namespace hebb {

/// The content of a gzip stream. Its checksum and length are verified when its end is read; bytes behind it that are
/// not another gzip member are an error.
std::unique_ptr<ByteSource> open_gzip(std::unique_ptr<ByteSource> compressed);

/// A file that may be gzipped: the content either way.
std::unique_ptr<ByteSource> open_maybe_gzip(const std::string& path);

}  // namespace hebb
