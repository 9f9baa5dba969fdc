#include "repositories/repositories.hpp"
#include "rows.hpp"

#include <string>
#include <string_view>
#include <utility>

// What a key is bound to is a number without a reference: ids are never given twice, so that one of
// a file that is gone fits nothing, and no file that goes has to look for keys.
//
// The look-up of a secret that no key has reads the row of another key, so that it takes no less
// time than that of a key which is over.
namespace baluhost::sql {
namespace {

const Columns kKeyColumns = text("k.id") + number("k.owner_id") + text("k.name") +
                            number("k.scopes", "k.root_id", "k.protocols") + text("k.allow_from") +
                            number("k.created_at", "k.expires_at", "k.last_used_at") +
                            text("k.last_used_ip");

/// The path of the root, none where it is gone or its tree was detached from its home.
const Columns kPathColumn = text(
    "(with recursive up(parent_id, owner_id, name, path) as (select f.parent_id, f.owner_id, "
    "f.name, '/' || f.name from files f where f.id = k.root_id union all select f.parent_id, "
    "f.owner_id, f.name, '/' || f.name || up.path from up join files f on f.id = "
    "up.parent_id) select path from up join users o on o.id = up.owner_id where parent_id is "
    "null and o.username = up.name)");

std::vector<IpNetwork> read_networks(std::string_view text) {
  std::vector<IpNetwork> networks;
  while (!text.empty()) {
    const auto comma = text.find(',');
    networks.push_back(accepted(IpNetwork::parse(text.substr(0, comma))));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return networks;
}

std::string text_of(const std::vector<IpNetwork>& networks) {
  std::string text;
  for (const auto& network : networks) {
    if (!text.empty()) text += ',';
    text += network.str();
  }
  return text;
}

template <class Set>
Set read_set(Row& row) {
  return Set::from_bits(static_cast<std::uint8_t>(row.number()));
}

Key read_key(Row& row) {
  return Key{.id = KeyId{row.text()},
             .owner = UserId{row.number()},
             .name = row.text(),
             .scopes = read_set<Scopes>(row),
             .root = row.maybe<FileId>(),
             .protocols = read_set<KeyProtocols>(row),
             .allow_from = read_networks(row.text()),
             .created_at = Timestamp{row.number()},
             .expires_at = row.maybe<Timestamp>(),
             .last_used_at = row.maybe<Timestamp>(),
             .last_used_ip = read_address(row)};
}

KeyState read_state(Row& row) { return {read_key(row), read_user(row), row.flag()}; }

PlacedKey read_placed(Row& row) {
  PlacedKey placed{read_key(row), std::nullopt};
  if (const auto path = row.maybe_text()) placed.path = accepted(FilePath::parse(*path));
  return placed;
}

constexpr std::size_t kUsesAtOnce = 64;
constexpr std::string_view kWithUser = "from keys k join users u on u.id = k.owner_id where ";

} // namespace

Result<std::optional<KeyState>> SqlKeys::find(const KeyId& id) const {
  static const Query query =
      select(kKeyColumns + kUserColumns + kHasSecondFactor, std::string{kWithUser} + "k.id = ?");
  return first_row(db_, query, {id}, read_state);
}

Result<std::optional<KeyState>> SqlKeys::find(const KeyHash& secret) const {
  return guarded(db_, [&]() -> Result<std::optional<KeyState>> {
    static const Query query =
        select(text("k.secret") + kKeyColumns + kUserColumns + kHasSecondFactor,
               std::string{kWithUser} +
                   "k.secret = coalesce((select a.secret from keys a where a.secret = ?),"
                   " (select min(b.secret) from keys b))");
    const auto found = one(db_.select(query, {secret.digest}), [](Row& row) {
      auto hash = row.text();
      return std::pair{std::move(hash), read_state(row)};
    });
    if (!found || found->first != secret.digest.hex()) return std::optional<KeyState>{};
    return found->second;
  });
}

Result<std::vector<PlacedKey>> SqlKeys::list(UserId owner, const std::optional<KeyId>& after,
                                             std::size_t limit) const {
  static const Query query =
      select(kKeyColumns + kPathColumn,
             "from keys k where k.owner_id = ? and k.id > ? order by k.id limit ?");
  return all_rows(db_, query, {owner, after ? after->value : std::string{}, sql_limit(limit)},
                  read_placed);
}

Result<std::int64_t> SqlKeys::count(UserId owner) const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.number("select count(*) from keys where owner_id = ?", {owner}).value_or(0);
  });
}

Result<void> SqlKeys::insert(const Key& key, const KeyHash& secret) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into keys (id, owner_id, name, secret, scopes, root_id, protocols, allow_from, "
        "created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {key.id, key.owner, key.name, secret.digest, key.scopes.bits(), key.root,
         key.protocols.bits(), text_of(key.allow_from), key.created_at, key.expires_at});
    return {};
  });
}

Result<void> SqlKeys::remove(const KeyId& id) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("delete from keys where id = ?", {id}) == 0) return not_found("no such key");
    return {};
  });
}

Result<std::int64_t> SqlKeys::remove_all(UserId owner) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.execute("delete from keys where owner_id = ?", {owner});
  });
}

Result<void> SqlKeys::note_uses(std::span<const KeyUse> uses) {
  return guarded(db_, [&]() -> Result<void> {
    in_portions(uses, kUsesAtOnce, [&](std::span<const KeyUse> portion) {
      std::string values;
      Arguments arguments;
      for (const auto& use : portion) {
        values += values.empty() ? "" : ", ";
        values += "(cast(? as text), cast(? as bigint), cast(? as text))";
        arguments.insert(arguments.end(), {use.key, use.at, use.ip_address});
      }
      db_.execute(
          "update keys set last_used_at = v.column2, last_used_ip = v.column3 from (values " +
              values +
              ") v where keys.id = v.column1 and coalesce(keys.last_used_at, 0) < v.column2",
          arguments);
    });
    return {};
  });
}

Result<std::int64_t> SqlKeys::forget_expired(Timestamp before, std::size_t limit) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.execute(
        "delete from keys where id in (select id from keys where expires_at < ? limit ?)",
        {before, sql_limit(limit)});
  });
}

} // namespace baluhost::sql
