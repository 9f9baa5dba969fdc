#!/usr/bin/env bash
# Builds every fuzz target with clang's libFuzzer and the address and undefined-behaviour sanitizers, and runs each.
#
#   tests/fuzz/run.sh [SECONDS]      each target for so long (60); what it finds stays in build/fuzz/corpus
#   tests/fuzz/run.sh --smoke        each target over its seeds and 20,000 inputs more
#
# A crash leaves its input in build/fuzz/crashes and ends the run with 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1:-60}" in
  --smoke) limit=(-runs=20000 -max_total_time=30) ;;
  *[!0-9]*) echo "usage: $0 [SECONDS|--smoke]" >&2; exit 2 ;;
  *) limit=("-max_total_time=${1:-60}") ;;
esac
compiler=$(command -v clang++ || command -v clang++-14) || { echo "clang++ is needed: cmake/install-packages.sh tests" >&2; exit 1; }

build=build/fuzz
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER="$compiler" -DBALUHOST_FUZZ=ON -DBALUHOST_APPS=OFF >/dev/null
cmake --build $build --target fuzz_targets | tail -n 1

mkdir -p $build/crashes
failed=()
for program in $build/tests/fuzz/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  name=${program##*/fuzz_}
  [ -f "tests/fuzz/fuzz_$name.cpp" ] || continue
  mkdir -p "$build/corpus/$name" "tests/fuzz/corpus/$name"
  log=$build/$name.log
  if "$program" "${limit[@]}" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
       -artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    echo "$name: $(awk '/stat::number_of_executed_units/ {print $2}' "$log") inputs, none fails"
  else
    failed+=("$name")
    tail -n 30 "$log"
  fi
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
