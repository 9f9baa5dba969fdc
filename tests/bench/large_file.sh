#!/usr/bin/env bash
# A large file in one PUT and one GET, beside writing and reading the same bytes without a server,
# in one run: both figures, and how much the server's memory grew. Fails if that is 64 MiB or more,
# if a byte differs, or if an event is missing. Needs twice the size free in /tmp. Usage:
# large_file.sh [GIB]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl openssl sqlite3 sha256sum
gib=${1:-4}
bytes=$((gib * 1024 * 1024 * 1024))
[ "$(df --output=avail -B1 "$work" | tail -n 1)" -gt $((bytes * 5 / 2)) ] ||
  { echo "There is not enough room below /tmp" >&2; exit 1; }

mb_rate() { awk -v b="$bytes" -v s="$1" 'BEGIN { printf "%.0f", b / s / 1e6 }'; }
memory() { awk '/^VmRSS|^RssAnon/ { print $2 }' "/proc/$server_pid/status" | head -n 1; }
peak() { awk '/^VmHWM/ { print $2 }' "/proc/$server_pid/status"; }

head -c "$bytes" /dev/zero |
  openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 >"$work/source"
expected=$(sha256sum "$work/source" | cut -d' ' -f1)

began=$(now)
cp "$work/source" "$work/copy" && sync -d "$work/copy"
write_reference=$(mb_rate "$(since "$began")")
began=$(now)
cat "$work/copy" | cat >/dev/null
read_reference=$(mb_rate "$(since "$began")")
rm "$work/copy"

start_server large
curl -sf -o /dev/null -T /dev/null -H "Authorization: Bearer $token" "$api/files/admin/warm"
before=$(memory)
echo 5 >"/proc/$server_pid/clear_refs" # its peak begins anew
began=$(now)
curl -sf -o "$work/answer" -T "$work/source" -H "Authorization: Bearer $token" \
  "$api/files/admin/large"
upload=$(mb_rate "$(since "$began")")
grown_up=$(($(peak) - before))
rm "$work/source"
grep -q "\"sha256\":\"$expected\"" "$work/answer" ||
  { echo "THE SERVER COUNTS OTHER BYTES" >&2; exit 1; }

echo 5 >"/proc/$server_pid/clear_refs"
began=$(now)
curl -sf -o /dev/null -H "Authorization: Bearer $token" "$api/files/admin/large"
download=$(mb_rate "$(since "$began")")
grown_down=$(($(peak) - before))
received=$(curl -sf -H "Authorization: Bearer $token" "$api/files/admin/large" |
  sha256sum | cut -d' ' -f1)
[ "$received" = "$expected" ] || { echo "OTHER BYTES CAME BACK" >&2; exit 1; }

kill -TERM "$server_pid"
wait "$server_pid" || true
events=$(sqlite3 "$work/large/data/baluhost.db" \
  "select count(*) from audit_logs where resource = '/admin/large' and success = 1
     and action in ('upload', 'download') and details like '%\"file_size\":$bytes%'")
echo "$gib GiB up: $upload MB/s, $(ratio "$upload" "$write_reference") of cp and sync" \
  "($write_reference MB/s); memory grew by $grown_up KiB"
echo "$gib GiB down: $download MB/s, $(ratio "$download" "$read_reference") of cat through a pipe" \
  "($read_reference MB/s); memory grew by $grown_down KiB"
[ "$events" = 3 ] || { echo "EVENTS ARE MISSING: $events of 3" >&2; exit 1; }
if [ "$grown_up" -ge 65536 ] ||
  [ "$grown_down" -ge 65536 ]; then echo "MEMORY IS NOT CONSTANT" >&2; exit 1; fi
