#include "baluhost/http/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <mutex>
#include <vector>

// Counters are plain atomics in arrays that are known before the first request: counting takes no
// lock and no memory. Only what comes with the events, which the database hands over one commit at
// a time, is looked at in their text.
namespace baluhost {
namespace {

using Counter = std::atomic<std::int64_t>;

/// The last one counts all others.
constexpr auto kMethods = std::to_array<std::string_view>(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"});

/// One more counter counts all others.
constexpr auto kStatuses =
    std::to_array({200, 201, 204, 206, 304, 308, 400, 401, 403, 404, 405, 409, 410, 412,
                   413, 414, 415, 416, 417, 429, 431, 460, 500, 501, 503, 505, 507});
constexpr auto kDurations = std::to_array<std::int64_t>(
    {500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 500000, 2500000, 10000000});
constexpr auto kGroups = std::to_array<std::int64_t>({1, 2, 4, 8, 16, 32, 64, 128, 256});
constexpr auto kTypes =
    std::to_array({EventType::file_access, EventType::security, EventType::user_management,
                   EventType::system, EventType::disk_monitor});
static_assert(std::ranges::is_sorted(kTypes)); // events are counted by the number of their type

template <std::size_t Bounds>
struct Histogram {
  std::array<Counter, Bounds + 1> buckets{};
  Counter sum{0};

  void observe(std::int64_t value, const std::array<std::int64_t, Bounds>& bounds) noexcept {
    const auto at = std::ranges::lower_bound(bounds, value) - bounds.begin();
    buckets[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum.fetch_add(value, std::memory_order_relaxed);
  }
};

struct RouteCounters {
  std::array<std::array<Counter, kStatuses.size() + 1>, kMethods.size()> requests{};
  Histogram<kDurations.size()> duration;
};

struct Gauge {
  std::string pool;
  std::function<std::int64_t()> value;
};

/// The number after `"key":` in a JSON object of our own making; 0 where it is not.
std::int64_t member(std::string_view json, std::string_view key) noexcept {
  const auto at = json.find(key);
  if (at == std::string_view::npos) return 0;
  std::int64_t value = 0;
  std::from_chars(json.data() + at + key.size(), json.data() + json.size(), value);
  return value;
}

void family(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ")
      .append(name)
      .append(" ")
      .append(help)
      .append("\n# TYPE ")
      .append(name)
      .append(" ")
      .append(type)
      .append("\n");
}

void sample(std::string& out, std::string_view name, std::string_view labels,
            std::string_view value) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void sample(std::string& out, std::string_view name, std::string_view labels, std::int64_t value) {
  sample(out, name, labels, std::to_string(value));
}

/// A number of microseconds in seconds, shortest form.
std::string seconds(std::int64_t microseconds) {
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, static_cast<double>(microseconds) / 1e6).ptr;
  return {text, end};
}

template <std::size_t Bounds, class Show>
void histogram(std::string& out, const std::string& name, std::string labels,
               const Histogram<Bounds>& of, const std::array<std::int64_t, Bounds>& bounds,
               Show show) {
  if (!labels.empty()) labels += ",";
  std::int64_t count = 0;
  for (std::size_t i = 0; i <= Bounds; ++i) {
    count += of.buckets[i];
    sample(out, name + "_bucket",
           labels + "le=\"" + (i < Bounds ? show(bounds[i]) : std::string{"+Inf"}) + "\"", count);
  }
  if (!labels.empty()) labels.pop_back();
  sample(out, name + "_sum", labels, show(of.sum));
  sample(out, name + "_count", labels, count);
}

} // namespace

struct Metrics::State {
  std::string version;
  std::vector<std::string> patterns;

  /// One for each pattern, and the last for no route.
  std::vector<RouteCounters> routes{1};

  /// The methods of one path share a label, so they share counters.
  std::vector<std::size_t> first_of_pattern{0};
  std::array<Counter, kTypes.size()> events{};
  Counter refused_events{};
  Counter uploads[2]{};
  Counter logins[2]{};
  Counter bytes_in{0};
  Counter bytes_out{0};
  Counter retries{0};
  Histogram<kGroups.size()> groups;
  std::mutex mutex;
  std::vector<Gauge> queues;
  std::function<std::int64_t()> unsealed;
  std::function<std::int64_t()> write_failures;

