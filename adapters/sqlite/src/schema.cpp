#include "schema.hpp"

#include "connections/native.hpp"

#include <array>
#include <string>

/// The schema as numbered steps; a step that was ever released is never changed. Tables other than
/// `audit_logs` are STRICT: SQLite would else keep a text in a number's column. Derived tables
/// (`audit_daily`, `audit_order`, `identity_version`) are kept by triggers, so that they are right
/// whichever program wrote.
namespace baluhost::sqlite {
namespace {

constexpr std::string_view kBase = R"sql(
create table schema_version (version integer not null primary key) strict;

create table users (
  id integer not null primary key autoincrement,
  username text not null unique,
  email text,
  email_key text unique,
  role text not null check (role in ('admin', 'auditor', 'user')),
  enabled integer not null check (enabled in (0, 1)),
  quota_bytes integer,
  used_bytes integer not null,
  file_count integer not null,
  password_hash text not null,
  unlocked_at integer,
  created_at integer not null,
  updated_at integer not null
) strict;

create table sessions (
  id text not null primary key,
  user_id integer not null references users (id) on delete cascade,
  created_at integer not null,
  last_used_at integer not null,
  expires_at integer not null,
  revoked_at integer,
  ip_address text,
  peer_address text,
  user_agent text
) strict;
create index sessions_user_created_at on sessions (user_id, created_at, id);
create index sessions_expires_at on sessions (expires_at);

create table refresh_tokens (
  digest text not null primary key,
  session_id text not null references sessions (id) on delete cascade,
  spent_at integer
) strict;
create index refresh_tokens_session on refresh_tokens (session_id);

create table files (
  id integer not null primary key autoincrement,
  parent_id integer references files (id),
  name text not null,
  kind text not null check (kind in ('file', 'directory')),
  blob text,
  size integer,
  sha256 text,
  sha1 text,
  owner_id integer not null references users (id),
  created_at integer not null,
  modified_at integer not null,
  unique (parent_id, name),
  check ((kind = 'file') = (blob is not null and size is not null and sha256 is not null))
) strict;
create unique index files_home on files (name) where parent_id is null;
create index files_blob on files (blob) where blob is not null;
create index files_owner on files (owner_id);

create table grants (
  file_id integer not null references files (id) on delete cascade,
  grantee_id integer not null references users (id) on delete cascade,
  rights integer not null check (rights between 0 and 15),
  granted_by text not null,
  created_at integer not null,
  primary key (file_id, grantee_id)
) strict, without rowid;
create index grants_grantee on grants (grantee_id, file_id);

create table uploads (
  id text not null primary key,
  creator_id integer not null references users (id) on delete cascade,
  home text not null,
  target text not null,
  length integer not null,
  received integer not null,
  overwrite integer not null check (overwrite in (0, 1)),
  parents integer not null check (parents in (0, 1)),
  expected text,
  created_at integer not null,
  expires_at integer not null
) strict;
create index uploads_expires_at on uploads (expires_at);
create index uploads_home on uploads (home);
create index uploads_creator on uploads (creator_id);

create table doomed_blobs (blob text not null primary key, since integer not null) strict;
create table damaged_blobs (blob text not null primary key, finding text not null, found_at integer not null) strict;

create table instances (id text not null primary key, started_at integer not null, seen_at integer not null) strict;

create table transfers (
  id integer not null primary key autoincrement,
  instance_id text not null,
  timestamp integer not null,
  action text not null,
  "user" text,
  resource text,
  success integer not null check (success in (0, 1)),
  error_message text,
  details text not null,
  ip_address text,
  user_agent text
) strict;
create index transfers_instance on transfers (instance_id);

create table audit_logs (
  id integer not null primary key autoincrement,
  timestamp bigint not null,
  event_type varchar(50) not null,
  action varchar(100) not null,
  "user" varchar(100),
  resource varchar(1000),
  success boolean not null check (success in (0, 1)),
  error_message text,
  details text not null default '{}',
  ip_address varchar(45),
  user_agent varchar(500)
);
create index audit_logs_event_type_timestamp on audit_logs (event_type, timestamp);
create index audit_logs_user_timestamp on audit_logs ("user", timestamp);
create index audit_logs_success_timestamp on audit_logs (success, timestamp);
create index audit_logs_timestamp on audit_logs (timestamp);
create index audit_logs_action on audit_logs (action);
create index audit_logs_resource on audit_logs (resource);

create table audit_leaves (
  sequence integer not null primary key,
  event_id integer not null unique,
  leaf text not null
) strict;

create table audit_seals (
  number integer not null primary key,
  first_sequence integer not null unique,
  last_sequence integer not null unique,
  count integer not null,
  root text not null,
  previous text not null,
  sealed_at integer not null,
  recovered integer not null check (recovered in (0, 1)),
  key_id text not null,
  signature text not null
) strict;

create table audit_prunes (
  last_seal integer not null primary key,
  last_sequence integer not null,
  events integer not null,
  pruned_at integer not null,
  key_id text not null,
  signature text not null
) strict;

create table migration_runs (
  id text not null primary key,
  source text not null,
  state text not null check (state in ('running', 'failed', 'done')),
  started_at integer not null,
  finished_at integer,
  detail text
) strict;

create table identity_version (id integer not null primary key check (id = 1), version integer not null) strict;
insert into identity_version values (1, 1);
create trigger users_added after insert on users begin update identity_version set version = version + 1; end;
create trigger users_removed after delete on users begin update identity_version set version = version + 1; end;
create trigger users_changed after update of username, email, email_key, role, enabled, quota_bytes, password_hash, unlocked_at
  on users begin update identity_version set version = version + 1; end;
create trigger sessions_added after insert on sessions begin update identity_version set version = version + 1; end;
create trigger sessions_removed after delete on sessions begin update identity_version set version = version + 1; end;
create trigger sessions_changed after update on sessions begin update identity_version set version = version + 1; end;
create trigger grants_added after insert on grants begin update identity_version set version = version + 1; end;
create trigger grants_removed after delete on grants begin update identity_version set version = version + 1; end;
create trigger grants_changed after update on grants begin update identity_version set version = version + 1; end;
)sql";

#define BALUHOST_JSON_INTEGER(details, key)                                    \
  "case when json_valid(" details ") then case json_type(" details ", '$." key \
  "') when 'integer' then json_extract(" details ", '$." key "') else 0 end else 0 end"
#define BALUHOST_BYTES(row) \
  "case " row "action when 'upload' then case when " row "success then " \
  BALUHOST_JSON_INTEGER(row "details", "file_size")                      \
  " else 0 end when 'download' then "                                    \
  BALUHOST_JSON_INTEGER(row "details", "bytes_sent") " else 0 end"
#define BALUHOST_DAY(row)      \
  "(" row "timestamp - ((" row \
  "timestamp % 86400000000) + 86400000000) % 86400000000) / 86400000000"

#define BALUHOST_NAME(row)                                     \
  "char(57344 + (" row "owner_id >> 24 & 4095), 57344 + (" row \
  "owner_id >> 12 & 4095),"                                    \
  " 57344 + (" row "owner_id & 4095), 2) || " row "search_key || char(3, 3)"

/// The roll-up, and how far the order of the ids differs from the order of the times: the greatest
/// lead of an earlier id, in microseconds (4611686018427387904 where it is not known). `user_key`
/// is "=" and the user, or "" for none.
constexpr std::string_view kStatistics =
    R"sql(
create table audit_daily (
  day integer not null,
  event_type text not null,
  action text not null,
  user_key text not null,
  success integer not null,
  shard integer not null,
  events integer not null,
  bytes integer not null,
  primary key (day, event_type, action, user_key, success, shard)
) strict, without rowid;
create index audit_daily_user on audit_daily (user_key, day);

insert into audit_daily select )sql" BALUHOST_DAY("") R"sql(, event_type, action, coalesce('=' || "user", ''), success, 0, count(*), sum()sql" BALUHOST_BYTES(
        "")
        R"sql() from audit_logs group by 1, 2, 3, 4, 5;

