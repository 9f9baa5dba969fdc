#!/usr/bin/env bash
# What serves HTTP (server, connection, dispatch, fields) would serve any table of routes: only
# routes/ knows the API. A driving adapter beside it shares the rest.
#
#   routes_test.sh ROOT
set -euo pipefail
cd "$1/adapters/http/src"
shared=(server connection dispatch fields)
files=$(find "${shared[@]}" -name '*.[ch]pp' | wc -l)
[ "$files" -gt 0 ] || { echo "no files" >&2; exit 2; }
if grep -rnE '#[[:space:]]*include[[:space:]]*["<]([^">]*/)?routes/|/api/v1' "${shared[@]}"; then
  echo "these know the API" >&2
  exit 1
fi
echo "$files files know nothing of the API"
