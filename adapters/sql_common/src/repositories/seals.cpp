#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/value_list.hpp"
#include "repositories/repositories.hpp"
#include "tags.hpp"

#include <utility>

namespace baluhost::sql {
namespace {

const Columns kSealColumns = number("s.number", "s.first_sequence", "s.last_sequence", "s.count") +
                             text("s.root", "s.previous") + number("s.sealed_at") +
                             flag("s.recovered") + text("s.key_id", "s.signature");

Seal read_seal(Row& row) {
  return Seal{.number = SealNumber{row.number()},
              .first_sequence = row.number(),
              .last_sequence = row.number(),
              .count = row.number(),
              .root = accepted(Sha256Digest::parse_hex(row.text())),
              .previous = accepted(Sha256Digest::parse_hex(row.text())),
              .sealed_at = Timestamp{row.number()},
              .recovered = row.flag(),
              .key_id = row.text(),
              .signature = accepted(from_hex(row.text()))};
}

const Columns kLeafColumns = number("l.sequence", "l.event_id") + text("l.leaf");

AuditLeaf read_leaf(Row& row) {
  return AuditLeaf{row.number(), EventId{row.number()},
                   accepted(Sha256Digest::parse_hex(row.text()))};
}

/// The leaf, whether the event's row is well typed, then the event's columns.
SealedEvent read_sealed_event(Row& row) {
  SealedEvent sealed{.leaf = read_leaf(row), .event = {}};
  read_event_into(row, sealed);
  return sealed;
}

/// None if the row is not one that we wrote.
std::optional<Seal> readable_seal(Connection& db, std::int64_t number) {
  try {
    static const Query query = select(kSealColumns, "from audit_seals s where s.number = ?");
    auto seal = one(db.select(query, {number}), read_seal);
    if (seal && has_consistent_numbers(*seal)) return seal;
  } catch (const BrokenRow&) {
  }
  return std::nullopt;
}

Error conflict(const char* what) { return Error{Errc::conflict, what}; }

/// Leaves per statement: few statements for a seal of a thousand events, few forms of them.
constexpr std::size_t kLeavesPerInsert = 256;

} // namespace

Result<std::optional<Seal>> SqlSeals::newest() const {
  return guarded(db_, [&]() -> Result<std::optional<Seal>> {
    static const Query query =
        select(kSealColumns, "from audit_seals s order by s.number desc limit 1");
    return one(db_.select(query), read_seal);
  });
}

Result<std::vector<Seal>> SqlSeals::list(SealNumber after, std::size_t limit) const {
  static const Query query =
      select(kSealColumns, "from audit_seals s where s.number > ? order by s.number limit ?");
  return all_rows(db_, query, {after, sql_limit(limit)}, read_seal);
}

Result<std::optional<AuditLeaf>> SqlSeals::leaf_of(EventId event) const {
  static const Query query = select(kLeafColumns, "from audit_leaves l where l.event_id = ?");
  return first_row(db_, query, {event}, read_leaf);
}

Result<std::optional<Seal>> SqlSeals::seal_of(std::int64_t sequence) const {
  return guarded(db_, [&]() -> Result<std::optional<Seal>> {
    static const Query query =
        select(kSealColumns,
               "from audit_seals s where s.last_sequence >= ? order by s.last_sequence limit 1");
    auto seal = one(db_.select(query, {sequence}), read_seal);
    if (seal && seal->first_sequence > sequence) seal.reset();
    return seal;
  });
}

Result<std::vector<SealedEvent>> SqlSeals::sealed_events(std::int64_t after_sequence,
                                                         std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<SealedEvent>> {
    const auto query = select(kLeafColumns + flag(db_.dialect().well_typed()) + kEventColumns,
                              "from audit_leaves l left join audit_logs a on a.id = l.event_id"
                              " where l.sequence > ? order by l.sequence limit ?");
    return all(db_.select(query, {after_sequence, sql_limit(limit)}), read_sealed_event);
  });
}

Result<std::vector<UnsealedEvent>> SqlSeals::unsealed(EventId after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<UnsealedEvent>> {
    const auto query = select(
        number("a.id") + flag("exists (select 1 from audit_tags t where t.event_id = a.id)") +
            flag(db_.dialect().well_typed()) + kEventColumns,
        "from audit_logs a where a.id > ? and not exists"
        " (select 1 from audit_leaves l where l.event_id = a.id) order by a.id limit ?");
    auto found = all(db_.select(query, {after, sql_limit(limit)}), [](Row& row) {
      UnsealedEvent event{.id = EventId{row.number()}, .event = {}, .tagged = row.flag()};
      event.event = readable_event(row, row.flag());
      return event;
    });
    if (found.empty()) return found;
    const auto listed = listed_events(db_, after, found.back().id);
    for (auto& event : found) event.tagged = event.tagged || listed.contains(event.id);
    return found;
  });
}

Result<std::vector<StoredTag>> SqlSeals::tags(EventId after, std::size_t limit) const {
  return guarded(db_,
                 [&]() -> Result<std::vector<StoredTag>> { return read_tags(db_, after, limit); });
}

Result<EventId> SqlSeals::sealed_up_to() const {
  return guarded(db_, [&]() -> Result<EventId> {
    return EventId{db_.number("select event_id from audit_sealed_up_to where id = 1").value_or(0)};
  });
}

