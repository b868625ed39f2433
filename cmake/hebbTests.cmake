# Test programs made with GoogleTest, and their place in CTest.

include_guard(GLOBAL)

find_package(GTest REQUIRED)

file(GLOB HEBB_SAMPLES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/hebb/ops/samples*.cpp")
add_library(hebb_samples STATIC ${HEBB_SAMPLES})
target_link_libraries(hebb_samples PUBLIC hebb::hebb)
hebb_own_code(hebb_samples)

# hebb_add_test_program(NAME LABEL label SOURCES source...)
#
# One program; CTest gets one test for each GoogleTest suite in it (see hebbTestSuites.cmake for why not for each test).
# HEBB_SOURCE_DIR is the root of the source tree, where golden files are found.
function(hebb_add_test_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "SOURCES")
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE "HEBB_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_include_directories(${name} SYSTEM PRIVATE "${PROJECT_BINARY_DIR}/protobuf")
  target_link_libraries(${name} PRIVATE hebb_samples hebb::hebb hebb_dependencies GTest::gtest GTest::gtest_main)
  hebb_own_code(${name})

  set(script "${CMAKE_CURRENT_BINARY_DIR}/${name}_suites.cmake")
  file(WRITE "${script}.in"
       "set(program [==[$<TARGET_FILE:${name}>]==])\n"
       "set(label [==[${arg_LABEL}]==])\n"
       "set(work_folder [==[${CMAKE_CURRENT_BINARY_DIR}]==])\n"
       "include([==[${PROJECT_SOURCE_DIR}/cmake/hebbTestSuites.cmake]==])\n")
  file(GENERATE OUTPUT "${script}" INPUT "${script}.in")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()