create table audit_order (
  id integer not null primary key check (id = 1),
  newest integer not null,
  disorder integer not null
) strict;
insert into audit_order select 1, coalesce(max(timestamp), -4611686018427387904), coalesce(max(lead - timestamp), 0)
  from (select timestamp, max(timestamp) over (order by id rows unbounded preceding) as lead from audit_logs);

create trigger audit_logs_added after insert on audit_logs begin
  insert into audit_daily values ()sql" BALUHOST_DAY("new.") R"sql(, new.event_type, new.action, coalesce('=' || new."user", ''), new.success, 0, 1, )sql" BALUHOST_BYTES(
            "new.")
            R"sql()
    on conflict do update set events = events + 1, bytes = bytes + excluded.bytes;
  update audit_order set newest = max(newest, new.timestamp), disorder = case
    when exists (select 1 from audit_logs where id > new.id) then 4611686018427387904
    else max(disorder, newest - new.timestamp) end;
end;
create trigger audit_logs_removed after delete on audit_logs begin
  update audit_daily set events = events - 1, bytes = bytes - )sql" BALUHOST_BYTES(
                "old.") R"sql( where day = )sql" BALUHOST_DAY("old.")
                R"sql( and event_type = old.event_type and action = old.action and user_key = coalesce('=' || old."user", '')
    and success = old.success and shard = 0;
