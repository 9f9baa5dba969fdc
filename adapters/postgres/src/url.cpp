#include "baluhost/postgres/postgres_database.hpp"

#include <libpq-fe.h>

#include <array>
#include <memory>

namespace baluhost {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Parsed = std::unique_ptr<PQconninfoOption, FreeOptions>;

Parsed parse(const std::string& url) {
  char* message = nullptr; // repeats the URL, so it is not for anybody
  Parsed parsed(PQconninfoParse(url.c_str(), &message));
  PQfreemem(message);
  return parsed;
}

/// Without a white space or quote, which SOCI would take apart.
std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                          c == '.' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

/// What a server that hangs must not do to us: a peer is given up after some seconds without an answer.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kDefaults{{
    {"connect_timeout", "2"},
    {"tcp_user_timeout", "5000"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    {"client_encoding", "UTF8"},
    {"application_name", "baluhost"},
    {"gssencmode", "disable"},
}};

std::string url_of(const PQconninfoOption* options, const std::optional<Secret>& password) {
  std::string url = "postgresql:///?";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (url.back() != '?') url += '&';
    url += key;
    url += '=';
    url += percent_encoded(value);
  };
  const auto given = [&](std::string_view key) {
    for (const auto* option = options; option->keyword != nullptr; ++option) {
      if (option->keyword == key) return option->val != nullptr;
    }
    return false;
  };
  for (const auto* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr && !(password && std::string_view{option->keyword} == "password")) add(option->keyword, option->val);
  }
  if (password) add("password", password->reveal());
  for (const auto& [key, value] : kDefaults) {
    if (!given(key)) add(key, value);
  }
  return url;
}

} // namespace

Result<Secret> postgres_connection_url(const PostgresOptions& options) {
  const auto parsed = parse(options.url);
  if (!parsed) return invalid("is not a URL of a PostgreSQL database");
  return Secret{url_of(parsed.get(), options.password)};
}

std::string redacted_postgres_url(std::string_view url) {
  const auto parsed = parse(std::string{url});
  if (!parsed) return "postgresql://…";
  std::string host, port, user, database, rest;
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view key = option->keyword;
    const std::string value = percent_encoded(option->val);
    if (key == "host") {
      host = value;
    } else if (key == "port") {
      port = ":" + value;
    } else if (key == "user") {
      user = value + "@";
    } else if (key == "dbname") {
      database = value;
    } else {
      // All that libpq itself does not show to others, beside passwords those of keys and services.
      const bool is_secret = option->dispchar[0] == '*' || key.find("password") != std::string_view::npos;
      rest += (rest.empty() ? "?" : "&") + std::string{key} + "=" + (is_secret ? "***" : value);
    }
  }
  return "postgresql://" + user + host + port + "/" + database + rest;
}

} // namespace baluhost
