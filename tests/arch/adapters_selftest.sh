#!/usr/bin/env bash
# Does the test of who names adapters see them? Plants one fault after the other in a copy.
#
#   adapters_selftest.sh ROOT
set -euo pipefail
root=$1
here=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in core ports adapters apps; do cp -r "$root/$folder" "$work/$folder"; done

"$here/adapters_test.py" "$work" || { echo "the clean copy does not pass"; exit 1; }

# plant FILE LINE EXPECTED: with LINE added to FILE it does not, and says why.
plant() {
  cp "$work/$1" "$work/before"
  printf '%s\n' "$2" >>"$work/$1"
  if output=$("$here/adapters_test.py" "$work"); then
    echo "not seen: $2 in $1"
    exit 1
  fi
  grep -qF "$3" <<<"$output" || { echo "$2 in $1 failed otherwise: $output"; exit 1; }
  mv "$work/before" "$work/$1"
}

sqlite='#include "baluhost/sqlite/sqlite_database.hpp"'
plant apps/baluhostd/main.cpp "$sqlite" \
  'apps/baluhostd/main.cpp includes the adapter sqlite'
plant apps/baluhostctl/program.hpp '#  include <baluhost/crypto/key_directory.hpp>' \
  'apps/baluhostctl/program.hpp includes the adapter crypto'
plant core/src/core/page.cpp '#include "baluhost/memory/manual_clock.hpp"' \
  'core/src/core/page.cpp includes the adapter memory'
plant core/src/core/page.cpp '#include "../../../adapters/sqlite/src/schema.hpp"' \
  'core/src/core/page.cpp includes the adapter sqlite'
plant adapters/postgres/src/connections/native.cpp "$sqlite" \
  'adapters/postgres/src/connections/native.cpp includes the adapter sqlite'
plant adapters/filesystem/src/private_file.cpp '#include "baluhost/sql_common/events.hpp"' \
  'adapters/filesystem/src/private_file.cpp includes the adapter sql_common'
plant adapters/sqlite/src/schema.cpp '#include "baluhost/posix_common/posix.hpp"' \
  'adapters/sqlite/src/schema.cpp includes the adapter posix_common'
plant adapters/postgres/src/connections/native.cpp '#include "../../../sqlite/src/schema.hpp"' \
  'adapters/postgres/src/connections/native.cpp includes the adapter sqlite'
plant core/src/core/page.cpp 'void see(baluhost::sqlite::Schema& schema);' \
  'core/src/core/page.cpp has names of the adapter sqlite'
plant adapters/http/src/server/server.cpp 'using namespace baluhost::crypto;' \
  'adapters/http/src/server/server.cpp has names of the adapter crypto'
plant adapters/filesystem/src/private_file.cpp 'baluhost::sql::Connection* lent;' \
  'adapters/filesystem/src/private_file.cpp has names of the adapter sql_common'
plant apps/CMakeLists.txt 'find_package(BaluHost REQUIRED COMPONENTS core sqlite)' \
  'apps/CMakeLists.txt links the adapter sqlite'
plant apps/CMakeLists.txt 'target_link_libraries(baluhostctl PRIVATE baluhost_postgres)' \
  'apps/CMakeLists.txt links the adapter postgres'
plant adapters/http/CMakeLists.txt 'target_link_libraries(x PUBLIC BaluHost::filesystem)' \
  'adapters/http/CMakeLists.txt links the adapter filesystem'
