#!/usr/bin/env bash
# The control of a source compiles, and each of its cases does not, for the reason that is expected.
#
#   compile_fail_test.sh COMPILER SOURCE CASE=REGEX… -- FLAG…
set -euo pipefail
compiler=$1 source=$2
shift 2
cases=()
while [ "$1" != -- ]; do
  cases+=("$1")
  shift
done
shift
compile() {
  LC_ALL=C "$compiler" -std=c++20 -fsyntax-only -Werror=unused-result "$@" "$source" 2>&1
}

compile "$@" || { echo "the control does not compile"; exit 1; }
for case in "${cases[@]}"; do
  if output=$(compile "$@" "-DCASE=${case%%=*}"); then
    echo "case ${case%%=*} compiles"
    exit 1
  fi
  grep -qE -- "${case#*=}" <<<"$output" ||
    { printf 'case %s fails otherwise:\n%s\n' "${case%%=*}" "$output"; exit 1; }
done
