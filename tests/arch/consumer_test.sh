#!/usr/bin/env bash
# Does an installed BaluHost serve another project?
#
#   consumer_test.sh core ROOT WORK CMAKE-ARGUMENT…   installs the core and the memory adapters alone, from a build that can find neither
#                                                     Boost nor SOCI nor OpenSSL, and runs a consumer of them
#   consumer_test.sh all BUILD WORK CMAKE-ARGUMENT…   installs a build that is made already and links every component
set -euo pipefail
mode=$1 from=$2 work=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$work/stage" "$work/consumer"

case $mode in
  core)
    blind=()
    for package in Boost SOCI OpenSSL cpp-jwt RapidJSON PostgreSQL; do
      blind+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=TRUE")
    done
    cmake -S "$from" -B "$work/build" "$@" "${blind[@]}" -DBALUHOST_ADAPTERS=OFF -DBALUHOST_TESTS=ON >"$work.log" || { cat "$work.log"; exit 1; }
    cmake --build "$work/build" --target baluhost_core baluhost_memory baluhost_contract
    cmake --install "$work/build" --prefix "$work/stage" >"$work.log"
    cmake -S "$here/consumer" -B "$work/consumer" "$@" "${blind[@]}" -DCMAKE_PREFIX_PATH="$work/stage"
    cmake --build "$work/consumer"
    "$work/consumer/consumer"
    "$work/consumer/contract_run"
    ;;
  all)
    cmake --install "$from" --prefix "$work/stage" >"$work.log"
    cmake -S "$here/all_components" -B "$work/consumer" "$@" -DCMAKE_PREFIX_PATH="$work/stage"
    cmake --build "$work/consumer"
    "$work/consumer/all_components"
    ;;
esac