end;
create trigger audit_logs_changed after update of id, timestamp on audit_logs begin
  update audit_order set disorder = 4611686018427387904;
end;
)sql";

/// A login or a refresh makes nothing wrong that was remembered of a session.
constexpr std::string_view kCalmIdentities = R"sql(
drop trigger sessions_added;
drop trigger sessions_changed;
create trigger sessions_changed after update of id, user_id, expires_at, revoked_at on sessions
  begin update identity_version set version = version + 1; end;
)sql";

/// Where a recovery begins, however long the trail is: one row at most.
constexpr std::string_view kSealedUpTo = R"sql(
create table audit_sealed_up_to (id integer not null primary key check (id = 1), event_id integer not null) strict;
)sql";

/// What PostgreSQL's index cannot hold is no matter here.
constexpr std::string_view kLongResources = "";

/// A person is the account, not the name. What an account may see of its name's events begins after
/// `events_after`; `audit_former` has the events that were written for an account when it was gone.
/// A grant knows who gave it and by which right; one to a name without an account has no
/// `grantee_id`. Who gave the grants of before is told by the name, if the account is old enough.
constexpr std::string_view kAccounts = R"sql(
alter table users add column events_after integer not null default 0;
alter table transfers add column account_id integer;
create table audit_former (event_id integer not null primary key) strict;

create table grants_given (
  file_id integer not null references files (id) on delete cascade,
  grantee text not null,
  grantee_id integer references users (id) on delete cascade,
  home_id integer not null references users (id),
  rights integer not null check (rights between 0 and 15),
  giver_id integer references users (id),
  granted_by text not null,
  given_on integer not null check (given_on in (0, 1)),
  created_at integer not null,
  primary key (file_id, grantee)
) strict, without rowid;
insert into grants_given
  select g.file_id, u.username, u.id, f.owner_id, g.rights, w.id,
    case when w.id is not null or g.granted_by like 'cli:%' then g.granted_by else '' end,
    case when w.id is null or w.id = f.owner_id or w.role = 'admin' then 0 else 1 end, g.created_at
  from grants g join users u on u.id = g.grantee_id join files f on f.id = g.file_id
    left join users w on w.username = g.granted_by and w.created_at <= g.created_at;
