#!/usr/bin/env bash
# Whether the time of a failed login tells if the name has an account: accounts are made, the argon2
# settings are then made stronger, and weaker, and names with and without an account take turns.
# Welch's t beside its bound; exit 1 beyond it. Usage: login_names.sh [ROUNDS]
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need curl python3
rounds=${1:-2000}
verdict=0

start() { # ITERATIONS
  start_server names auth.max_attempts=1000000 "auth.argon2_iterations=$1" \
    'server.trusted_proxies=["127.0.0.1"]'
}
stop() {
  kill -TERM "$server_pid"
  wait "$server_pid" || true
}

start 2
known=()
for name in anna bert carla dirk emma fritz gerda hans; do
  curl -sf "$api/users" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d "{\"username\":\"$name\",\"password\":\"a fine pass phrase\"}" >/dev/null
  known+=("$name")
done
stop
for iterations in 2 6 1; do
  start "$iterations"
  echo "accounts made with 2 iterations, settings with $iterations:"
  python3 "$root/tests/bench/timing/login_names.py" "${url##*:}" "$rounds" "${known[@]}" ||
    verdict=1
  stop
done
exit "$verdict"
