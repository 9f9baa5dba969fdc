#include "baluhost/sql_common/events.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/common/stored_event.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "tags.hpp"

#include <algorithm>
#include <iterator>

namespace baluhost::sql {
namespace {} // namespace

std::vector<std::int64_t> Dialect::insert_events(Connection& db,
                                                 std::span<const AuditEvent> events) const {
  std::vector<std::int64_t> ids;
  ids.reserve(events.size());
  in_portions(events, kRowsPerInsert, [&](std::span<const AuditEvent> some) {
    std::string sql = concat("insert into audit_logs (", kEventRowColumns, ") values ");
    Arguments values;
    values.reserve(some.size() * 10);
    for (const auto& event : some) {
      sql += values.empty() ? "(?, ?, ?, ?, ?, cast(? as integer) = 1, ?, ?, ?, ?)"
                            : ", (?, ?, ?, ?, ?, cast(? as integer) = 1, ?, ?, ?, ?)";
      for (const Argument& value :
           {Argument(event.timestamp), Argument(to_string(event.type)), Argument(event.action),
            Argument(event.user), Argument(event.resource), Argument(event.success ? 1 : 0),
            Argument(event.error_message), Argument(event.details), Argument(event.ip_address),
            Argument(event.user_agent)}) {
        values.push_back(value);
      }
    }
    for (auto rows = db.select(returning(sql, number("id")), values); rows.next();) {
      Row row = rows.row();
      ids.push_back(row.number());
    }
  });
  return ids;
}

std::vector<UserId> Dialect::hold_accounts(Connection& db, std::span<const UserId> accounts) const {
  std::vector<UserId> present;
  for (const UserId account : accounts) {
    if (db.number("select id from users where id = ? and removed = false", {account}))
      present.push_back(account);
  }
  return present;
}

AuditEvent read_event(Row& row) {
  return AuditEvent{.id = EventId{row.number()},
                    .timestamp = Timestamp{row.number()},
                    .type = accepted(parse_event_type(row.text())),
                    .action = row.text(),
                    .user = row.maybe_text(),
                    .resource = row.maybe_text(),
                    .success = row.flag(),
                    .error_message = row.maybe_text(),
                    .details = row.text(),
                    .ip_address = row.maybe_text(),
                    .user_agent = row.maybe_text()};
}

std::optional<AuditEvent> readable_event(Row& row, bool well_typed) {
  try {
    if (well_typed) return read_event(row);
  } catch (const BrokenRow&) {
  }
  row.skip_rest();
  return std::nullopt;
}

AuditEvent as_stored(const NewAuditEvent& event) {
  if (!is_valid_utf8(event.details) || event.details.find('\0') != std::string::npos)
    throw BrokenRow{};
  return stored_event(event);
}

StagedEvents::StagedEvents(std::span<const NewAuditEvent> events) {
  events_.reserve(events.size());
  for (const auto& event : events) {
    // One is looked for in any case: how long a refusal takes does not tell whether it is known
    // whose credential that was.
    if (event.account_may_be_gone)
      doubts_.push_back({events_.size(), event.account.value_or(UserId{})});
    events_.push_back(as_stored(event));
  }
}

void StagedEvents::append(StagedEvents more) {
  for (const auto doubt : more.doubts_)
    doubts_.push_back({events_.size() + doubt.place, doubt.account});
  for (const auto place : more.of_former_) of_former_.push_back(events_.size() + place);
  std::ranges::move(more.events_, std::back_inserter(events_));
}

void hold_accounts(Connection& db, StagedEvents& events) {
  if (events.doubts_.empty()) return;
  std::vector<UserId> accounts;
  for (const auto& doubt : events.doubts_) accounts.push_back(doubt.account);
  std::ranges::sort(accounts);
  accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
  const auto present = db.dialect().hold_accounts(db, accounts);
  for (const auto& doubt : events.doubts_) {
    if (doubt.account != UserId{} && !std::ranges::binary_search(present, doubt.account))
      events.of_former_.push_back(doubt.place);
  }
  events.doubts_.clear();
}

Result<WrittenEvents> insert_events(Connection& db, StagedEvents events,
                                    const std::shared_ptr<EventTagger>& tagger) {
  if (events.empty()) return WrittenEvents{};
  hold_accounts(db, events);
  auto& stored = events.events_;
  auto ids = db.dialect().insert_events(db, stored);
  if (ids.size() != stored.size()) throw BrokenRow{};
  // Rows take their ids in the order of the values; the order in which they come back is not
  // promised.
  std::ranges::sort(ids);
  for (std::size_t i = 0; i < ids.size(); ++i) stored[i].id = EventId{ids[i]};
  for (const auto place : events.of_former_) {
    const Argument id{stored[place].id};
    db.execute_later("insert into audit_former (event_id) values (?)", {&id, 1});
  }
  if (!tagger) return WrittenEvents{std::move(stored), nullptr, {}};
  BALUHOST_TRY(auto tags, tagger->tag(stored));
  WrittenEvents written{std::move(stored), tagger, std::move(tags)};
  insert_tags(db, written.tags());
  return written;
}

} // namespace baluhost::sql
