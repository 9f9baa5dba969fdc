#!/usr/bin/env bash
# Audited GETs of 1 KiB at 32 connections by an access token, a key, a read cookie and a share's
# token, in turn, three times each on one server; the medians, and each beside the access token's.
# Usage: credentials.sh [sqlite|postgresql|both] [SECONDS] [LEAST, of the token's rate]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wrk curl python3
which=${1:-both}
seconds=${2:-5}
least=${3:-0.95}

get() { # SECONDS TARGET HEADER
  wrk -t 2 -c 32 -d "$1s" -H "$3" "$api/files/$2" >"$work/wrk"
  ! grep -q 'Non-2xx' "$work/wrk" || { cat "$work/wrk" >&2; exit 1; }
  rate <"$work/wrk"
}

measure() { # NAME
  local round
  head -c 1024 /dev/urandom >"$work/file"
  curl -sf -T "$work/file" -H "Authorization: Bearer $token" "$api/files/admin/file" >/dev/null
  make_credentials
  declare -A rates=([token]='' [key]='' [cookie]='' [share]='')
  get 2 admin/file "${header[token]}" >/dev/null
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

measure_both credentials 'audit.downloads="after"'
