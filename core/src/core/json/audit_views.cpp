#include "baluhost/core/json/json_views.hpp"

#include "json/json_reader.hpp"

#include <algorithm>

namespace baluhost {
namespace {

void add_optional(JsonObject& json, std::string_view key, const std::optional<std::string>& text) {
  if (text)
    json.add(key, *text);
  else
    json.add_null(key);
}

void add_time(JsonObject& json, std::string_view key, const std::optional<Timestamp>& time) {
  add_optional(json, key, time ? std::optional{time->to_rfc3339()} : std::nullopt);
}

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

/// The text of an event, in one piece: a page has a hundred, and grown member by member each would
/// be copied ten times. Details stand as they were written. Only a row that was tampered with can
/// hold something that is not JSON, or not on one line.
class EventText {
 public:
  explicit EventText(const AuditEvent& event) {
    constexpr std::size_t kNames = 256; // and what is short
    const auto size_of = [](const auto& text) { return text ? text->size() : 0; };
    json_.reserve(kNames + event.details.size() + size_of(event.resource) +
                  size_of(event.error_message) + size_of(event.user_agent));
  }

  void text(std::string_view begin, std::string_view value) {
    json_ += begin;
    if (std::all_of(value.begin(), value.end(), is_plain)) {
      ((json_ += '"') += value) += '"';
    } else {
      json_ += json_text(value);
    }
  }
  void maybe(std::string_view begin, const std::optional<std::string>& value) {
    value ? text(begin, std::string_view{*value}) : ready(begin, "null");
  }
  void number(std::string_view begin, std::int64_t value) { ready(begin, std::to_string(value)); }
  void ready(std::string_view begin, std::string_view value) { (json_ += begin) += value; }

  [[nodiscard]] std::string str() && { return std::move(json_); }

 private:
  static bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

  std::string json_;
};

} // namespace

std::string to_json(const AuditEvent& event) {
  EventText json(event);
  json.number("{\"id\":", event.id.value);
  json.text(",\"timestamp\":", event.timestamp.to_rfc3339());
  json.text(",\"event_type\":", to_string(event.type));
  json.text(",\"action\":", event.action);
  json.maybe(",\"user\":", event.user);
  json.maybe(",\"resource\":", event.resource);
  json.ready(",\"success\":", event.success ? "true" : "false");
  json.maybe(",\"error_message\":", event.error_message);
  if (is_json_object_line(event.details))
    json.ready(",\"details\":", event.details);
  else
    json.ready(",\"details\":", JsonObject{}.add("unreadable", event.details).str());
  json.maybe(",\"ip_address\":", event.ip_address);
  json.maybe(",\"user_agent\":", event.user_agent);
  json.ready("}", "");
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
  if (seal)
    json.add("newest_seal", seal->number.value);
  else
    json.add_null("newest_seal");
  add_time(json, "sealed_at", seal ? std::optional{seal->sealed_at} : std::nullopt);
  add_optional(json, "head", status.head ? std::optional{status.head->hex()} : std::nullopt);
  json.add("events", status.events).add("unsealed", status.unsealed);
  add_time(json, "oldest_unsealed_at", status.oldest_unsealed_at);
  add_optional(json, "key_id", seal ? std::optional{seal->key_id} : std::nullopt);
  add_optional(json, "public_key", status.public_key);
  if (const auto& anchor = status.anchor)
    json.add_json(
        "anchor",
        JsonObject{}.add("seal", anchor->seal.value).add("matches", anchor->matches).str());
  else
    json.add_null("anchor");
  if (const auto& last = status.last_verification) {
    JsonObject verification;
    verification.add("at", last->at.to_rfc3339()).add("ok", last->ok);
    add_optional(verification, "by", last->by);
    json.add_json("last_verification", verification.str());
  } else {
    json.add_null("last_verification");
  }
  json.add("retention_days", status.retention_days);
  add_time(json, "pruned_before", status.pruned_before);
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
