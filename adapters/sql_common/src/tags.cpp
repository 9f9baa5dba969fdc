#include "tags.hpp"

#include "baluhost/domain/digest.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/value_list.hpp"

#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string>

// A list of events is a text of items with a space between: how far the event's id is from the one
// before (0 for the first), a dot, and its leaf in base64url. A row of five hundred events costs
// what a dozen rows of one would. Anybody may have written what is read here.
namespace baluhost::sql {
namespace {

constexpr std::size_t kKeysPerDelete = 256;
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

const Columns kLeafColumns = number("l.sequence", "l.event_id") + text("l.leaf");

/// A leaf that cannot be read fits no event, as zeros do.
AuditLeaf read_any_leaf(Row& row) {
  return {row.number(), EventId{row.number()},
          Sha256Digest::parse_hex(row.text()).value_or(Sha256Digest{})};
}

std::optional<std::string> list_of(const EventTag& tag) {
  if (tag.events.empty()) return std::nullopt;
  std::string list;
  list.reserve(tag.events.size() * 46);
  EventId last = tag.event;
  for (const auto& [event, leaf] : tag.events) {
    if (!list.empty()) list += ' ';
    list.append(std::to_string(event.value - last.value)).append(1, '.');
    list += to_base64url(leaf.view());
    last = event;
  }
  return list;
}

/// None if `item` is not one that comes after the event `last`.
std::optional<EventLeaf> parse_item(std::string_view item, EventId last, bool is_first) {
  std::int64_t step = 0;
  const auto [dot, code] = std::from_chars(item.data(), item.data() + item.size(), step);
  if (code != std::errc{} || dot == item.data() + item.size() || *dot != '.') return std::nullopt;
  if (is_first ? step != 0 : step < 1 || step > kHighest - last.value) return std::nullopt;
  item.remove_prefix(static_cast<std::size_t>(dot - item.data()) + 1);
  const auto raw = from_base64url(item);
  const auto leaf = raw ? Sha256Digest::from_bytes(*raw) : raw.error();
  if (!leaf) return std::nullopt;
  return EventLeaf{EventId{last.value + step}, *leaf};
}

/// Empty if `list` is none of several events that begin with `first` and end with `last`.
std::vector<EventLeaf> parse_list(std::string_view list, EventId first, EventId last) {
  std::vector<EventLeaf> events;
  if (first.value < 1) return events;
  for (EventId before = first; events.size() < EventTag::kMostEvents;) {
    const auto end = list.find(' ');
    const auto event = parse_item(list.substr(0, end), before, events.empty());
    if (!event) return {};
    before = events.emplace_back(*event).event;
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
    if (events.size() == EventTag::kMostEvents) return {};
  }
  if (events.size() < 2 || events.back().event != last) return {};
  return events;
}

/// What is stored of `ids`, in their order.
std::vector<TaggedEvent> stored_events(Connection& db, std::span<const EventId> ids) {
  const ValueList<EventId> list(ids);
  std::map<EventId, TaggedEvent> found;
  for (const auto& leaf : all(db.select(select(kLeafColumns,
                                               "from audit_leaves l where l.event_id"
                                               " in (" +
                                                   list.sql + ")"),
                                        list.arguments),
                              read_any_leaf)) {
    found[leaf.event].leaf = leaf;
  }
  const auto events = select(number("a.id") + flag(db.dialect().well_typed()) + kEventColumns,
                             "from audit_logs a where a.id in (" + list.sql + ")");
  for (auto rows = db.select(events, list.arguments); rows.next();) {
    Row row = rows.row();
    auto& stored = found[EventId{row.number()}];
    stored.event = readable_event(row, row.flag());
    stored.readable = stored.event.has_value();
  }
  std::vector<TaggedEvent> stored;
  stored.reserve(ids.size());
  for (const EventId id : ids) stored.push_back(std::move(found[id]));
  return stored;
}

/// A MAC that nobody can read fits nothing, as zeros do. Then the leaf and the row of the first
/// event, as far as there are any.
StoredTag read_tag(Row& row) {
  StoredTag found;
  found.tag = {.event = EventId{row.number()},
               .writer = InstanceId{row.text()},
               .number = row.number(),
               .settled = row.number(),
               .sealed = row.number(),
               .mac = Sha256Digest::parse_hex(row.text()).value_or(Sha256Digest{}),
               .events = {}};
  const auto last = row.maybe<EventId>();
  const auto list = row.maybe_text();
  if (last || list) {
    found.tag.events = parse_list(list.value_or(""), found.tag.event, last.value_or(EventId{}));
    row.skip_rest();
    return found;
  }
  auto& event = found.events.emplace_back();
  if (row.is_null())
    row.skip(kLeafColumns.size());
  else
    event.leaf = read_any_leaf(row);
  read_event_into(row, event);
  return found;
}

} // namespace

void insert_tags(Connection& db, std::span<const EventTag> tags) {
  in_portions(tags, kRowsPerInsert, [&](std::span<const EventTag> some) {
    std::string sql =
        "insert into audit_tags (event_id, writer, number, settled, sealed, mac, last_event_id,"
        " events) values ";
    std::vector<std::optional<std::string>> lists;
    lists.reserve(some.size());
    Arguments values;
    values.reserve(some.size() * 8);
    for (const auto& tag : some) {
      sql += values.empty() ? "(?, ?, ?, ?, ?, ?, ?, ?)" : ", (?, ?, ?, ?, ?, ?, ?, ?)";
      const auto& list = lists.emplace_back(list_of(tag));
      const auto last = list ? std::optional{tag.events.back().event} : std::nullopt;
      for (Argument value :
           {Argument(tag.event), Argument(tag.writer), Argument(tag.number), Argument(tag.settled),
            Argument(tag.sealed), Argument(tag.mac), Argument(last), Argument(list)}) {
        values.push_back(std::move(value));
      }
    }
    db.execute_later(sql +
                         " on conflict (event_id) do update set writer = excluded.writer,"
                         " number = excluded.number, settled = excluded.settled,"
                         " sealed = excluded.sealed, mac = excluded.mac,"
                         " last_event_id = excluded.last_event_id, events = excluded.events",
                     values);
  });
}

std::vector<StoredTag> read_tags(Connection& db, EventId after, std::size_t limit) {
  const auto query =
      select(number("t.event_id") + text("t.writer") + number("t.number", "t.settled", "t.sealed") +
                 text("t.mac") + number("t.last_event_id") + text("t.events") + kLeafColumns +
                 flag(db.dialect().well_typed()) + kEventColumns,
             "from audit_tags t left join audit_leaves l on l.event_id = t.event_id"
             " left join audit_logs a on a.id = t.event_id where t.event_id > ? order by t.event_id"
             " limit ?");
  auto found = all(db.select(query, {after, sql_limit(limit)}), read_tag);
  for (auto& stored : found) {
    if (!stored.tag.events.empty()) stored.events = stored_events(db, events_of(stored.tag));
  }
  return found;
}

std::unordered_set<EventId> listed_events(Connection& db, EventId after, EventId last) {
  static const Query query =
      select(number("event_id", "last_event_id") + text("events"),
             "from audit_tags where event_id <= ? and last_event_id > ? and events is not null");
  std::unordered_set<EventId> listed;
  for (auto rows = db.select(query, {last, after}); rows.next();) {
    Row row = rows.row();
    const EventId first{row.number()}, end{row.number()};
    for (const auto& event : parse_list(row.text(), first, end)) listed.insert(event.event);
  }
  return listed;
}

void remove_tags(Connection& db, std::span<const EventId> first_events) {
  in_portions(first_events, kKeysPerDelete, [&](std::span<const EventId> some) {
    const ValueList<EventId> list(some);
    db.execute("delete from audit_tags where event_id in (" + list.sql + ")", list.arguments);
  });
}

} // namespace baluhost::sql
