#pragma once

#include "baluhost/http/metrics.hpp"
#include "dispatch/route.hpp"
#include "fields/head_check.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace baluhost::http {

/// The request that a connection is at. `head` and the views are into `head_text`.
struct Request {
  std::string head_text;
  RequestHead head;
  std::string id;

  /// As it counts, which a client of resumable uploads may say in a field.
  std::string_view method;
  std::string_view raw_path;

  /// When the head had arrived.
  std::chrono::steady_clock::time_point started;

  /// For metrics.
  std::size_t route{Metrics::kNoRoute};

  /// The connection goes on after it.
  bool keep{false};
};

/// Unique, not secret.
std::string make_request_id();

/// The client's own X-Request-Id where it is fit for a log, else a new one.
std::string request_id_of(const RequestHead& head);

/// The method that counts. Below `table.method_override_below` a client that cannot send PATCH or
/// DELETE names the method in a field, and the one of the request line does not count (tus 1.0.0,
/// X-HTTP-Method-Override). Elsewhere the field means nothing.
std::string_view method_of(const RequestHead& head, const RouteTable& table,
                           std::span<const std::string> segments);

} // namespace baluhost::http
