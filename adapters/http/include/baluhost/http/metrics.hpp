#pragma once

#include "baluhost/domain/audit/audit_event.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What the server counts, as Prometheus text. Labels hold names of ours only: no user, path or
/// address. Made before the database, whose commits it listens to; safe from many threads, and
/// cheap enough for every request.
class Metrics {
 public:
  /// `version` stands in `baluhost_build_info`.
  explicit Metrics(std::string version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// For `Database::on_commit`: counts events, logins, uploads and transferred bytes.
  void on_events(std::span<const AuditEvent> events) noexcept;

  /// `transactions` shared one commit.
  void on_commit_group(std::size_t transactions) noexcept;

  /// A transaction was run again.
  void on_database_retry() noexcept;

  /// The labels of requests, by index; the same pattern may come again. A server does it before it
  /// starts.
  void label_routes(std::vector<std::string> patterns);

  /// Values that are read when the text is made. Set them before the server starts.
  void watch_unsealed_events(std::function<std::int64_t()> value);
  void watch_audit_write_failures(std::function<std::int64_t()> value);
  void watch_worker_queue(std::string pool, std::function<std::int64_t()> value);

  /// Of a request that no route was found for.
  static constexpr std::size_t kNoRoute = static_cast<std::size_t>(-1);

  /// One answered request. `route` is an index of `label_routes`, or `kNoRoute`.
  void on_request(std::string_view method, std::size_t route, int status,
                  std::int64_t microseconds) noexcept;

  /// Prometheus text format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace baluhost
