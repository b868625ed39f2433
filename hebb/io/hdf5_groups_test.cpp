// Groups of HDF5 files, and what leads to them.
#include <gtest/gtest.h>
#include <hdf5.h>

#include "hebb/base/error.h"
#include "hebb/io/hdf5.h"
#include "hebb/tensor/tensor.h"

namespace hebb::io {
namespace {

TEST(Hdf5Reader, FindsTheDatasetsOfAllGroups) {
  Hdf5Writer writer;
  for (const char* path : {"/a/b/one", "/a/c/two", "/three"}) writer.write(path, zeros({2}));
  writer.make_group("/a/empty");
  const Hdf5Reader file(writer.finish(), "'written'");
  EXPECT_EQ(file.datasets("/"), (std::vector<std::string>{"/a/b/one", "/a/c/two", "/three"}));
  EXPECT_EQ(file.datasets("/a/c"), std::vector<std::string>{"/a/c/two"});
  EXPECT_TRUE(file.datasets("/a/empty").empty());
}

/// Two links of a group to itself: there are as many paths as one likes.
TEST(Hdf5Reader, RefusesGroupsInThemselves) {
  const std::string path = testing::TempDir() + "hebb_linked.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t group = H5Gcreate2(file, "/group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  for (const char* name : {"one", "two"}) H5Lcreate_hard(group, ".", group, name, H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(group);
  H5Fclose(file);
  EXPECT_THROW(Hdf5Reader(path).datasets("/"), IoError);
}

}  // namespace
}  // namespace hebb::io
