# A program that is started for every prediction must not spend its time on starting.
#
#   hebb_start_fast(TARGET)     after the target's libraries are named
#
# HDF5's shared library brings forty others along (HTTP, LDAP, Kerberos, ...), which hebb never calls and which take
# longer to load than the rest of the program. Where HDF5's archive is installed, as Debian's libhdf5-dev has it, it
# becomes a part of the program, in front of the shared one that the library asks for, which then nobody needs.

include_guard(GLOBAL)
include(CheckLinkerFlag)

option(HEBB_STATIC_HDF5 "Put HDF5 into the program where its archive is found" ON)

function(hebb_start_fast target)
  check_linker_flag(CXX "LINKER:--as-needed" HEBB_HAS_AS_NEEDED)
  if(HEBB_HAS_AS_NEEDED)
    target_link_options(${target} PRIVATE LINKER:--as-needed)
  endif()
  if(NOT HEBB_STATIC_HDF5 OR BUILD_SHARED_LIBS OR NOT HEBB_HAS_AS_NEEDED)
    return()
  endif()
  find_library(HEBB_HDF5_ARCHIVE NAMES libhdf5.a libhdf5_serial.a HINTS ${HEBB_HDF5_LIBRARY_DIRS})
  find_library(HEBB_SZIP_LIBRARY NAMES sz)
  mark_as_advanced(HEBB_HDF5_ARCHIVE HEBB_SZIP_LIBRARY)
  if(HEBB_HDF5_ARCHIVE AND HEBB_SZIP_LIBRARY)
    target_link_libraries(${target} PRIVATE "${HEBB_HDF5_ARCHIVE}" "${HEBB_SZIP_LIBRARY}" ZLIB::ZLIB ${CMAKE_DL_LIBS} m)
  endif()
endfunction()
