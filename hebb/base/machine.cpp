#include "hebb/base/machine.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace hebb {

namespace {

#if defined(__x86_64__) || defined(__i386__)
/// The 48 letters that the processor tells, without the blanks around them.
std::string brand() {
  unsigned int registers[12] = {};
  if (__get_cpuid_max(0x80000000, nullptr) < 0x80000004) return "unknown";
  for (unsigned int part = 0; part < 3; ++part) {
    unsigned int* four = registers + 4 * part;
    if (!__get_cpuid(0x80000002 + part, four, four + 1, four + 2, four + 3)) return "unknown";
  }
  char letters[sizeof(registers) + 1] = {};
  std::memcpy(letters, registers, sizeof(registers));
  std::string name = letters;
  name.erase(0, name.find_first_not_of(' '));
  name.erase(name.find_last_not_of(' ') + 1);
  return name.empty() ? "unknown" : name;
}

std::string describe() {
  std::string name = brand();
  // A virtual machine may hide instructions that the name promises.
  const char* separator = ", ";
  const auto add = [&](bool has, const char* feature) {
    if (!has) return;
    name += separator;
    name += feature;
    separator = " ";
  };
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  add(__builtin_cpu_supports("avx512vnni") != 0, "avx512_vnni");
  return name;
}
#else
std::string describe() { return "unknown"; }
#endif

std::string of_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

const std::string& processor_name() {
  static const std::string name = describe();
  return name;
}

std::string cache_folder() {
  if (const std::string chosen = of_environment("HEBB_CACHE_DIR"); !chosen.empty()) return chosen;
  // The specification of XDG_CACHE_HOME: a relative path counts as not set.
  if (const std::string caches = of_environment("XDG_CACHE_HOME"); caches.starts_with('/')) return caches + "/hebb";
  if (const std::string home = of_environment("HOME"); !home.empty()) return home + "/.cache/hebb";
  return "";
}

}  // namespace hebb
