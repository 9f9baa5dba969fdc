#!/usr/bin/env bash
# The web application in Chromium over ROUNDS navigations between pages, a folder of 20,000 that is
# scrolled whole ten times, and 20 rounds of 50 uploads: fails where the page's heap, its nodes or
# its listeners have grown by more than a quarter since the first tenth of each. Then on a
# processor four times slower and a slow 4G line: fails where the page is ready for input after more
# than MOST ms. Usage: steady.sh [ROUNDS] [MOST]; TESTS names a directory with the packages of
# tests/web.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl sqlite3 node chromium
rounds=${1:-1000}
most=${2:-1000}
start_with_pictures 20000 up
run_in_browser steady.mjs "$rounds" "$most"
