#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

#include <array>

namespace baluhost::sql {
namespace {

Transfer read_transfer(const Row& row) {
  Transfer transfer{TransferId{row.number(0)}, InstanceId{row.text(1)},
                    NewAuditEvent{.timestamp = Timestamp{row.number(2)},
                                  .action = action_named(row.text(3)),
                                  .user = row.maybe_text(4),
                                  .resource = row.maybe_text(5),
                                  .success = row.number(6) != 0,
                                  .error_message = row.maybe_text(7),
                                  .details = row.text(8),
                                  .ip_address = row.maybe_text(9),
                                  .user_agent = row.maybe_text(10)}};
  if (const auto id = row.maybe_number(11)) transfer.interrupted.account = UserId{*id};
  return transfer;
}

} // namespace

Result<std::vector<Transfer>> SqlTransfers::of_instance(const InstanceId& instance,
                                                        std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Transfer>> {
    return all(db_.select("select id, instance_id, timestamp, action, \"user\", resource, case "
                          "when success then 1 else 0 end,"
                          " error_message, details, ip_address, user_agent, account_id from "
                          "transfers where instance_id = ?"
                          " order by id limit ?",
                          "ntntttnttttn", {instance, sql_limit(limit)}),
               read_transfer);
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
    return all(db_.select("select id, started_at, seen_at from instances order by id", "tnn"),
               [](const Row& row) {
                 return Instance{InstanceId{row.text(0)}, Timestamp{row.number(1)},
                                 Timestamp{row.number(2)}};
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
