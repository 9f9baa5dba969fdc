# shellcheck shell=bash disable=SC2004,SC2034,SC2154
# What a request costs where there is more and more: servers with FILES:EVENTS each, side by side,
# first on SQLite, then on PostgreSQL. Each figure is microseconds, 1e6 by the rate.

read -ra stages <<<"${BENCH_GROWTH:-1000:10000 10000:100000 1000000:1000000}"

measure_growth() {
  [ -n "${postgres_url:-}" ] || start_postgres
  local kind seconds=1
  for kind in sqlite postgresql; do grow $kind; done
}

grow() { # KIND
  local kind=$1 suffix='' stage round operation
  [ "$kind" = sqlite ] || suffix=-pg
  for stage in "${stages[@]}"; do
    in_time 80 || { echo "no time for the growth on $kind" >&2; return 0; }
    fill_stage "$kind" "$stage"
  done
  for ((round = 1; round <= rounds; ++round)); do
    in_time 92 || break
    for operation in get put list search query; do
      for stage in "${stages[@]}"; do
        "grown_$operation" "$kind-${stage%:*}"
        grown $operation "$stage"
      done
    done
    [ "$kind" != sqlite ] || measure_reads "${stages[-1]}"
  done
  for stage in "${stages[@]}"; do
    kill -TERM "${pid_of[$kind-${stage%:*}]}"
    wait "${pid_of[$kind-${stage%:*}]}" || true
    unset "pid_of[$kind-${stage%:*}]"
  done
  check_events
  for ((round = 1; round <= rounds; ++round)); do
    in_time 97 || break
    for stage in "${stages[@]}"; do
      figure=$("$tools/bench_events" "$(place_of "$kind" "$kind-${stage%:*}")" 4000)
      grown insert "$stage"
    done
  done
}

# grown OPERATION STAGE: takes down $figure, requests a second.
grown() {
  local number cost
  number=${2%:*}
  case $1 in insert | query) number=${2#*:} ;; esac
  cost=$(awk -v rate="$figure" 'BEGIN { printf "%.3f", 1e6 / rate }')
  echo "$kind $1 $number $cost" >>"$work/growth"
  [ "$2" != "${stages[0]}" ] || note "growth-$1$suffix" reference "$cost"
  [ "$2" != "${stages[-1]}" ] || note "growth-$1$suffix" ours "$cost"
}

place_of() { # KIND SERVER
  [ "$1" = sqlite ] && echo "$work/$2/data/baluhost.db" || echo "${database[$2]}"
}

