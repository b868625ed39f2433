/// HDF5 files, as far as model files need them: groups, datasets of numbers, attributes of text; on disk or in memory.
///
///     io::Hdf5Reader file("model.h5");
///     auto layers = file.strings_attribute("/model_weights", "layer_names");
///     Tensor kernel = file.read("/model_weights/dense/kernel:0", Spec{{784, 10}});     // the shape is checked first
///
///     io::Hdf5Writer out;                                                            // in memory
///     out.write("/layers/dense/vars/0", kernel);
///     out.write_attribute("/layers/dense/vars", "name", "dense");
///     std::string bytes = out.finish();
///
/// Objects are named by their path from the root; groups on the way are made when something is written.
///
/// A file is material to judge: a reader follows nothing but hard links (soft, external and user-defined links may lead
/// out of the file), refuses external storage and virtual datasets, and allocates nothing before it has seen that the
/// dataset has the shape the caller expects and that the file holds that many bytes.
///
/// This is the only room of hebb that knows libhdf5, which is used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/file_range.h"
#include "hebb/tensor/tensor.h"

namespace hebb::io {

/// What a path of an HDF5 file leads to.
enum class Hdf5Kind : uint8_t { none, group, dataset };

/// An HDF5 file that is read. Errors are IoErrors that name the file and the object.
class Hdf5Reader {
 public:
  /// A file on disk.
  explicit Hdf5Reader(const std::string& path);
  /// The bytes of a file; `name` stands for it in errors.
  Hdf5Reader(std::string bytes, std::string name);
  /// A file that is a stretch of another one.
  Hdf5Reader(const FileRange& range, std::string name);
  ~Hdf5Reader();
  Hdf5Reader(Hdf5Reader&&) noexcept;

  /// What stands at a path; `none` also for objects that are neither groups nor datasets. IoError when the path goes
  /// through a link that is not followed.
  Hdf5Kind kind(std::string_view path) const;
  bool has_group(std::string_view path) const { return kind(path) == Hdf5Kind::group; }
  bool has_dataset(std::string_view path) const { return kind(path) == Hdf5Kind::dataset; }

  /// The names in a group, by the alphabet ("10" before "2").
  std::vector<std::string> children(std::string_view group) const;
  /// The paths of all datasets in a group and in the groups inside. IoError where a group stands in several places, of
  /// which there could be any number then.
  std::vector<std::string> datasets(std::string_view group) const;

  /// A dataset's shape and the type it is read as, by its description alone.
  Spec spec(std::string_view dataset) const;

  /// A dataset, which must have this shape; its elements are converted to this type (floats of any width, integers that
  /// fit; bfloat16 as Keras marks it).
  Tensor read(std::string_view dataset, const Spec& expected) const;

  bool has_attribute(std::string_view path, std::string_view name) const;

  /// The text of an attribute, of fixed or variable length; nothing when there is no such attribute.
  std::optional<std::string> string_attribute(std::string_view path, std::string_view name) const;

  /// The texts of an attribute that is a list; nothing when there is no such attribute. A list that Keras split since
  /// it was too long (`layer_names0`, `layer_names1`, ...) is put together; an empty list of numbers, as NumPy writes
  /// an empty list, is one of texts.
  std::optional<std::vector<std::string>> strings_attribute(std::string_view path, std::string_view name) const;

 private:
  friend class Hdf5Rows;  // reads parts of datasets
  struct State;
  std::unique_ptr<State> state_;
};

/// How a dataset lies in a file.
struct Hdf5Layout {
  int64_t chunk_rows = 0;  ///< 0: in one piece; else in chunks of so many rows
  int compression = 0;     ///< of the chunks, by deflate: 0 (none) to 9
};

/// An HDF5 file that is written, with the same bytes for the same calls. Errors are IoErrors that name the file and the
/// object.
class Hdf5Writer {
 public:
  /// In memory.
  Hdf5Writer();
  /// On disk; an existing file is replaced. Give the temporary path of `write_atomically`.
  explicit Hdf5Writer(const std::string& path);
  ~Hdf5Writer();
  Hdf5Writer(Hdf5Writer&&) noexcept;

  /// Makes a group, and those above it, unless they are there.
  void make_group(std::string_view path);
  void write(std::string_view dataset, const Tensor& values);
  /// Makes a dataset whose rows are written afterwards, for what does not fit into memory.
  void make_dataset(std::string_view dataset, const Spec& spec, const Hdf5Layout& layout = {});
  /// Writes rows of such a dataset, from this one on; `values` have the rows along their first axis.
  void write_rows(std::string_view dataset, int64_t first, const Tensor& values);
  /// An attribute of a group or dataset that was written before.
  void write_attribute(std::string_view path, std::string_view name, std::string_view value);
  /// A list, as Keras writes it: of fixed length, and split in `name0`, `name1`, ... above 64,512 bytes.
  void write_attribute(std::string_view path, std::string_view name, std::span<const std::string> values);

  /// Completes the file; nothing can be written afterwards. The file's bytes if it is in memory, else nothing.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hebb::io
