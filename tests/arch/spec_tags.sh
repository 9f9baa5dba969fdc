#!/usr/bin/env bash
# Every behaviour of the specification, 01 to 82, is the tag [spec-NN] of a test.
#
#   spec_tags.sh TESTS            fails if a number is missing
#   spec_tags.sh TESTS --report   says what is missing
set -euo pipefail
tests=$1
present=$(grep -rhoE --include='*_test.cpp' --include='*.sh' --include='*.py' '\[spec-[0-9]{2}\]' "$tests" | sort -u || true)
missing=$(for number in $(seq -f '%02g' 1 82); do
  grep -qxF "[spec-$number]" <<<"$present" || echo "$number"
done | paste -sd' ')
unknown=$(grep -vxE '\[spec-(0[1-9]|[1-7][0-9]|8[0-2])\]' <<<"$present" | paste -sd' ' || true)
[ -z "$missing" ] || echo "without a test: $missing"
[ -z "$unknown" ] || echo "not in the specification: $unknown"
[ "${2:-}" = --report ] || [ -z "$missing$unknown" ]
