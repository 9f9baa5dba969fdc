# shellcheck shell=bash disable=SC2034,SC2154
# The servers and references that stand beside each other while the benchmark runs, and the count of
# what they recorded.

declare -A address bearer pid_of database
declare -A headers targets # of the ways to get a file, by server and kind

# serve NAME [option=value …]
serve() {
  start_server "$@" 'auth.access_ttl="12h"' auth.max_attempts=1000000 \
    files.max_entries_per_user=0
  address[$1]=$url
  bearer[$1]="Authorization: Bearer $token"
  pid_of[$1]=$server_pid
}

put_file() { # SERVER FILE PATH
  curl -sf -o /dev/null -T "$2" -H "${bearer[$1]}" "${address[$1]}/api/v1/files/admin/$3"
  expect "$1" upload 1 0
}

# expect SERVER ACTION COUNT EXCESS: so many events are there in the end, at most EXCESS more. wrk
# ends in the midst of a request of each connection: those were recorded, and it did not count them.
expect() { echo "$1 $2 $3 $4" >>"$work/expected"; }

# note ROW ours|reference FIGURE
note() { echo "$@" >>"$work/round"; }

ticks() { awk '{ sum += $14 + $15 } END { print sum }' "${pid_of[@]/%//stat}"; } # in /proc

