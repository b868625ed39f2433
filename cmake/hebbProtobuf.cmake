# Messages of formats that are defined by protobuf: their C++ code, made in the build folder.
#
#   hebb_protobuf(OUT VARIABLE SOURCES FILE...)     FILE relative to the project; VARIABLE gets what was made
#
# Includes are by the path in the project: #include "hebb/io/event.pb.h".

find_program(HEBB_PROTOC protoc)
mark_as_advanced(HEBB_PROTOC)
if(NOT HEBB_PROTOC)
  message(FATAL_ERROR "hebb needs protoc. On Debian: apt-get install protobuf-compiler, or ./do deps for everything.")
endif()

function(hebb_protobuf)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "OUT" "SOURCES")
  set(folder "${PROJECT_BINARY_DIR}/protobuf")
  file(MAKE_DIRECTORY "${folder}")
  foreach(source IN LISTS ARG_SOURCES)
    string(REGEX REPLACE "\\.proto$" ".pb" stem "${source}")
    add_custom_command(
      OUTPUT "${folder}/${stem}.cc" "${folder}/${stem}.h"
      COMMAND "${HEBB_PROTOC}" "--cpp_out=${folder}" "--proto_path=${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/${source}"
      DEPENDS "${PROJECT_SOURCE_DIR}/${source}"
      VERBATIM)
    list(APPEND made "${folder}/${stem}.cc" "${folder}/${stem}.h")
  endforeach()
  # Generated code: no warnings of ours.
  set_source_files_properties(${made} PROPERTIES COMPILE_OPTIONS "-w")
  set(${ARG_OUT} ${made} PARENT_SCOPE)
endfunction()
