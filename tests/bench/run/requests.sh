# shellcheck shell=bash disable=SC2034,SC2154
# Requests that read, beside nginx and pgbench.

nginx=http://127.0.0.1:18080

prepare_pgbench() {
  database[bench]=$(new_database bench)
  database[batches]=$(new_database batches)
  pgbench -q -i -s 10 "${database[bench]}" 2>/dev/null
  "$tools/bench_events" "${database[batches]}" 0
  psql -q -d "${database[bench]}" -c "
    create table written (id bigserial primary key, name text unique, size bigint, sha256 text);
    create table events (id bigserial primary key, timestamp bigint, action text, resource text,
      details text);
    create index on events (timestamp);"
  cat >"$work/put.sql" <<'EOT'
\set account random(1, 1000000)
begin;
insert into written (name, size, sha256) values (gen_random_uuid(), 102400, repeat('a', 64));
insert into events (timestamp, action, resource, details)
  values (:account, 'upload', '/user/file', repeat('d', 200));
update pgbench_accounts set abalance = abalance + 102400 where aid = :account;
commit;
EOT
  event_rows "$(postgres_series 32)" 32 >"$work/batch.sql"
}

pgbench_rate() { # DATABASE CLIENTS [option …]: sets $figure, transactions a second
  local place=${database[$1]} clients=$2
  shift 2
  pgbench -n -j 2 -c "$clients" -T "$seconds" "$@" "$place" >"$work/pgbench" 2>&1 ||
    { cat "$work/pgbench" >&2; exit 1; }
  figure=$(awk '/^tps/ { print $3 }' "$work/pgbench")
}

measure_gets() {
  local reference pair events
  load_at $nginx/file 32
  reference=$figure
  for pair in after=sqlite before=before after-pg=postgresql before-pg=postgresql-before; do
    load "${pair#*=}" files/admin/file 32 download -H "${bearer[${pair#*=}]}"
    note "get-${pair%=*}" ours "$figure"
    note "get-${pair%=*}" reference "$reference"
    [ "$pair" != after-pg=postgresql ] || events=$figure
  done
  pgbench_rate batches 8 -f "$work/batch.sql"
  note get-events-pg ours "$events"
  note get-events-pg reference "$(awk -v a="$figure" 'BEGIN { print 32 * a }')"
}

measure_bodies() {
  local place scheme size connections server
  for scheme in get tls; do
    place=$nginx server=sqlite
    [ $scheme = get ] || place=https://127.0.0.1:18443 server=tls
    for size in 1m 64m; do
      connections=16
      [ $size = 1m ] || connections=4
      load_at "$place/file-$size" $connections
      note $scheme-$size reference "$(transferred)"
      load $server files/admin/file-$size $connections download -H "${bearer[$server]}"
      note $scheme-$size ours "$(transferred)"
    done
  done
}

measure_answers() {
  local pair
  for pair in me=auth/me meta=meta/admin/file dirs=dirs/admin/page; do
    load_at "$nginx/${pair%%=*}" 32
    note "${pair%%=*}" reference "$figure"
    load sqlite "${pair#*=}" 32 - -H "${bearer[sqlite]}"
    note "${pair%%=*}" ours "$figure"
  done
  pgbench_rate bench 16 -S -M prepared
  note meta-pg reference "$figure"
  load postgresql meta/admin/file 16 - -H "${bearer[postgresql]}"
  note meta-pg ours "$figure"
}

measure_credentials() {
  local server suffix kind reference
  for server in sqlite postgresql; do
    suffix=''
    [ $server = sqlite ] || suffix=-pg
    for kind in token key cookie share; do
      load $server "files/${targets[$server.$kind]}" 32 download -H "${headers[$server.$kind]}"
      [ $kind != token ] || reference=$figure
      [ $kind = token ] || note $kind$suffix ours "$figure"
      [ $kind = token ] || note $kind$suffix reference "$reference"
    done
  done
}
