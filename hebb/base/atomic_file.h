/// Files that are written whole or not at all.
///
///     write_atomically("history.json", history.dump(2));
///     write_atomically("model.keras", [&](const std::string& temporary) { write_archive(temporary); });
///
/// The content goes to a temporary file in the same folder, which is flushed to the disk and then takes the place of
/// the old file in one step. Whoever reads the path, even after a power cut, finds the old content or the new one,
/// never a part. When anything fails the temporary file is removed and the old file stays as it was.
#pragma once

#include <string>
#include <string_view>

#include "hebb/base/function_ref.h"

namespace hebb {

/// Replaces the file at `path` with these bytes. A symbolic link is followed: the file that it names is replaced. The
/// new file has the old one's permissions. IoError when the folder is missing, the path names something other than a
/// file, the disk is full, ...
void write_atomically(const std::string& path, std::string_view bytes);

/// Replaces the file at `path` with what `produce` writes to the path it is given. That file exists, empty, and may be
/// replaced. What `produce` throws is passed on, after tidying up.
void write_atomically(const std::string& path, FunctionRef<void(const std::string& temporary)> produce);

}  // namespace hebb
