#include "transfers/transfer_group.hpp"

#include "json/json_reader.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/text.hpp"

#include <optional>

namespace baluhost {
namespace {

void add(JsonObject& json, std::string_view name, const std::optional<std::string>& text,
         std::size_t limit) {
  if (text)
    json.add(name, clamp_text(*text, limit));
  else
    json.add_null(name);
}

std::string text_of(const NewAuditEvent& event) {
  JsonObject json;
  json.add("timestamp", event.timestamp.microseconds).add("action", to_string(event.action));
  add(json, "user", event.user, AuditLimits::user);
  add(json, "resource", event.resource, AuditLimits::resource);
  json.add("details", event.details);
  add(json, "ip_address", event.ip_address, AuditLimits::ip_address);
  add(json, "user_agent", event.user_agent, AuditLimits::user_agent);
  json.add_or_null("account_id",
                   event.account ? std::optional{event.account->value} : std::nullopt);
  return json.str();
}

Result<NewAuditEvent> read_event(std::string_view text) {
  BALUHOST_TRY(auto json, JsonMembers::read(text));
  BALUHOST_TRY(const auto timestamp, json.integer("timestamp"));
  BALUHOST_TRY(const auto name, json.text("action"));
  const auto action = find_built_in_action(name);
  if (!action) return Error{Errc::invalid_request, "there is no such action"};
  NewAuditEvent event{.timestamp = Timestamp{timestamp}, .action = *action};
  BALUHOST_TRY(event.user, json.text_or_null("user"));
  BALUHOST_TRY(event.resource, json.text_or_null("resource"));
  BALUHOST_TRY(event.details, json.text("details"));
  BALUHOST_TRY(event.ip_address, json.text_or_null("ip_address"));
  BALUHOST_TRY(event.user_agent, json.text_or_null("user_agent"));
  BALUHOST_TRY(const auto account, json.integer_or_null("account_id"));
  if (account) event.account = UserId{*account};
  BALUHOST_CHECK(json.nothing_left());
  mark_interrupted(event);
  return event;
}

} // namespace

void mark_interrupted(NewAuditEvent& event) {
  event.success = false;
  event.error_message = "interrupted";
}

std::string group_text(std::span<const NewAuditEvent> interrupted) {
  std::string text = "[";
  for (const auto& event : interrupted) {
    if (text.size() > 1) text += ',';
    text += text_of(event);
  }
  return text + ']';
}

Result<std::vector<NewAuditEvent>> read_group_text(std::string_view text) {
  BALUHOST_TRY(const auto parts, read_json_array(text));
  std::vector<NewAuditEvent> events;
  for (const auto part : parts) {
    BALUHOST_TRY(auto event, read_event(part));
    events.push_back(std::move(event));
  }
  return events;
}

} // namespace baluhost
