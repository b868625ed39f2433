#include "hebb/base/machine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace hebb {
namespace {

/// Sets environment variables and puts back what was there.
class Environment {
 public:
  void set(const std::string& name, const std::string& value) {
    const char* old = std::getenv(name.c_str());
    before_.try_emplace(name, old ? std::vector<std::string>{old} : std::vector<std::string>{});
    setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, old] : before_) {
      if (old.empty()) {
        unsetenv(name.c_str());
      } else {
        setenv(name.c_str(), old[0].c_str(), 1);
      }
    }
  }

 private:
  std::map<std::string, std::vector<std::string>> before_;
};

TEST(MachineTest, TheCacheFolderIsTheFirstThatIsNamed) {
  Environment environment;
  environment.set("HOME", "/home/ada");
  environment.set("XDG_CACHE_HOME", "");
  environment.set("HEBB_CACHE_DIR", "");
  EXPECT_EQ(cache_folder(), "/home/ada/.cache/hebb");
  environment.set("XDG_CACHE_HOME", "/caches");
  EXPECT_EQ(cache_folder(), "/caches/hebb");
  environment.set("XDG_CACHE_HOME", "relative");
  EXPECT_EQ(cache_folder(), "/home/ada/.cache/hebb");
  environment.set("HEBB_CACHE_DIR", "/mine");
  EXPECT_EQ(cache_folder(), "/mine");
  environment.set("HEBB_CACHE_DIR", "");
  environment.set("XDG_CACHE_HOME", "");
  environment.set("HOME", "");
  EXPECT_EQ(cache_folder(), "");
}

TEST(MachineTest, TheProcessorHasANameWithoutBlanksAround) {
  const std::string& name = processor_name();
  ASSERT_FALSE(name.empty());
  EXPECT_NE(name.front(), ' ');
  EXPECT_NE(name.back(), ' ');
  EXPECT_EQ(name.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace hebb
