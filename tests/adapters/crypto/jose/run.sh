#!/usr/bin/env bash
# Compares our verdicts on tokens with those of npm's jose. Where node or the package cannot be had,
# says so and passes.
#
#   run.sh TOKEN_PEER WORK_DIRECTORY
set -euo pipefail
peer=$1
work=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "node or npm is missing: the agreement with jose is not tested"
  exit 0
fi
mkdir -p "$work"
cp "$here/package.json" "$here/agree.mjs" "$work"
cd "$work"
if [ ! -d node_modules/jose ] && ! npm install --no-audit --no-fund --loglevel=error; then
  echo "jose cannot be installed: the agreement with it is not tested"
  exit 0
fi
rm -rf keys
"$peer" print keys >corpus.json
node agree.mjs corpus.json signed.txt
"$peer" check keys <signed.txt
