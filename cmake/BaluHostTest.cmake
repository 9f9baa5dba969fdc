# baluhost_test(domain LINKS baluhost_domain) makes the program test_domain of every .cpp beside and
# below the caller and hands its test cases to ctest, labelled with the name of the suite.
function(baluhost_test suite)
  cmake_parse_arguments(ARG "" "" "LINKS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB_RECURSE ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  add_executable(test_${suite} ${ARG_SOURCES})
  target_link_libraries(test_${suite} PRIVATE baluhost_test_main ${ARG_LINKS})
  # A name that ctest garbles (one with a semicolon) finds no test, and fails.
  catch_discover_tests(test_${suite} TEST_PREFIX "${suite}: " EXTRA_ARGS -w NoTests
                       PROPERTIES LABELS ${suite} TIMEOUT 300 DISCOVERY_TIMEOUT 60)
endfunction()
