#!/usr/bin/env bash
# One file of MIB MiB is uploaded by Chromium from the disk and downloaded again: fails where what
# the server holds, or what came back, is another content. Tells how long each took, and how much
# the page's heap grew. Usage: large.sh [MIB]; TESTS names a directory with the packages of
# tests/web.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl node chromium openssl
mib=${1:-1024}
start_server web
openssl rand "$((mib * 1048576))" >"$work/large.bin"
run_in_browser large.mjs "$work/large.bin"
