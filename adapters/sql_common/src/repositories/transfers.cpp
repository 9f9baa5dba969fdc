#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

#include <algorithm>

namespace baluhost::sql {
namespace {

const Columns kTransferColumns = number("id") + text("instance_id") + number("timestamp") +
                                 text("action", "\"user\"", "resource") + flag("success") +
                                 text("error_message", "details", "ip_address", "user_agent") +
                                 number("account_id");

constexpr std::size_t kAtOnce = 64;

/// Writes a portion of one statement's size. Rows take their ids in the order of the values; the
/// order in which they come back is not promised.
std::vector<TransferId> insert_portion(Connection& db, const InstanceId& instance,
                                       std::span<const NewAuditEvent> interrupted) {
  std::vector<AuditEvent> events;
  for (const auto& event : interrupted) events.push_back(as_stored(event));
  std::string sql =
      "insert into transfers (instance_id, timestamp, action, \"user\", resource, success, "
      "error_message, details, ip_address, user_agent, account_id) values ";
  Arguments values;
  values.reserve(events.size() * 11);
  for (std::size_t i = 0; i < events.size(); ++i) {
    sql += i == 0 ? "" : ", ";
    sql += "(?, ?, ?, ?, ?, cast(? as integer) = 1, ?, ?, ?, ?, ?)";
    const AuditEvent& event = events[i];
    for (const Argument& value :
         {Argument(instance), Argument(event.timestamp), Argument(event.action),
          Argument(event.user), Argument(event.resource), Argument(event.success ? 1 : 0),
          Argument(event.error_message), Argument(event.details), Argument(event.ip_address),
          Argument(event.user_agent), Argument(interrupted[i].account)})
      values.push_back(value);
  }
  auto ids = all(db.select(returning(sql, number("id")), values), read_number<TransferId>);
  if (ids.size() != events.size()) throw BrokenRow{};
  std::ranges::sort(ids);
  return ids;
}

Transfer read_transfer(Row& row) {
  return Transfer{.id = TransferId{row.number()},
                  .instance = InstanceId{row.text()},
                  .interrupted = {.timestamp = Timestamp{row.number()},
                                  .action = read_action(row),
                                  .user = row.maybe_text(),
                                  .resource = row.maybe_text(),
                                  .success = row.flag(),
                                  .error_message = row.maybe_text(),
                                  .details = row.text(),
                                  .ip_address = row.maybe_text(),
                                  .user_agent = row.maybe_text(),
                                  .account = row.maybe<UserId>()}};
}

} // namespace

Result<std::vector<Transfer>> SqlTransfers::of_instance(const InstanceId& instance,
                                                        std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Transfer>> {
    static const Query query =
        select(kTransferColumns, "from transfers where instance_id = ? order by id limit ?");
    return all(db_.select(query, {instance, sql_limit(limit)}), read_transfer);
  });
}

Result<TransferId> SqlTransfers::begin(const InstanceId& instance,
                                       const NewAuditEvent& interrupted) {
  return guarded(db_, [&]() -> Result<TransferId> {
    BALUHOST_CHECK(check_built_in(interrupted.action));
    const AuditEvent event = as_stored(interrupted);
    const auto id = db_.number(
        "insert into transfers (instance_id, timestamp, action, \"user\", resource, success, "
        "error_message, details,"
        " ip_address, user_agent, account_id) values (?, ?, ?, ?, ?, cast(? as integer) = 1, ?, ?, "
        "?, ?, ?) returning id",
        {instance, event.timestamp, event.action, event.user, event.resource, event.success ? 1 : 0,
         event.error_message, event.details, event.ip_address, event.user_agent,
         interrupted.account});
    if (!id) throw BrokenRow{};
    return TransferId{*id};
  });
}

Result<std::vector<TransferId>> SqlTransfers::begin_all(
    const InstanceId& instance, std::span<const NewAuditEvent> interrupted) {
  return guarded(db_, [&]() -> Result<std::vector<TransferId>> {
    std::vector<TransferId> begun;
    in_portions(interrupted, kAtOnce, [&](std::span<const NewAuditEvent> some) {
      const auto ids = insert_portion(db_, instance, some);
      begun.insert(begun.end(), ids.begin(), ids.end());
    });
    return begun;
  });
}

Result<std::vector<TransferId>> SqlTransfers::end(std::span<const TransferId> ids) {
  return guarded(db_, [&]() -> Result<std::vector<TransferId>> {
    std::vector<TransferId> ended;
    in_portions(ids, kAtOnce, [&](std::span<const TransferId> some) {
      const ValueList<TransferId> list(some);
      const auto gone =
          all(db_.select(
                  returning("delete from transfers where id in (" + list.sql + ")", number("id")),
                  list.arguments),
              read_number<TransferId>);
      ended.insert(ended.end(), gone.begin(), gone.end());
    });
    return ended;
  });
}

Result<std::vector<Instance>> SqlTransfers::instances() const {
  return guarded(db_, [&]() -> Result<std::vector<Instance>> {
    static const Query query =
        select(text("id") + number("started_at", "seen_at"), "from instances order by id");
    return all(db_.select(query), [](Row& row) {
      return Instance{.id = InstanceId{row.text()},
                      .started_at = Timestamp{row.number()},
                      .seen_at = Timestamp{row.number()}};
    });
  });
}

Result<void> SqlTransfers::put_instance(const Instance& instance) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into instances (id, started_at, seen_at) values (?, ?, ?)"
        " on conflict (id) do update set seen_at = excluded.seen_at",
        {instance.id, instance.started_at, instance.seen_at});
    return {};
  });
}

Result<void> SqlTransfers::remove_instance(const InstanceId& id) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute("delete from transfers where instance_id = ?", {id});
    db_.execute("delete from instances where id = ?", {id});
    return {};
  });
}

} // namespace baluhost::sql
