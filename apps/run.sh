#!/usr/bin/env bash
# Builds BaluHost and runs the server on SQLite in ./data. Safe to run again: what is built and
# stored stays.
#
#   apps/run.sh [options of baluhostd]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake/install-packages.sh build
[ -f build/release/build.ninja ] || cmake --preset release >&2
echo "Building (the first time takes some minutes)" >&2
cmake --build --preset release --target baluhostd baluhostctl baluhost-migrate >&2

first=no
[ -e data/baluhost.db ] || first=yes
cat >&2 <<EOT

BaluHost keeps its data in $PWD/data. Stop it with Ctrl-C.
The first administrator is "admin"; the password is in
data/initial-admin-password$([ $first = yes ] && echo " as soon as the server is ready").

In a browser, once it says that it is listening:

  http://127.0.0.1:8080

EOT
exec build/release/apps/baluhostd --data-dir ./data "$@"
