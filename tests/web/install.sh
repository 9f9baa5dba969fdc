#!/usr/bin/env bash
# Puts the sources of the web application and of its tests, with what npm has for them, into a
# directory of the build. Where npm or its registry cannot be reached, says so and passes: the tests
# that need them then say that they were left out.
#
#   install.sh ROOT DIRECTORY
set -euo pipefail
root=$1 work=$2
mkdir -p "$work"
rm -f "$work/complete"

# install SOURCE TARGET: a copy, and the packages of its lock, which stay while that is the same.
install() {
  local source=$1 target=$2
  mkdir -p "$target"
  find "$target" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name installed -exec rm -rf {} +
  (cd "$source" && tar -c --exclude=./node_modules .) | tar -x -C "$target"
  if cmp -s "$target/package-lock.json" "$target/installed"; then return 0; fi
  rm -rf "$target/installed" "$target/node_modules"
  (cd "$target" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 timeout 240 \
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) || return 1
  cp "$target/package-lock.json" "$target/installed"
}

command -v npm >/dev/null || { echo "npm is missing: the web application is not tested"; exit 0; }
install "$root/adapters/web/ui" "$work/ui" && install "$root/tests/web" "$work/tests" ||
  { echo "the packages cannot be installed: the web application is not tested"; exit 0; }
cp "$root/docs/openapi.yaml" "$root/docs/audit-format.md" "$work"
touch "$work/complete"
