# The libraries that hebb is made with, each as one imported target. Used by hebb's own build and, installed beside
# hebbConfig.cmake, by programs that link the static library: one list for both, so the two cannot differ.
#
#   hebb_dependencies     interface target with everything below
#
# Nothing here reaches hebb's public headers.

include_guard(GLOBAL)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)

# oneDNN is found by hand: its own package file insists on OpenCL's headers, which hebb does not need.
if(NOT TARGET hebb_dnnl)
  find_path(HEBB_DNNL_INCLUDE_DIR NAMES oneapi/dnnl/dnnl.hpp)
  find_library(HEBB_DNNL_LIBRARY NAMES dnnl)
  mark_as_advanced(HEBB_DNNL_INCLUDE_DIR HEBB_DNNL_LIBRARY)
  if(NOT HEBB_DNNL_INCLUDE_DIR OR NOT HEBB_DNNL_LIBRARY)
    message(FATAL_ERROR "hebb needs oneDNN (dnnl.hpp and libdnnl). On Debian: apt-get install libdnnl-dev, "
                        "or ./do deps for everything. Elsewhere point HEBB_DNNL_INCLUDE_DIR and HEBB_DNNL_LIBRARY to it.")
  endif()
  add_library(hebb_dnnl UNKNOWN IMPORTED GLOBAL)
  set_target_properties(hebb_dnnl PROPERTIES IMPORTED_LOCATION "${HEBB_DNNL_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                                      "${HEBB_DNNL_INCLUDE_DIR}")
endif()

pkg_check_modules(HEBB_HWY REQUIRED IMPORTED_TARGET GLOBAL libhwy>=1.0.3)
pkg_search_module(HEBB_HDF5 REQUIRED IMPORTED_TARGET GLOBAL hdf5-serial hdf5)
pkg_check_modules(HEBB_DEFLATE REQUIRED IMPORTED_TARGET GLOBAL libdeflate>=1.7)
pkg_check_modules(HEBB_ZIP REQUIRED IMPORTED_TARGET GLOBAL libzip>=1.7)
pkg_check_modules(HEBB_CAIRO REQUIRED IMPORTED_TARGET GLOBAL cairo)
pkg_check_modules(HEBB_PROTOBUF REQUIRED IMPORTED_TARGET GLOBAL protobuf-lite)

# gomp: the OpenMP that oneDNN runs on, to tell it how many threads it may use. Linked by name, without -fopenmp: no code
# of hebb is OpenMP code.
if(NOT TARGET hebb_dependencies)
  add_library(hebb_dependencies INTERFACE IMPORTED GLOBAL)
  target_link_libraries(hebb_dependencies INTERFACE hebb_dnnl PkgConfig::HEBB_HWY PkgConfig::HEBB_HDF5
                                                    PkgConfig::HEBB_ZIP PkgConfig::HEBB_DEFLATE PkgConfig::HEBB_CAIRO
                                                    PkgConfig::HEBB_PROTOBUF
                                                    PNG::PNG JPEG::JPEG ZLIB::ZLIB Threads::Threads gomp)
endif()
