#!/usr/bin/env bash
# How long does a tool that embeds the core alone take to build against an installed release, how
# large is it, and what does it link?
#
#   tests/bench/tool.sh [WORK]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${1:-$root/build/bench_tool}

cmake -S "$root" -B "$work.build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBALUHOST_TESTS=OFF \
  -DBALUHOST_ADAPTERS=OFF >/dev/null
cmake --build "$work.build" >/dev/null
cmake --install "$work.build" --prefix "$work/stage" >/dev/null

rm -rf "$work/tools"
cmake -S "$root/docs/examples" -B "$work/tools" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$work/stage" >/dev/null
TIMEFORMAT="%R s (%U s of a core)"
for tool in by_hand embed_memory; do
  took=$({ time cmake --build "$work/tools" --target "$tool" >/dev/null; } 2>&1)
  "$work/tools/$tool" >/dev/null
  libraries=$(readelf -d "$work/tools/$tool" | sed -nE 's/.*NEEDED.*\[(.*)\]/\1/p' | tr '\n' ' ')
  echo "$tool: built in $took, $(stat -c %s "$work/tools/$tool") bytes, links $libraries"
done
