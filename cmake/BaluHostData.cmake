# baluhost_data_table(data/mime_types.tsv media_types.inc PATTERN "([^\t]+)\t([^\n]+)\n"
#                       ENTRY "{\"\\1\", \"\\2\"},\n")
#
# turns a data file into the initialisers of a C++ array at configure time, so that no program reads
# it when it runs. Lines that begin with # are comments. The result lies in
# ${CMAKE_CURRENT_BINARY_DIR}/generated.
function(baluhost_data_table file output)
  cmake_parse_arguments(ARG "" "PATTERN;ENTRY" "" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${file} content)
  string(REGEX REPLACE "(^|\n)(#[^\n]*\n)+" "\\1" content "${content}")
  string(REPLACE "\\" "\\\\" content "${content}")
  string(REPLACE "\"" "\\\"" content "${content}")
  string(REGEX REPLACE "${ARG_PATTERN}" "${ARG_ENTRY}" content "${content}")
  set(target ${CMAKE_CURRENT_BINARY_DIR}/generated/${output})
  if(EXISTS ${target})
    file(READ ${target} present)
  endif()
  if(NOT "${content}" STREQUAL "${present}")
    file(WRITE ${target} "${content}")
  endif()
endfunction()
