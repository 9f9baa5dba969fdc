#pragma once

#include "baluhost/core/principal.hpp"
#include "baluhost/http/server.hpp"
#include "cors.hpp"
#include "head_check.hpp"
#include "origin.hpp"
#include "query.hpp"
#include "request_rate.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::http {

struct Route;

/// A place among the few that expensive requests share; free again when it goes.
class Slot {
 public:
  static std::optional<Slot> take(std::atomic<int>& free) {
    int left = free.load();
    while (left > 0)
      if (free.compare_exchange_weak(left, left - 1)) return Slot{free};
    return std::nullopt;
  }
  Slot(Slot&& other) noexcept : free_(std::exchange(other.free_, nullptr)) {}
  Slot& operator=(Slot&& other) noexcept {
    std::swap(free_, other.free_);
    return *this;
  }
  ~Slot() {
    if (free_ != nullptr) free_->fetch_add(1);
  }

 private:
  explicit Slot(std::atomic<int>& free) : free_(&free) {}
  std::atomic<int>* free_;
};

/// What all requests share.
struct Settings {
  Cors cors;
  std::optional<Origin> public_url; ///< where configured
  std::int64_t max_upload_bytes{0};
  std::atomic<int> expensive_slots{4};
  RequestRate expensive_rate{};
};

/// One request on its way through its handler. Handlers see nothing else.
struct Call {
  const HttpServices& services;
  Settings& settings;
  const RequestHead& head;
  const Route* route{nullptr};
  std::string_view raw_path;           ///< of the target, still encoded
  std::string_view raw_query;
  std::vector<std::string> parameters; ///< of the pattern's placeholders, decoded; a path's are its segments
  Client client;
  bool secure{false};                  ///< the client speaks TLS, with us or with a proxy that we trust
  bool loopback{false};                ///< the client is on this machine
  std::string request_id;
  std::string body;                    ///< where the route does not take it piece by piece
  bool body_too_large{false};

  Query query{};
  std::optional<Principal> caller{};
  std::optional<std::string> resource{}; ///< for the event, should the request fail
  std::optional<Slot> slot{};
  /// When the answer may go at the earliest, so that its time does not tell what it left out.
  std::chrono::steady_clock::time_point not_before{};

  [[nodiscard]] const Principal& principal() const noexcept { return *caller; } ///< on routes that need a login
  [[nodiscard]] bool is_head() const noexcept { return head.method == "HEAD"; }
};

} // namespace baluhost::http
