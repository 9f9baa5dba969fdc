# Installs every box as a component of the package BaluHost, each with its own file of targets, so
# that whoever asks for the core alone needs none of the adapters' libraries.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/BaluHost)

get_property(boxes GLOBAL PROPERTY BALUHOST_BOXES)
set(BALUHOST_COMPONENT_TABLE)
foreach(box IN LISTS boxes)
  install(TARGETS baluhost_${box} EXPORT BaluHost-${box}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT BaluHost-${box} NAMESPACE BaluHost:: DESTINATION ${package_dir}
          FILE BaluHost-${box}.cmake)
  get_property(internal GLOBAL PROPERTY BALUHOST_${box}_INTERNAL)
  get_property(include GLOBAL PROPERTY BALUHOST_${box}_INCLUDE)
  if(NOT internal AND EXISTS ${include})
    install(DIRECTORY ${include}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
            FILES_MATCHING PATTERN "*.hpp")
  endif()
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
              ${CMAKE_CURRENT_LIST_DIR}/FindSOCI.cmake DESTINATION ${package_dir})
