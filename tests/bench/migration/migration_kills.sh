#!/usr/bin/env bash
# baluhost-migrate is killed at random moments, from its start to its last word, while its source
# writes on between the runs: each time --resume ends verified. Usage: migration_kills.sh [KILLS]
# [EVENTS] [USERS] [SEED]
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need psql sqlite3 python3 curl
kills=${1:-50}
events=${2:-30000}
users=${3:-300}
RANDOM=${4:-6}
fail() { echo "FAILED: $*" >&2; tail -n 20 "$work/err" >&2; cat "$work/report.json" >&2; exit 1; }

start_postgres
start_server source
stop_server
data=$work/source/data
source_db=$data/baluhost.db
python3 "$root/tests/bench/migration/migration_source.py" "$source_db" fill "$events" "$users"
start_server source
stop_server
python3 "$root/tests/bench/migration/migration_source.py" "$source_db" leave
tables=$(sqlite3 "$source_db" "select group_concat(name, ' ') from sqlite_master
  where type = 'table' and name not like 'sqlite%' and name not in
    ('schema_version', 'migration_runs', 'identity_version', 'audit_order', 'audit_sealed_up_to',
    'audit_rolled', 'audit_keys', 'audit_quarters')")

ask() { psql -At -d "$target" -c "$1" 2>/dev/null; }
new_target() {
  target=$(new_database "target_$1")
}
tool() {
  "$bin/baluhost-migrate" --yes --no-backup --batch 1000 --config "$work/source/baluhost.toml" \
    --from "sqlite:$source_db" --to "$target" --report "$work/report.json" "$@" \
    >"$work/out" 2>"$work/err"
}
write_events() {
  sqlite3 "$source_db" "
    insert into audit_logs (timestamp, event_type, action, user, resource, success, details)
      select timestamp + 1, event_type, action, user, resource, success, details from audit_logs
      order by id desc limit $1;
    update users set updated_at = updated_at + 1 where id % 7 = 0;
    insert into doomed_blobs select printf('%032x', abs(random())), 1"
}
# How far a killed run had come.
stage() {
  if [ "$(ask "select to_regclass('migration_runs') is not null")" != t ]; then echo "no schema"; \
    return; fi
  local state rows indexes
  state=$(ask "select state from migration_runs")
  rows=$(ask "select count(*) from audit_logs")
  indexes=$(ask "select count(*) from pg_indexes
    where schemaname = 'public' and tablename = 'audit_logs'")
  if [ "$state" = done ]; then
    [ "$(ask "select count(*) from audit_logs where action = 'database_migrated'")" = 1 ] &&
      echo ended || echo "last word"
  elif [ "$(ask 'select count(*) from users')" = 0 ]; then echo "no rows"
  elif [ "$indexes" -ge "$all_indexes" ]; then echo verification
  elif [ "$rows" -lt "$(sqlite3 "$source_db" 'select count(*) from audit_logs')" ]; then echo rows
  else echo indexes; fi
}
check_moved() {
  for table in $tables; do
    case $table in
      audit_daily) what="sum(events) from audit_daily where action <> 'database_migrated'" ;;
      audit_logs) what="count(*) from audit_logs where action <> 'database_migrated'" ;;
      audit_leaves | audit_seals) continue ;; # the last word has its own; verified by --verify-only
      *) what="count(*) from $table" ;;
    esac
    [ "$(ask "select $what")" = "$(sqlite3 "$source_db" "select $what")" ] ||
      fail "$table: $(ask "select $what") of $(sqlite3 "$source_db" "select $what") rows"
  done
  [ "$(ask "select state || (select count(*) from audit_logs where action = 'database_migrated')
    from migration_runs")" = done1 ] || fail "the end is not recorded once"
  tool --verify-only || fail "--verify-only"
}

# One run in peace tells how long they take, and how many indexes there are at the end.
new_target 0
begun=$(date +%s%N)
tool || fail "a run in peace"
whole=$((($(date +%s%N) - begun) / 1000000))
all_indexes=$(ask "select count(*) from pg_indexes
  where schemaname = 'public' and tablename = 'audit_logs'")
check_moved
echo "a run in peace takes $whole ms ($events events, $users users)"

declare -A at
killed=0 rounds=0
while [ "$killed" -lt "$kills" ]; do
  rounds=$((rounds + 1))
  [ "$rounds" -le $((kills * 3)) ] || fail "only $killed of $rounds runs were caught"
  psql -q -d "$postgres_url" -c "drop database target_$((rounds - 1))"
  new_target "$rounds"
  moments=""
  # Up to three kills on the way of one migration.
  for _ in $(seq $((RANDOM % 3 + 1))); do
    resume=()
    [ "$(ask "select to_regclass('migration_runs') is not null")" = t ] && resume=(--resume)
    tool "${resume[@]}" 2>/dev/null &
    pid=$!
    delay=$((RANDOM * whole / 32768))
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    # The shell in the background runs the tool as its child.
    child=$(pgrep -P "$pid" || true)
    if [ -n "$child" ] && kill -KILL "$child" 2>/dev/null; then
      wait "$pid" 2>/dev/null || true
      killed=$((killed + 1))
      while [ "$(ask "select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()")" != 0 ]; do
        sleep 0.02
      done
      reached=$(stage)
      at[$reached]=$((${at[$reached]:-0} + 1))
      moments+=" ${delay} ms ($reached)"
      [ "$reached" != "last word" ] && [ "$reached" != ended ] || break
      [ $((RANDOM % 2)) = 0 ] && write_events $((RANDOM % 2000 + 1))
    else
      wait "$pid" || fail "a run that was not killed"
      break
    fi
  done
  resume=()
  [ "$(ask "select to_regclass('migration_runs') is not null")" = t ] && resume=(--resume)
  ended=$(ask "select count(*) from audit_logs where action = 'database_migrated'" || true)
  [ "$ended" = 1 ] || tool "${resume[@]}" || fail "the run after the kills at$moments"
  check_moved
  echo "$killed of $kills: killed at${moments:- no moment}, and verified"
done
echo "killed $killed times in $rounds migrations, each resumed to a verified end:"
for reached in "${!at[@]}"; do printf '  %3d in: %s\n' "${at[$reached]}" "$reached"; done
