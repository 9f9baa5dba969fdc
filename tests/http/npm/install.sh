#!/usr/bin/env bash
# Installs the clients from npm that tests/http drives, once, into a directory of the build. Where
# npm or its registry cannot be reached, says so and passes: the tests that need them then say that
# they were left out.
#
#   install.sh DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
cd "$1"
if cmp -s "$here/package-lock.json" installed; then exit 0; fi
rm -rf installed node_modules
if ! command -v npm >/dev/null; then
  echo "npm is missing: no client from there is tested"
  exit 0
fi
cp "$here/package.json" "$here/package-lock.json" .
if ! timeout 120 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error; then
  echo "the clients cannot be installed: none from npm is tested"
  exit 0
fi
cp package-lock.json installed
