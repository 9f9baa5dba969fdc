#include "baluhost/core/audit/audit_queries.hpp"

#include "access/permission_gate.hpp"
#include "audit/audit_export.hpp"
#include "audit/own_events.hpp"
#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"
#include "seals/inclusion_proof.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace baluhost {
namespace {

constexpr std::string_view kSealList = "audit/seals";
constexpr std::string_view kEventsRoute = "/api/v1/audit/events";

/// Whether the caller of `own` is shown `event`, which bears the caller's name.
Result<bool> is_own(ReadTransaction& tx, const OwnEvents& own, const AuditEvent& event) {
  if (event.timestamp < own.from || event.id <= own.since) return false;
  AuditFilter filter;
  filter.user = event.user;
  filter.from = event.timestamp;
  filter.to = event.timestamp + std::chrono::microseconds{1};
  filter.account_since = EventId{event.id.value - 1};
  BALUHOST_TRY(const auto found, tx.audit().query(filter, SortOrder::ascending, std::nullopt, 1));
  return !found.empty() && found.front().id == event.id;
}

struct VisibleEvent {
  std::optional<AuditEvent> event;

  /// There is such an event, and it is none of the caller's.
  bool is_hidden{false};
};

Result<VisibleEvent> find_visible(ReadTransaction& tx, const Principal& principal, EventId id) {
  VisibleEvent found;
  BALUHOST_TRY(found.event, tx.audit().find(id));
  BALUHOST_TRY(const auto own, own_events(tx, principal));
  if (!own || !found.event) return found;
  bool is_shown = found.event->user == principal.name();
  if (is_shown) {
    BALUHOST_TRY(is_shown, is_own(tx, *own, *found.event));
  }
  if (!is_shown) return VisibleEvent{.event = {}, .is_hidden = true};
  return found;
}

std::string event_route(EventId id) {
  return std::string{kEventsRoute} + '/' + std::to_string(id.value);
}

Error no_such_event() { return {.code = Errc::not_found, .detail = "no such event"}; }

void normalise_text(std::optional<std::string>& text) {
  if (!text) return;
  if (auto composed = to_nfc(*text)) text = *std::move(composed);
}

/// `filter` with its values as they are when an event is stored, however they were spelled.
AuditFilter normalised(AuditFilter filter) {
  normalise_name(filter.user);
  normalise_text(filter.resource);
  // The resource of an event about an account is its name; those of files and routes begin with a
  // slash.
  if (filter.resource && !filter.resource->starts_with('/')) normalise_name(filter.resource);
  normalise_text(filter.resource_prefix);
  return filter;
}

} // namespace

AuditQueries::AuditQueries(const Dependencies& deps) : deps_(deps) {}

Result<Page<AuditEvent>> AuditQueries::query(const Principal& principal, AuditFilter asked,
                                             SortOrder order, const PageRequest& page) {
  auto filter = normalised(std::move(asked));
  BALUHOST_CHECK(
      limit_to_own(deps_.audit_log, principal, kEventsRoute, Operation::list_events, filter.user));
  const auto list = event_list_name(filter, order);
  std::optional<EventPosition> after;
  if (page.cursor) {
    BALUHOST_TRY(after, read_position(list, *page.cursor));
  }
  const auto limit = page_limit(page);
  const auto look = [&](ReadTransaction& tx) -> Result<std::vector<AuditEvent>> {
    BALUHOST_TRY(const auto own, own_events(tx, principal));
    auto narrowed = filter;
    narrow(narrowed, own);
    return tx.audit().query(narrowed, order, after, limit + 1);
  };
  BALUHOST_TRY(auto events, baluhost::query(deps_.database, look));
  return make_page(std::move(events), limit, list, position_key);
}

Result<AuditEvent> AuditQueries::find(const Principal& principal, EventId id) {
  BALUHOST_TRY(auto found, baluhost::query(deps_.database, [&](ReadTransaction& tx) {
                 return find_visible(tx, principal, id);
               }));
  if (found.is_hidden)
    return deps_.audit_log.denied(principal, event_route(id), Operation::read_event,
                                  to_string(Permission::audit), no_such_event());
  if (!found.event) return no_such_event();
  return *std::move(found.event);
}

Result<std::string> AuditQueries::prove(const Principal& principal, EventId id) {
  struct Proof {
    VisibleEvent found;
    std::string text;
  };
  const auto look = [&](ReadTransaction& tx) -> Result<Proof> {
    Proof proof;
    BALUHOST_TRY(proof.found, find_visible(tx, principal, id));
    if (!proof.found.event) return proof;
    BALUHOST_TRY(proof.text, make_inclusion_proof(tx.seals(), deps_.digester, *proof.found.event));
    return proof;
  };
  BALUHOST_TRY(auto proof, baluhost::query(deps_.database, look));
  if (proof.found.is_hidden)
    return deps_.audit_log.denied(principal, event_route(id) + "/proof",
                                  Operation::read_event_proof, to_string(Permission::audit),
                                  no_such_event());
  if (!proof.found.event) return no_such_event();
  return std::move(proof.text);
}

Result<std::unique_ptr<AuditExport>> AuditQueries::export_events(const Principal& principal,
                                                                 const ExportRequest& asked) {
  auto request = asked;
  request.filter = normalised(std::move(request.filter));
  RoleGate gate(deps_.audit_log, principal, Permission::audit, "/api/v1/audit/export",
                Operation::audit_exported);
  BALUHOST_CHECK(gate.admit());
  auto event = deps_.audit_log.draft(Action::audit_exported, principal);
  const auto* format = request.format == ExportFormat::csv ? "csv" : "ndjson";
  auto plan = plan_export(deps_.database, request);
  if (!plan) {
    return deps_.audit_log.failed(
        with_details(std::move(event), JsonObject{}.add("format", format)),
        std::move(plan).error());
  }
  JsonObject details;
  details.add("format", format).add_json("filters", plan->filters).add("events", plan->events);
  BALUHOST_CHECK(gate.record(deps_.database, with_details(std::move(event), details)));
  return std::move(plan->stream);
}

Result<std::vector<AuditEvent>> AuditQueries::since(const Principal& principal, EventId after,
                                                    std::size_t limit) {
  BALUHOST_CHECK(require_permission(deps_.audit_log, principal, Permission::audit,
                                    "/api/v1/audit/stream", Operation::follow_events));
  return baluhost::query(deps_.database,
                         [&](ReadTransaction& tx) { return tx.audit().since(after, limit); });
}

Result<EventId> AuditQueries::newest(const Principal& principal) {
  BALUHOST_CHECK(require_permission(deps_.audit_log, principal, Permission::audit,
                                    "/api/v1/audit/stream", Operation::follow_events));
  return baluhost::query(deps_.database, [](ReadTransaction& tx) { return tx.audit().newest(); });
}

Result<Page<Seal>> AuditQueries::seals(const Principal& principal, const PageRequest& page) {
  BALUHOST_CHECK(require_permission(deps_.audit_log, principal, Permission::audit,
                                    "/api/v1/audit/seals", Operation::list_seals));
  SealNumber after{0};
  if (page.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(kSealList, *page.cursor));
    const auto* end = key.data() + key.size();
    if (std::from_chars(key.data(), end, after.value).ptr != end) return invalid_cursor();
  }
  const auto limit = page_limit(page);
  BALUHOST_TRY(auto seals, baluhost::query(deps_.database, [&](ReadTransaction& tx) {
                 return tx.seals().list(after, limit + 1);
               }));
  return make_page(std::move(seals), limit, kSealList,
                   [](const Seal& seal) { return std::to_string(seal.number.value); });
}

} // namespace baluhost
