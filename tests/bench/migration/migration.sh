#!/usr/bin/env bash
# A SQLite source of a million events and ten thousand users goes to PostgreSQL by baluhost-migrate
# (backup and verification included), by pgloader, and as CSV through \copy with the indexes
# afterwards: the same data, the same durable PostgreSQL, in one run. Then a server starts on the
# target and is used. With more than one round, the tool and pgloader take turns, and their medians
# count. Usage: migration.sh [EVENTS] [USERS] [ROUNDS]
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need pgloader psql pg_dump sqlite3 python3 curl
[ -x /usr/bin/time ] ||
  { echo "This benchmark needs /usr/bin/time (apt-get install time)" >&2; exit 1; }
events=${1:-1000000}
users=${2:-10000}
rounds=${3:-1}
missed=0
miss() { echo "  MISSED: $*" >&2; missed=1; }

start_postgres
postgres_version=$(psql -At -d "$postgres_url" -c 'show server_version')

# timed NAME COMMAND…: runs it; sets $seconds and $peak (MiB of the largest of its processes).
timed() {
  local name=$1
  shift
  if ! /usr/bin/time -f '%e %M' -o "$work/$name.time" "$@" >"$work/$name.out" 2>"$work/$name.err"; \
    then
    tail -n 20 "$work/$name.err" "$work/$name.out" >&2
    exit 1
  fi
  read -r seconds peak <"$work/$name.time"
  peak=$((peak / 1024))
}

# The source: a real server's, with a session, a file and a pruned first stretch of the trail.
start_server source
curl -sf -T "$root/README.md" -H "Authorization: Bearer $token" \
  "$api/files/admin/read%20me" >/dev/null
refresh=$(curl -sf "$api/auth/login" -H 'Content-Type: application/json' \
  -d '{"username":"admin","password":"correct horse battery"}' |
  sed 's/.*"refresh_token":"\([^"]*\)".*/\1/')
stop_server
data=$work/source/data
ctl() { "$bin/baluhostctl" --config "$work/source/baluhost.toml" "$@"; }
sleep 1 # the next line's time has whole seconds
ctl audit prune --before "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >/dev/null
python3 "$root/tests/bench/migration/migration_source.py" \
  "$data/baluhost.db" fill "$events" "$users"
"$tools/bench_seal_trail" "$data" >/dev/null
start_server source
stop_server
python3 "$root/tests/bench/migration/migration_source.py" "$data/baluhost.db" leave
tables=(users sessions refresh_tokens files grants shares uploads doomed_blobs damaged_blobs
  instances transfer_groups audit_logs audit_leaves audit_seals audit_prunes audit_daily)
rows=0
for table in "${tables[@]}"; do
  count=$(sqlite3 "$data/baluhost.db" "select count(*) from $table")
  [ "$count" -gt 0 ] || { echo "the source's $table is empty" >&2; exit 1; }
  rows=$((rows + count))
done
echo "source: $rows rows in ${#tables[@]} tables," \
  "$(du -m "$data/baluhost.db" | cut -f1) MiB; PostgreSQL $postgres_version, durable"
# A day's figures are sums, which may lie in several rows.
counted() {
  [ "$1" = audit_daily ] && echo "sum(events) from audit_daily" || echo "count(*) from $1"
}
same_rows() { # URL TOLERATED
  for table in "${tables[@]}"; do
    local there here
    there=$(psql -At -d "$1" -c "select $(counted "$table")")
    here=$(sqlite3 "$data/baluhost.db" "select $(counted "$table")")
    [ "$there" -ge "$here" ] && [ "$there" -le $((here + $2)) ] ||
      { echo "  $table: $there of $here rows" >&2; return 1; }
  done
}

all_ours=() all_theirs=()
for ((round = 1; round <= rounds; ++round)); do
  target=$(new_database "migrated_$round")
  cat "$data/baluhost.db" >/dev/null
  timed migrate "$bin/baluhost-migrate" --yes --config "$work/source/baluhost.toml" \
    --from "sqlite:$data/baluhost.db" --to "$target" --backup-dir "$work" \
    --report "$work/report.json"
  all_ours+=("$seconds") ours_peak=$peak
  loaded=$(new_database "loaded_$round")
  timed pgloader pgloader --quiet "sqlite://$data/baluhost.db" "$loaded"
  all_theirs+=("$seconds") theirs_peak=$peak
  same_rows "$loaded" 0 || echo "  (pgloader says that it succeeded)"
  psql -q -d "$postgres_url" -c "drop database loaded_$round"
  [ $round = 1 ] || psql -q -d "$postgres_url" -c "drop database migrated_$((round - 1))"
  echo "round ${all_ours[-1]} ${all_theirs[-1]}"
