#!/usr/bin/env bash
# The web application in Chromium with a directory of ENTRIES: it is scrolled from its first row to
# its last, by steps and by jumps, while the browser tells of every task. Fails where one computes
# for longer than MOST milliseconds, or more than 60 rows are in the document. What a task took by
# the clock is told beside it: other work on the machine makes that longer. Usage:
# scrolling.sh [ENTRIES] [MOST]; TESTS names a directory with the packages of tests/web.
source "$(dirname "${BASH_SOURCE[0]}")/../../bench/lib.sh"
need curl sqlite3 node chromium
entries=${1:-100000}
most=${2:-50}
tests=${TESTS:-$root/build/dev/tests/web/work/tests}

start_server web
stop_server || true
sqlite3 -bail "$work/web/data/baluhost.db" <<EOT
insert into files (parent_id, name, kind, owner_id, created_at, modified_at)
  select id, 'long', 'directory', owner_id, 1764000000000000, 1764000000000000
  from files where parent_id is null and name = 'admin';
with recursive s(n) as (select 1 union all select n + 1 from s where n < $entries)
insert into files (parent_id, name, kind, blob, size, sha256, owner_id, created_at, modified_at)
  select d.id, 'picture number ' || (10000000 + s.n) || '.jpeg', 'file', lower(hex(randomblob(16))),
    s.n, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', d.owner_id,
    1764000000000000, 1764000000000000
  from files d, s where d.kind = 'directory' and d.name = 'long';
EOT
start_server web
cp "$root/tests/web/bench/scrolling.mjs" "$work"
ln -s "$tests/node_modules" "$work/node_modules"
node "$work/scrolling.mjs" "$url" "$entries" "$most"