drop table grants;
alter table grants_given rename to grants;
create index grants_grantee on grants (grantee_id, file_id) where grantee_id is not null;
create index grants_home on grants (home_id, file_id, grantee);
create index grants_given_on on grants (home_id) where given_on = true;
create index grants_giver on grants (giver_id) where giver_id is not null;
create trigger grants_added after insert on grants begin update identity_version set version = version + 1; end;
create trigger grants_removed after delete on grants begin update identity_version set version = version + 1; end;
create trigger grants_changed after update on grants begin update identity_version set version = version + 1; end;
)sql";

/// Trees that go in steps, entries that count, and what unfinished uploads add up to, kept by
/// triggers so that nobody sums them. A length counts for 64 TiB at most, so that no sum overflows.
constexpr std::string_view kTrees = R"sql(
alter table users add column entry_count integer not null default 0;
alter table users add column tree_version integer not null default 0;
alter table users add column removed integer not null default 0 check (removed in (0, 1));
update users set entry_count = (select count(*) from files f where f.owner_id = users.id and f.parent_id is not null);

create table tree_removals (
  root_id integer not null primary key references files (id) on delete cascade,
  owner_id integer not null,
  timestamp integer not null,
  action text not null,
  "user" text,
  resource text,
  details text not null,
  ip_address text,
  user_agent text,
  account_id integer
) strict;

create table upload_totals (
  kind text not null check (kind in ('home', 'creator')),
  key text not null,
  uploads integer not null,
  bytes integer not null,
  primary key (kind, key)
) strict, without rowid;
insert into upload_totals select 'home', home, count(*), sum(min(length, 70368744177664)) from uploads where received < length group by home;
insert into upload_totals select 'creator', cast(creator_id as text), count(*), sum(min(length, 70368744177664)) from uploads
  where received < length group by creator_id;
create trigger uploads_added after insert on uploads when new.received < new.length begin
  insert into upload_totals values ('home', new.home, 1, min(new.length, 70368744177664)),
    ('creator', cast(new.creator_id as text), 1, min(new.length, 70368744177664))
    on conflict do update set uploads = uploads + 1, bytes = bytes + excluded.bytes;
end;
create trigger uploads_removed after delete on uploads when old.received < old.length begin
  update upload_totals set uploads = uploads - 1, bytes = bytes - min(old.length, 70368744177664)
    where (kind = 'home' and key = old.home) or (kind = 'creator' and key = cast(old.creator_id as text));
end;
create trigger uploads_finished after update of received on uploads
  when old.received < old.length and new.received >= new.length begin
  update upload_totals set uploads = uploads - 1, bytes = bytes - min(old.length, 70368744177664)
    where (kind = 'home' and key = old.home) or (kind = 'creator' and key = cast(old.creator_id as text));
end;
create trigger uploads_reopened after update of received on uploads
  when old.received >= old.length and new.received < new.length begin
  insert into upload_totals values ('home', new.home, 1, min(new.length, 70368744177664)),
    ('creator', cast(new.creator_id as text), 1, min(new.length, 70368744177664))
    on conflict do update set uploads = uploads + 1, bytes = bytes + excluded.bytes;
end;
)sql";

/// Who asks for an address is given its events without a look at all others.
constexpr std::string_view kAddresses = R"sql(
create index audit_logs_ip_address_timestamp on audit_logs (ip_address, timestamp) where ip_address is not null;
)sql";

/// A row for each event from its commit to its seal: few, and always the newest.
constexpr std::string_view kTags = R"sql(
create table audit_tags (
  event_id integer not null primary key,
  writer text not null,
  number integer not null,
  settled integer not null,
  sealed integer not null,
  mac text not null
) strict;
)sql";

/// The tag of a transaction of several events: its list of them, with their leaves, and its last
/// one.
constexpr std::string_view kTagLists = R"sql(
alter table audit_tags add column last_event_id integer;
alter table audit_tags add column events text;
)sql";

