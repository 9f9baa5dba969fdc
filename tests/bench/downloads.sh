#!/usr/bin/env bash
# Authenticated, audited GETs of 1 KiB at 32 connections, beside nginx with two workers that serves
# the same file, in one run; then every request's event is counted in the database. Usage:
# downloads.sh [SECONDS]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need nginx wrk curl sqlite3
seconds=${1:-10}

head -c 1024 /dev/urandom >"$work/file"
chmod 644 "$work/file"
start_nginx

measure() { # URL [header]
  wrk -t 2 -c 32 -d 2s "$@" >/dev/null
  wrk -t 2 -c 32 -d "${seconds}s" --latency "$@" | tee "$work/wrk" | rate
}

reference=$(measure http://127.0.0.1:18080/file)
echo "nginx, two workers: $reference requests/s"
for mode in after before; do
  start_server "$mode" "audit.downloads=\"$mode\""
  curl -sf -T "$work/file" -H "Authorization: Bearer $token" "$api/files/admin/file" >/dev/null
  wrk -t 2 -c 32 -d 2s -H "Authorization: Bearer $token" "$api/files/admin/file" |
    answered >"$work/warm"
  figure=$(wrk -t 2 -c 32 -d "${seconds}s" -H "Authorization: Bearer $token" \
    "$api/files/admin/file" | tee "$work/wrk" | rate)
  answered=$(($(cat "$work/warm") + $(answered <"$work/wrk")))
  kill -TERM "$server_pid"
  wait "$server_pid" || true
  events=$(sqlite3 "$work/$mode/data/baluhost.db" \
    "select count(*) from audit_logs where action = 'download'")
  again=$(wrk -t 2 -c 32 -d "${seconds}s" http://127.0.0.1:18080/file | rate)
  echo "baluhostd, audit.downloads = $mode: $figure requests/s," \
    "$(ratio "$figure" "$reference") of nginx before," \
    "$(ratio "$figure" "$again") of nginx after ($again)"
  # wrk ends in the middle of up to 32 requests each time: those were sent and recorded, and it did
  # not count them.
  echo "  answers that wrk counted: $answered, download events: $events"
  [ "$events" -ge "$answered" ] && [ "$events" -le $((answered + 64)) ] ||
    { echo "  EVENTS ARE MISSING" >&2; exit 1; }
done
