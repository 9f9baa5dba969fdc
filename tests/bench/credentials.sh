#!/usr/bin/env bash
# Audited GETs of 1 KiB at 32 connections by an access token, a key, a read cookie and a share's
# token, in turn, three times each on one server; the medians, and each beside the access token's.
# Usage: credentials.sh [sqlite|postgresql|both] [SECONDS] [LEAST, of the token's rate]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wrk curl python3
which=${1:-both}
seconds=${2:-5}
least=${3:-0.95}
json='Content-Type: application/json'

member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }
rate() { awk '/Requests\/sec/ { print $2 }'; }
get() { # SECONDS TARGET HEADER
  wrk -t 2 -c 32 -d "$1s" -H "$3" "$api/files/$2" >"$work/wrk"
  ! grep -q 'Non-2xx' "$work/wrk" || { cat "$work/wrk" >&2; exit 1; }
  rate <"$work/wrk"
}

measure() { # NAME
  local bearer="Authorization: Bearer $token" key cookie secret id link shared round
  head -c 1024 /dev/urandom >"$work/file"
  curl -sf -T "$work/file" -H "$bearer" "$api/files/admin/file" >/dev/null
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

  declare -A header=([token]=$bearer [key]="Authorization: Bearer $key" [cookie]="Cookie: $cookie"
    [share]="Authorization: Bearer $shared")
  declare -A target=([token]=admin/file [key]=admin/file [cookie]=admin/file [share]='~')
  declare -A rates=([token]='' [key]='' [cookie]='' [share]='')
  get 2 admin/file "$bearer" >/dev/null
  for round in 1 2 3; do
    for kind in token key cookie share; do
      rates[$kind]+=" $(get "$seconds" "${target[$kind]}" "${header[$kind]}")"
    done
  done
  # shellcheck disable=SC2086 # three figures
  local reference=$(median ${rates[token]}) slow=()
  echo "$1: access token $reference requests/s (${rates[token]# })"
  for kind in key cookie share; do
    # shellcheck disable=SC2086
    local figure=$(median ${rates[$kind]})
    echo "  $kind: $figure (${rates[$kind]# }), $(ratio "$figure" "$reference") of the token's"
    awk "BEGIN { exit !($figure < $least * $reference) }" && slow+=("$kind")
  done
  stop_server || true
  [ ${#slow[@]} = 0 ] || { echo "TOO SLOW: ${slow[*]}" >&2; exit 1; }
}

if [ "$which" != postgresql ]; then
  start_server sqlite 'audit.downloads="after"'
  measure SQLite
fi
if [ "$which" != sqlite ]; then
  start_postgres
  database=$(new_database credentials)
  start_server postgresql 'audit.downloads="after"' "database.url=\"$database\""
  measure PostgreSQL
fi
