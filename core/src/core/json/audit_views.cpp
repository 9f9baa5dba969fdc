#include "baluhost/core/json/json_views.hpp"

#include "json/json_reader.hpp"

#include <algorithm>

namespace baluhost {
namespace {

JsonObject count_json(const AuditCount& count) {
  JsonObject json;
  json.add("succeeded", count.succeeded).add("failed", count.failed);
  return json;
}

template <class Counts>
std::string counts_json(const Counts& counts) {
  JsonObject json;
  for (const auto& [key, count] : counts) json.add_json(key, count_json(count).str());
  return json.str();
}

/// About how long its text is, most often a little less. A page has a hundred of them, and grown
/// member by member each would be copied ten times.
std::size_t size_of_text(const AuditEvent& event) {
  constexpr std::size_t kNames = 320; // and what is short
  const auto size_of = [](const auto& text) { return text ? text->size() : 0; };
  return kNames + event.details.size() + size_of(event.resource) + size_of(event.error_message) +
         size_of(event.user_agent);
}

} // namespace

std::string to_json(const AuditEvent& event) {
  JsonObject json;
  json.reserve(size_of_text(event));
  json.add("id", event.id.value)
      .add("timestamp", event.timestamp)
      .add("event_type", to_string(event.type))
      .add("action", event.action)
      .add_or_null("user", event.user)
      .add_or_null("resource", event.resource)
      .add("success", event.success)
      .add_or_null("error_message", event.error_message);
  // As they were written. Only a row that was tampered with can hold what is not JSON, or not on
  // one line.
  if (is_json_object_line(event.details))
    json.add_json("details", event.details);
  else
    json.add_json("details", JsonObject{}.add("unreadable", event.details).str());
  json.add_or_null("ip_address", event.ip_address).add_or_null("user_agent", event.user_agent);
  return std::move(json).str();
}

std::string to_json(const AuditStatistics& statistics) {
  JsonObject json;
  json.add("total", statistics.total.succeeded + statistics.total.failed);
  json.add("succeeded", statistics.total.succeeded);
  json.add("failed", statistics.total.failed);
  json.add_json("by_event_type", counts_json(statistics.by_event_type));
  json.add_json("by_action", counts_json(statistics.by_action));
  json.add_json("by_user", counts_json(statistics.by_user));
  json.add_json("by_day", counts_json(statistics.by_day));
  json.add("bytes_uploaded", statistics.bytes_uploaded);
  json.add("bytes_downloaded", statistics.bytes_downloaded);
  return json.str();
}

std::string to_json(const AuditFigures& figures) {
  std::string json = to_json(figures.statistics);
  json.pop_back();
  const auto& busiest = figures.busiest;
  JsonObject logins;
  logins.add_json("by_name", counts_json(busiest.failed_logins_by_name));
  logins.add_json("by_ip_address", counts_json(busiest.failed_logins_by_ip_address));
  JsonObject more;
  more.add_json("by_ip_address", counts_json(busiest.by_ip_address));
  more.add_json("by_resource", counts_json(busiest.by_resource));
  more.add_json("failed_logins", logins.str());
  if (figures.series) {
    std::vector<std::string> intervals;
    for (const auto& interval : *figures.series)
      intervals.push_back(JsonObject{}
                              .add("start", interval.start.to_rfc3339())
                              .add_json("by_event_type", counts_json(interval.by_event_type))
                              .str());
    more.add_json("series", json_array(intervals));
  }
  return json + "," + more.str().substr(1);
}

std::string to_json(const AuditStatus& status) {
  const auto& seal = status.newest_seal;
  JsonObject json;
  json.add_or_null("newest_seal", seal ? std::optional{seal->number.value} : std::nullopt)
      .add_or_null("sealed_at", seal ? std::optional{seal->sealed_at} : std::nullopt)
      .add_or_null("head", status.head ? std::optional{status.head->hex()} : std::nullopt)
      .add("events", status.events)
      .add("unsealed", status.unsealed)
      .add_or_null("oldest_unsealed_at", status.oldest_unsealed_at)
      .add_or_null("key_id", seal ? std::optional{seal->key_id} : std::nullopt)
      .add_or_null("public_key", status.public_key);
  if (const auto& anchor = status.anchor)
    json.add_json(
        "anchor",
        JsonObject{}.add("seal", anchor->seal.value).add("matches", anchor->matches).str());
  else
    json.add_null("anchor");
  if (const auto& last = status.last_verification) {
    JsonObject verification;
    verification.add("at", last->at).add("ok", last->ok).add_or_null("by", last->by);
    json.add_json("last_verification", verification.str());
  } else {
    json.add_null("last_verification");
  }
  json.add("retention_days", status.retention_days)
      .add_or_null("pruned_before", status.pruned_before);
  return json.str();
}

std::string to_json(const Seal& seal) {
  JsonObject json;
  json.add("seal", seal.number.value);
  json.add("first_event", seal.first_sequence);
  json.add("last_event", seal.last_sequence);
  json.add("count", seal.count);
  json.add("root", seal.root.hex());
  json.add("previous", seal.previous.hex());
  json.add("sealed_at", seal.sealed_at.to_rfc3339());
  json.add("recovered", seal.recovered);
  json.add("key_id", seal.key_id);
  json.add("signature", to_hex(seal.signature));
  return json.str();
}

std::string to_json(const PruneRecord& record) {
  JsonObject json;
  json.add("last_seal", record.last_seal.value);
  json.add("last_event", record.last_sequence);
  json.add("events", record.events);
  json.add("pruned_at", record.pruned_at.to_rfc3339());
  json.add("key_id", record.key_id);
  json.add("signature", to_hex(record.signature));
  return json.str();
}

std::string to_json(const VerifyReport& report) {
  std::vector<std::string> problems;
  for (const auto& problem : report.problems) {
    JsonObject json;
    json.add("kind", to_string(problem.kind));
    if (problem.seal) json.add("seal", problem.seal->value);
    if (problem.event) json.add("event", problem.event->value);
    json.add("detail", problem.detail);
    problems.push_back(json.str());
  }
  JsonObject json;
  json.add("ok", report.ok);
  json.add("events", report.events);
  json.add("seals", report.seals);
  json.add("unsealed", report.unsealed);
  json.add_json("problems", json_array(problems));
  return json.str();
}

} // namespace baluhost
