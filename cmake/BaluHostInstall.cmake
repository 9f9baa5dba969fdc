# Installs every box as a component of the package BaluHost, each with its own file of targets, so
# that whoever asks for the core alone needs none of the adapters' libraries; beside it a file for
# pkg-config, baluhost-COMPONENT.pc. `cmake --install BUILD --component runtime` installs what runs
# programs, `--component development` what others compile against; without, both.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/BaluHost)

# The modules of pkg-config that stand for the packages of CMake, or the flags of those that have
# none.
set(pc_modules_OpenSSL libcrypto libssl)
set(pc_flags_SOCI -lsoci_core)
set(pc_flags_SOCI_sqlite3 -lsoci_sqlite3 -lsqlite3)
set(pc_flags_SOCI_postgresql -lsoci_postgresql -lpq)
set(pc_flags_Threads -pthread)

# Writes the file for pkg-config of `box`.
function(baluhost_pc_file box)
  get_property(boxes GLOBAL PROPERTY BALUHOST_${box}_BOXES)
  get_property(find GLOBAL PROPERTY BALUHOST_${box}_FIND)
  get_property(pkg GLOBAL PROPERTY BALUHOST_${box}_PKG)
  set(requires ${boxes})
  list(TRANSFORM requires PREPEND baluhost-)
  set(flags)
  get_target_property(type baluhost_${box} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    set(flags "-L\${libdir} -lbaluhost_${box}")
    if(type STREQUAL "STATIC_LIBRARY" AND CMAKE_BUILD_TYPE STREQUAL "Release")
      string(APPEND flags " -Wl,--gc-sections")
    endif()
  endif()
  foreach(package IN LISTS find)
    separate_arguments(package UNIX_COMMAND "${package}")
    list(POP_FRONT package name)
    list(APPEND requires ${pc_modules_${name}})
    foreach(part IN LISTS package)
      string(APPEND flags " ${pc_flags_${name}_${part}}")
    endforeach()
    string(APPEND flags " ${pc_flags_${name}}")
  endforeach()
  foreach(module IN LISTS pkg)
    separate_arguments(module UNIX_COMMAND "${module}")
    list(POP_FRONT module)
    list(APPEND requires ${module})
  endforeach()
  list(REMOVE_DUPLICATES requires)
  list(JOIN requires ", " requires)
  string(REPLACE ";" " " flags "${flags}")
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/pc/baluhost-${box}.pc @ONLY CONTENT
       "prefix=\${pcfiledir}/@up@
libdir=\${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: baluhost-@box@
Description: @PROJECT_DESCRIPTION@ (@box@)
Version: @PROJECT_VERSION@
Requires: @requires@
Cflags: -I\${includedir} -std=c++20
Libs: @flags@
")
  install(FILES ${PROJECT_BINARY_DIR}/pc/baluhost-${box}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

get_property(boxes GLOBAL PROPERTY BALUHOST_BOXES)
set(BALUHOST_COMPONENT_TABLE)
foreach(box IN LISTS boxes)
  install(TARGETS baluhost_${box} EXPORT BaluHost-${box}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime
          NAMELINK_COMPONENT development)
  install(EXPORT BaluHost-${box} NAMESPACE BaluHost:: DESTINATION ${package_dir}
          FILE BaluHost-${box}.cmake COMPONENT development)
  get_property(internal GLOBAL PROPERTY BALUHOST_${box}_INTERNAL)
  get_property(include GLOBAL PROPERTY BALUHOST_${box}_INCLUDE)
  if(NOT internal AND EXISTS ${include})
    install(DIRECTORY ${include}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
            FILES_MATCHING PATTERN "*.hpp")
  endif()
  baluhost_pc_file(${box})
  foreach(what IN ITEMS BOXES FIND PKG)
    get_property(value GLOBAL PROPERTY BALUHOST_${box}_${what})
    string(APPEND BALUHOST_COMPONENT_TABLE "set(_baluhost_${box}_${what} \"${value}\")\n")
  endforeach()
endforeach()

set(BALUHOST_COMPONENTS)
foreach(box IN LISTS boxes)
  get_property(internal GLOBAL PROPERTY BALUHOST_${box}_INTERNAL)
  if(NOT internal)
    list(APPEND BALUHOST_COMPONENTS ${box})
  endif()
endforeach()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/BaluHostConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/BaluHostConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/BaluHostConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/BaluHostConfig.cmake
        ${PROJECT_BINARY_DIR}/BaluHostConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindSOCI.cmake DESTINATION ${package_dir}
        COMPONENT development)

foreach(component IN ITEMS runtime development)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
          COMPONENT ${component})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
        COMPONENT runtime PATTERN "examples" EXCLUDE PATTERN "adr" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/examples ${PROJECT_SOURCE_DIR}/docs/adr
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT development)
