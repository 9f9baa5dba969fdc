#!/usr/bin/env bash
# Builds every fuzz target with clang's libFuzzer and the address and undefined-behaviour
# sanitizers, and runs each, as many at once as there are cores.
#
#   tests/fuzz/run.sh [SECONDS]      each target for so long (60); finds stay in build/fuzz/corpus
#   tests/fuzz/run.sh --smoke        each target over its seeds and 20,000 inputs more: a minute
#   tests/fuzz/run.sh --build        builds them only
#
# A crash leaves its input in build/fuzz/crashes and ends the run with 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1:-60}" in
  --build) limit=() ;;
  --smoke) limit=(-runs=20000 -max_total_time=8 -seed=1) ;;
  *[!0-9]*) echo "usage: $0 [SECONDS|--smoke|--build]" >&2; exit 2 ;;
  *) limit=("-max_total_time=${1:-60}") ;;
esac
compiler=$(command -v clang++ || command -v clang++-14) ||
  { echo "clang++ is needed: cmake/install-packages.sh tests" >&2; exit 1; }

build=build/fuzz
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER="$compiler" \
  -DBALUHOST_FUZZ=ON -DBALUHOST_APPS=OFF >/dev/null
cmake --build $build --target fuzz_targets --parallel "$(nproc)" >$build.log 2>&1 ||
  { grep -A 8 -e error: -e FAILED $build.log | head -n 80; exit 1; }
[ ${#limit[@]} -gt 0 ] || exit 0

# fuzz NAME LIMIT…: one target, its last word on success, its log on failure.
fuzz() {
  local name=$1 log=build/fuzz/$1.log
  shift
  mkdir -p "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" build/fuzz/crashes
  if "build/fuzz/tests/fuzz/fuzz_$name" "$@" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 \
       -artifact_prefix="build/fuzz/crashes/$name-" "build/fuzz/corpus/$name" \
       "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    inputs=$(awk '/stat::number_of_executed_units/ {print $2}' "$log")
    echo "$name: $inputs inputs, $(grep -o 'cov: [0-9]*' "$log" | tail -n 1), none fails"
  else
    tail -n 30 "$log"
    echo "$name FAILS" >&2
    return 1
  fi
}
export -f fuzz

for source in tests/fuzz/fuzz_*.cpp; do basename "${source#*fuzz/fuzz_}" .cpp; done |
  xargs -P "$(nproc)" -I NAME bash -c 'fuzz "$@"' fuzz NAME "${limit[@]}"
