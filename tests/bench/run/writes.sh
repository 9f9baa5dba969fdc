# shellcheck shell=bash disable=SC2034,SC2154
# Requests that write, and events, beside what the disk and the databases do by themselves.

body_bytes=102400

measure_puts() {
  local reference
  reference=$(python3 "$here/run/synced_writes.py" "$work/synced" "$seconds" $body_bytes)
  rm -r "$work/synced"
  load_puts sqlite
  note put ours "$figure"
  note put reference "$reference"
  load_puts postgresql
  note put-pg ours "$figure"
  note put-pg reference "$reference"
  note put-pgbench ours "$figure"
  pgbench_rate bench 16 -f "$work/put.sql"
  note put-pgbench reference "$figure"
}

load_puts() { # SERVER
  settle
  load_at "${address[$1]}" 16 -s "$here/run/put.lua" -- "${bearer[$1]#*Bearer }" $body_bytes \
    "put$round/file"
  expect "$1" upload "$answered" 16
  echo "$1 $answered" >>"$work/puts"
}

# check_puts: each that was answered is stored with the hash of what was sent.
check_puts() {
  local server put stored hash
  [ -e "$work/puts" ] || return 0
  hash=$(head -c $body_bytes /dev/zero | tr '\0' x | sha256sum | cut -d' ' -f1)
  while read -r server put; do
    stored=$(ask_database "$server" "select count(*) from files where sha256 = '$hash'")
    [ "$stored" -ge "$put" ] && continue
    echo "CONTENTS ARE MISSING: $server has $stored of $put" >&2
    exit 1
  done < <(awk '{ sum[$1] += $2 } END { for (server in sum) print server, sum[server] }' \
    "$work/puts")
}

measure_large() {
  local bytes=$((1 << 30)) began place
  if [ ! -e "$work/source" ]; then
    openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
      -iv 00000000000000000000000000000000 -in /dev/zero 2>/dev/null |
      head -c $bytes >"$work/source" || true
    large_hash=$(sha256sum "$work/source" | cut -d' ' -f1)
    sync -d "$work/source"
  fi
  began=$(now)
  dd if="$work/source" of="$work/copy" bs=1M conv=fsync status=none
  note put-1g reference "$(megabytes "$bytes" "$began")"
  rm "$work/copy"
  settle
  place=${address[sqlite]}/api/v1/files/admin/large$round
  began=$(now)
  curl -sf -o "$work/answer" -T "$work/source" -H "${bearer[sqlite]}" "$place"
  note put-1g ours "$(megabytes "$bytes" "$began")"
  grep -q "\"sha256\":\"$large_hash\"" "$work/answer" ||
    { echo "THE SERVER COUNTS OTHER BYTES" >&2; exit 1; }
  expect sqlite upload 1 0
  curl -sf -X DELETE -H "${bearer[sqlite]}" "$place?permanent=true"
}

megabytes() { awk -v b="$1" -v s="$(since "$2")" 'BEGIN { print b / s / 1e6 }'; }

measure_logins() {
  "$tools/bench_logins" "${address[sqlite]}" "${pid_of[sqlite]}" "${bearer[sqlite]#*Bearer }" \
    /api/v1/files/admin/file "$(IFS=,; echo "${users[*]}")" "$password" nobody "$seconds" 0 \
    3>"$work/counts" >"$work/logins" || [ -s "$work/counts" ] || { cat "$work/logins"; exit 1; }
  local rate raw granted
  # shellcheck source=/dev/null
  source "$work/counts"
  note login ours "$rate"
  note login reference "$raw"
  expect sqlite login_success "$granted" 10
}

# Each round has databases of its own; the reference writes the same rows to the same schema.
measure_events() {
  local events=16000 place=$work/events-$round of there first
  mkdir "$place"
  note events ours "$("$tools/bench_events" "$place/ours.db" $events)"
  "$tools/bench_events" "$place/raw.db" 0
  {
    echo ".bail on"
    echo "pragma synchronous = full; pragma wal_autocheckpoint = 4096;"
    echo "attach '$place/ours.db' as ours;"
    for ((first = 640; first < 640 + events; first += 100)); do
      echo "begin; insert into main.audit_logs select * from ours.audit_logs" \
        "where id > $first and id <= $first + 100; commit;"
    done
  } >"$place/raw.sql"
  note events reference "$(events_of "$events" sqlite3 "$place/raw.db" ".read $place/raw.sql")"
  of=$(sqlite3 "$place/raw.db" "select count(*) from audit_logs")
  [ "$of" = $events ] || { echo "THE REFERENCE WROTE $of OF $events ROWS" >&2; exit 1; }

  of=$(new_database "events_$round") there=$(new_database "copied_$round")
  note events-pg ours "$("$tools/bench_events" "$of" $events)"
  "$tools/bench_events" "$there" 0
  psql -q -d "$of" -c "\\copy (select * from audit_logs order by id desc limit $events) to stdout" |
    split -l 1000 - "$place/rows."
  for first in "$place"/rows.*; do echo "\\copy audit_logs from '$first'"; done >"$place/copy.sql"
  note events-pg reference \
    "$(events_of "$events" psql -q -v ON_ERROR_STOP=1 -d "$there" -f "$place/copy.sql")"
  of=$(psql -qAt -d "$there" -c "select count(*) from audit_logs")
  [ "$of" = $events ] || { echo "COPY WROTE $of OF $events ROWS" >&2; exit 1; }
  rm -r "$place"
}

# events_of COUNT COMMAND …: how many a second the command writes.
events_of() {
  local count=$1 began
  shift
  began=$(now)
  "$@" >/dev/null || exit 1
  awk -v n="$count" -v s="$(since "$began")" 'BEGIN { print n / s }'
}

# The migration has a script of its own, whose rounds are ours and pgloader's in turn. Its goals may
# be missed here; where a check of what was moved fails, there is no row.
measure_migration() {
  "$here/migration/migration.sh" 1000000 10000 5 >"$work/migration" 2>&1 || true
  if ! grep -q 'its trail verifies' "$work/migration"; then
    tail -n 5 "$work/migration" >&2
    echo "THE MIGRATION FAILED, AND HAS NO ROW" >&2
    return 0
  fi
  local ours theirs
  while read -r _ ours theirs; do
    note migration ours "$ours"
    note migration reference "$theirs"
  done < <(grep '^round' "$work/migration")
}
