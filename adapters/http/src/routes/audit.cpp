#include "fields/accept.hpp"
#include "fields/content_types.hpp"
#include "fields/http_names.hpp"
#include "fields/whole_number.hpp"
#include "routes/members.hpp"
#include "routes/routes.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/audit/filter_values.hpp"
#include "baluhost/domain/text.hpp"
#include "dispatch/dispatcher.hpp"

#include <algorithm>
#include <utility>

namespace baluhost::http::audit_routes {
namespace {

constexpr std::size_t kStreamBatch = 200;

/// A parameter read by a domain type's own parser.
template <class T>
Result<std::optional<T>> read(const Query& query, std::string_view name,
                              Result<T> (*parse)(std::string_view)) {
  return optional_at("/" + std::string{name}, query.text(name), parse);
}

Result<std::optional<Timestamp>> read_time(const Query& query, std::string_view name) {
  auto time = read<Timestamp>(query, name, Timestamp::parse);
  if (!time && query.text(name)->find(' ') != std::string::npos)
    return invalid("is no time; a + in a URL stands for a blank: write %2B")
        .at("/" + std::string{name});
  return time;
}

Result<AuditFilter> read_filter(const Query& query) {
  AuditFilter filter;
  BALUHOST_TRY(filter.type, read<EventType>(query, "event_type", parse_event_type));
  BALUHOST_TRY(filter.action, read<std::string>(query, "action", parse_action_name));
  filter.user = query.text("user");
  filter.resource = query.text("resource");
  filter.resource_prefix = query.text("resource_prefix");
  BALUHOST_TRY(filter.success, query.optional_flag("success"));
  BALUHOST_TRY(filter.ip_address, read<IpAddress>(query, "ip_address", parse_client_address));
  BALUHOST_TRY(filter.from, read_time(query, "from"));
  BALUHOST_TRY(filter.to, read_time(query, "to"));
  return filter;
}

Result<SortOrder> read_order(const Query& query, SortOrder if_absent) {
  const auto text = query.text("order");
  if (!text) return if_absent;
  if (*text == "asc") return SortOrder::ascending;
  if (*text == "desc") return SortOrder::descending;
  return invalid("is asc or desc").at("/order");
}

Result<EventId> read_event_id(std::string_view text) {
  const auto value = parse_whole_number(text);
  if (!value) return Error{.code = Errc::not_found, .detail = "no event has such an id"};
  return EventId{*value};
}

Result<ExportRequest> read_export(const Query& query) {
  ExportRequest request;
  if (const auto format = query.text("format")) {
    if (*format != "csv" && *format != "ndjson") return invalid("is csv or ndjson").at("/format");
    request.format = *format == "csv" ? ExportFormat::csv : ExportFormat::ndjson;
  }
  BALUHOST_TRY(request.filter, read_filter(query));
  BALUHOST_TRY(request.order, read_order(query, SortOrder::ascending));
  request.cursor = query.text("cursor");
  BALUHOST_TRY(request.seals, query.flag("seals"));
  BALUHOST_TRY(const auto first, query.number("first_seal"));
  BALUHOST_TRY(const auto last, query.number("last_seal"));
  if (first) request.first_seal = SealNumber{*first};
  if (last) request.last_seal = SealNumber{*last};
  return request;
}

/// Goes on as long as its caller may see the trail: one that is read slowly takes hours.
class ExportSource : public TextSource {
 public:
  ExportSource(const HttpServices& services, Principal principal,
               std::unique_ptr<AuditExport> pieces)
      : services_(services), principal_(std::move(principal)), pieces_(std::move(pieces)) {}

  Result<std::string> next() override {
    BALUHOST_TRY(const auto present, services_.auth.look_again(principal_));
    if (!permits(present.role(), Permission::audit)) return Error{.code = Errc::forbidden};
    return pieces_->next();
  }

 private:
  const HttpServices& services_;
  Principal principal_;
  std::unique_ptr<AuditExport> pieces_;
};

/// Server-sent events (HTML standard, section 9.2) that follow the trail. The caller is
/// authenticated again each time: a session that ends ends its stream.
class EventSource : public TextSource {
 public:
  EventSource(const Call& call, EventId after)
      : services_(call.services),
        token_(call.token),
        audience_(call.audience),
        client_(call.client),
        after_(after) {}

  Result<std::string> next() override {
    BALUHOST_TRY(const auto principal,
                 services_.auth.authenticate_again(token_, client_, audience_));
    if (!permits(principal.role(), Permission::audit)) return Error{.code = Errc::forbidden};
    BALUHOST_TRY(const auto events, services_.audit_queries.since(principal, after_, kStreamBatch));
    std::string text;
    for (const AuditEvent& event : events) {
      text += "id: " + std::to_string(event.id.value) + "\ndata: " + to_json(event) + "\n\n";
      after_ = event.id;
    }
    return text;
  }
  Kind kind() const noexcept override { return Kind::live; }

 private:
  const HttpServices& services_;
  std::string token_;
  Audience audience_;
  Client client_;
  EventId after_;
};

std::string server_sent(std::string_view event, std::string_view data) {
  return "event: " + std::string{event} + "\ndata: " + std::string{data} + "\n\n";
}

/// A verification as server-sent events: how far it is, then what it found. The caller's right is
/// looked at again before each step.
class VerificationSource : public TextSource {
 public:
  VerificationSource(const HttpServices& services, Principal principal,
                     std::unique_ptr<AuditVerification> verification)
      : services_(services),
        principal_(std::move(principal)),
        verification_(std::move(verification)) {}

