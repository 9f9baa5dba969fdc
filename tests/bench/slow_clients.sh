#!/usr/bin/env bash
# A thousand slow clients (head, body and read), and beside them others who ask for 1 KiB: the 99th percentile of these before and meanwhile, the
# server's memory, and whether the slow are cut at their deadlines. Usage: slow_clients.sh [SECONDS]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wrk curl python3
seconds=${1:-10}
timeout=15
ulimit -n 8192

start_server slow "server.request_timeout=\"${timeout}s\""
head -c 1024 /dev/urandom >"$work/file"
head -c 64M /dev/zero >"$work/large"
for name in file large; do curl -sf -o /dev/null -T "$work/$name" -H "Authorization: Bearer $token" "$api/files/admin/$name"; done

resident() { awk '/VmRSS/ { print $2 }' "/proc/$server_pid/status"; }
p99() { # milliseconds, of four connections that ask one after the other
  wrk -t 1 -c 4 -d "$1" --latency -H "Authorization: Bearer $token" "$api/files/admin/file" | tee "$work/wrk" |
    awk '$1 == "99%" { t = $2; printf "%.2f", t ~ /us$/ ? t / 1000 : t ~ /ms$/ ? t : t * 1000 }'
}
p99 2s >/dev/null
before=$(resident)
quiet=$(p99 "${seconds}s")
python3 "$root/tests/bench/slow_clients.py" "${url##*:}" "$token" 1000 $((timeout * 3)) >"$work/ended" &
slow_pid=$!
pids+=("$slow_pid")
until grep -q connected "$work/ended"; do sleep 0.05; done
# Until the first deadline all of them are there.
busy=$(p99 "$((seconds < timeout - 3 ? seconds : timeout - 3))s")
peak=$(resident)
echo "others: 99 % within $quiet ms alone, within $busy ms beside 1,000 slow clients: $(ratio "$busy" "$quiet") times"
echo "memory of the server: $((before / 1024)) MiB before, $((peak / 1024)) MiB with them"
wait "$slow_pid" && cut=yes || cut=no
tail -n 1 "$work/ended"
[ $cut = yes ] || { echo "SOME OF THE SLOW WERE NOT CUT" >&2; exit 1; }
[ "$(p99 2s)" != "" ]
