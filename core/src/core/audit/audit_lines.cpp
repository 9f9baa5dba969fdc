#include "audit/audit_lines.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/digest.hpp"

#include <utility>

namespace baluhost {
namespace {

Result<Sha256Digest> digest(JsonMembers& json, std::string_view name) {
  BALUHOST_TRY(const auto hex, json.text(name));
  return Sha256Digest::parse_hex(hex);
}

Result<Timestamp> time(JsonMembers& json, std::string_view name) {
  BALUHOST_TRY(const auto text, json.text(name));
  return Timestamp::parse(text);
}

Result<std::string> signature(JsonMembers& json) {
  BALUHOST_TRY(const auto hex, json.text("signature"));
  return from_hex(hex);
}

} // namespace

std::string event_line(const AuditEvent& event, std::int64_t sequence) {
  auto line = to_json(event);
  line.pop_back();
  line += ",\"seq\":" + std::to_string(sequence) + '}';
  return line;
}

Result<AuditEvent> read_event(JsonMembers& json) {
  AuditEvent event;
  BALUHOST_TRY(event.id.value, json.integer("id"));
  BALUHOST_TRY(event.timestamp, time(json, "timestamp"));
  BALUHOST_TRY(const auto type, json.text("event_type"));
  BALUHOST_TRY(event.type, parse_event_type(type));
  BALUHOST_TRY(event.action, json.text("action"));
  BALUHOST_TRY(event.user, json.text_or_null("user"));
  BALUHOST_TRY(event.resource, json.text_or_null("resource"));
  BALUHOST_TRY(event.success, json.boolean("success"));
  BALUHOST_TRY(event.error_message, json.text_or_null("error_message"));
  BALUHOST_TRY(event.details, json.object("details"));
  BALUHOST_TRY(event.ip_address, json.text_or_null("ip_address"));
  BALUHOST_TRY(event.user_agent, json.text_or_null("user_agent"));
  return event;
}

Result<Seal> read_seal(std::string_view text) {
  BALUHOST_TRY(auto json, JsonMembers::read(text));
  Seal seal;
  BALUHOST_TRY(seal.number.value, json.integer("seal"));
  BALUHOST_TRY(seal.first_sequence, json.integer("first_event"));
  BALUHOST_TRY(seal.last_sequence, json.integer("last_event"));
  BALUHOST_TRY(seal.count, json.integer("count"));
  BALUHOST_TRY(seal.root, digest(json, "root"));
  BALUHOST_TRY(seal.previous, digest(json, "previous"));
  BALUHOST_TRY(seal.sealed_at, time(json, "sealed_at"));
  BALUHOST_TRY(seal.recovered, json.boolean("recovered"));
  BALUHOST_TRY(seal.key_id, json.text("key_id"));
  BALUHOST_TRY(seal.signature, signature(json));
  BALUHOST_CHECK(json.nothing_left());
  return seal;
}

Result<PruneRecord> read_prune(std::string_view text) {
  BALUHOST_TRY(auto json, JsonMembers::read(text));
  PruneRecord record;
  BALUHOST_TRY(record.last_seal.value, json.integer("last_seal"));
  BALUHOST_TRY(record.last_sequence, json.integer("last_event"));
  BALUHOST_TRY(record.events, json.integer("events"));
  BALUHOST_TRY(record.pruned_at, time(json, "pruned_at"));
  BALUHOST_TRY(record.key_id, json.text("key_id"));
  BALUHOST_TRY(record.signature, signature(json));
  BALUHOST_CHECK(json.nothing_left());
  return record;
}

} // namespace baluhost
