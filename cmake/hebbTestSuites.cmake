# Run by CTest, not by CMake: asks a test program for its suites and makes each a test, named PROGRAM.SUITE.
#
# A test for each suite rather than for each TEST: the tests of a suite share what is costly to make (a data set, a
# trained model), and a thousand processes a run would take longer than the tests themselves.
#
# In: program, label, work_folder.

get_filename_component(name "${program}" NAME)
string(REGEX REPLACE "^test_" "" name "${name}")

if(NOT EXISTS "${program}")
  add_test("${name}.NOT_BUILT" "${program}")
  set_tests_properties("${name}.NOT_BUILT" PROPERTIES LABELS "${label}")
  return()
endif()

execute_process(
  COMMAND "${program}" --gtest_list_tests
  OUTPUT_VARIABLE listing
  RESULT_VARIABLE result
  ERROR_QUIET)
if(NOT result EQUAL 0)
  # Run as a whole, so that the reason is seen where failures are looked for.
  add_test("${name}.CANNOT_LIST" "${program}" --gtest_list_tests)
  set_tests_properties("${name}.CANNOT_LIST" PROPERTIES LABELS "${label}")
  return()
endif()

# Suites are the lines that are not indented and end in a dot, with a comment after it for typed ones.
string(REGEX MATCHALL "(^|\n)[^ \n]+\\.( |\n|$)" suites "\n${listing}")
foreach(suite IN LISTS suites)
  string(REGEX REPLACE "[ \n]" "" suite "${suite}")
  string(REGEX REPLACE "\\.$" "" suite "${suite}")
  if(NOT suite MATCHES "DISABLED_")
    add_test("${name}.${suite}" "${program}" "--gtest_filter=${suite}.*" --gtest_brief=1)
    # Measured choices of kernels, and the user's own ones, would make results depend on the machine's day.
    set_tests_properties("${name}.${suite}" PROPERTIES LABELS "${label}" WORKING_DIRECTORY "${work_folder}" TIMEOUT 600
                                                       ENVIRONMENT "HEBB_TUNE=off")
  endif()
endforeach()
