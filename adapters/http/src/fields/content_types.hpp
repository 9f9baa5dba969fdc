#pragma once

#include <string_view>

/// The media types that requests and answers have.
namespace baluhost::http::content_types {

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

} // namespace baluhost::http::content_types
