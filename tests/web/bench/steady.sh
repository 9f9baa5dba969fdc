#!/usr/bin/env bash
# The web application in Chromium over ROUNDS navigations between pages, a folder of 20,000 that is
# scrolled whole ten times, and 20 rounds of 50 uploads: fails where the page's heap, its nodes or
# its listeners have grown by more than a quarter since the first tenth of each. Then on a
# processor four times slower and a slow 4G line: fails where the page is ready for input after more
# than MOST ms. Usage: steady.sh [ROUNDS] [MOST]; TESTS names a directory with the packages of
# tests/web.
source "$(dirname "${BASH_SOURCE[0]}")/../../bench/lib.sh"
need curl sqlite3 node chromium
rounds=${1:-1000}
most=${2:-1000}
tests=${TESTS:-$root/build/dev/tests/web/work/tests}
start_server web
stop_server || true
sqlite3 -bail "$work/web/data/baluhost.db" <<EOT
insert into files (parent_id, name, kind, owner_id, created_at, modified_at)
  select id, d.n, 'directory', owner_id, 1764000000000000, 1764000000000000
  from files, (select 'long' n union all select 'up') d where parent_id is null and name = 'admin';
with recursive s(n) as (select 1 union all select n + 1 from s where n < 20000)
insert into files (parent_id, name, kind, blob, size, sha256, owner_id, created_at, modified_at)
  select d.id, 'picture number ' || (10000000 + s.n) || '.jpeg', 'file', lower(hex(randomblob(16))),
    s.n, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', d.owner_id,
    1764000000000000, 1764000000000000
  from files d, s where d.kind = 'directory' and d.name = 'long';
EOT
start_server web
cp "$root/tests/web/bench/steady.mjs" "$work"
ln -s "$tests/node_modules" "$work/node_modules"
node "$work/steady.mjs" "$url" "$rounds" "$most"
