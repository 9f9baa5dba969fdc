#include "audit/audit_export.hpp"

#include "audit/audit_lines.hpp"
#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"

#include <charconv>
#include <initializer_list>
#include <utility>
#include <vector>

// An export holds what was there when it began: events that arrive meanwhile have greater ids and
// are left out, so that the number on record is the number that leaves. Each piece is a page of its
// own by keyset, so neither memory nor a transaction grows with the export.
namespace baluhost {
namespace {

constexpr std::size_t kRowsPerPiece = 250;
constexpr std::size_t kSealsPerRead = 100;
constexpr std::size_t kPieceBytes = 64 * 1024;

constexpr std::string_view kCsvHeader =
    "id,timestamp,event_type,action,user,resource,success,error_message,details,ip_address,user_"
    "agent\r\n";

/// True for what needs no second look: printable ASCII alone.
bool is_plain(std::string_view text) noexcept {
  bool plain = true;
  for (const char c : text) plain &= c >= ' ' && c < '\x7f';
  return plain;
}

/// RFC 4180. A spreadsheet runs a cell that begins as a formula does; an apostrophe in front makes
/// it text, and one that the text has itself gets another, so that a reader takes one off every
/// cell that has it. What would move the cursor, ring, colour or turn the line around is shown as
/// \uNNNN. Semicolons are quoted because spreadsheets of half the world take them for commas.
void append_cell(std::string& out, std::string_view text) {
  std::string escaped;
  const bool is_marked = text.starts_with('\'') || begins_as_formula(text);
  if (!is_plain(text)) text = escaped = with_controls_escaped(text);
  if (!is_marked && !text.empty() && text.find_first_of(",;\"") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  if (is_marked) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// With commas between them. Nothing at all for null, which tells it from empty text.
void append_cells(std::string& out, std::initializer_list<std::optional<std::string_view>> cells) {
  bool is_first = true;
  for (const auto& cell : cells) {
    if (!std::exchange(is_first, false)) out += ',';
    if (cell) append_cell(out, *cell);
  }
}

void append_csv(std::string& out, const AuditEvent& event) {
  out += std::to_string(event.id.value);
  out += ',';
  out += event.timestamp.to_rfc3339();
  out += ',';
  out += to_string(event.type);
  out += ',';
  append_cells(out, {event.action, event.user, event.resource});
  out += event.success ? ",true," : ",false,";
  append_cells(out, {event.error_message, event.details, event.ip_address, event.user_agent});
  out += "\r\n";
}

JsonObject filters_json(const AuditFilter& filter) {
  JsonObject json;
  if (filter.type) json.add("event_type", to_string(*filter.type));
  if (filter.action) json.add("action", *filter.action);
  if (filter.user) json.add("user", *filter.user);
  if (filter.resource) json.add("resource", *filter.resource);
  if (filter.resource_prefix) json.add("resource_prefix", *filter.resource_prefix);
  if (filter.success) json.add("success", *filter.success);
  if (filter.ip_address) json.add("ip_address", filter.ip_address->str());
  if (filter.from) json.add("from", filter.from->to_rfc3339());
  if (filter.to) json.add("to", filter.to->to_rfc3339());
  return json;
}

class EventExport final : public AuditExport {
 public:
  EventExport(Database& database, const ExportRequest& request, std::optional<EventPosition> after,
              EventId last_id)
      : database_(database), request_(request), after_(after), last_id_(last_id) {}

  Result<std::string> next() override {
    std::string piece;
    if (!std::exchange(started_, true) && request_.format == ExportFormat::csv && !after_)
      piece = kCsvHeader;
    while (piece.empty() && !done_) {
      BALUHOST_CHECK(append_page(piece));
    }
    return piece;
  }

 private:
  Result<void> append_page(std::string& piece) {
    BALUHOST_TRY(auto events, query(database_, [&](ReadTransaction& tx) {
                   return tx.audit().query(request_.filter, request_.order, after_, kRowsPerPiece);
                 }));
    for (const auto& event : events) {
      if (event.id > last_id_) continue;
      if (request_.format == ExportFormat::csv)
        append_csv(piece, event);
      else
        piece += to_json(event) + '\n';
    }
    done_ = events.size() < kRowsPerPiece;
    if (!events.empty()) after_ = EventPosition{events.back().timestamp, events.back().id};
    return {};
  }

  Database& database_;
  ExportRequest request_;
  std::optional<EventPosition> after_;
  EventId last_id_;
  bool started_{false};
  bool done_{false};
};

/// Each seal after its events, each prune record after the last seal that it speaks of, or after
/// the last one of all. A prune may overtake the export: so the records are read together with the
/// events, and of a seal that is pruned meanwhile no event is exported, or all are.
class SealExport final : public AuditExport {
 public:
  SealExport(Database& database, SealNumber first, SealNumber last)
      : database_(database), last_seal_(SealNumber{first.value - 1}), end_(last) {}

  Result<std::string> next() override {
    if (given_ == ready_.size()) BALUHOST_CHECK(make_ready());
    auto piece = ready_.substr(given_, kPieceBytes);
    given_ += piece.size();
    return piece;
  }

 private:
  /// Whole seals, a piece at least.
  Result<void> make_ready() {
    ready_.clear();
    given_ = 0;
    while (ready_.size() < kPieceBytes) {
      BALUHOST_TRY(const auto seal, current_seal());
      if (!seal) break;
      BALUHOST_CHECK(append_events(*seal));
      ready_ += JsonObject{}.add_json("seal", to_json(*seal)).str() + '\n';
      append_prunes(*seal);
      last_seal_ = seal->number;
      ++next_seal_;
    }
    return {};
  }

  Result<std::optional<Seal>> current_seal() {
    if (next_seal_ == seals_.size()) {
      next_seal_ = 0;
      BALUHOST_TRY(seals_, query(database_, [&](ReadTransaction& tx) {
                     return tx.seals().list(last_seal_, kSealsPerRead);
                   }));
      if (!seals_.empty() && position_ == 0) position_ = seals_.front().first_sequence - 1;
    }
    if (next_seal_ == seals_.size() || seals_[next_seal_].number > end_)
      return std::optional<Seal>{};
    return std::optional{seals_[next_seal_]};
  }

  Result<void> append_events(const Seal& seal) {
    const auto before = ready_.size();
    std::int64_t found = 0;
    while (position_ < seal.last_sequence) {
      if (next_event_ == events_.size()) {
        BALUHOST_CHECK(read_events());
        if (events_.empty()) break;
      }
      const auto& sealed = events_[next_event_];
      if (sealed.leaf.sequence > seal.last_sequence) break;
      ++next_event_;
      position_ = sealed.leaf.sequence;
      if (!sealed.readable) return unreadable_event(sealed.leaf);
      if (!sealed.event) continue;
      ready_ += event_line(*sealed.event, sealed.leaf.sequence) + '\n';
      ++found;
    }
    const bool overtaken =
        found < seal.count && !prunes_.empty() && prunes_.back().last_seal >= seal.number;
    if (overtaken) ready_.resize(before);
    return {};
  }

  struct EventsAndPrunes {
    std::vector<SealedEvent> events;
    std::vector<PruneRecord> prunes;
  };

  Result<void> read_events() {
    next_event_ = 0;
    const auto look = [&](ReadTransaction& tx) -> Result<EventsAndPrunes> {
      EventsAndPrunes seen;
      BALUHOST_TRY(seen.events, tx.seals().sealed_events(position_, kRowsPerPiece));
      BALUHOST_TRY(seen.prunes, tx.seals().prunes());
      return seen;
    };
    BALUHOST_TRY(auto seen, query(database_, look));
    events_ = std::move(seen.events);
    prunes_ = std::move(seen.prunes);
    return {};
  }

  void append_prunes(const Seal& seal) {
    for (const auto& record : prunes_) {
      if (record.last_seal < seal.number || (record.last_seal > seal.number && seal.number < end_))
        continue;
      ready_ += JsonObject{}.add_json("prune", to_json(record)).str() + '\n';
      break;
    }
  }

  Database& database_;
  SealNumber last_seal_; ///< the last that was written
  SealNumber end_;
  std::vector<PruneRecord> prunes_; ///< by seal
  std::vector<Seal> seals_;
  std::size_t next_seal_{0};
  std::vector<SealedEvent> events_;
  std::size_t next_event_{0};
  std::int64_t position_{0}; ///< the last sequence that was looked at
  std::string ready_;
  std::size_t given_{0};
};

/// A cursor of the list, or the id of the last event that arrived whole: what a client knows when
/// its stream breaks.
Result<EventPosition> resume_position(const AuditRepository& events, const std::string& list,
                                      const std::string& cursor) {
  EventId id;
  const auto* end = cursor.data() + cursor.size();
  if (const auto read = std::from_chars(cursor.data(), end, id.value);
      read.ec != std::errc{} || read.ptr != end) {
    return read_position(list, cursor);
  }
  BALUHOST_TRY(const auto event, events.find(id));
  if (!event) return invalid_cursor();
  return EventPosition{event->timestamp, event->id};
}

Result<ExportPlan> plan_events(Database& database, const ExportRequest& request) {
  const auto list = event_list_name(request.filter, request.order);
  struct Extent {
    std::optional<EventPosition> after;
    EventId newest;
    std::int64_t events{};
  };
  const auto look = [&](ReadTransaction& tx) -> Result<Extent> {
    Extent extent;
    if (request.cursor) {
      BALUHOST_TRY(extent.after, resume_position(tx.audit(), list, *request.cursor));
    }
    BALUHOST_TRY(extent.newest, tx.audit().newest());
    BALUHOST_TRY(extent.events, tx.audit().count(request.filter, request.order, extent.after));
    return extent;
  };
  BALUHOST_TRY(const auto extent, query(database, look));
  auto filters = filters_json(request.filter);
  if (extent.after) filters.add("behind_event", extent.after->id.value);
  return ExportPlan{
      .stream = std::make_unique<EventExport>(database, request, extent.after, extent.newest),
      .events = extent.events,
      .filters = filters.str()};
}

/// How many of the events that the seals from `first` on cover are still there.
Result<std::int64_t> events_of_seals(const SealRepository& seals, SealNumber first,
                                     SealNumber last) {
  BALUHOST_TRY(const auto firsts, seals.list(SealNumber{first.value - 1}, 1));
  BALUHOST_TRY(const auto lasts, seals.list(SealNumber{last.value - 1}, 1));
  if (firsts.empty() || lasts.empty()) return std::int64_t{0};
  BALUHOST_TRY(const auto present, seals.sealed_events(firsts.front().first_sequence - 1, 1));
  if (present.empty() || present.front().leaf.sequence > lasts.front().last_sequence)
    return std::int64_t{0};
  return lasts.front().last_sequence - present.front().leaf.sequence + 1;
}

Result<void> check_seal_request(const ExportRequest& request) {
  if (request.format != ExportFormat::ndjson)
    return invalid("seals need the format ndjson").at("/seals");
  if (request.cursor) return invalid("goes with a range of seals only").at("/cursor");
  if (request.order != SortOrder::ascending) return invalid("goes with asc only").at("/order");
  if (filters_json(request.filter).str() != "{}")
    return invalid("an export with seals takes no filter but a range of seals").at("/seals");
  return {};
}

Result<ExportPlan> plan_seals(Database& database, const ExportRequest& request) {
  BALUHOST_CHECK(check_seal_request(request));
  const SealNumber first = std::max(request.first_seal.value_or(SealNumber{1}), SealNumber{1});
  struct Extent {
    SealNumber last;
    std::int64_t events{};
  };
  const auto look = [&](ReadTransaction& tx) -> Result<Extent> {
    BALUHOST_TRY(const auto newest, tx.seals().newest());
    Extent extent{.last = newest ? newest->number : SealNumber{0}};
    if (request.last_seal) extent.last = std::min(extent.last, *request.last_seal);
    if (first <= extent.last) {
      BALUHOST_TRY(extent.events, events_of_seals(tx.seals(), first, extent.last));
    }
    return extent;
  };
  BALUHOST_TRY(const auto extent, query(database, look));
  JsonObject filters;
  filters.add("seals", true);
  if (request.first_seal) filters.add("first_seal", request.first_seal->value);
  if (request.last_seal) filters.add("last_seal", request.last_seal->value);
  return ExportPlan{.stream = std::make_unique<SealExport>(database, first, extent.last),
                    .events = extent.events,
                    .filters = filters.str()};
}

} // namespace

std::string event_list_name(const AuditFilter& filter, SortOrder order) {
  return (order == SortOrder::ascending ? "audit/events/asc/" : "audit/events/desc/") +
         filters_json(filter).str();
}

std::string position_key(const AuditEvent& event) {
  return std::to_string(event.timestamp.microseconds) + ':' + std::to_string(event.id.value);
}

Result<EventPosition> read_position(const std::string& list, std::string_view cursor) {
  BALUHOST_TRY(const auto key, read_cursor(list, cursor));
  EventPosition position;
  const auto* end = key.data() + key.size();
  const auto time = std::from_chars(key.data(), end, position.timestamp.microseconds);
  if (time.ptr == end || *time.ptr != ':' ||
      std::from_chars(time.ptr + 1, end, position.id.value).ptr != end)
    return invalid_cursor();
  return position;
}

Result<ExportPlan> plan_export(Database& database, const ExportRequest& request) {
  if (request.seals) return plan_seals(database, request);
  if (request.first_seal || request.last_seal)
    return invalid("goes with seals only").at(request.first_seal ? "/first_seal" : "/last_seal");
  return plan_events(database, request);
}

} // namespace baluhost