# fill_stage KIND FILES:EVENTS: a server that runs on that much, all of it sealed.
fill_stage() {
  local name=$1-${2%:*} files=${2%:*} events=${2#*:} options=('audit.downloads="after"') series
  if [ "$1" = postgresql ]; then
    database[$name]=$(new_database "grown_$files")
    options+=("database.url=\"${database[$name]}\"")
  fi
  start_server "$name" "${options[@]}"
  make_users
  head -c 1K /dev/urandom >"$work/file"
  curl -sf -o /dev/null -T "$work/file" -H "Authorization: Bearer $token" \
    "$api/files/admin/file"
  stop_server || true
  series=${1/postgresql/postgres}_series
  {
    echo "begin;"
    name_rows "$("$series" "$files")" "$files"
    event_rows "$("$series" "$events")" "$events"
    echo "commit;"
  } >"$work/rows.sql"
  if [ "$1" = sqlite ]; then
    sqlite3 -bail "$(place_of sqlite "$name")" <"$work/rows.sql"
  else
    psql -q -v ON_ERROR_STOP=1 -d "${database[$name]}" -f "$work/rows.sql"
    psql -q -d "${database[$name]}" -c "vacuum analyze"
  fi
  "$tools/bench_seal_trail" "$work/$name/data" ${database[$name]:-} >/dev/null
  serve "$name" "${options[@]}"
  until [ "$(curl -sf -H "${bearer[$name]}" "$api/audit/status" | member unsealed)" = 0 ]; do
    sleep 0.2
  done
  # The server counts the days of what it did not write, which takes minutes where it is very much.
  until [ "$(rolled "$1" "$name")" -ge 29 ] || ! in_time 80; do sleep 1; done
}

rolled() { # KIND SERVER
  local query="select count(*) from audit_rolled"
  if [ "$1" = sqlite ]; then
    sqlite3 -readonly "$(place_of sqlite "$2")" "$query"
  else
    psql -qAt -d "${database[$2]}" -c "$query"
  fi
}

grown_get() { load "$1" files/admin/file 32 download -H "${bearer[$1]}"; }
grown_put() {
  settle
  load_at "${address[$1]}" 8 -s "$here/run/put.lua" -- "${bearer[$1]#*Bearer }" 1024 "put$round/f"
}
grown_list() { load "$1" 'dirs/anna/directory%201?limit=100' 8 - -H "${bearer[$1]}"; }
grown_search() { load "$1" 'search?q=report&limit=20' 1 - -H "${bearer[$1]}"; }
grown_query() { load "$1" 'audit/events?user=user7&limit=100' 1 - -H "${bearer[$1]}"; }

# measure_reads FILES:EVENTS: over HTTP beside the statements that bring the rows, one by one.
measure_reads() {
  local name=sqlite-${1%:*} found key
  found="select f.* from files_search s cross join files f on f.id = s.rowid
    where f.parent_id is not null and s.files_search match "
  key="order by s.rowid desc limit 1001;"
  load "$name" 'search?q=report&limit=20' 1 - -H "${bearer[$name]}"
  note search ours "$figure"
  # The newest thousand of all, of names that are the word, and of those that begin with it: what a
  # page has to be put in order of.
  note search reference "$(statements "$name" "$found 'rep AND epo AND por AND ort'
    and instr(f.search_key, 'report') > 0 $key
    $found '\"' || char(2) || 're\" AND \"rt' || char(3) || '\"' and f.search_key = 'report' $key
    $found '\"' || char(2) || 're\" AND rep AND epo AND por AND ort'
    and substr(f.search_key, 1, 6) = 'report' and f.search_key <> 'report' $key")"
  load "$name" 'audit/events?user=user7&limit=100' 1 - -H "${bearer[$name]}"
  note audit-page ours "$figure"
  note audit-page reference "$(statements "$name" "select * from audit_logs
    where \"user\" = 'user7' order by timestamp desc, id desc limit 101;")"
  load "$name" 'audit/stats' 1 - -H "${bearer[$name]}"
  note statistics ours "$figure"
  note statistics reference "$(statements "$name" "$(statistics_sql)" 5)"
}

# What brings the same figures: kept days by what is kept of them, the rest by its events, and the
# busiest resources by their index, as no kept figure tells them where none stands out.
statistics_sql() {
  local kept='from audit_keys k join audit_rolled r on r.day = k.day and r.state = 2 where k.kind'
  local last='(select max(day) from audit_rolled where state = 2)' sums kind
  local counts='case when a.success then 1 else 0 end, case when a.success then 0 else 1 end'
  local login="a.event_type = 'SECURITY' and a.action || '' = 'login_failed'"
  local address='a.ip_address is not null'
  declare -A of=([1]="$address" [2]="$address and $login" [3]="$login")
  sums='sum(succeeded), sum(failed)'
  echo "select k.day, k.key, k.succeeded, k.failed, k.bytes $kept = 6;
    select k.key, $sums $kept = 5 group by k.key;
    select * from audit_daily where day > $last;"
  for kind in 1 2 3; do
    address=a.ip_address
    [ $kind != 3 ] ||
      address="coalesce(a.\"user\", json_extract(a.details, '\$.attempted_username'))"
    echo "select key, $sums from (select k.key as key, k.succeeded as succeeded, k.failed as failed
        $kept = $kind union all select $address, $counts from audit_logs a
        where a.timestamp >= ($last + 1) * 86400000000 and ${of[$kind]}) u
      group by key order by sum(succeeded) + sum(failed) desc, key limit 20;"
  done
  echo "with b as (select resource, count(*) as events from audit_logs where resource is not null
      group by resource order by count(*) desc, resource limit 20)
    select b.resource, sum(a.success), count(*) - sum(a.success)
    from b cross join audit_logs a on a.resource = b.resource group by 1;"
}

# statements SERVER SQL [TIMES]: how many times a second the shell does it.
statements() {
  local times=${3:-100} i
  for ((i = 0; i < times; ++i)); do echo "$2"; done >"$work/statements.sql"
  events_of $times sqlite3 -readonly -bail "$(place_of sqlite "$1")" ".read $work/statements.sql"
}
