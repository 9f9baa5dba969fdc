#!/usr/bin/env bash
# One account that wears others out, in four ways: refused requests with a long path and agent,
# pipelined; exports read a byte in five seconds; queries that look at the whole trail, on 32
# connections; resumable uploads begun without a byte. Beside each of them others GET and PUT 1 KiB:
# their 99th percentile before and meanwhile (the median of three runs), what the database grew by,
# and whether statistics, an export and a verification of another account go on. Fails if a
# percentile more than doubles (and by more than 5 ms, below which this machine's own noise lies),
# or if one of them does not go on. Usage: abuse.sh [SECONDS of a run, 5] [EVENTS in the trail,
# 300000] [refusals|slow_exports|queries|creations …]; the quick form: abuse.sh 1 20000
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need curl python3
seconds=${1:-5}
events=${2:-300000}
shift $(($# < 2 ? $# : 2))

start_server abuse
for name in anna mallory audrey eve; do
  role=user
  case $name in audrey | eve) role=auditor ;; esac
  curl -sf -o /dev/null "$api/users" -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' \
    -d "{\"username\":\"$name\",\"password\":\"correct horse battery\",\"role\":\"$role\"}"
done
python3 "$root/tests/bench/abuse/abuse.py" "${url##*:}" "$work/abuse/data/baluhost.db" "$seconds" \
  "$events" \
  "$(token_of anna)" "$(token_of mallory)" "$(token_of audrey)" "$(token_of eve)" "$@"