# settle: until no server has anything to write or seal from before.
settle() {
  [ ${#pid_of[@]} != 0 ] || return 0
  local before after
  for _ in {1..30}; do
    before=$(cd /proc && ticks)
    sleep 0.1
    after=$(cd /proc && ticks)
    [ $((after - before)) -gt 1 ] || return 0
  done
}

load_at() { # URL CONNECTIONS [wrk option …]: sets $figure (requests a second) and $answered
  local place=$1 connections=$2 threads=2
  shift 2
  [ "$connections" != 1 ] || threads=1
  wrk -t $threads -c "$connections" -d "${seconds}s" --timeout 30s "$place" "$@" >"$work/wrk"
  if grep -qE 'Non-2xx|Socket errors' "$work/wrk"; then
    cat "$work/wrk" >&2
    exit 1
  fi
  figure=$(rate <"$work/wrk")
  answered=$(answered <"$work/wrk")
}

# load SERVER TARGET CONNECTIONS ACTION|- [wrk option …]: as load_at, once the servers are at rest,
# and what was answered is expected in the trail.
load() {
  local server=$1 path=$2 connections=$3 action=$4
  shift 4
  settle
  load_at "${address[$server]}/api/v1/$path" "$connections" "$@"
  [ "$action" = - ] || expect "$server" "$action" "$answered" "$connections"
}

# transferred: MiB a second of the last load.
transferred() {
  awk '/Transfer\/sec/ {
    factor["KB"] = 1 / 1024; factor["MB"] = 1; factor["GB"] = 1024
    print $2 * factor[substr($2, length($2) - 1)] }' "$work/wrk"
}

# same_answer NAME TARGET: nginx's location that answers as the server does to TARGET.
same_answer() {
  curl -sf -D "$work/head" -o "$work/body" -H "${bearer[sqlite]}" "${address[sqlite]}/api/v1/$2"
  python3 - "$1" "$work/head" "$work/body" <<'EOT'
import sys
name, head, body = sys.argv[1], open(sys.argv[2]).read().splitlines(), open(sys.argv[3]).read()
quoted = lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
assert "$" not in body and len(quoted(body)) < 4096, f"nginx cannot answer as /{name}"
lines = [f"location = /{name} {{"]
own = ("date", "server", "connection", "content-length", "transfer-encoding")
for line in filter(None, head[1:]):
    key, value = line.split(": ", 1)
    if key.lower() == "content-type":
        lines.append(f"types {{ }} default_type {quoted(value)};")
    elif key.lower() not in own:
        lines.append(f"add_header {key} {quoted(value)};")
print("\n".join(lines + [f"return 200 {quoted(body)};", "}"]))
EOT
}

start_all() {
  local server kind name
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
  chmod 600 "$work/key.pem"
  export CURL_CA_BUNDLE=$work/cert.pem
  head -c 1K /dev/urandom >"$work/file"
  head -c 1M /dev/urandom >"$work/file-1m"
  head -c 64M /dev/urandom >"$work/file-64m"
  chmod 644 "$work"/file*
  start_postgres
  for name in postgresql postgresql-before; do
    database[$name]=$(new_database "${name/-/_}")
  done
  prepare_pgbench

  serve before 'audit.downloads="before"'
  serve tls 'audit.downloads="after"' "tls.cert_file=\"$work/cert.pem\"" \
    "tls.key_file=\"$work/key.pem\""
  serve postgresql 'audit.downloads="after"' "database.url=\"${database[postgresql]}\""
  serve postgresql-before 'audit.downloads="before"' \
    "database.url=\"${database[postgresql-before]}\""
  serve sqlite 'audit.downloads="after"'
  for server in "${!address[@]}"; do put_file "$server" "$work/file" file; done
  for server in sqlite tls; do
    for name in 1m 64m; do put_file $server "$work/file-$name" file-$name; done
  done
  for name in 1 2 3 4 5 6 7 8; do put_file sqlite "$work/file" "page/$name?parents=true"; done
  for server in postgresql sqlite; do
    api=${address[$server]}/api/v1 token=${bearer[$server]#*Bearer }
    make_credentials
    for kind in "${!header[@]}"; do
      headers[$server.$kind]=${header[$kind]}
      targets[$server.$kind]=${target[$kind]}
    done
  done
  make_login_users # of the server sqlite
  start_nginx "listen 127.0.0.1:18443 ssl; ssl_certificate $work/cert.pem;" \
    "ssl_certificate_key $work/key.pem;" "$(same_answer me auth/me)" \
    "$(same_answer meta meta/admin/file)" "$(same_answer dirs dirs/admin/page)"
  for server in "${!address[@]}"; do
    seconds=1 load "$server" files/admin/file 32 download -H "${bearer[$server]}"
  done
}

# ask_database SERVER SQL
ask_database() {
  if [ -n "${database[$1]:-}" ]; then
    psql -qAt -d "${database[$1]}" -c "$2"
  else
    sqlite3 -readonly "$work/$1/data/baluhost.db" "$2"
  fi
}

# stop_all: what was served and stored is what was sent.
stop_all() {
  local server name
  for server in "${!address[@]}"; do
    for name in file file-1m file-64m; do
      case $server in sqlite | tls) ;; *) [ $name = file ] || continue ;; esac
      curl -sf -H "${bearer[$server]}" "${address[$server]}/api/v1/files/admin/$name" |
        cmp - "$work/$name" || { echo "OTHER BYTES CAME BACK ($server)" >&2; exit 1; }
      expect "$server" download 1 0
    done
  done
  for server in "${!pid_of[@]}"; do
    kill -TERM "${pid_of[$server]}"
    wait "${pid_of[$server]}" || true
  done
  pid_of=()
  check_events
  check_puts
}

# check_events: all that was expected of servers is on record.
check_events() {
  local server action least most counted missing=0
  while read -r server action least most; do
    counted=$(ask_database "$server" \
      "select count(*) from audit_logs where action = '$action' and success
         and coalesce(user_agent, '') <> 'bench/1'")
    [ "$counted" -ge "$least" ] && [ "$counted" -le $((least + most)) ] && continue
    echo "EVENTS ARE MISSING: $server, $action: $counted of $least to $((least + most))" >&2
    missing=1
  done < <(awk '{ least[$1 " " $2] += $3; most[$1 " " $2] += $4 }
    END { for (key in least) print key, least[key], most[key] }' "$work/expected")
  [ $missing = 0 ] || exit 1
  rm "$work/expected"
}