  void add_requests(std::string& out) const;
  void add_events(std::string& out) const;
};

Metrics::Metrics(std::string version) : state_(std::make_unique<State>()) {
  state_->version = std::move(version);
}

Metrics::~Metrics() = default;

void Metrics::label_routes(std::vector<std::string> patterns) {
  if (patterns == state_->patterns) return;
  state_->routes = std::vector<RouteCounters>(patterns.size() + 1);
  state_->first_of_pattern.clear();
  for (const std::string& pattern : patterns)
    state_->first_of_pattern.push_back(
        static_cast<std::size_t>(std::ranges::find(patterns, pattern) - patterns.begin()));
  state_->first_of_pattern.push_back(patterns.size());
  state_->patterns = std::move(patterns);
}

void Metrics::on_events(std::span<const AuditEvent> events) noexcept {
  for (const AuditEvent& event : events) {
    ++state_->events[static_cast<std::size_t>(event.type)];
    if (event.action == to_string(Action::event_refused)) ++state_->refused_events;
    if (event.type == EventType::file_access) {
      if (event.action == "upload") {
        ++state_->uploads[event.success ? 0 : 1];
        if (event.success) state_->bytes_in += member(event.details, "\"file_size\":");
      } else if (event.action == "download") {
        state_->bytes_out += member(event.details, "\"bytes_sent\":");
      }
    } else if (event.action == "login_success") {
      ++state_->logins[0];
    } else if (event.action == "login_failed") {
      ++state_->logins[1];
    }
  }
}

void Metrics::on_commit_group(std::size_t transactions) noexcept {
  state_->groups.observe(static_cast<std::int64_t>(transactions), kGroups);
}
void Metrics::on_database_retry() noexcept { ++state_->retries; }

void Metrics::watch_unsealed_events(std::function<std::int64_t()> value) {
  const std::lock_guard lock{state_->mutex};
  state_->unsealed = std::move(value);
}

void Metrics::watch_audit_write_failures(std::function<std::int64_t()> value) {
  const std::lock_guard lock{state_->mutex};
  state_->write_failures = std::move(value);
}

void Metrics::watch_worker_queue(std::string pool, std::function<std::int64_t()> value) {
  const std::lock_guard lock{state_->mutex};
  std::erase_if(state_->queues, [&](const Gauge& gauge) { return gauge.pool == pool; });
  if (value) state_->queues.push_back({std::move(pool), std::move(value)});
}

void Metrics::on_request(std::string_view method, std::size_t route, int status,
                         std::int64_t microseconds) noexcept {
  auto& counters =
      state_->routes[state_->first_of_pattern[std::min(route, state_->routes.size() - 1)]];
  const auto m = static_cast<std::size_t>(std::ranges::find(kMethods, method) - kMethods.begin());
  const auto s = static_cast<std::size_t>(std::ranges::find(kStatuses, status) - kStatuses.begin());
  counters.requests[std::min(m, kMethods.size() - 1)][s].fetch_add(1, std::memory_order_relaxed);
  counters.duration.observe(microseconds, kDurations);
}

/// What was counted of requests, by route.
void Metrics::State::add_requests(std::string& out) const {
  constexpr std::string_view kRequests = "baluhost_http_requests_total";
  const auto label = [&](std::size_t i) {
    return "route=\"" + (i < patterns.size() ? patterns[i] : "none") + "\"";
  };
  family(out, kRequests, "counter", "Answered requests.");
  for (std::size_t i = 0; i < routes.size(); ++i)
    for (std::size_t m = 0; m < kMethods.size(); ++m)
      for (std::size_t s = 0; s <= kStatuses.size(); ++s)
        if (const std::int64_t count = routes[i].requests[m][s]; count > 0)
          sample(out, kRequests,
                 "method=\"" + std::string{kMethods[m]} + "\"," + label(i) + ",code=\"" +
                     (s < kStatuses.size() ? std::to_string(kStatuses[s]) : "other") + "\"",
                 count);
  const std::string durations = "baluhost_http_request_duration_seconds";
  family(out, durations, "histogram", "From the end of a request's head to the end of its answer.");
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto& buckets = routes[i].duration.buckets;
    if (std::ranges::any_of(buckets, [](const Counter& bucket) { return bucket > 0; }))
      histogram(out, durations, label(i), routes[i].duration, kDurations, seconds);
  }
}

/// What was counted of events.
void Metrics::State::add_events(std::string& out) const {
  const auto pair = [&](std::string_view name, std::string_view help, const Counter(&counters)[2]) {
    family(out, name, "counter", help);
    sample(out, name, "result=\"success\"", counters[0]);
    sample(out, name, "result=\"failure\"", counters[1]);
  };
  family(out, "baluhost_transfer_bytes_total", "counter", "Content received and sent.");
  sample(out, "baluhost_transfer_bytes_total", "direction=\"in\"", bytes_in);
  sample(out, "baluhost_transfer_bytes_total", "direction=\"out\"", bytes_out);
  pair("baluhost_uploads_total", "Uploads that ended.", uploads);
  pair("baluhost_login_attempts_total", "Logins.", logins);
  family(out, "baluhost_audit_events_total", "counter", "Events written.");
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    sample(out, "baluhost_audit_events_total",
           "event_type=\"" + std::string{to_string(kTypes[i])} + "\"", events[i]);
  family(out, "baluhost_audit_events_refused_total", "counter",
         "Events that the database refused; another one holds each.");
  sample(out, "baluhost_audit_events_refused_total", "", refused_events);
}

std::string Metrics::text() const {
  std::string out;
  state_->add_requests(out);
  state_->add_events(out);
  family(out, "baluhost_commit_group_size", "histogram", "Transactions that shared one commit.");
  histogram(out, "baluhost_commit_group_size", "", state_->groups, kGroups,
            [](std::int64_t n) { return std::to_string(n); });
  family(out, "baluhost_database_retries_total", "counter",
         "Transactions that ran again after a conflict.");
  sample(out, "baluhost_database_retries_total", "", state_->retries);
  const auto value_of = [](const auto& value) { return value ? value() : 0; };
  const std::lock_guard lock{state_->mutex};
  family(out, "baluhost_audit_unsealed_events", "gauge", "Events that wait for a seal.");
  sample(out, "baluhost_audit_unsealed_events", "", value_of(state_->unsealed));
  family(out, "baluhost_audit_write_failures_total", "counter",
         "Events that could not be written.");
  sample(out, "baluhost_audit_write_failures_total", "", value_of(state_->write_failures));
  family(out, "baluhost_worker_queue_length", "gauge", "Requests that wait for a thread.");
  for (const Gauge& queue : state_->queues)
    sample(out, "baluhost_worker_queue_length", "pool=\"" + queue.pool + "\"", queue.value());
  family(out, "baluhost_build_info", "gauge", "The running version.");
  sample(out, "baluhost_build_info", "version=\"" + state_->version + "\"", std::int64_t{1});
  return out;
}

} // namespace baluhost
