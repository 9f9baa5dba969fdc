#!/usr/bin/env bash
# A page of a directory of a million entries beside the same page of one with a thousand, on one
# server: the first page and the last, 100 entries each, over HTTP. Fails where one takes more than
# twice the time of the other. Then the whole directory is read page by page: every name once, in
# order. Usage: listing.sh [sqlite|postgresql|both] [ENTRIES]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$root/tests/bench/run/fill.sh"
need curl sqlite3 python3
which=${1:-both}
entries=${2:-1000000}

# The rows of two directories below the administrator's home, as the server would have written them:
# `files` is all that a listing reads.
rows() { # SERIES-OF-n BLOB
  cat <<EOT
insert into files (parent_id, name, kind, owner_id, created_at, modified_at)
  select f.id, d.name, 'directory', f.owner_id, 1764000000000000, 1764000000000000
  from files f, (select 'thousand' as name union all select 'million') d
  where f.parent_id is null and f.name = 'admin';
insert into files (parent_id, name, kind, blob, size, sha256, owner_id, created_at, modified_at)
  select d.id, 'picture number ' || (10000000 + s.n) || '.jpeg', 'file', $2, s.n,
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    d.owner_id, 1764000000000000, 1764000000000000
  from files d, $1 s where d.kind = 'directory'
    and (d.name = 'million' or d.name = 'thousand' and s.n <= 1000);
EOT
}

cat >"$work/measure.py" <<'EOT'
import http.client, json, statistics, sys, time
host, token, entries = sys.argv[1].removeprefix("http://"), sys.argv[2], int(sys.argv[3])
connection = http.client.HTTPConnection(host)

def get(directory, query):
    connection.request("GET", f"/api/v1/dirs/admin/{directory}?{query}",
                       headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return body

def walk(directory, expected):
    """The cursor of the last hundred; every name once and in order on the way."""
    began, seen, last, cursor = time.monotonic(), 0, "", None
    while True:
        left = expected - seen
        limit = 100 if left <= 100 else min(1000, left - 100)
        more = f"&cursor={cursor}" if cursor else ""
        page = json.loads(get(directory, f"limit={limit}{more}"))
        for item in page["items"]:
            assert item["name"] > last, (last, item["name"])
            last = item["name"]
        seen += len(page["items"])
        if expected - seen == 100: final = page["next_cursor"]
        if page["next_cursor"] is None: break
        cursor = page["next_cursor"]
    assert seen == expected, (seen, expected)
    return final, time.monotonic() - began

cases, walked = {}, 0.0
for directory, expected in (("thousand", 1000), ("million", entries)):
    final, walked = walk(directory, expected)
    cases[directory, "first"] = "limit=100"
    cases[directory, "last"] = f"limit=100&cursor={final}"
times = {case: [] for case in cases}
for turn in range(330):
    for (directory, page), query in cases.items():
        began = time.perf_counter()
        get(directory, query)
        if turn >= 30: times[directory, page].append((time.perf_counter() - began) * 1e6)
missed = False
for page in ("first", "last"):
    small, large = (statistics.median(times[directory, page])
                    for directory in ("thousand", "million"))
    print(f"  {page} page: {small:.0f} us of 1,000 entries, {large:.0f} us of {entries:,}: "
          f"ratio {large / small:.2f}")
    missed = missed or large > 2 * small
print(f"  all {entries:,} names, each once and in order: {walked:.1f} s")
sys.exit("a page of the large directory takes more than twice the time" if missed else 0)
EOT

measure() { # NAME
  echo "$1:"
  python3 "$work/measure.py" "$url" "$token" "$entries"
  stop_server || true
}

if [ "$which" != postgresql ]; then
  start_server sqlite
  stop_server || true
  {
    echo "begin;"
    rows "$(sqlite_series "$entries")" "lower(hex(randomblob(16)))"
    echo "commit;"
  } | sqlite3 -bail "$work/sqlite/data/baluhost.db"
  start_server sqlite
  measure SQLite
fi

if [ "$which" != sqlite ]; then
  start_on_postgres listing
  stop_server || true
  rows "$(postgres_series "$entries")" "md5(random()::text || s.n)" |
    psql -q -v ON_ERROR_STOP=1 -1 -d "$database" -f -
  psql -q -d "$database" -c "analyze files"
  start_server postgresql "database.url=\"$database\""
  measure PostgreSQL
fi
