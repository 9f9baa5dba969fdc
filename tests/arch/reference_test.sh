#!/usr/bin/env bash
# The reference of the installed headers has every public type and function, without a warning.
#
#   reference_test.sh ROOT
set -euo pipefail
shopt -s extglob
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

reference() { # SETTING…: in place of those of the file
  {
    cat docs/reference/Doxyfile
    printf '%s\n' "OUTPUT_DIRECTORY = $work" GENERATE_HTML=NO GENERATE_XML=YES "$@"
  } | doxygen -
}
types() { # FOLDER…: those without a comment, which Doxygen passes over
  find "$@" -name '*.hpp' -print0 | xargs -0 docs/reference/filter.py --types
}

# Does it see what it is there for?
mkdir "$work/planted"
for planted in 'void a();' '/// \nonsense
void a();'; do
  printf 'namespace baluhost {\n/// A type.\nstruct A {\n%s\n};\n}\n' "$planted" \
    >"$work/planted/planted.hpp"
  if reference "INPUT = $work/planted" >"$work/said" 2>&1; then
    echo "no warning for a header with '$planted'" >&2
    exit 1
  fi
done
printf 'namespace baluhost {\nstruct A {\n};\n}\n' >"$work/planted/planted.hpp"
[ -n "$(types "$work/planted")" ] || { echo "a type without a comment is not seen" >&2; exit 1; }

reference
number=$(grep -rhoE '<memberdef kind="function"' "$work/xml" | wc -l)
[ "$number" -gt 1000 ] || { echo "only $number functions were found" >&2; exit 1; }
undocumented=$(types core/include ports/include adapters/!(sql_common)/include apps/host/include \
  tests/testing/include tests/contract/include)
[ -z "$undocumented" ] || { echo "$undocumented" >&2; exit 1; }
echo "$number functions"
