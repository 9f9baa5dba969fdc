#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/http/server.hpp"
#include "connection/head_check.hpp"
#include "dispatch/cors.hpp"
#include "dispatch/origin.hpp"
#include "fields/query.hpp"
#include "server/request_rate.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::http {

struct Route;

/// Slots that requests hold for as long as they last: so many of one account, and so many in all.
/// Safe from many threads.
class Slots {
 public:
  Slots(int of_one, int in_all) : of_one_(of_one), in_all_(in_all) {}

  /// One that is held; free again when it goes.
  class Slot {
   public:
    Slot(Slots& slots, std::int64_t account) : slots_(&slots), account_(account) {}
    Slot(Slot&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), account_(other.account_) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(slots_, other.slots_);
      std::swap(account_, other.account_);
      return *this;
    }
    ~Slot() {
      if (slots_ != nullptr) slots_->give_back(account_);
    }

   private:
    Slots* slots_;
    std::int64_t account_;
  };

  std::optional<Slot> take(std::int64_t account) {
    const std::lock_guard lock{mutex_};
    const auto held = held_.find(account);
    if (in_all_ == 0 || (held != held_.end() && held->second == of_one_)) return std::nullopt;
    --in_all_;
    ++held_[account];
    return Slot{*this, account};
  }

 private:
  void give_back(std::int64_t account) {
    const std::lock_guard lock{mutex_};
    ++in_all_;
    if (const auto held = held_.find(account); --held->second == 0) held_.erase(held);
  }

  std::mutex mutex_;
  const int of_one_;
  int in_all_;
  std::map<std::int64_t, int> held_;
};

/// What all requests share.
struct Settings {
  Cors cors;
  std::optional<Origin> public_url; ///< where configured
  std::int64_t max_upload_bytes{0};
  Slots exports{4, 64}; ///< each as slow as its reader, but it only works while it makes a piece
  Slots verifications{2, 4};
  RequestRate expensive_rate{};
};

/// One request on its way through its handler. Handlers see nothing else.
struct Call {
  const HttpServices& services;
  Settings& settings;
  const RequestHead& head;
  const Route* route{nullptr};
  std::string_view raw_path; ///< of the target, still encoded
  std::string_view raw_query;
  std::vector<std::string>
      parameters; ///< of the pattern's placeholders, decoded; a path's are its segments
  Client client;
  bool secure{false};   ///< the client speaks TLS, with us or with a proxy that we trust
  bool loopback{false}; ///< the client is on this machine
  std::string request_id;
  std::string body; ///< where the route does not take it piece by piece
  bool body_too_large{false};

  Query query{};
  std::optional<Principal> caller{};
  std::optional<std::string> resource{}; ///< for the event, should the request fail
  std::optional<Slots::Slot> slot{};
  /// When the answer may go at the earliest, so that its time does not tell what it left out.
  std::chrono::steady_clock::time_point not_before{};

  [[nodiscard]] const Principal& principal() const noexcept {
    return *caller;
  } ///< on routes that need a login
  /// Who is counted: 0 is nobody with an account.
  [[nodiscard]] std::int64_t account() const noexcept {
    return caller && caller->user() ? caller->user()->value : 0;
  }
  [[nodiscard]] bool is_head() const noexcept { return head.method == "HEAD"; }
};

} // namespace baluhost::http
