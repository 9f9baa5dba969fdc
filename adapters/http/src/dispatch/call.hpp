#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/failed_request.hpp"
#include "baluhost/domain/identity/read_token.hpp"
#include "baluhost/http/server.hpp"
#include "dispatch/cors.hpp"
#include "dispatch/origin.hpp"
#include "dispatch/request_rate.hpp"
#include "dispatch/slots.hpp"
#include "fields/head_check.hpp"
#include "fields/http_names.hpp"
#include "fields/query.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

struct Route;

/// What all requests share.
struct Settings {
  Cors cors;

  /// None where it is not configured.
  std::optional<Origin> public_url;

  /// 0: no limit.
  std::int64_t max_upload_bytes{0};

  /// Each lasts as long as its reader takes, but it only works while it makes a piece.
  Slots exports{4, 64};
  Slots verifications{2, 4};
  Slots archives{2, 16};

  /// By account and route, of those that are expensive.
  RequestRate expensive{120, std::chrono::milliseconds{500}};

  /// By client address: each opening of a share is on record.
  RequestRate openings{1000, std::chrono::milliseconds{100}};

  /// By share: its archives are among those that its creator may have.
  RequestRate shared_archives{10, std::chrono::minutes{6}};
};

/// One request on its way through its handler. Handlers see nothing else.
struct Call {
  const HttpServices& services;
  Settings& settings;
  const RequestHead& head;
  const Route* route{nullptr};

  /// Of the target, still encoded.
  std::string_view raw_path{};
  std::string_view raw_query{};

  /// Of the pattern's placeholders, decoded; a path's are its segments.
  std::vector<std::string> parameters{};

  Client client{};

  /// The client speaks TLS, with this server or with a proxy that it trusts.
  bool secure{false};

  /// The client is on this machine.
  bool loopback{false};

  std::string request_id{};

  /// Empty where the route takes it piece by piece.
  std::string body{};
  bool body_too_large{false};

  Query query{};
  std::optional<Principal> caller{};

  /// What the caller is told by, and what that token is for.
  std::string_view token{};
  Audience audience{Audience::access};

  /// The cookie of a share that came beside the read cookie, where the target does not say which of
  /// the two it is asked for by.
  std::string_view share_token{};

  /// What it fails as, where its handler does what its route does not name.
  std::optional<Action> fails_as{};

  /// What the event names, should the request fail.
  std::optional<std::string> resource{};
  std::optional<Slots::Slot> slot{};

  /// When the answer may go at the earliest, so that its time does not tell what it left out.
  std::chrono::steady_clock::time_point not_before{};

  /// On routes that need a login.
  [[nodiscard]] const Principal& principal() const noexcept { return *caller; }

  /// Who is counted; 0 where there is no account.
  [[nodiscard]] std::int64_t account() const noexcept {
    return caller && caller->user() ? caller->user()->value : 0;
  }

  /// What the record says of it, should it come to nothing.
  [[nodiscard]] FailedRequest failed_request(Action action) const {
    return {.action = action,
            .client = client,
            .caller = caller ? &*caller : nullptr,
            .resource = resource};
  }

  /// What the cookies' rules follow from.
  [[nodiscard]] Scheme scheme() const noexcept { return secure ? Scheme::https : Scheme::http; }

  [[nodiscard]] bool is_head() const noexcept { return head.method == "HEAD"; }
};

} // namespace baluhost::http
