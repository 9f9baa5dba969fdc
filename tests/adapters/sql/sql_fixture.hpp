#pragma once

#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/ports/database.hpp"

#include <sqlite3.h>
#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/// What the tests of both SQL adapters share.
namespace baluhost::test {

template <class T>
T value(Result<T> result) {
  if (!result)
    throw std::runtime_error("expected success, got " + std::string{code_of(result.error().code)} +
                             ": " + result.error().detail);
  return *std::move(result);
}
inline void value(const Result<void>& result) {
  if (!result)
    throw std::runtime_error("expected success, got " + std::string{code_of(result.error().code)} +
                             ": " + result.error().detail);
}

inline NewAuditEvent event_at(std::int64_t time, Action action = Action::login_success,
                              std::optional<std::string> user = "anna") {
  return NewAuditEvent{.timestamp = Timestamp{time}, .action = action, .user = std::move(user)};
}

/// What pins the schema steps that were shipped: whoever changes one leaves the databases behind
/// that have it already.
template <class Steps>
std::vector<std::string> digests_of(const Steps& steps) {
  const auto digester = make_openssl_digester();
  std::vector<std::string> digests;
  for (const auto& step : steps) digests.push_back(digester->sha256(step.sql).hex().substr(0, 16));
  return digests;
}

/// A write of one event and nothing else.
inline Result<void> record(Database& database, const NewAuditEvent& event) {
  return database.write(
      [&](WriteTransaction&) -> Result<AuditEvents> { return AuditEvents{event}; });
}

inline std::vector<AuditEvent> trail(Database& database) {
  std::vector<AuditEvent> events;
  value(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(events, tx.audit().since(EventId{}, 1'000'000));
    return {};
  }));
  return events;
}

/// Of all events.
inline AuditStatistics statistics_of(Database& database) {
  AuditStatistics found;
  value(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(found, tx.audit().statistics({}, {}, {}));
    return {};
  }));
  return found;
}

inline NewUser user_named(const std::string& name) {
  return NewUser{.username = value(Username::parse(name)),
                 .password = PasswordHash{Secret{"$argon2id$v=19$not-a-real-one"}},
                 .created_at = Timestamp{1}};
}

/// Downloads that were under way, as programs before they bore MACs left them.
inline constexpr auto kOldTransfers =
    "insert into instances values ('dead', 1, 2);"
    " insert into transfers (id, instance_id, timestamp, action, \"user\", resource, success,"
    " error_message, details, ip_address, user_agent, account_id) values"
    " (7, 'dead', 5, 'download', 'anna', '/anna/\"a\"', false, 'interrupted',"
    " '{\"file_size\":10}', '192.0.2.1', 'x', 3),"
    " (9, 'dead', 6, 'download', null, null, false, 'interrupted', '{}', null, null, null);";

/// What becomes of them, by SQLite to the letter.
inline const std::vector<std::string> kUpgradedTransfers{
    R"([{"timestamp":5,"action":"download","user":"anna","resource":"/anna/\"a\"",)"
    R"("details":"{\"file_size\":10}","ip_address":"192.0.2.1","user_agent":"x","account_id":3}])",
    R"([{"timestamp":6,"action":"download","user":null,"resource":null,"details":"{}",)"
    R"("ip_address":null,"user_agent":null,"account_id":null}])"};

/// Grants as programs before accounts were told apart by more than their names left them.
inline constexpr auto kOldGrants =
    "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
    "created_at, updated_at) values"
    " (1, 'anna', 'user', true, 0, 0, '$', 10, 10), (2, 'bert', 'user', true, 0, 0, '$', 10, 10),"
    " (3, 'carl', 'user', true, 0, 0, '$', 10, 10), (4, 'root', 'admin', true, 0, 0, '$', 10, 10),"
    " (5, 'late', 'user', true, 0, 0, '$', 100, 100);"
    " insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at) values"
    " (1, null, 'anna', 'directory', 1, 10, 10), (2, 1, 'docs', 'directory', 1, 10, 10);"
    " insert into grants (file_id, grantee_id, rights, granted_by, created_at) values (1, 2, 15, "
    "'anna', 50),"
    " (1, 3, 1, 'bert', 50), (2, 2, 1, 'root', 50), (2, 3, 1, 'late', 50), (2, 5, 1, 'cli:os', "
    "50), (1, 5, 1, 'gone', 50)";
/// What becomes of them, each as "file grantee account home rights giver name given-on time".
inline constexpr auto kOldGrantsNow =
    "select file_id || ' ' || grantee || ' ' || grantee_id || ' ' || home_id || ' ' || rights || ' "
    "' || coalesce(giver_id, 0) || ' '"
    " || granted_by || ' ' || case when given_on then 1 else 0 end || ' ' || created_at as line "
    "from grants order by file_id, grantee";
inline const std::vector<std::string> kUpgradedGrants{
    "1 bert 2 1 15 1 anna 0 50", "1 carl 3 1 1 2 bert 1 50", "1 late 5 1 1 0  0 50",
    "2 bert 2 1 1 4 root 0 50",  "2 carl 3 1 1 0  0 50",     "2 late 5 1 1 0 cli:os 0 50"};

/// The database file through SQLite itself: what is really in it.
class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path) {
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open(path.c_str(), &handle);
    handle_.reset(handle);
    if (opened != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    sqlite3_busy_timeout(handle, 5000);
  }
  using Rows = std::vector<std::vector<std::string>>;

  Rows rows(const std::string& sql) {
    Rows found;
    const auto add = [](void* to, int count, char** values, char**) {
      auto& row = static_cast<Rows*>(to)->emplace_back();
      for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "NULL" : values[i]);
      return 0;
    };
    char* message = nullptr;
    if (sqlite3_exec(handle_.get(), sql.c_str(), add, &found, &message) != SQLITE_OK) {
      const std::string text = message == nullptr ? "" : message;
      sqlite3_free(message);
      throw std::runtime_error(text + " in " + sql);
    }
    return found;
  }
  std::string one(const std::string& sql) { return rows(sql).at(0).at(0); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

} // namespace baluhost::test