/// Keys of accounts. What one is bound to is a number without a reference, see keys.cpp.
constexpr std::string_view kKeys = R"sql(
create table keys (
  id text not null primary key,
  owner_id integer not null references users (id) on delete cascade,
  name text not null,
  secret text not null unique,
  scopes integer not null check (scopes between 0 and 63),
  root_id integer,
  protocols integer not null check (protocols between 0 and 3),
  allow_from text not null,
  created_at integer not null,
  expires_at integer,
  last_used_at integer,
  last_used_ip text
) strict;
create index keys_owner on keys (owner_id, id);
create index keys_expires_at on keys (expires_at) where expires_at is not null;
create trigger keys_added after insert on keys
  begin update identity_version set version = version + 1; end;
create trigger keys_removed after delete on keys
  begin update identity_version set version = version + 1; end;
)sql";

/// The checksum of a content, and the layouts of archives, which keep the contents that they name.
constexpr std::string_view kArchives = R"sql(
alter table files add column crc32 integer;

create table archives (
  id text not null primary key,
  owner_id integer not null,
  session_id text not null,
  name text not null,
  comment text not null,
  size integer not null,
  directory_offset integer not null,
  directory_size integer not null,
  entries integer not null,
  files integer not null,
  created_at integer not null,
  used_at integer not null
) strict;
create index archives_owner on archives (owner_id);

create table archive_entries (
  archive_id text not null,
  entry_offset integer not null,
  directory_offset integer not null,
  file_id integer not null,
  owner_id integer not null,
  path text not null,
  name text not null,
  modified_at integer not null,
  blob text,
  size integer,
  sha256 text,
  crc32 integer,
  primary key (archive_id, entry_offset)
) strict, without rowid;
create unique index archive_entries_directory on archive_entries (archive_id, directory_offset);
create index archive_entries_blob on archive_entries (blob) where blob is not null;
)sql";

/// Share links. What a token rests on changes `identity_version`; that one was opened does not.
constexpr std::string_view kShares = R"sql(
create table shares (
  id text not null primary key,
  file_id integer not null references files (id) on delete cascade,
  home_id integer not null references users (id),
  creator_id integer not null references users (id) on delete cascade,
  rights integer not null check (rights between 1 and 3),
  secret text not null,
  generation integer not null,
  password_hash text,
  expires_at integer,
  max_uses integer,
  uses integer not null,
  max_bytes integer,
  used_bytes integer not null,
  note text,
  created_at integer not null,
  last_used_at integer,
  ended_at integer
) strict;
create index shares_creator on shares (creator_id, created_at, id);
create index shares_created_at on shares (created_at, id);
create index shares_home on shares (home_id, file_id);
create index shares_file on shares (file_id);
create index shares_ended_at on shares (ended_at) where ended_at is not null;
create trigger shares_removed after delete on shares
  begin update identity_version set version = version + 1; end;
create trigger shares_changed after update of rights, generation, expires_at, ended_at on shares
  begin update identity_version set version = version + 1; end;

alter table uploads add column share_id text references shares (id) on delete cascade;
alter table uploads add column share_path text;
create index uploads_share on uploads (share_id) where share_id is not null;
)sql";

/// Second factors of accounts, and logins that wait for a code.
constexpr std::string_view kSecondFactors = R"sql(
create table second_factors (
  user_id integer not null primary key references users (id) on delete cascade,
  key_id text not null,
  seed text not null,
  created_at integer not null,
  confirmed_at integer,
  last_step integer not null,
  step_before integer not null
) strict;
create trigger second_factors_confirmed after update of confirmed_at on second_factors
  begin update identity_version set version = version + 1; end;
create trigger second_factors_removed after delete on second_factors
  begin update identity_version set version = version + 1; end;
