#!/usr/bin/env bash
# Every public header compiles as the first of a unit, and a second time does no harm, in C++20 and
# C++23, with g++ and clang++, under warnings that our own build does not have.
#
#   headers_test.sh ROOT
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags=(-fsyntax-only -Wall -Wextra -Wpedantic -Wno-missing-field-initializers -Wconversion
  -Wold-style-cast -Wundef -Werror)
shopt -s globstar nullglob
roots=("$root"/core/include "$root"/ports/include "$root"/adapters/*/include
  "$root"/apps/host/include "$root"/tests/testing/include "$root"/tests/contract/include)
for folder in "${roots[@]}"; do flags+=("-I$folder"); done

number=0
for folder in "${roots[@]}"; do
  case $folder in */sql_common/* | */posix_common/*) continue ;; esac # for ourselves
  for header in "$folder"/**/*.hpp; do
    name=${header#"$folder/"}
    # For those who have GoogleTest.
    if [ "$name" = baluhost/contract/gtest.hpp ] && [ ! -e /usr/include/gtest/gtest.h ]; then
      continue
    fi
    number=$((number + 1))
    printf '#include <%s>\n#include <%s>\n' "$name" "$name" >"$work/$number.cpp"
  done
done
[ $number -gt 80 ] || { echo "only $number headers were found" >&2; exit 1; }

alone() { # COMPILER STANDARD
  find "$work" -name '*.cpp' -print0 |
    xargs -0 -n 1 -P "$(nproc)" "$1" "-std=$2" "${flags[@]}"
}
alone g++ c++20
alone g++ c++23
if command -v clang++ >/dev/null; then
  alone clang++ c++20
  alone clang++ c++2b
fi
echo "$number headers"