Result<std::vector<PruneRecord>> SqlSeals::prunes() const {
  return guarded(db_, [&]() -> Result<std::vector<PruneRecord>> {
    static const Query query = select(
        number("last_seal", "last_sequence", "events", "pruned_at") + text("key_id", "signature"),
        "from audit_prunes order by last_seal");
    return all(db_.select(query), [](Row& row) {
      return PruneRecord{.last_seal = SealNumber{row.number()},
                         .last_sequence = row.number(),
                         .events = row.number(),
                         .pruned_at = Timestamp{row.number()},
                         .key_id = row.text(),
                         .signature = accepted(from_hex(row.text()))};
    });
  });
}

Result<void> SqlSeals::lock_chain() {
  return guarded(db_, [&]() -> Result<void> {
    db_.dialect().lock_chain(db_);
    return {};
  });
}

Result<void> SqlSeals::append(const Seal& seal, std::span<const AuditLeaf> leaves) {
  return guarded(db_, [&]() -> Result<void> {
    const auto sealed = db_.execute(
        "insert into audit_seals (number, first_sequence, last_sequence, count, root, previous, "
        "sealed_at, recovered, key_id,"
        " signature) values (?, ?, ?, ?, ?, ?, ?, cast(? as integer) = 1, ?, ?) on conflict do "
        "nothing",
        {seal.number, seal.first_sequence, seal.last_sequence, seal.count, seal.root, seal.previous,
         seal.sealed_at, seal.recovered ? 1 : 0, seal.key_id, to_hex(seal.signature)});
    if (sealed == 0) return conflict("the number of the seal is taken");
    bool is_free = true;
    in_portions(leaves, kLeavesPerInsert, [&](std::span<const AuditLeaf> some) {
      std::string sql = "insert into audit_leaves (sequence, event_id, leaf) values (?, ?, ?)";
      Arguments values;
      values.reserve(some.size() * 3);
      for (const auto& leaf : some) {
        if (!values.empty()) sql += ", (?, ?, ?)";
        values.emplace_back(leaf.sequence);
        values.emplace_back(leaf.event);
        values.emplace_back(leaf.leaf);
      }
      const auto inserted = db_.execute(sql + " on conflict do nothing", values);
      is_free = is_free && inserted == static_cast<std::int64_t>(some.size());
    });
    if (!is_free) return conflict("a sequence is taken, or an event has a leaf already");
    return {};
  });
}

Result<void> SqlSeals::remove_tags(std::span<const EventId> first_events) {
  return guarded(db_, [&]() -> Result<void> {
    sql::remove_tags(db_, first_events);
    return {};
  });
}

/// The number alone can be read of any row; all else may be whatever its column takes.
Result<std::vector<std::string>> SqlSeals::clear_way(std::size_t limit) {
  return guarded(db_, [&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> removed;
    std::int64_t covered = 0;
    while (const auto highest = db_.number("select max(number) from audit_seals")) {
      const auto seal = readable_seal(db_, *highest);
      covered = seal ? seal->last_sequence : 0;
      if (seal) break;
      if (removed.size() >= limit) return removed;
      removed.push_back(impossible_seal(SealNumber{*highest}));
      db_.execute("delete from audit_seals where number = ?", {*highest});
    }
    static const Query query =
        select(number("sequence", "event_id"),
               "from audit_leaves where sequence < 1 or sequence > ? order by sequence limit ?");
    const auto strays =
        all(db_.select(query, {covered, sql_limit(limit - removed.size())}), [](Row& row) {
          const std::int64_t sequence = row.number();
          return std::pair{sequence, EventId{row.number()}};
        });
    for (const auto& [sequence, event] : strays) {
      removed.push_back(stray_leaf(sequence, event));
      db_.execute("delete from audit_leaves where sequence = ?", {sequence});
    }
    return removed;
  });
}

Result<void> SqlSeals::note_sealed_up_to(EventId event) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into audit_sealed_up_to (id, event_id) values (1, ?)"
        " on conflict (id) do update set event_id = excluded.event_id",
        {event});
    return {};
  });
}

Result<void> SqlSeals::append_prune(const PruneRecord& record) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into audit_prunes (last_seal, last_sequence, events, pruned_at, key_id, signature)"
        " values (?, ?, ?, ?, ?, ?)",
        {record.last_seal, record.last_sequence, record.events, record.pruned_at, record.key_id,
         to_hex(record.signature)});
    return {};
  });
}

Result<std::int64_t> SqlSeals::remove_events(std::int64_t last_sequence, std::size_t limit) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    if (limit == 0) return std::int64_t{0};
    // The leaf after the last to go marks the end; the same end serves both tables.
    const auto end = db_.number(
        "select sequence from audit_leaves where sequence <= ? order by sequence limit 1 offset ?",
        {last_sequence, sql_limit(limit)});
    const std::int64_t last = end ? *end - 1 : last_sequence;
    db_.execute(
        "delete from audit_former where event_id in (select event_id from audit_leaves where "
        "sequence <= ?)",
        {last});
    db_.execute(
        "delete from audit_logs where id in (select event_id from audit_leaves where sequence <= "
        "?)",
        {last});
    return db_.execute("delete from audit_leaves where sequence <= ?", {last});
  });
}

} // namespace baluhost::sql
