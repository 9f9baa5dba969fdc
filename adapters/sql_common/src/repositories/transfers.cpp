#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

const Columns kTransferColumns = number("id") + text("instance_id") + number("timestamp") +
                                 text("action", "\"user\"", "resource") + flag("success") +
                                 text("error_message", "details", "ip_address", "user_agent") +
                                 number("account_id");

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

Result<void> SqlTransfers::end(TransferId id) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("delete from transfers where id = ?", {id}) == 0)
      return not_found("no such transfer");
    return {};
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
