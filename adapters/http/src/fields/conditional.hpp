#pragma once

#include "baluhost/core/files/file_info.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "fields/head_check.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The values of conditional headers (RFC 9110 section 13.1), parsed and not evaluated.
namespace baluhost::http {

/// Of If-Match or If-None-Match: `*` or a list of entity tags. invalid_request.
Result<Condition> parse_condition(const std::optional<std::string>& header);

/// If-Match, If-None-Match and If-Unmodified-Since: what holds for every method. invalid_request.
Result<Preconditions> read_preconditions(const RequestHead& head);

/// A date; none where it is missing or malformed, which counts as missing.
std::optional<Timestamp> parse_condition_date(std::string_view header);

/// Of If-Range: an entity tag or a date, never both.
struct IfRange {
  std::optional<std::string> etag;
  std::optional<Timestamp> date;
};
/// A value that is neither matches nothing: the range is not served.
IfRange parse_if_range(std::string_view header);

} // namespace baluhost::http
