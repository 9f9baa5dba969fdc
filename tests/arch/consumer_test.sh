#!/usr/bin/env bash
# Does an installed BaluHost serve another project?
#
#   consumer_test.sh core ROOT WORK CMAKE-ARGUMENT…
#     installs the core and the memory adapters alone, as shared libraries, from a build that can
#     find neither Boost nor SOCI nor OpenSSL, and runs a consumer of them; then one that takes the
#     sources into its own build
#   consumer_test.sh all BUILD WORK CMAKE-ARGUMENT…
#     installs a build that is made already, links every component, and builds and runs the examples
#   consumer_test.sh shared ROOT WORK CMAKE-ARGUMENT…
#     the same with every component as a shared library, which it builds
#   consumer_test.sh catch2_3 BUILD WORK CMAKE-ARGUMENT…
#     runs a suite by Catch2 3; exits with 77 where there is none
set -euo pipefail
mode=$1 from=$2 work=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# The cache has what the build of the project compiled: the paths count from the sources, and the
# directories of these builds lie as deep as that one.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
rm -rf "$work/stage" "$work/consumer"

expect() { grep -qF "$1" <<<"$2" || { echo "expected '$1' in:" "$2" >&2; exit 1; }; }

# Strong symbols of the archive $1 that are not ours: what others could clash with.
foreign_symbols() {
  nm -C --defined-only --extern-only "$1" 2>/dev/null |
    sed -nE 's/^[0-9a-f]+ ([TDBRS]) (.*)/\2/p' |
    grep -vE '^(non-virtual thunk to |virtual thunk to |guard variable for )?baluhost' || true
}

# Each shared library that is installed has its version, and lets out names of ours alone.
shared_libraries() {
  local library found number=0
  while read -r library; do
    number=$((number + 1))
    expect "$(basename "$library").0." "$(readelf -d "$library" | grep SONAME)"
    found=$(nm -D --defined-only "$library" | sed 's/.* //' |
      grep -vE '^_Z(T[VTISHW]|GV|Th[n0-9]+_|Tv[n0-9_]+_)?Z?N[KRO]*8baluhost' | head -n 5 || true)
    [ -z "$found" ] || { echo "$library lets out $found" >&2; exit 1; }
  done < <(command find "$work/stage" -name 'libbaluhost_*.so')
  [ $number -ge "$1" ] || { echo "only $number shared libraries" >&2; exit 1; }
}

# Links every component that is installed, and opens a host twice.
components() {
  cmake -S "$here/all_components" -B "$work/consumer" "$@" -DCMAKE_PREFIX_PATH="$work/stage"
  cmake --build "$work/consumer"
  "$work/consumer/all_components"
  [ -e "$work/consumer/host" ] || return 0
  rm -rf "$work/host-data"
  (umask 077 && mkdir "$work/host-data")
  "$work/consumer/host" "$work/host-data"
  for made in baluhost.db keys blobs audit.anchor initial-admin-password; do
    [ -e "$work/host-data/$made" ] || { echo "the host did not make $made" >&2; exit 1; }
  done
}

