/// The machine that the program runs on, and the folder where it may keep what can be found out or fetched again.
///
///     processor_name()       // "Intel(R) Xeon(R) Platinum 8481C CPU, avx512f avx512_vnni"
///     cache_folder()         // "/home/ada/.cache/hebb"
#pragma once

#include <string>

namespace hebb {

/// The processor's own name and which vector instructions may be used here: what measured times depend on. "unknown"
/// where the processor does not tell.
const std::string& processor_name();

/// `HEBB_CACHE_DIR`, else `hebb` in `XDG_CACHE_HOME`, else `.cache/hebb` in `HOME`; empty where none is set. The folder
/// may not exist yet.
std::string cache_folder();

}  // namespace hebb
