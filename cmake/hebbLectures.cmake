# Writes a C++ file that holds the text of others: what pages of the lectures' site show beside their figures.

include_guard(GLOBAL)

# hebb_embed_sources(OUT file SOURCES source...)
function(hebb_embed_sources)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT" "SOURCES")
  set(rows "")
  foreach(source IN LISTS arg_SOURCES)
    # Changing a source writes the file anew.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
    get_filename_component(name "${source}" NAME_WE)
    file(READ "${source}" text)
    string(APPEND rows "    {\"${name}\", R\"lecture(${text})lecture\"},\n")
  endforeach()
  set(content "#include \"examples/lectures/sources.h\"\n\nnamespace hebb::lectures {\n\n")
  string(APPEND content "std::span<const Source> sources() {\n  static constexpr Source all[] = {\n${rows}  };\n")
  string(APPEND content "  return all;\n}\n\n}  // namespace hebb::lectures\n")
  set(present "")
  if(EXISTS "${arg_OUT}")
    file(READ "${arg_OUT}" present)
  endif()
  if(NOT present STREQUAL content) # else nothing is compiled again
    file(WRITE "${arg_OUT}" "${content}")
  endif()
endfunction()
