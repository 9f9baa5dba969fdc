# shellcheck shell=bash disable=SC2034,SC2154
# What the benchmarks share. Each starts a server of its own on data of its own, measures it beside
# its reference in one run, and prints both figures and their ratio. Run them on a quiet machine,
# with a release build: cmake --preset bench && cmake --build --preset bench.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${BALUHOST_BENCH_BIN:-$root/build/bench/apps}
tools=${BALUHOST_BENCH_TOOLS:-$root/build/bench/tests/bench}
work=$(mktemp -d /tmp/baluhost-bench-XXXXXX)
chmod 755 "$work"
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

need() {
  for command in "$@"; do
    command -v "$command" >/dev/null && continue
    echo "This benchmark needs $command (apt-get install ${command/nginx/nginx-light})" >&2
    exit 1
  done
}

# start_server NAME [option=value …]: a baluhostd on $work/NAME; sets $url, $api and $token of the
# administrator.
start_server() {
  local name=$1
  shift
  mkdir -p "$work/$name"
  rm -f "$work/$name/out"
  printf 'correct horse battery\n' >"$work/admin-password"
  chmod 600 "$work/admin-password"
  {
    echo 'server.listen = "127.0.0.1:0"'
    echo "server.data_dir = \"$work/$name/data\""
    echo 'log.level = "warn"'
    for option in "$@"; do echo "${option%%=*} = ${option#*=}"; done
  } >"$work/$name/baluhost.toml"
  BALUHOST_ADMIN_PASSWORD_FILE=$work/admin-password "$bin/baluhostd" \
    --config "$work/$name/baluhost.toml" >"$work/$name/out" 2>"$work/$name/err" &
  server_pid=$!
  pids+=("$server_pid")
  until grep -q listening "$work/$name/out" 2>/dev/null; do
    kill -0 "$server_pid" || { cat "$work/$name/err" >&2; exit 1; }
    sleep 0.05
  done
  url=$(sed 's/.* listening on //' "$work/$name/out")
  api=$url/api/v1
  token=$(token_of admin)
}

token_of() { # USER
  curl -sf "$api/auth/login" -H 'Content-Type: application/json' \
    -d "{\"username\":\"$1\",\"password\":\"correct horse battery\"}" |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/'
}

stop_server() {
  kill -TERM "$server_pid"
  wait "$server_pid"
}

# start_postgres: a PostgreSQL of the benchmark's own, until its end; sets $postgres_url.
start_postgres() {
  need psql
  "$root/tests/support/postgres.sh" start "$work/postgres.url"
  trap '"$root/tests/support/postgres.sh" stop "$work/postgres.url" >/dev/null 2>&1 || true
        cleanup' EXIT
  postgres_url=$(cat "$work/postgres.url")
}

# new_database NAME: makes it there and prints its URL.
new_database() {
  psql -q -d "$postgres_url" -c "create database $1 template template0 encoding 'UTF8'" &&
    echo "${postgres_url%/*}/$1"
}

# start_on_postgres NAME [option=value …]: a PostgreSQL and a server on the new database NAME of it,
# whose URL is in $database then.
start_on_postgres() {
  start_postgres
  database=$(new_database "$1")
  start_server postgresql "database.url=\"$database\"" "${@:2}"
}

# measure_both NAME [option=value …]: calls `measure KIND` with a server on SQLite and with one on
# PostgreSQL, or with the one that $which names.
measure_both() {
  if [ "$which" != postgresql ]; then
    start_server sqlite "${@:2}"
    measure SQLite
  fi
  if [ "$which" != sqlite ]; then
    start_on_postgres "$@"
    measure PostgreSQL
  fi
}

# end_one NAME TABLE ID HOW PATH: on the server NAME, what ID names in TABLE expires, or is deleted
# by the API at PATH, or stays as it is.
end_one() {
  case $4 in
    expired)
      sqlite3 "$work/$1/data/baluhost.db" \
        "update $2 set expires_at = created_at + 1 where id = '$3'" ;;
    revoked | ended) curl -sf -X DELETE "$api/$5/$3" -H "Authorization: Bearer $token" ;;
  esac
}

# make_credentials: of the server that runs, ways to get /admin/file: ${header[KIND]} and
# ${target[KIND]}, for the KINDs token, key, cookie and share.
declare -A header target
make_credentials() {
  local bearer="Authorization: Bearer $token" json='Content-Type: application/json'
  local key cookie link id secret shared
  key=$(curl -sf "$api/auth/keys" -H "$bearer" -H "$json" \
    -d '{"name":"bench","scopes":["files:read"]}' | member secret)
  cookie=$(curl -sf -D - -o /dev/null "$api/auth/login" -H "$json" \
    -d '{"username":"admin","password":"correct horse battery","transport":"cookie"}' |
    sed -nE 's/^Set-Cookie: (baluhost_read=[^;]*);.*/\1/p')
  link=$(curl -sf "$api/shares" -H "$bearer" -H "$json" \
    -d '{"path":"/admin/file","rights":["read"]}')
  id=$(member id <<<"$link")
  secret=$(member url <<<"$link" | sed 's/.*#//')
  shared=$(curl -sf "$api/shares/$id/open" -H "$json" -d "{\"secret\":\"$secret\"}" |
    member access_token)
  header=([token]=$bearer [key]="Authorization: Bearer $key" [cookie]="Cookie: $cookie"
    [share]="Authorization: Bearer $shared")
  target=([token]=admin/file [key]=admin/file [cookie]=admin/file [share]='~')
}

# make_login_users: eight users of the server that runs, whose names are in $users and whose
# password is $password.
make_login_users() {
  password='a fine pass phrase'
  users=(anna bert carla dirk emma fritz gerda hans)
  local name
  for name in "${users[@]}"; do
    curl -sf -o /dev/null "$api/users" -H "Authorization: Bearer $token" \
      -H 'Content-Type: application/json' -d "{\"username\":\"$name\",\"password\":\"$password\"}"
  done
}

# start_nginx [LINE of a server …]: two workers on port 18080 that serve $work, without a log.
start_nginx() {
  {
    echo "worker_processes 2; pid $work/nginx.pid; error_log $work/nginx.err; daemon off;"
    echo "user root; events { worker_connections 1024; } http {"
    echo "access_log off; sendfile on; keepalive_requests 100000000;"
    echo "server { listen 127.0.0.1:18080; root $work;"
    printf '%s\n' "$@" "} }"
  } >"$work/nginx.conf"
  nginx -c "$work/nginx.conf" &
  pids+=($!)
  until curl -sf -o /dev/null http://127.0.0.1:18080/file; do
    kill -0 $! || { cat "$work/nginx.err" >&2; exit 1; }
    sleep 0.05
  done
}

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { print b - a }'; }
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }
rate() { awk '/Requests\/sec/ { print $2 }'; }
answered() { awk '/requests in/ { print $1 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
