#pragma once

#include "baluhost/domain/result.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace baluhost {

/// A moment, in microseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted. Years 1 to
/// 9999 print and parse.
struct Timestamp {
  std::int64_t microseconds{};

  auto operator<=>(const Timestamp&) const = default;

  /// Arithmetic without a check: within the years that print.
  friend Timestamp operator+(Timestamp t, std::chrono::microseconds d) {
    return {t.microseconds + d.count()};
  }
  friend Timestamp operator-(Timestamp t, std::chrono::microseconds d) {
    return {t.microseconds - d.count()};
  }
  friend std::chrono::microseconds operator-(Timestamp a, Timestamp b) {
    return std::chrono::microseconds{a.microseconds - b.microseconds};
  }

  /// RFC 3339 with an offset or Z and up to nine digits of a fraction (cut to microseconds). Else
  /// invalid_request.
  static Result<Timestamp> parse(std::string_view text);

  /// Whole seconds, rounded down.
  [[nodiscard]] std::int64_t seconds() const noexcept;

  /// "2026-11-24T02:54:31.123456Z"
  [[nodiscard]] std::string to_rfc3339() const;

  /// "2026-11-24"
  [[nodiscard]] std::string to_date() const;

  /// The IMF-fixdate of RFC 9110 section 5.6.7: "Tue, 24 Nov 2026 02:54:31 GMT"
  [[nodiscard]] std::string to_http_date() const;

  /// RFC 9110 section 5.6.7, all three forms. Else invalid_request.
  static Result<Timestamp> parse_http_date(std::string_view text);
};

} // namespace baluhost
