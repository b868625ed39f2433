# `cmake --install`: the library, its headers, the program, and the package file that makes find_package(hebb) work.

include(CMakePackageConfigHelpers)

set(HEBB_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/hebb")

install(
  TARGETS hebb
  EXPORT hebbTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(EXPORT hebbTargets NAMESPACE hebb:: DESTINATION "${HEBB_PACKAGE_DIR}")

# The kernels' headers speak oneDNN's and Highway's language; no public header includes them.
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/hebb"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING
  PATTERN "*.h"
  PATTERN "backend/cpu" EXCLUDE
  PATTERN "*_testing.h" EXCLUDE)

if(TARGET hebb_cli)
  file(RELATIVE_PATH HEBB_LIBRARY_FROM_PROGRAM "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  set_target_properties(hebb_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${HEBB_LIBRARY_FROM_PROGRAM}"
                                            INSTALL_RPATH_USE_LINK_PATH ON)
  if(NOT BUILD_SHARED_LIBS)
    # One list for both. CMake would fill up the build's with empty entries to put the other in its place later, and
    # an empty entry is the folder that the program is started in.
    set_target_properties(hebb_cli PROPERTIES BUILD_WITH_INSTALL_RPATH ON)
  endif()
  install(TARGETS hebb_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/hebbConfig.cmake.in" "${PROJECT_BINARY_DIR}/hebbConfig.cmake"
                              INSTALL_DESTINATION "${HEBB_PACKAGE_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/hebbConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/hebbConfig.cmake" "${PROJECT_BINARY_DIR}/hebbConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/hebbDependencies.cmake" DESTINATION "${HEBB_PACKAGE_DIR}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
