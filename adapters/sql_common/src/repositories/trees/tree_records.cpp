#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

const Columns kRecordColumns =
    number("r.id", "r.root_id") + text("r.position", "r.source") + number("r.timestamp") +
    text("r.action", "r.\"user\"", "r.resource", "r.details", "r.ip_address", "r.user_agent") +
    number("r.account_id");

TreeRecord read_record(Row& row) {
  const TreeRecordId id{row.number()};
  const FileId root{row.number()};
  auto position = row.text();
  auto source = row.maybe_text();
  TreeRecord record{{.root = root, .event = read_success(row)}};
  record.id = id;
  record.position = std::move(position);
  record.source = std::move(source);
  return record;
}

Error is_over() { return Error{Errc::conflict, "another was faster"}; }

} // namespace

Result<std::vector<TreeRecord>> SqlTreeRecords::pending(TreeRecordId after,
                                                        std::size_t limit) const {
  static const Query query =
      select(kRecordColumns, "from tree_records r where r.id > ? order by r.id limit ?");
  return all_rows(db_, query, {after, sql_limit(limit)}, read_record);
}

// Up from each record: there are few of them, and many nodes below a root.
Result<std::vector<TreeRecord>> SqlTreeRecords::pending_below(FileId root, TreeRecordId after,
                                                              std::size_t limit) const {
  static const Query query = select(
      kRecordColumns,
      "from tree_records r where r.id > ? and exists (with recursive up(id, parent_id) as (select"
      " f.id, f.parent_id from files f where f.id = r.root_id union all select f.id, f.parent_id"
      " from up join files f on f.id = up.parent_id) select 1 from up where up.id = ?)"
      " order by r.id limit ?");
  return all_rows(db_, query, {after, root, sql_limit(limit)}, read_record);
}

Result<TreeRecord> SqlTreeRecords::begin(const NewTreeRecord& record) {
  return guarded(db_, [&]() -> Result<TreeRecord> {
    if (db_.execute("update files set pending_records = pending_records + 1 where id = ?",
                    {record.root}) == 0) {
      return not_found("no such node");
    }
    const AuditEvent event = as_stored(record.event);
    const auto id = db_.number(
        "insert into tree_records (root_id, position, source, timestamp, action, \"user\", "
        "resource,"
        " details, ip_address, user_agent, account_id) values (?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " returning id",
        {record.root, record.source, event.timestamp, event.action, event.user, event.resource,
         event.details, event.ip_address, event.user_agent, record.event.account});
    if (!id) throw BrokenRow{};
    TreeRecord begun{record};
    begun.id = TreeRecordId{*id};
    return begun;
  });
}

Result<void> SqlTreeRecords::advance(TreeRecordId id, std::string_view from, std::string_view to) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update tree_records set position = ? where id = ? and position = ?",
                    {to, id, from}) == 0) {
      return is_over();
    }
    return {};
  });
}

Result<void> SqlTreeRecords::end(TreeRecordId id) {
  return guarded(db_, [&]() -> Result<void> {
    const auto root = db_.number("delete from tree_records where id = ? returning root_id", {id});
    if (!root) return is_over();
    db_.execute("update files set pending_records = pending_records - 1 where id = ?", {*root});
    return {};
  });
}

} // namespace baluhost::sql
