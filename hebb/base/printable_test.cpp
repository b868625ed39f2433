#include "hebb/base/printable.h"

#include <gtest/gtest.h>

namespace hebb {
namespace {

TEST(Printable, EscapesWhatATerminalObeys) {
  EXPECT_EQ(printable("a\x1b[2Jb\a\x7f\r"), "a\\x1b[2Jb\\x07\\x7f\\x0d");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m");
  EXPECT_EQ(printable("ä → \n\t ok \xc2"), "ä → \n\t ok \xc2");
}

}  // namespace
}  // namespace hebb
