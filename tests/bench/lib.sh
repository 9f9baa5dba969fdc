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
  token=$(curl -sf "$api/auth/login" -H 'Content-Type: application/json' \
    -d '{"username":"admin","password":"correct horse battery"}' |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/')
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

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