create table recovery_codes (
  user_id integer not null references users (id) on delete cascade,
  digest text not null,
  primary key (user_id, digest)
) strict, without rowid;
create table second_factor_resets (
  user_id integer not null primary key references users (id) on delete cascade,
  reset_at integer not null
) strict;
create table login_challenges (
  digest text not null primary key,
  user_id integer not null references users (id) on delete cascade,
  created_at integer not null,
  expires_at integer not null,
  tries integer not null check (tries >= 0)
) strict;
create index login_challenges_user on login_challenges (user_id, created_at, digest);
create index login_challenges_expires_at on login_challenges (expires_at);
)sql";

/// The orders of a directory's entries, each with its names at the end.
constexpr std::string_view kDirectoryOrders = R"sql(
create index files_by_kind on files (parent_id, kind, name);
create index files_by_size on files (parent_id, size, name) where size is not null;
create index files_by_time on files (parent_id, kind, modified_at, name);
)sql";

/// What was taken out of homes to be restored or purged, and what is still to be put on record of
/// it. A detached root has no parent and a name that no path can hold, see trash.cpp.
constexpr std::string_view kTrash = R"sql(
alter table users add column trash_bytes integer not null default 0;
alter table files add column pending_records integer not null default 0;

create table trash (
  id integer not null primary key autoincrement,
  root_id integer not null unique references files (id) on delete cascade,
  owner_id integer not null references users (id),
  parent_id integer,
  path text not null,
  size integer not null,
  version_bytes integer not null,
  file_count integer not null,
  deleter_id integer,
  deleted_by text not null,
  deleted_at integer not null,
  expires_at integer not null
) strict;
create index trash_owner on trash (owner_id, id);
create index trash_deleter on trash (deleter_id, id) where deleter_id is not null;
create index trash_expires_at on trash (expires_at, id);

create table tree_records (
  id integer not null primary key autoincrement,
  root_id integer not null references files (id),
  position text not null,
  source text,
  timestamp integer not null,
  action text not null,
  "user" text,
  resource text,
  details text not null,
  ip_address text,
  user_agent text,
  account_id integer
) strict;
create index tree_records_root on tree_records (root_id);
)sql";

/// Contents that files had. `version_id` and `written_at` are null of a content that was there
/// before, or is the file's first.
constexpr std::string_view kVersions = R"sql(
alter table users add column version_bytes integer not null default 0;
alter table files add column version_bytes integer not null default 0;
alter table files add column contents integer not null default 1;
alter table files add column version_id text;
alter table files add column written_at integer;
alter table files add column written_by text;

create table versions (
  file_id integer not null references files (id) on delete cascade,
  id text not null,
  blob text not null,
  size integer not null,
  sha256 text not null,
  sha1 text,
  crc32 integer,
  created_at integer not null,
  created_by text,
  replaced_at integer not null,
  primary key (file_id, id)
) strict, without rowid;
create index versions_blob on versions (blob);
create index versions_replaced_at on versions (replaced_at, file_id, id);
)sql";

/// What searches compare of a name, filled by the program, and its index of three letters; see
/// name_index.cpp.
constexpr std::string_view kSearch = R"sql(
alter table files add column search_key text not null default '';
create index files_without_key on files (id) where search_key = '';
create virtual table files_search using fts5(key, content='', columnsize=0, detail=none,
  tokenize='trigram case_sensitive 1');
create virtual table files_search_terms using fts5vocab(files_search, row);
create trigger files_search_added after insert on files when new.search_key <> '' begin
  insert into files_search (rowid, key) values (new.id, char(57344 + (new.owner_id >> 24 & 4095),
    57344 + (new.owner_id >> 12 & 4095), 57344 + (new.owner_id & 4095), 2)
    || new.search_key || char(3, 3));
end;
create trigger files_search_removed after delete on files when old.search_key <> '' begin
  insert into files_search (files_search, rowid, key) values ('delete', old.id,
    char(57344 + (old.owner_id >> 24 & 4095),
    57344 + (old.owner_id >> 12 & 4095), 57344 + (old.owner_id & 4095), 2)
    || old.search_key || char(3, 3));
