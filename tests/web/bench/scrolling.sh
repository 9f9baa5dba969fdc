#!/usr/bin/env bash
# The web application in Chromium with a directory of ENTRIES: it is scrolled from its first row to
# its last, by steps and by jumps, while the browser tells of every task. Fails where one computes
# for longer than MOST milliseconds, or more than 60 rows are in the document. What a task took by
# the clock is told beside it: other work on the machine makes that longer. Usage:
# scrolling.sh [ENTRIES] [MOST]; TESTS names a directory with the packages of tests/web.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl sqlite3 node chromium
entries=${1:-100000}
most=${2:-50}
start_with_pictures "$entries"
run_in_browser scrolling.mjs "$entries" "$most"
