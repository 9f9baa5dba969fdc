#!/usr/bin/env bash
# Does the ring test see what it is there for? Plants one violation after the other in a copy of the
# inner rings.
#
#   ring_selftest.sh COMPILER ROOT GENERATED
set -euo pipefail
compiler=$1 root=$2 generated=$3
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

copy() {
  rm -rf "${work:?}"/*
  mkdir -p "$work/core/include/baluhost/domain" "$work/core/src/domain" \
    "$work/ports/include/baluhost/ports"
  cp "$root"/core/include/baluhost/domain/{ascii,text,result,error,timestamp,names}.hpp \
    "$work/core/include/baluhost/domain/"
  cp "$root"/core/src/domain/{error.cpp,text.cpp,letters.hpp} "$work/core/src/domain/"
  cp "$root"/ports/include/baluhost/ports/clock.hpp "$work/ports/include/baluhost/ports/"
}

copy
"$here/ring_test.sh" "$compiler" "$work" "$generated" domain >/dev/null ||
  { echo "the clean copy does not pass"; exit 1; }

# plant FILE LINE EXPECTED
plant() {
  copy
  sed -i "1i $2" "$work/$1"
  if output=$("$here/ring_test.sh" "$compiler" "$work" "$generated" domain); then
    echo "not seen: $2 in $1"
    exit 1
  fi
  grep -qE "$3" <<<"$output" || { echo "$2 in $1 failed otherwise: $output"; exit 1; }
}
plant core/src/domain/error.cpp '#include <boost/version.hpp>' 'includes .*boost/version\.hpp'
plant core/include/baluhost/domain/error.hpp '#include <openssl/opensslv.h>' \
  'includes .*opensslv\.h'
plant core/src/domain/error.cpp '#include <utf8proc.h>' 'includes .*utf8proc\.h'
plant core/src/domain/text.cpp '#include "baluhost/ports/clock.hpp"' 'includes .*clock\.hpp'
plant core/src/domain/error.cpp '#include "../../../ports/include/baluhost/ports/clock.hpp"' \
  'includes .*clock\.hpp'
plant core/src/domain/error.cpp '#include <unistd.h>' 'error\.cpp:1:#include <unistd\.h>'
