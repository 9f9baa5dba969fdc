# What a build may choose. Dependencies are looked for where they are used: whoever builds the core
# alone needs none of the adapters'.
option(BALUHOST_ADAPTERS
       "Build what needs third-party libraries: sqlite, postgres, filesystem, crypto, http, web" ON)
option(BALUHOST_APPS "Build the programs" ${BALUHOST_ADAPTERS})
option(BALUHOST_WEB "Put the web application into the server" ON)
option(BALUHOST_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(BALUHOST_CONTRACT "Build and install the contract suites" ON)
option(BALUHOST_INSTALL "Install BaluHost with whatever installs" ${PROJECT_IS_TOP_LEVEL})
option(BUILD_SHARED_LIBS "Make shared libraries of the components" OFF)
option(BALUHOST_PRECOMPILE "Compile the standard library's headers once for each component" OFF)
option(BALUHOST_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(BALUHOST_WERROR "Warnings are errors" OFF)
set(BALUHOST_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Line tables are enough for a backtrace and cost little to compile.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

find_program(BALUHOST_CCACHE ccache)
if(BALUHOST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Hits across build directories and clones: paths count relative to the source, the directory of
  # the build not at all.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${BALUHOST_CCACHE})
endif()
find_program(BALUHOST_MOLD mold)
if(BALUHOST_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# A program carries only what it can reach, and like code once.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
  if(BALUHOST_MOLD)
    add_link_options(-Wl,--icf=safe)
  endif()
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wswitch
                    -Wno-missing-field-initializers)
if(BALUHOST_WERROR)
  add_compile_options(-Werror)
endif()
# RapidJSON's stack adds to a null pointer before its first growth, and SOCI exports no type
# information of its backends: so those two checks are off.
if(BALUHOST_SANITIZE)
  add_compile_options(-fsanitize=${BALUHOST_SANITIZE} -fno-sanitize=pointer-overflow,vptr
                      -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BALUHOST_SANITIZE})
  # Asio has fences, which the thread sanitizer does not follow: g++ says so at each.
  if(BALUHOST_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)
  endif()
endif()
if(BALUHOST_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "BALUHOST_FUZZ needs clang: tests/fuzz/run.sh configures it")
  endif()
  add_compile_options(-O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow
                      -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
