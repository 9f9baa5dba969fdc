#!/usr/bin/env bash
# Whether the time of a refused key tells if there was one: unknown, expired and revoked ones take
# turns. Welch's t beside its bound; exit 1 beyond it. Usage: key_guesses.sh [ROUNDS]
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need curl python3 sqlite3
rounds=${1:-5000}

start_server keys 'server.trusted_proxies=["127.0.0.1"]'
kinds=()
for kind in expired revoked; do
  for n in 1 2 3 4; do
    made=$(curl -sf "$api/auth/keys" -H "Authorization: Bearer $token" \
      -H 'Content-Type: application/json' -d "{\"name\":\"$kind $n\",\"scopes\":[\"files:read\"]}")
    read -r id secret < <(python3 -c '
import json, sys
key = json.load(sys.stdin)
print(key["id"], key["secret"])' <<<"$made")
    end_one keys keys "$id" "$kind" auth/keys
    kinds+=("$kind=$secret")
  done
done
python3 "$root/tests/bench/timing/key_guesses.py" "${url##*:}" "$rounds" "${kinds[@]}"
