# shellcheck shell=bash disable=SC2034,SC2154
# What the benchmarks in a browser share, on top of those without one.
source "$(dirname "${BASH_SOURCE[0]}")/../../bench/lib.sh"
tests=${TESTS:-$root/build/dev/tests/web/work/tests}

# start_with_pictures COUNT [FOLDER …]: a server whose administrator has the FOLDERs, and "long"
# with COUNT pictures.
start_with_pictures() {
  local count=$1 folder folders="select 'long' n"
  for folder in "${@:2}"; do folders+=" union all select '$folder'"; done
  start_server web
  stop_server || true
  sqlite3 -bail "$work/web/data/baluhost.db" <<EOT
insert into files (parent_id, name, kind, owner_id, created_at, modified_at)
  select id, d.n, 'directory', owner_id, 1764000000000000, 1764000000000000
  from files, ($folders) d where parent_id is null and name = 'admin';
with recursive s(n) as (select 1 union all select n + 1 from s where n < $count)
insert into files (parent_id, name, kind, blob, size, sha256, owner_id, created_at, modified_at)
  select d.id, 'picture number ' || (10000000 + s.n) || '.jpeg', 'file', lower(hex(randomblob(16))),
    s.n, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', d.owner_id,
    1764000000000000, 1764000000000000
  from files d, s where d.kind = 'directory' and d.name = 'long';
EOT
  start_server web
}

# run_in_browser SCRIPT [ARGUMENT …]: the script of this folder, on the server that runs.
run_in_browser() {
  cp "$root/tests/web/bench/"*.mjs "$work"
  ln -s "$tests/node_modules" "$work/node_modules"
  node "$work/$1" "$url" "${@:2}"
}
