#!/usr/bin/env bash
# A thousand slow clients (head, body and read), and beside them others who ask for 1 KiB: the 99th
# percentile of these before and meanwhile, the server's memory, and whether the slow are cut at
# their deadlines. Fails if the percentile more than doubles (the median of five runs each, once all
# the slow are there), if the memory grows by 64 MiB or more, or if a slow one is not cut in time.
# Usage: slow_clients.sh [SECONDS of a run]
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need wrk curl python3
seconds=${1:-4}
[ "$seconds" -le 4 ] ||
  { echo "Five runs must end before the first deadline: 4 seconds at most" >&2; exit 2; }
timeout=30
ulimit -n 8192

start_server slow "server.request_timeout=\"${timeout}s\""
head -c 1024 /dev/urandom >"$work/file"
head -c 64M /dev/zero >"$work/large"
for name in file large; do curl -sf -o /dev/null -T "$work/$name" \
  -H "Authorization: Bearer $token" "$api/files/admin/$name"; done

resident() { awk '/VmRSS/ { print $2 }' "/proc/$server_pid/status"; }
p99() { # milliseconds, of four connections that ask one after the other
  wrk -t 1 -c 4 -d "$1" --latency -H "Authorization: Bearer $token" "$api/files/admin/file" |
    awk '$1 == "99%" { t = $2; printf "%.2f", t ~ /us$/ ? t / 1000 : t ~ /ms$/ ? t : t * 1000 }'
}
median() { for _ in 1 2 3 4 5; do p99 "${seconds}s"; echo; done | sort -n | sed -n 3p; }
p99 2s >/dev/null
quiet=$(median)
before=$(resident)
python3 "$root/tests/bench/abuse/slow_clients.py" "${url##*:}" "$token" 1000 $timeout \
  >"$work/ended" &
slow_pid=$!
pids+=("$slow_pid")
until grep -q connected "$work/ended"; do sleep 0.05; done
arrival=$(p99 2s)
busy=$(median)
grown=$(($(resident) - before))
wait "$slow_pid" && cut=yes || cut=no
echo "others: 99 % within $quiet ms alone, within $busy ms beside 1,000 slow clients:" \
  "$(ratio "$busy" "$quiet") times (within $arrival ms in the two seconds after they came)"
echo "memory of the server: $((before / 1024)) MiB before, $grown KiB more with them"
tail -n 1 "$work/ended"
failed=0
awk -v a="$busy" -v b="$quiet" 'BEGIN { exit !(a > 2 * b) }' &&
  { echo "OTHERS WAIT MORE THAN TWICE AS LONG" >&2; failed=1; }
[ "$grown" -lt 65536 ] || { echo "THE MEMORY GREW TOO MUCH" >&2; failed=1; }
[ $cut = yes ] || { echo "THE SLOW WERE NOT CUT AT THEIR DEADLINES" >&2; failed=1; }
exit $failed