end;
create trigger files_search_changed after update of search_key, owner_id on files
  when old.search_key <> new.search_key or old.owner_id <> new.owner_id begin
  insert into files_search (files_search, rowid, key) select 'delete', old.id,
    char(57344 + (old.owner_id >> 24 & 4095),
    57344 + (old.owner_id >> 12 & 4095), 57344 + (old.owner_id & 4095), 2)
    || old.search_key || char(3, 3) where old.search_key <> '';
  insert into files_search (rowid, key) select new.id,
    char(57344 + (new.owner_id >> 24 & 4095),
    57344 + (new.owner_id >> 12 & 4095), 57344 + (new.owner_id & 4095), 2)
    || new.search_key || char(3, 3) where new.search_key <> '';
end;
)sql";

/// Figures of days that are over, see roll_up.cpp. A day that has a row of `audit_rolled` has no
/// other events than were counted: who writes to it takes the row away.
constexpr std::string_view kRollUp = R"sql(
create table audit_rolled (
  day integer not null primary key,
  run integer not null,
  state integer not null check (state between 0 and 3),
  first_id integer not null,
  last_id integer not null,
  most_left integer not null
) strict;
create table audit_keys (
  kind integer not null,
  day integer not null,
  key text not null,
  succeeded integer not null,
  failed integer not null,
  bytes integer not null,
  primary key (kind, day, key)
) strict, without rowid;
create table audit_quarters (
  day integer not null,
  quarter integer not null,
  event_type text not null,
  succeeded integer not null,
  failed integer not null,
  primary key (day, quarter, event_type)
) strict, without rowid;
create trigger audit_rolled_added after insert on audit_logs begin
  delete from audit_rolled where day = )sql" BALUHOST_DAY("new.") R"sql(;
end;
create trigger audit_rolled_removed after delete on audit_logs begin
  delete from audit_rolled where day = )sql" BALUHOST_DAY("old.") R"sql(;
end;
create trigger audit_rolled_changed after update on audit_logs begin
  delete from audit_rolled where day = )sql" BALUHOST_DAY(
    "old.") R"sql( or day = )sql" BALUHOST_DAY("new.") R"sql(;
end;
)sql";

/// What a transaction changed of names, until its commit brings it into the index: FTS5 writes what
/// it gathered at the end of each savepoint, and each upload has one. See name_index.cpp.
constexpr std::string_view kGatheredNames = R"sql(
create table files_search_changes (
  number integer not null primary key,
  is_removal integer not null check (is_removal in (0, 1)),
  file_id integer not null,
  key text not null
) strict;
drop trigger files_search_added;
drop trigger files_search_removed;
drop trigger files_search_changed;
create trigger files_search_added after insert on files when new.search_key <> '' begin
  insert into files_search_changes (is_removal, file_id, key) values (0, new.id, )sql" BALUHOST_NAME(
    "new.") R"sql();
end;
create trigger files_search_removed after delete on files when old.search_key <> '' begin
  insert into files_search_changes (is_removal, file_id, key) values (1, old.id, )sql" BALUHOST_NAME(
    "old.") R"sql();
end;
create trigger files_search_changed after update of search_key, owner_id on files
  when old.search_key <> new.search_key or old.owner_id <> new.owner_id begin
  insert into files_search_changes (is_removal, file_id, key)
    select 1, old.id, )sql" BALUHOST_NAME("old.") R"sql( where old.search_key <> '';
  insert into files_search_changes (is_removal, file_id, key)
    select 0, new.id, )sql" BALUHOST_NAME("new.") R"sql( where new.search_key <> '';
end;
)sql";

