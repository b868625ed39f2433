# How hebb's own code is compiled: warnings, optimisation, sanitizers and the tools that make building quick.

include_guard(GLOBAL)
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

if(HEBB_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
  endif()
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

  find_program(HEBB_CCACHE ccache)
  mark_as_advanced(HEBB_CCACHE)
  if(HEBB_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${HEBB_CCACHE}")
  endif()

  # A linker several times faster than the default one, where it is installed.
  foreach(linker mold lld)
    check_linker_flag(CXX "-fuse-ld=${linker}" HEBB_HAS_${linker})
    if(HEBB_HAS_${linker})
      add_link_options("-fuse-ld=${linker}")
      break()
    endif()
  endforeach()
endif()

set(HEBB_WARNINGS -Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms in the standard library's own code (GCC bugs 105651, 105329 and 105562), gone with GCC 13.
  list(APPEND HEBB_WARNINGS -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-maybe-uninitialized)
endif()
if(HEBB_WERROR)
  list(APPEND HEBB_WARNINGS -Werror)
endif()

if(HEBB_SANITIZE)
  set(HEBB_SANITIZE_OPTIONS "-fsanitize=${HEBB_SANITIZE}" -fno-omit-frame-pointer)
  if(HEBB_SANITIZE MATCHES "undefined")
    list(APPEND HEBB_SANITIZE_OPTIONS -fno-sanitize-recover=undefined)
  endif()
  add_compile_options(${HEBB_SANITIZE_OPTIONS})
  add_link_options(${HEBB_SANITIZE_OPTIONS})
endif()

# Marks a target as hebb's own code: its warnings are ours to answer for.
function(hebb_own_code target)
  target_compile_options(${target} PRIVATE ${HEBB_WARNINGS})
endfunction()

# Kernels are compiled optimised in every build type, so that a debug build trains at a usable speed. Options of a
# source file stand after those of the build type, so the last -O wins. NDEBUG stays as the build type has it. The
# reference kernels, which are there to be right, get -O2: at -O3 their many small loops take three times the space.
function(hebb_optimise_kernels folder)
  foreach(source IN LISTS HEBB_SOURCES)
    cmake_path(IS_PREFIX folder "${source}" is_kernel)
    if(is_kernel)
      if(HEBB_SANITIZE OR source MATCHES "/reference/")
        set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS -O2)
      else()
        set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS -O3)
      endif()
      if(source MATCHES "/elementwise_pairs")
        # A product and a sum are rounded one after the other, as where they are two steps.
        set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_OPTIONS -ffp-contract=off)
      endif()
    endif()
  endforeach()
endfunction()
