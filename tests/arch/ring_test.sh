#!/usr/bin/env bash
# The inner rings include what is ours, the standard library and fmt, and of ours only what lies
# further in. The one exception is utf8proc.h in core/src/domain/text.cpp.
#
#   ring_test.sh COMPILER ROOT GENERATED [RING…]
#
# asks the compiler (-M) what every file of the rings (domain, ports, core) includes, however
# indirectly; GENERATED is the folder of the headers made at configure time. What the standard
# library itself includes is learnt from the compiler, too. Prints each violation and fails.
set -euo pipefail
compiler=$1 root=$2 generated=$3
shift 3
[ $# -gt 0 ] || set -- domain ports core

# Standard input: rules of make. Output: one line "file dependency" for each, whose path goes up
# nowhere: who is in a ring and includes "../../…" leaves it.
pairs() {
  sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}' |
    awk '{for (i = 3; i <= NF; i++) {while (sub(/[^\/]+\/\.\.\//, "", $i)) {} print $2, $i}}'
}

allowed=$(mktemp)
trap 'rm -f "$allowed"' EXIT
printf '#include <%s>\n' bits/stdc++.h math.h stdlib.h | "$compiler" -std=c++20 -M -x c++ - |
  tr -d '\\' | tr -s ' ' '\n' | grep '^/' | sort -u >"$allowed"

failed=0
for ring in "$@"; do
  core=$root/core ports=$root/ports
  case $ring in
    domain) folders=("$core/include/baluhost/domain" "$core/src/domain") inner=("${folders[@]}") ;;
    ports) folders=("$ports/include") inner=("$core/include/baluhost/domain" "${folders[@]}") ;;
    core) folders=("$core/include/baluhost/core" "$core/src/core")
          inner=("$core/include/baluhost/domain" "$ports/include" "${folders[@]}") ;;
    *) echo "no such ring: $ring" >&2; exit 2 ;;
  esac
  mapfile -t files < <(find "${folders[@]}" -name '*.[ch]pp' | sort)
  [ ${#files[@]} -gt 0 ] || { echo "no files in ring $ring" >&2; exit 2; }

  rules=$("$compiler" -std=c++20 -M -DFMT_HEADER_ONLY -I"$core/include" -I"$ports/include" \
                      -I"$core/src/$ring" -I"$generated" -x c++ "${files[@]}")
  violations=$(pairs <<<"$rules" |
    awk -v allowed="$allowed" -v inner="${inner[*]} $generated" \
        -v text="$core/src/domain/text.cpp" '
    BEGIN { while ((getline line < allowed) > 0) known[line]; count = split(inner, folders, " ") }
    $2 in known || $2 ~ /\/include\/fmt\/[^\/]*$/ { next }
    $1 == text && $2 ~ /\/utf8proc\.h$/ { next }
    { for (i = 1; i <= count; i++) if (index($2, folders[i] "/") == 1) next
      print $1 " includes " $2 }')

  # The standard library includes headers of the system, which we may not name ourselves.
  named=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' "${files[@]}" |
          grep -vE '<(fmt/[a-z]+\.h|[a-z_0-9]+)>' |
          grep -vF "$core/src/domain/text.cpp:" || true)
  for found in "$violations" "$named"; do
    if [ -n "$found" ]; then
      echo "$found"
      failed=1
    fi
  done
  echo "ring $ring: ${#files[@]} files"
done
exit $failed