done
ours=$(median "${all_ours[@]}") theirs=$(median "${all_theirs[@]}")
step() {
  python3 -c "import json, sys
steps = json.load(open('$work/report.json'))['steps']
print('%.2f' % sum(s['seconds'] for s in steps if s['step'] in sys.argv[1:]))" "$@"
}
copy=$(step schema copy indexes)
python3 \
  -c "import json
for s in json.load(open('$work/report.json'))['steps']:
    print('  %-12s %6.2f s  %s' % (s['step'], s['seconds'], s['detail']))"
same_rows "$target" 1 || miss "rows are missing in the target"

csv=$(new_database csv)
pg_dump -d "$target" --schema-only --section=pre-data >"$work/pre.sql"
pg_dump -d "$target" --schema-only --section=post-data >"$work/post.sql"
cat >"$work/csv.sh" <<EOT
set -euo pipefail
psql -q -v ON_ERROR_STOP=1 -d "$csv" -f "$work/pre.sql"
for table in ${tables[*]}; do
  sqlite3 -readonly -csv -nullvalue '\N' "$data/baluhost.db" "select * from \$table" | tr -d '\r' |
    psql -q -v ON_ERROR_STOP=1 -d "$csv" -c "\\copy \$table from stdin (format csv, null '\N')"
done
psql -q -v ON_ERROR_STOP=1 -d "$csv" -f "$work/post.sql"
EOT
timed csv bash "$work/csv.sh"
by_csv=$seconds csv_peak=$peak
same_rows "$csv" 0 || miss "rows are missing by CSV"

printf '%-34s %9s %10s\n' "" seconds "peak MiB"
printf '%-34s %9s %10s\n' "baluhost-migrate, all of it" "$ours" "$ours_peak" \
  "  of that schema, copy and indexes" "$copy" "" 'CSV through \copy, then indexes' "$by_csv" \
  "$csv_peak" pgloader "$theirs" "$theirs_peak"
echo "all of it / pgloader: $(ratio "$ours" "$theirs") (at most 0.5);" \
  "copy and indexes / CSV: $(ratio "$copy" "$by_csv") (at most 1.3);" \
  "peak memory: $ours_peak MiB (below 64)"
below() { awk -v a="$1" -v b="$2" -v most="$3" 'BEGIN { exit !(a <= b * most) }'; }
below "$ours" "$theirs" 0.5 || miss "half of pgloader's time"
below "$copy" "$by_csv" 1.3 || miss "1.3 times CSV"
[ "$ours_peak" -lt 64 ] || miss "64 MiB"

# What was moved is in use.
timed verify "$bin/baluhost-migrate" --config "$work/source/baluhost.toml" \
  --from "sqlite:$data/baluhost.db" --to "$target" --verify-only --report "$work/verify.json"
echo "verified once more in $seconds s, $peak MiB"
start_server source "database.url=\"$target\""
status=$(curl -s -o /dev/null -w '%{http_code}' "$api/auth/refresh" \
  -H 'Content-Type: application/json' -d "{\"refresh_token\":\"$refresh\"}")
[ "$status" = 200 ] || miss "the old refresh token works"
curl -sf -H "Authorization: Bearer $token" "$api/files/admin/read%20me" |
  cmp - "$root/README.md" || miss "an old file downloads"
curl -sf -T "$root/LICENSE" -H "Authorization: Bearer $token" "$api/files/admin/new" >/dev/null ||
  miss "a new file is stored"
curl -sf -X POST "$api/users" -H "Authorization: Bearer $token" \
  -H 'Content-Type: application/json' \
  -d '{"username":"newcomer","password":"a fine pass phrase"}' >/dev/null ||
  miss "a new user is stored"
stop_server
timed trail "$bin/baluhostctl" --config "$work/source/baluhost.toml" audit verify
echo "a server ran on the target: the old session, an old file, new rows;" \
  "its trail verifies in $seconds s"
exit $missed
