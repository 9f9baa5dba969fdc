#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Safe to run again.
#
#   tests/run.sh            everything: the tests, then the sanitizers' builds and a short run of the fuzzers
#   tests/run.sh --quick    the tests only
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=no
case "${1:-}" in
  "") ;;
  --quick) quick=yes ;;
  *) echo "usage: $0 [--quick]" >&2; exit 2 ;;
esac

cmake/install-packages.sh tests
jobs=$(nproc)

stage() {
  local preset=$1
  shift
  echo "== $preset: build"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --parallel "$jobs" | tail -n 1
  echo "== $preset: tests"
  ctest --preset "$preset" --parallel "$jobs" --no-tests=error "$@"
}

stage dev
if [ $quick = no ]; then
  stage asan
  stage tsan
  tests/fuzz/run.sh --smoke
fi
