# One box of the architecture is one target.
#
#   baluhost_box(sqlite DRIVEN LINKS baluhost_ports PRIVATE baluhost_sql_common SOCI::sqlite3
#                FIND "SOCI COMPONENTS core sqlite3")
#
# makes the library baluhost_sqlite (static, or shared with BUILD_SHARED_LIBS) of the sources below
# src/ beside the caller, with its public headers in include/, and installs it as BaluHost::sqlite,
# the component `sqlite` of the package. A box without sources becomes an interface library.
#
#   SOURCE_DIR  another folder than src
#   LINKS       what its headers need; PRIVATE: what its sources need
#   DEFINES     private definitions
#   FIND        packages to find, each the arguments of find_package; PKG: modules of pkg-config,
#               each "argon2 libargon2" for the target PkgConfig::argon2. They are looked for here,
#               and again by whoever uses the installed box
#   DRIVEN      an adapter of ports, which apps/host links
#   INTERNAL    installed because other boxes link it; no component, no headers
#   SMALL       a release compiles it for size: it calls others, and computes little by itself
function(baluhost_box name)
  cmake_parse_arguments(ARG "DRIVEN;INTERNAL;SMALL" "SOURCE_DIR"
                        "LINKS;PRIVATE;DEFINES;FIND;PKG" ${ARGN})
  if(NOT ARG_SOURCE_DIR)
    set(ARG_SOURCE_DIR src)
  endif()
  foreach(package IN LISTS ARG_FIND)
    separate_arguments(package UNIX_COMMAND "${package}")
    find_package(${package} REQUIRED)
  endforeach()
  foreach(module IN LISTS ARG_PKG)
    find_package(PkgConfig REQUIRED)
    separate_arguments(module UNIX_COMMAND "${module}")
    list(POP_FRONT module prefix)
    pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${module})
  endforeach()

  set(target baluhost_${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SOURCE_DIR}/*.cpp)
  if(sources)
    if(ARG_INTERNAL)
      add_library(${target} STATIC ${sources})
    else()
      add_library(${target} ${sources})
    endif()
    set(kind PUBLIC)
    # Below 1.0 each minor version has an ABI of its own. The names that CMake would define for
    # shared libraries would be no use.
    set_target_properties(${target} PROPERTIES
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
      DEFINE_SYMBOL "" INSTALL_RPATH "$ORIGIN")
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "SHARED_LIBRARY")
      set(exports ${PROJECT_SOURCE_DIR}/cmake/exports.map)
      target_link_options(${target} PRIVATE -Wl,--version-script=${exports} -Wl,--no-undefined)
      set_target_properties(${target} PROPERTIES LINK_DEPENDS ${exports})
    endif()
    if(BALUHOST_PRECOMPILE)
      target_precompile_headers(${target} PRIVATE <algorithm> <chrono> <functional> <map> <memory>
                                <mutex> <optional> <span> <string> <string_view> <vector>)
    endif()
    # A release is compiled so that a program need not carry what it does not call.
    if(type STREQUAL "STATIC_LIBRARY" AND CMAKE_BUILD_TYPE STREQUAL "Release")
      target_link_options(${target} INTERFACE $<$<NOT:$<CONFIG:Debug>>:-Wl,--gc-sections>)
    endif()
    if(ARG_SMALL)
      target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Os>)
    endif()
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
  target_include_directories(${target} ${kind}
                             $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${kind} ${ARG_LINKS})

  set(boxes ${ARG_LINKS} ${ARG_PRIVATE})
  list(FILTER boxes INCLUDE REGEX "^baluhost_")
  list(TRANSFORM boxes REPLACE "^baluhost_" "")
  set_property(GLOBAL APPEND PROPERTY BALUHOST_BOXES ${name})
  if(ARG_DRIVEN)
    set_property(GLOBAL APPEND PROPERTY BALUHOST_DRIVEN ${target})
  endif()
  set_property(GLOBAL PROPERTY BALUHOST_${name}_BOXES "${boxes}")
  set_property(GLOBAL PROPERTY BALUHOST_${name}_FIND "${ARG_FIND}")
  set_property(GLOBAL PROPERTY BALUHOST_${name}_PKG "${ARG_PKG}")
  set_property(GLOBAL PROPERTY BALUHOST_${name}_INTERNAL ${ARG_INTERNAL})
  set_property(GLOBAL PROPERTY BALUHOST_${name}_INCLUDE ${CMAKE_CURRENT_SOURCE_DIR}/include)
endfunction()
