#!/usr/bin/env bash
# Every behaviour of the specification, 01 to 82, is the tag [spec-NN] of a test, and every fault
# that was found in use is [fault-NN].
#
#   spec_tags.sh TESTS   says which number is missing, or is none, and fails
set -euo pipefail
tests=$1
trouble=

# look WORD NUMBER…: each is the tag of a test, and no test has another.
look() {
  local word=$1 present missing unknown
  shift
  present=$(grep -rhoE --include='*.cpp' --include='*.sh' --include='*.py' \
    "\[$word-[0-9]{2}[a-z]?\]" "$tests" | sort -u || true)
  missing=$(for number in "$@"; do
    grep -qxF "[$word-$number]" <<<"$present" || echo "$number"
  done | paste -sd' ')
  unknown=$(printf "[$word-%s]\n" "$@" | grep -vxFf - <(printf '%s' "$present") |
    paste -sd' ' || true)
  [ -z "$missing" ] || echo "$word without a test: $missing"
  [ -z "$unknown" ] || echo "not in the list: $unknown"
  trouble+=$missing$unknown
}
look spec $(seq -f '%02g' 1 82)
look fault $(seq -f '%02g' 1 44) 09b 11b 12b 25b
[ -z "$trouble" ]
