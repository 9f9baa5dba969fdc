#!/usr/bin/env bash
# PUT and GET of large and of small contents with files.encryption on and off, in turn, in one run,
# with the rate of AES-256-GCM alone beside it as the reference. Fails if other bytes come back, or
# if the contents of the one lie plain or those of the other do not. Needs 4 GiB free in /tmp.
# Usage: encryption.sh [ROUNDS] [MIB]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl openssl wrk sha256sum
rounds=${1:-4}
mib=${2:-256}
bytes=$((mib * 1024 * 1024))
[ "$(df --output=avail -B1 "$work" | tail -n 1)" -gt $((bytes * 6)) ] ||
  { echo "There is not enough room below /tmp" >&2; exit 1; }

mb_rate() {
  awk -v b="$bytes" -v a="$1" -v b2="$(now)" 'BEGIN { printf "%.0f", b / (b2 - a) / 1e6 }'
}

openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 -in /dev/zero 2>/dev/null |
  head -c "$bytes" >"$work/source" || true
expected=$(sha256sum "$work/source" | cut -d' ' -f1)
head -c 1024 "$work/source" >"$work/small"
gcm=$(openssl speed -evp aes-256-gcm -bytes 65536 -seconds 2 2>/dev/null |
  awk '/^AES-256-GCM/ { printf "%.0f", $2 / 1000 }')
echo "AES-256-GCM alone, pieces of 64 KiB: $gcm MB/s"

declare -A urls tokens pid_of
for kind in plain encrypted; do
  start_server "$kind" "files.encryption=$([ "$kind" = encrypted ] && echo true || echo false)" \
    "files.trash_days=0" "files.versions_keep=0" 'audit.downloads="after"'
  urls[$kind]=$url tokens[$kind]=$token pid_of[$kind]=$server_pid
done

declare -A figures
note() { figures[$1]="${figures[$1]:-} $2"; }
for ((round = 0; round <= rounds; ++round)); do
  for kind in plain encrypted; do
    auth="Authorization: Bearer ${tokens[$kind]}"
    file=${urls[$kind]}/api/v1/files/admin/large
    began=$(now)
    curl -sf -o /dev/null -T "$work/source" -H "$auth" "$file?overwrite=true"
    put=$(mb_rate "$began")
    began=$(now)
    curl -sf -o /dev/null -H "$auth" "$file"
    get=$(mb_rate "$began")
    small_put=$(wrk -t 2 -c 8 -d 3s -s "$root/tests/bench/run/put.lua" "${urls[$kind]}" -- \
      "${tokens[$kind]}" 1024 small 500 |
      rate)
    small_get=$(wrk -t 2 -c 16 -d 3s -H "$auth" "${urls[$kind]}/api/v1/files/admin/small-0-1" |
      rate)
    [ "$round" = 0 ] && continue # warms up
    note "$kind-put" "$put"
    note "$kind-get" "$get"
    note "$kind-small-put" "$small_put"
    note "$kind-small-get" "$small_get"
  done
done

for kind in plain encrypted; do
  received=$(curl -sf -H "Authorization: Bearer ${tokens[$kind]}" \
    "${urls[$kind]}/api/v1/files/admin/large" | sha256sum | cut -d' ' -f1)
  [ "$received" = "$expected" ] || { echo "OTHER BYTES CAME BACK ($kind)" >&2; exit 1; }
  blob=$(find "$work/$kind/data/blobs" -type f -size "+$((mib - 1))M" | head -n 1)
  begins=$(head -c 1024 "$blob" | cmp -s - "$work/small" && echo plain || echo encrypted)
  [ "$begins" = "$kind" ] || { echo "CONTENTS OF $kind LIE $begins" >&2; exit 1; }
  kill -TERM "${pid_of[$kind]}"
done
wait || true

report() { # NAME UNIT
  local plain encrypted
  # shellcheck disable=SC2086
  plain=$(median ${figures[plain-$1]})
  # shellcheck disable=SC2086
  encrypted=$(median ${figures[encrypted-$1]})
  echo "$3: encrypted $encrypted $2, plain $plain $2: $(ratio "$encrypted" "$plain")" \
    "(encrypted:${figures[encrypted-$1]}; plain:${figures[plain-$1]})"
}
report put MB/s "PUT of $mib MiB"
report get MB/s "GET of $mib MiB"
report small-put /s "PUT of 1 KiB, 8 connections"
report small-get /s "GET of 1 KiB, 16 connections"
