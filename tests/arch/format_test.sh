#!/usr/bin/env bash
# All code is as clang-format writes it, by the .clang-format at the root.
#
#   format_test.sh ROOT
set -euo pipefail
root=$1

# Another version formats otherwise, so it has to be this one.
for format in clang-format-14 clang-format; do
  version=$("$format" --version 2>/dev/null) && [[ $version == *" 14."* ]] && break
  format=
done
[ -n "$format" ] || { echo "clang-format 14 is missing: cmake/install-packages.sh tests"; exit 1; }

# check FOLDER: prints where its code is not formatted, and fails.
check() {
  find "$1" \( -name '.?*' -o -name 'build*' -o -name node_modules \) -prune \
       -o -name '*.[ch]pp' -print0 | xargs -0 "$format" --dry-run -Werror 2>&1
}

# Does the check see what it is there for?
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
cp "$root/.clang-format" "$planted"
printf 'int main() { return 0; }\n' >"$planted/formatted.cpp"
check "$planted" || { echo "formatted code does not pass"; exit 1; }
printf 'int  main () {\n    return 0; }\n' >"$planted/planted.hpp"
! seen=$(check "$planted") && grep -q 'planted\.hpp:1:' <<<"$seen" ||
  { echo "a planted fault is not seen: $seen"; exit 1; }

check "$root"
