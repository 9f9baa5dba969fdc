#pragma once

#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::test {

/// `text` as a JSON string.
inline std::string q(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// A JSON object of ready values.
inline std::string object(std::initializer_list<std::pair<std::string, std::string>> members) {
  std::string out = "{";
  for (const auto& [key, value] : members)
    out += (out.size() > 1 ? "," : "") + q(key) + ":" + value;
  return out + "}";
}

/// A JSON object of texts.
inline std::string json_of(std::initializer_list<std::pair<std::string, std::string>> texts) {
  std::string out = "{";
  for (const auto& [key, value] : texts)
    out += (out.size() > 1 ? "," : "") + q(key) + ":" + q(value);
  return out + "}";
}

inline const std::string kApi = "/api/v1";
inline const std::string kEvents = kApi + "/audit/events";
inline std::string files(const std::string& path) { return kApi + "/files" + percent_encode(path); }
inline std::string dirs(const std::string& path) { return kApi + "/dirs" + percent_encode(path); }
inline std::string meta(const std::string& path) { return kApi + "/meta" + percent_encode(path); }

inline const std::string kUsers = kApi + "/users";

/// The members of an account, sorted.
inline const std::vector<std::string> kUserKeys{"created_at", "email",       "enabled",
                                                "id",         "quota_bytes", "role",
                                                "updated_at", "used_bytes",  "username"};

/// The answer is a problem of this status and code, with every member that one has.
inline void check_problem(const Response& response, int status, const std::string& code) {
  CHECK(response.status == status);
  REQUIRE(response.header("Content-Type") == "application/problem+json");
  const Json problem = Json::parse(response.body);
  CHECK(problem["code"].text() == code);
  CHECK(problem["status"].integer() == status);
  for (const char* member : {"type", "title", "detail", "request_id"})
    CHECK_FALSE(problem[member].text().empty());
  CHECK(problem["request_id"].text() == response.header("X-Request-Id"));
}

/// As `check_problem` for 400 invalid_request, with an error that points to `pointer`.
inline void check_invalid(const Response& response, const std::string& pointer) {
  check_problem(response, 400, "invalid_request");
  const Json problem = Json::parse(response.body);
  REQUIRE(problem.has("errors"));
  std::vector<std::string> pointers;
  for (std::size_t i = 0; i < problem["errors"].size(); ++i)
    pointers.push_back(problem["errors"][i]["pointer"].text());
  INFO(response.body);
  CHECK(std::find(pointers.begin(), pointers.end(), pointer) != pointers.end());
}

/// The claims of a token, unverified.
Json claims_of(const std::string& token);

std::string base64(std::string_view bytes);
enum class Hash { sha1, sha256 };

/// Raw, by OpenSSL.
std::string digest(Hash hash, std::string_view content);
std::string hex(std::string_view bytes);
/// The value of Repr-Digest and Content-Digest.
inline std::string digest_field(std::string_view content) {
  return "sha-256=:" + base64(digest(Hash::sha256, content)) + ":";
}
/// Bytes of every value that do not repeat; another `seed`, other bytes.
std::string pattern(std::size_t size, std::uint32_t seed = 12345);

/// What of a user's files the server says it keeps.
struct UsageFigures {
  std::int64_t bytes;
  std::int64_t files;
};
UsageFigures usage(Api& api);

/// Runs it on the server's database, as somebody with access to it would; returns what it prints.
std::string sql(const Server& server, const std::string& sqlite_text,
                const std::string& postgres_text);

/// Puts that many events of 64 KiB each on the record, all `integrity_scrub`.
void record_large_events(const Server& server, int count);

/// Every regular file below a directory, relative to it, sorted.
std::vector<std::string> files_below(const std::string& directory);

/// True once `condition` holds; false after ten seconds.
bool soon(const std::function<bool()>& condition);

/// Returns when `event` is sealed.
void wait_until_sealed(const Server& server, std::int64_t event);

/// The entity tag of a file of that content.
inline std::string etag_of(std::string_view content) {
  return "\"" + hex(digest(Hash::sha256, content)) + "\"";
}

} // namespace baluhost::test
