# shellcheck shell=bash disable=SC2034,SC2154
# Rows that a benchmark puts into a database while no server runs on it.

# A series of n from 1 to N, as SQLite and as PostgreSQL make it.
sqlite_series() {
  echo "(with recursive s(n) as (select 1 union all select n + 1 from s where n < $1)
    select n from s)"
}
postgres_series() { echo "(select n from generate_series(cast(1 as bigint), $1) n)"; }

# Homes of two users with half of the names each, a thousand in a directory: `files` is all that a
# search reads. The older half are pictures, the newer half documents.
name_rows() { # SERIES-OF-n NAMES
  local names=$2
  cat <<EOT
create temporary table words as select 0 as i, 'annual' as word;
insert into words values (1, 'budget'), (2, 'contract'), (3, 'draft'), (4, 'estimate'),
  (5, 'figures'), (6, 'garden'), (7, 'holiday'), (8, 'invoice'), (9, 'journal'), (10, 'kitchen'),
  (11, 'letter'), (12, 'meeting'), (13, 'notes'), (14, 'offer'), (15, 'plan'), (16, 'quarter'),
  (17, 'report'), (18, 'summary'), (19, 'travel');
insert into files (parent_id, name, kind, owner_id, created_at, modified_at, search_key)
  select f.id, 'directory ' || s.n, 'directory', f.owner_id, 1764000000000000, 1764000000000000,
    'directory ' || s.n
  from files f, $1 s where f.parent_id is null and f.name in ('anna', 'bert')
    and s.n <= $names / 2000 + 1 order by s.n, f.id;
insert into files (parent_id, name, kind, blob, size, sha256, owner_id, created_at, modified_at,
    search_key)
  select d.id, r.name, 'file', 'e3b0c442', r.n,
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    d.owner_id, 1764000000000000, 1764000000000000, lower(r.name)
  from (select n, case
      when n % 200000 = 77777 then 'wyvern ' || n || '.txt'
      when n % 50000 = 333 then 'Xylophone ' || n || '.mp3'
      when n <= $names / 2 then 'IMG_' || (10000000 + n) || '.jpeg'
      else a.word || '-' || b.word || '-' || n || '.docx' end as name
    from $1 s join words a on a.i = n % 20 join words b on b.i = n / 20 % 20) r
  join files d on d.kind = 'directory' and d.name = 'directory ' || (r.n / 2000 + 1)
    and d.owner_id = (select u.id from users u
                      where u.username = case when r.n % 2 = 0 then 'anna' else 'bert' end)
  order by r.n;
EOT
}

make_users() {
  for user in anna bert; do
    curl -sf -o "$work/answer" "$api/users" -H "Authorization: Bearer $token" \
      -H 'Content-Type: application/json' \
      -d "{\"username\":\"$user\",\"password\":\"correct horse battery\",\"role\":\"user\"}"
    curl -sf -o "$work/answer" -T /dev/null "$api/files/$user/first" \
      -H "Authorization: Bearer $(token_of "$user")"
  done
}

# event_rows SERIES-OF-n EVENTS: a trail of the last thirty days, without seals.
event_rows() {
  local first=$(($(date +%s) - 2592000))
  cat <<EOT
insert into audit_logs (timestamp, event_type, action, "user", resource, success, error_message,
    details, ip_address, user_agent)
  select ${first}000000 + n * (2592000000000 / $2), 'FILE_ACCESS',
    case when n % 10 < 6 then 'download' when n % 10 < 9 then 'upload' else 'delete' end,
    'user' || (n * 7919 % 200), '/user' || (n * 7919 % 200) || '/folder/file ' || (n % 10007),
    n % 50 <> 1, case when n % 50 = 1 then 'client_disconnected' end, '{"file_size":1024}',
    '192.0.2.' || (n % 250), 'bench/1'
  from $1 s order by n;
EOT
}
