#!/usr/bin/env bash
# What serves HTTP would serve any table of routes: only routes/ knows the API. A driving adapter
# beside it shares the rest. A folder includes itself and those before it, never one after it.
#
#   routes_test.sh ROOT
set -euo pipefail
folders=(fields dispatch custom runtime connection server routes)

# Prints what breaks a rule in the tree that it is called in.
faults() {
  local after
  grep -rn /api/v1 "${folders[@]::6}" || true
  for ((i = 0; i < 6; i++)); do
    after=$(IFS='|'; echo "${folders[*]:i+1}")
    grep -rnE "#[[:space:]]*include[[:space:]]*[\"<]([^\">]*/)?($after)/" "${folders[i]}" || true
  done
}

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
(cd "$planted" && mkdir "${folders[@]}")
echo "#include \"runtime/hop.hpp\"" >"$planted/fields/a.hpp"
cp "$planted/fields/a.hpp" "$planted/connection"
echo '  return "/api/v1/users";' >"$planted/server/a.cpp"
[ "$(cd "$planted" && faults | wc -l)" = 2 ] || { echo "planted, not seen"; exit 1; }

cd "$1/adapters/http/src"
[ "$(echo */)" = "$(printf '%s\n' "${folders[@]/%//}" | sort | xargs)" ] ||
  { echo "folders other than ${folders[*]}: $(echo */)" >&2; exit 2; }
found=$(faults)
[ -z "$found" ] || { echo "$found" >&2; exit 1; }
echo "$(find . -name '*.[ch]pp' | wc -l) files include what is before them, and routes know the API"
