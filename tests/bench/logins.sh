#!/usr/bin/env bash
# Logins over HTTP beside libargon2 alone on every core with the server's parameters; the time of a
# failed login by its kind; memory and authenticated GETs during a flood of 200 concurrent logins.
# Then every login's and GET's event is counted. Usage: logins.sh [SECONDS [TIMINGS]]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl sqlite3
seconds=${1:-10}
timings=${2:-500}

start_server logins auth.max_attempts=1000000
authorised=(-H "Authorization: Bearer $token" -H 'Content-Type: application/json')
head -c 1024 /dev/urandom >"$work/file"
curl -sf -T "$work/file" -H "Authorization: Bearer $token" "$api/files/admin/file" >/dev/null
make_login_users
curl -sf "${authorised[@]}" -d "{\"username\":\"disabled-one\",\"password\":\"$password\"}" \
  "$api/users" >/dev/null
curl -sf -X PATCH "${authorised[@]}" -d '{"enabled":false}' "$api/users/disabled-one" >/dev/null

verdict=0
"$tools/bench_logins" "$url" "$server_pid" "$token" /api/v1/files/admin/file \
  "$(IFS=,; echo "${users[*]}")" "$password" disabled-one "$seconds" "$timings" \
  3>"$work/counts" || verdict=$?
[ -s "$work/counts" ] || { cat "$work/logins/err" >&2; exit 1; }
source "$work/counts"
kill -TERM "$server_pid"
wait "$server_pid" || true
count() {
  sqlite3 "$work/logins/data/baluhost.db" "select count(*) from audit_logs where action = '$1'"
}
for line in "login_success $((granted + 1))" "login_failed $failed" "download $gets"; do
  read -r action expected <<<"$line"
  echo "events $action: $(count "$action") of $expected"
  [ "$(count "$action")" = "$expected" ] || { echo "  EVENTS ARE MISSING" >&2; verdict=1; }
done
exit "$verdict"
