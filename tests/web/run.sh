#!/usr/bin/env bash
# Tests of the web application, in what install.sh has made.
#
#   run.sh ROOT DIRECTORY build      what is committed is what its sources make, and within budget
#   run.sh ROOT DIRECTORY check      types, and tests of what computes
#   run.sh ROOT DIRECTORY AREA       the file AREA.spec.ts of its folders, in Chromium
set -euo pipefail
root=$1 work=$2 what=$3
[ -e "$work/complete" ] || { echo "left out: the packages from npm are not there"; exit 0; }
export BALUHOST_OPENAPI=$work/openapi.yaml BALUHOST_AUDIT_FORMAT=$work/audit-format.md
export BALUHOST_CORE=$root/core

build() {
  local out=$work/dist dist=$root/adapters/web/dist
  rm -rf "$out"
  (cd "$work/ui" && BALUHOST_WEB_OUT=$out npm run --silent build)
  # Another Node.js compresses to other bytes: of those counts that they are the same content.
  diff -r -x '*.gz' -x '*.br' <(sed 's/, [0-9]*, [0-9]*)$/)/' "$out/table.inc") \
    <(sed 's/, [0-9]*, [0-9]*)$/)/' "$dist/table.inc") ||
    { echo "adapters/web/dist is not what adapters/web/ui makes: see docs/web.md" >&2; exit 1; }
  diff -rq -x '*.gz' -x '*.br' -x table.inc "$out" "$dist" ||
    { echo "adapters/web/dist is not what adapters/web/ui makes: see docs/web.md" >&2; exit 1; }
  node "$work/tests/budget.mjs" "$dist"
}

cd "$work/tests"
case $what in
  build) build ;;
  check)
    (cd "$work/ui" && npm run --silent check && npm run --silent test)
    "$work/ui/node_modules/.bin/tsc" -p "$work/tests"
    ;;
  *)
    compgen -G "*/$what.spec.ts" >/dev/null || { echo "there is no $what.spec.ts" >&2; exit 2; }
    BALUHOST_TEST_OUTPUT=$work/results-$what-$BALUHOST_TEST_DATABASE \
      node_modules/.bin/playwright test "/$what.spec.ts"
    ;;
esac
