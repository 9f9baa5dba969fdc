#!/usr/bin/env bash
# Whether the time of a refused opening tells if there is a share: ids that do not exist, shares
# that have expired or ended and wrong secrets take turns, and a wrong password besides.
# Welch's t of each kind against unknown ids beside its bound; exit 1 beyond it.
# Usage: share_guesses.sh [ROUNDS]
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need curl python3 sqlite3
rounds=${1:-2000}

# make MORE: a share of the administrator's home; prints its id and secret.
make() {
  curl -sf "$api/shares" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d "{\"path\":\"/admin/box\",\"rights\":[\"read\"]$1}" |
    sed 's|.*"url":"[^"]*/s/\([0-9a-f]*\)#\([^"]*\)".*|\1 \2|'
}

start_server shares auth.max_attempts=1000000 'server.trusted_proxies=["127.0.0.1"]'
curl -sf -X POST "$api/dirs/admin/box?parents=true" -H "Authorization: Bearer $token" >/dev/null
kinds=()
for kind in wrong expired ended password; do
  for _ in 1 2 3 4; do
    more=
    [ "$kind" != password ] || more=',"password":"a fine pass phrase"'
    read -r id secret <<<"$(make "$more")"
    end_one shares shares "$id" "$kind" shares
    kinds+=("$kind=$id=$secret")
  done
done
python3 "$root/tests/bench/timing/share_guesses.py" "${url##*:}" "$rounds" "${kinds[@]}"