/// Downloads under way are on record in groups that bear a MAC, and so does what of them is over.
/// What an earlier version left has none.
constexpr std::string_view kTransferGroups = R"sql(
create table transfer_groups (
  instance_id text not null,
  first_id integer not null,
  downloads integer not null,
  since_id integer not null,
  events text not null,
  mac text,
  primary key (instance_id, first_id)) strict, without rowid;
insert into transfer_groups
  select instance_id, id, 1, id,
    json_array(json_object('timestamp', timestamp, 'action', action, 'user', "user",
      'resource', resource, 'details', details, 'ip_address', ip_address,
      'user_agent', user_agent, 'account_id', account_id)), null
  from transfers;
drop table transfers;
alter table instances add column begun integer not null default 0;
alter table instances add column open text not null default '';
alter table instances add column mac text;
)sql";

/// A step that was shipped stays as it is: databases that have it are not touched by it again.
using sql::SchemaStep;
constexpr std::array kSteps{
    SchemaStep{1, kBase},       SchemaStep{2, kStatistics},     SchemaStep{3, kCalmIdentities},
    SchemaStep{4, kSealedUpTo}, SchemaStep{5, kLongResources},  SchemaStep{6, kAccounts},
    SchemaStep{7, kTrees},      SchemaStep{8, kAddresses},      SchemaStep{9, kTags},
    SchemaStep{10, kTagLists},  SchemaStep{11, kKeys},          SchemaStep{12, kArchives},
    SchemaStep{13, kShares},    SchemaStep{14, kSecondFactors}, SchemaStep{15, kDirectoryOrders},
    SchemaStep{16, kTrash},     SchemaStep{17, kVersions},      SchemaStep{18, kSearch},
    SchemaStep{19, kRollUp},    SchemaStep{20, kGatheredNames}, SchemaStep{21, kTransferGroups}};

} // namespace

std::span<const sql::SchemaStep> schema_steps() noexcept { return kSteps; }

Result<std::int64_t> current_version(sql::Connection& connection, bool unfinished) {
  return sql::guarded(connection, [&]() -> Result<std::int64_t> {
    if (!connection.number(
            "select 1 from sqlite_master where type = 'table' and name = 'schema_version'")) {
      if (connection.number("select 1 from sqlite_master limit 1"))
        return Error{Errc::conflict, "the file is the database of another program"};
      return std::int64_t{0};
    }
    return sql::recorded_version(connection, unfinished);
  });
}

Result<std::optional<SchemaChange>> upgrade_schema(sql::Connection& connection,
                                                   std::int64_t target) {
  BALUHOST_TRY(const auto seen, current_version(connection));
  if (seen == target) return std::optional<SchemaChange>{};
  return sql::guarded(connection, [&]() -> Result<std::optional<SchemaChange>> {
    run_script(connection, "begin immediate");
    const auto finish = [&](std::string_view how) { run_script(connection, how); };
    // Another program may have been faster.
    auto version = current_version(connection);
    if (!version) {
      finish("rollback");
      return std::move(version).error();
    }
    if (*version > target) {
      finish("rollback");
      return sql::too_new(*version, target);
    }
    try {
      for (const auto& step : sql::steps_between(schema_steps(), *version, target))
        run_script(connection, sql::script_of({&step, 1}));
      finish("commit");
    } catch (...) {
      roll_back(connection);
      throw;
    }
    if (*version == target) return std::optional<SchemaChange>{};
    return std::optional{SchemaChange{*version, target}};
  });
}

// What a virtual table has is its module's, which may not be there.
const sql::Query& structure_query() {
  static const sql::Query query = sql::select(
      sql::text("m.name", "coalesce(c.name, '')"),
      "from sqlite_master m left join"
      " pragma_table_info(case when m.rootpage = 0 then '' else m.name end) c"
      " where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\' order by m.name");
  return query;
}

} // namespace baluhost::sqlite

namespace baluhost {

std::string sqlite_schema_sql() { return sql::script_of(sqlite::schema_steps()); }

} // namespace baluhost
