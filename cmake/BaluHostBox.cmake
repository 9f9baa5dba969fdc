# One box of the architecture is one target.
#
#   baluhost_box(sqlite LINKS baluhost_ports PRIVATE baluhost_sql_common SOCI::sqlite3)
#
# makes the static library baluhost_sqlite (exported as BaluHost::sqlite) of src/*.cpp beside the caller, with its public headers in
# include/. SOURCE_DIR names another folder than src. A box without sources becomes an interface library.
function(baluhost_box name)
  cmake_parse_arguments(ARG "NO_INSTALL" "SOURCE_DIR" "LINKS;PRIVATE;DEFINES" ${ARGN})
  if(NOT ARG_SOURCE_DIR)
    set(ARG_SOURCE_DIR src)
  endif()
  set(target baluhost_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(kind PUBLIC)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${ARG_PRIVATE})
    target_compile_definitions(${target} PRIVATE ${ARG_DEFINES})
  else()
    add_library(${target} INTERFACE)
    set(kind INTERFACE)
  endif()
  add_library(BaluHost::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${kind} cxx_std_20)
  target_include_directories(${target} ${kind} $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${kind} ${ARG_LINKS})
  if(NOT ARG_NO_INSTALL)
    set_property(GLOBAL APPEND PROPERTY BALUHOST_INSTALLED_BOXES ${target})
    set_property(GLOBAL APPEND PROPERTY BALUHOST_INSTALLED_HEADERS ${CMAKE_CURRENT_SOURCE_DIR}/include/)
  endif()
endfunction()
