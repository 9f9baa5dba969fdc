#!/usr/bin/env bash
# A PostgreSQL cluster of the tests' own, durable like a real one: postgres.sh start FILE writes the
# URL of its maintenance database to FILE; postgres.sh stop FILE ends it and removes it.
set -euo pipefail
action=$1
file=$2
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

stop() {
  [ -f "$file.dir" ] || return 0
  local dir
  dir=$(cat "$file.dir")
  as_postgres "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
  rm -f "$file" "$file.dir"
  # Hundreds of databases take their time to go, and nobody needs to wait for it.
  setsid rm -rf "$dir" </dev/null >/dev/null 2>&1 &
}

case $action in
  start)
    stop
    dir=$(mktemp -d /tmp/baluhost-postgres-XXXXXX)
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$dir"; fi
    echo "$dir" >"$file.dir"
    as_postgres "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
      --no-sync >/dev/null
    port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
    as_postgres "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" \
      -w -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir \
        -c max_connections=300 -c max_wal_size=8GB -c checkpoint_timeout=1h" start >/dev/null
    echo "postgresql://postgres@127.0.0.1:$port/postgres" >"$file"
    ;;
  stop) stop ;;
  *) echo "usage: $0 start|stop FILE" >&2; exit 2 ;;
esac