  Kind kind() const noexcept override { return Kind::work; }

  Result<std::string> next() override {
    if (has_ended_) return std::string{};
    if (!std::exchange(has_begun_, true)) return progress();
    auto report = advance();
    if (!report) {
      verification_->abandon(report.error());
      return std::move(report).error();
    }
    if (!*report) return progress();
    has_ended_ = true;
    return progress() + server_sent("report", to_json(**report));
  }

  void abandon(Errc why) noexcept override { verification_->abandon(Error{.code = why}); }

 private:
  Result<std::optional<VerifyReport>> advance() {
    BALUHOST_TRY(const auto present, services_.auth.look_again(principal_));
    if (!permits(present.role(), Permission::audit)) return Error{.code = Errc::forbidden};
    return verification_->advance();
  }

  std::string progress() const {
    const auto at = verification_->progress();
    return server_sent("progress", JsonObject{}.add("events", at.events).add("of", at.of).str());
  }

  const HttpServices& services_;
  Principal principal_;
  std::unique_ptr<AuditVerification> verification_;
  bool has_begun_{false};
  bool has_ended_{false};
};

/// Whether the client names server-sent events among what it takes.
bool wants_events(const RequestHead& head) {
  return accepts_type(head.list("accept").value_or(""), content_types::kEventStream);
}

Response event_stream(std::unique_ptr<TextSource> source) {
  Response response;
  response.content_type = content_types::kEventStream;
  response.add("X-Accel-Buffering", "no"); // nginx would hold events back until its buffer is full
  response.body = std::move(source);
  return response;
}

} // namespace

Outcome query(Call& call) {
  BALUHOST_TRY(const auto filter, read_filter(call.query));
  BALUHOST_TRY(const auto order, read_order(call.query, SortOrder::descending));
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page,
               call.services.audit_queries.query(call.principal(), filter, order, request));
  return json_response(200,
                       page_json(page, [](const AuditEvent& event) { return to_json(event); }));
}

Outcome find(Call& call) {
  BALUHOST_TRY(const auto id, read_event_id(call.parameters.front()));
  BALUHOST_TRY(const auto event, call.services.audit_queries.find(call.principal(), id));
  return json_response(200, to_json(event));
}

Outcome prove(Call& call) {
  BALUHOST_TRY(const auto id, read_event_id(call.parameters.front()));
  BALUHOST_TRY(auto proof, call.services.audit_queries.prove(call.principal(), id));
  return json_response(200, std::move(proof));
}

Outcome status(Call& call) {
  BALUHOST_TRY(const auto status, call.services.audit_queries.status(call.principal()));
  return json_response(200, to_json(status));
}

Outcome statistics(Call& call) {
  FiguresRequest request;
  BALUHOST_TRY(request.from, read_time(call.query, "from"));
  BALUHOST_TRY(request.to, read_time(call.query, "to"));
  request.user = call.query.text("user");
  BALUHOST_TRY(request.interval, read<Interval>(call.query, "interval", parse_interval));
  request.time_zone = call.query.text("tz");
  BALUHOST_TRY(const auto figures, call.services.audit_queries.figures(call.principal(), request));
  return json_response(200, to_json(figures));
}

Outcome export_events(Call& call) {
  BALUHOST_TRY(const auto request, read_export(call.query));
  BALUHOST_TRY(auto pieces, call.services.audit_queries.export_events(call.principal(), request));
  const bool csv = request.format == ExportFormat::csv;
  Response response;
  response.content_type = csv ? content_types::kCsv : content_types::kNdjson;
  response.add(field_names::kContentDisposition, csv ? "attachment; filename=\"audit.csv\""
                                                     : "attachment; filename=\"audit.ndjson\"");
  response.body = std::unique_ptr<TextSource>{
      std::make_unique<ExportSource>(call.services, call.principal(), std::move(pieces))};
  return response;
}

Outcome stream(Call& call) {
  BALUHOST_TRY(EventId after, call.services.audit_queries.newest(call.principal()));
  if (const auto last = call.head.field("last-event-id"); last.data() != nullptr) {
    const auto id = read_event_id(last);
    if (!id) return invalid("Last-Event-ID is the id of an event");
    after = std::min(after, *id); // one of another or a younger database: it follows what comes now
  }
  return event_stream(std::make_unique<EventSource>(call, after));
}

Outcome seals(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.audit_queries.seals(call.principal(), request));
  return json_response(200, page_json(page, [](const Seal& seal) { return to_json(seal); }));
}

Outcome verify(Call& call) {
  if (wants_events(call.head)) {
    BALUHOST_TRY(auto verification,
                 call.services.audit_queries.begin_verification(call.principal()));
    return event_stream(std::make_unique<VerificationSource>(call.services, call.principal(),
                                                             std::move(verification)));
  }
  BALUHOST_TRY(const auto report, call.services.audit_queries.verify(call.principal()));
  return json_response(200, to_json(report));
}

} // namespace baluhost::http::audit_routes
