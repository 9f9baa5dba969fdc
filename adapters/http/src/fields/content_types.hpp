#pragma once

#include "fields/http_names.hpp"

#include <string_view>

namespace baluhost::http {

/// The media types that requests and answers have.
namespace content_types {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kProblem = "application/problem+json";
inline constexpr std::string_view kNdjson = "application/x-ndjson";
inline constexpr std::string_view kCsv = "text/csv; charset=utf-8; header=present";
inline constexpr std::string_view kEventStream = "text/event-stream";
inline constexpr std::string_view kYaml = "application/yaml";
inline constexpr std::string_view kText = "text/plain; charset=utf-8";
inline constexpr std::string_view kMetrics = "text/plain; version=0.0.4; charset=utf-8";
inline constexpr std::string_view kTusChunk = "application/offset+octet-stream";
inline constexpr std::string_view kZip = "application/zip";
inline constexpr std::string_view kForm = "multipart/form-data";

} // namespace content_types

/// True for the media type `wanted`, whatever its case, with no charset but UTF-8.
constexpr bool is_media_type(std::string_view content_type, std::string_view wanted) noexcept {
  if (!equals_ignoring_case(trimmed(take_until(content_type, ';')), wanted)) return false;
  while (!content_type.empty()) {
    auto parameter = trimmed(take_until(content_type, ';'));
    if (!equals_ignoring_case(take_until(parameter, '='), "charset")) continue;
    if (parameter.size() >= 2 && parameter.front() == '"' && parameter.back() == '"')
      parameter = parameter.substr(1, parameter.size() - 2);
    if (!equals_ignoring_case(parameter, "utf-8")) return false;
  }
  return true;
}

} // namespace baluhost::http
