#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Safe to run again.
#
#   tests/run.sh                all tests, on SQLite and PostgreSQL
#   tests/run.sh --sanitizers   the same, then again under ASan and UBSan, then under TSan, then a
#                               short run of the fuzzers (an hour and more)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sanitizers=no
case "${1:-}" in
  "") ;;
  --sanitizers) sanitizers=yes ;;
  *) echo "usage: $0 [--sanitizers]" >&2; exit 2 ;;
esac

cmake/install-packages.sh tests
jobs=$(nproc)

stage() {
  local preset=$1
  shift
  echo "== $preset: build"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --parallel "$jobs" >"build/$preset.log" 2>&1 ||
    { grep -A 8 -e error: -e FAILED "build/$preset.log" | head -n 80; exit 1; }
  echo "== $preset: tests"
  # What the build has written must not hold up the databases of the tests when they flush.
  sync
  # Some tests mostly wait: one more than there are cores keeps those busy. A machine that stands
  # still for seconds turns a test of many processes red; what is red twice is a fault.
  ctest --preset "$preset" --parallel $((jobs + 1)) --no-tests=error --repeat until-pass:2 "$@" |
    tee "build/$preset.tests.log"
  if grep -q '\*\*\*' "build/$preset.tests.log"; then
    echo "== $preset: passed at the second try only; look why:"
    grep '\*\*\*' "build/$preset.tests.log"
  fi
}

tests/fuzz/run.sh --build
stage dev

if [ $sanitizers = yes ]; then
  stage asan
  stage tsan --label-regex 'core|contract'
  tests/fuzz/run.sh --smoke
fi