# Builds and runs the examples of the documents against what is installed. They are short, and no
# call in them is a warning to somebody who asks for all: a member of options that is left out, say.
examples() {
  wc -l "$root"/docs/examples/*.cpp | awk '$2 != "total" && $1 >= 60 { exit 1 }' ||
    { echo "an example has 60 lines and more" >&2; exit 1; }
  cmake -S "$root/docs/examples" -B "$work/examples" "$@" -DCMAKE_PREFIX_PATH="$work/stage" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror"
  cmake --build "$work/examples"
  rm -rf "$work/examples/disk" "$work/examples/http"
  ctest --test-dir "$work/examples" --output-on-failure --no-tests=error
}

case $mode in
  core)
    blind=()
    for package in Boost SOCI OpenSSL cpp-jwt RapidJSON PostgreSQL; do
      blind+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=TRUE")
    done
    cmake -S "$from" -B "$work.build" "$@" "${blind[@]}" -DBALUHOST_ADAPTERS=OFF \
      -DBALUHOST_TESTS=OFF -DBUILD_SHARED_LIBS=ON >"$work.log" || { cat "$work.log"; exit 1; }
    cmake --build "$work.build"
    cmake --install "$work.build" --prefix "$work/stage" >"$work.log"
    shared_libraries 5
    cmake -S "$here/consumer" -B "$work/consumer" "$@" "${blind[@]}" \
      -DCMAKE_PREFIX_PATH="$work/stage"
    cmake --build "$work/consumer"
    "$work/consumer/consumer"
    if ldd "$work/consumer/consumer" | grep -E 'boost|soci|sqlite|libpq|ssl|crypto'; then
      echo "a tool that embeds the core alone has libraries of the adapters" >&2
      exit 1
    fi
    "$work/consumer/contract_run"
    [ ! -e "$work/consumer/contract_gtest" ] || "$work/consumer/contract_gtest"
    [ -n "$(command find "$work/stage" -name small_contracts.cpp)" ] ||
      { echo "the suites lack their sources" >&2; exit 1; }
    # [fault-40] What cannot be found is named, and only what was REQUIRED is an error.
    find() { # NAME LINES: a project of these lines; its output
      mkdir -p "$work/find_$1"
      printf 'cmake_minimum_required(VERSION 3.25)\nproject(Find LANGUAGES CXX)\n%s\n' \
        "$2" >"$work/find_$1/CMakeLists.txt"
      rm -rf "$work/find_$1/build"
      cmake -S "$work/find_$1" -B "$work/find_$1/build" "${@:3}" \
        -DCMAKE_PREFIX_PATH="$work/stage" 2>&1
    }
    if said=$(find misspelt 'find_package(BaluHost REQUIRED COMPONENTS core memmory)'); \
      then echo "memmory was found" >&2; exit 1; fi
    expect "there is no component memmory" "$(tr '\n' ' ' <<<"$said" | tr -s ' ')"
    said=$(find optional 'find_package(BaluHost COMPONENTS core OPTIONAL_COMPONENTS sqlite)
      message(STATUS "core ${BaluHost_core_FOUND} sqlite ${BaluHost_sqlite_FOUND}"
              " all ${BaluHost_FOUND}")')
    expect "there is no component sqlite" "$said"
    expect "core TRUE sqlite FALSE all 1" "$said"
    said=$(PKG_CONFIG_LIBDIR=/nonexistent find no_library 'find_package(BaluHost COMPONENTS core)
      message(STATUS "found: ${BaluHost_FOUND}")')
    expect "needs what is not installed: libutf8proc" "$(tr '\n' ' ' <<<"$said" | tr -s ' ')"
    expect "found: 0" "$said"
    said=$(find core_alone 'find_package(BaluHost REQUIRED COMPONENTS core)
      get_target_property(type BaluHost::memory TYPE)
      find_package(BaluHost REQUIRED COMPONENTS memory)
      message(STATUS "memory is a ${type}")')
    expect "memory is a SHARED_LIBRARY" "$said"
    examples "$@" "${blind[@]}"
    # By FetchContent, or add_subdirectory: the sources in the build of another project.
    cmake -S "$here/subproject" -B "$work.subproject" "$@" "${blind[@]}" -DBALUHOST_ROOT="$root" \
      >"$work.log" || { cat "$work.log"; exit 1; }
    cmake --build "$work.subproject" --target subproject
    "$work.subproject/subproject"
    cmake --install "$work.subproject" --prefix "$work/sub_stage" >"$work.log"
    [ -z "$(command find "$work/sub_stage" -name '*baluhost*')" ] ||
      { echo "the sources of BaluHost install themselves with another project" >&2; exit 1; }
    ;;
  all)
    cmake --install "$from" --prefix "$work/stage" >"$work.log"
    components "$@"
    # [fault-37] A tool with an Asio of its own, compiled in its own way, beside the one in our
    # archive.
    for type in Debug Release; do
      cmake -S "$here/own_asio" -B "$work/own_asio-$type" "$@" -DCMAKE_BUILD_TYPE=$type \
        -DCMAKE_PREFIX_PATH="$work/stage" >"$work.log"
      cmake --build "$work/own_asio-$type"
      "$work/own_asio-$type/own_asio"
    done
    while read -r archive; do
      found=$(foreign_symbols "$archive" | head -n 5)
      [ -z "$found" ] || { echo "$archive lets out $found" >&2; exit 1; }
    done < <(find "$work/stage" -name 'libbaluhost_*.a')
    archive=$(find "$work/stage" -name libbaluhost_http.a)
    if nm -C --defined-only --extern-only "$archive" 2>/dev/null | grep -E ' (boost::|boost_)' |
      head -n 5 | grep .; then
      echo "symbols of Boost leave $archive under their own names" >&2
      exit 1
    fi
    examples "$@"
    # What runs programs and what others compile against are installed apart.
    rm -rf "$work/runtime" "$work/development"
    for component in runtime development; do
      cmake --install "$from" --prefix "$work/$component" --component $component >"$work.log"
      [ -n "$(find "$work/$component" -name LICENSE)" ] ||
        { echo "$component has no licence" >&2; exit 1; }
    done
    [ -z "$(find "$work/runtime" -name '*.hpp' -o -name '*.a' -o -name '*.cmake')" ] &&
      [ -n "$(find "$work/development" -name version.hpp)" ] &&
      [ -z "$(find "$work/development" -type f -path '*/bin/*')" ] ||
      { echo "runtime and development are not what they say" >&2; exit 1; }
    # Without CMake: pkg-config has all that a program of the core needs.
    pc=$(dirname "$(find "$work/stage" -name baluhost-testing.pc)")
    flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs baluhost-testing)
    # shellcheck disable=SC2086 # words of flags
    g++ "$root/docs/examples/embed_memory.cpp" $flags -o "$work/by_pkg_config"
    "$work/by_pkg_config" >/dev/null
    for module in crypto sqlite postgres filesystem http host; do
      [ ! -e "$pc/baluhost-$module.pc" ] ||
        PKG_CONFIG_PATH=$pc pkg-config --exists --print-errors "baluhost-$module"
    done
    ;;
  shared)
    cmake -S "$from" -B "$work.build" "$@" -DBALUHOST_TESTS=OFF -DBUILD_SHARED_LIBS=ON \
      >"$work.log" || { cat "$work.log"; exit 1; }
    cmake --build "$work.build"
    cmake --install "$work.build" --prefix "$work/stage" >"$work.log"
    shared_libraries 10
    for program in baluhostd baluhostctl baluhost-migrate; do
      "$work/stage/bin/$program" --version
    done
    components "$@"
    examples "$@"
    ;;
  catch2_3)
    cmake --install "$from" --prefix "$work/stage" --component development >"$work.log"
    said=$(cmake -S "$here/consumer_catch2_3" -B "$work/consumer" "$@" \
      -DCMAKE_PREFIX_PATH="$work/stage" 2>&1) || { echo "$said"; exit 1; }
    if grep "there is no Catch2 3" <<<"$said"; then exit 77; fi
    cmake --build "$work/consumer"
    said=$("$work/consumer/contract_run")
    expect "is a Catch2 v3." "$said"
    ;;
esac
