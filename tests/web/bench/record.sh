#!/usr/bin/env bash
# The record in Chromium on a trail of EVENTS over the year 2025: when its first rows and its
# figures are painted, when a filter is answered, and a million rows scrolled while the browser
# tells of every task. Fails where the first takes more than 1.5 s or a filter more than 300 ms
# (p95), or a task computes for longer than MOST milliseconds. The trail is made by
# bench_audit_queries and stays in DIRECTORY, where one is named. Usage: record.sh [EVENTS] [MOST]
# [DIRECTORY]; TESTS names a directory with the packages of tests/web.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl node chromium sqlite3
events=${1:-10000000}
most=${2:-50}
directory=${3:-$work}
"$tools/bench_audit_queries" "$events" 0 "$directory"
database=$directory/large-$events.db
start_server web "database.url=\"sqlite:$database\""
# Until the server has counted the days of a trail that it did not write: some minutes.
until [ "$(sqlite3 "$database" 'select count(*) from audit_rolled')" -ge 365 ]; do sleep 1; done
run_in_browser record.mjs "$most"
