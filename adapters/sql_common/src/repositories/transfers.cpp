#include "repositories/repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

const Columns kGroupColumns =
    text("instance_id") + number("first_id", "downloads", "since_id") + text("events", "mac");

const Columns kInstanceColumns =
    text("id") + number("started_at", "seen_at", "begun") + text("open", "mac");

constexpr std::size_t kAtOnce = 64;

/// One that is no MAC fits nothing.
std::optional<Sha256Digest> read_mac(Row& row) {
  const auto text = row.maybe_text();
  if (!text) return std::nullopt;
  auto mac = Sha256Digest::parse_hex(*text);
  return mac ? *mac : Sha256Digest{};
}

TransferGroup read_group(Row& row) {
  return TransferGroup{.instance = InstanceId{row.text()},
                       .first = TransferId{row.number()},
                       .downloads = row.number(),
                       .since = TransferId{row.number()},
                       .events = row.text(),
                       .mac = read_mac(row)};
}

Instance read_instance(Row& row) {
  return Instance{
      .id = InstanceId{row.text()},
      .started_at = Timestamp{row.number()},
      .seen_at = Timestamp{row.number()},
      .transfers = {.begun = TransferId{row.number()}, .open = row.text(), .mac = read_mac(row)}};
}

} // namespace

Result<std::vector<TransferGroup>> SqlTransfers::groups(const InstanceId& instance,
                                                        TransferId after, std::size_t limit) const {
  static const Query query =
      select(kGroupColumns,
             "from transfer_groups where instance_id = ? and first_id > ? order by first_id "
             "limit ?");
  return all_rows(db_, query, {instance, after, sql_limit(limit)}, read_group);
}

Result<void> SqlTransfers::begin(const TransferGroup& group) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into transfer_groups (instance_id, first_id, downloads, since_id, events, mac) "
        "values (?, ?, ?, ?, ?, ?)",
        {group.instance, group.first, group.downloads, group.since, group.events, group.mac});
    return {};
  });
}

Result<bool> SqlTransfers::end(const InstanceId& instance, const OpenTransfers& seen,
                               const OpenTransfers& transfers, std::span<const TransferId> over) {
  return guarded(db_, [&]() -> Result<bool> {
    const auto same = db_.number(
        "update instances set begun = ?, open = ?, mac = ? where id = ? and begun = ? and open = ? "
        "returning begun",
        {transfers.begun, transfers.open, transfers.mac, instance, seen.begun, seen.open});
    if (!same) return false;
    in_portions(over, kAtOnce, [&](std::span<const TransferId> some) {
      const ValueList<TransferId> list(some);
      Arguments values{instance};
      values.insert(values.end(), list.arguments.begin(), list.arguments.end());
      db_.execute(
          "delete from transfer_groups where instance_id = ? and first_id in (" + list.sql + ")",
          values);
    });
    return true;
  });
}

Result<std::vector<Instance>> SqlTransfers::instances() const {
  return guarded(db_, [&]() -> Result<std::vector<Instance>> {
    static const Query query = select(kInstanceColumns, "from instances order by id");
    return all(db_.select(query), read_instance);
  });
}

Result<std::optional<Instance>> SqlTransfers::instance(const InstanceId& id) const {
  static const Query query = select(kInstanceColumns, "from instances where id = ?");
  return first_row(db_, query, {id}, read_instance);
}

Result<void> SqlTransfers::put_instance(const Instance& instance) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into instances (id, started_at, seen_at, begun, open, mac) values (?, ?, ?, ?, ?, "
        "?) on conflict (id) do update set seen_at = excluded.seen_at",
        {instance.id, instance.started_at, instance.seen_at, instance.transfers.begun,
         instance.transfers.open, instance.transfers.mac});
    return {};
  });
}

Result<void> SqlTransfers::remove_instance(const InstanceId& id) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute("delete from transfer_groups where instance_id = ?", {id});
    db_.execute("delete from instances where id = ?", {id});
    return {};
  });
}

} // namespace baluhost::sql
