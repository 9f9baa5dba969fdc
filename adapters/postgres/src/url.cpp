#include "baluhost/domain/percent.hpp"
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

/// Whether libpq reads a part of a password as something else, as a "/" or "@" in it that is not
/// written as %2F or %40 makes it. What is read so would be connected to, and printed.
bool is_misread(std::string_view url, const PQconninfoOption* options) {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (!url.starts_with(scheme)) continue;
    std::string_view rest = url.substr(scheme.size());
    const auto end_of_user = rest.find_first_of("@/");
    if (end_of_user != std::string_view::npos && rest[end_of_user] == '@')
      rest.remove_prefix(end_of_user + 1);
    if (rest.substr(0, rest.find('?')).find('@') != std::string_view::npos) return true;
  }
  for (const auto* option = options; option->keyword != nullptr; ++option) {
    const std::string_view key = option->keyword;
    const std::string_view value = option->val != nullptr ? option->val : "";
    if (key == "port" && value.find_first_not_of("0123456789,") != std::string_view::npos)
      return true;
    // Those that begin with one of these are sockets.
    if ((key == "host" || key == "hostaddr") && !value.starts_with('/') &&
        value.find('@', 1) != std::string_view::npos)
      return true;
  }
  return false;
}

/// None where `check_postgres_url` refuses.
Parsed parse(const std::string& url) {
  char* message = nullptr; // repeats the URL, so it is not for anybody
  Parsed parsed(PQconninfoParse(url.c_str(), &message));
  PQfreemem(message);
  if (parsed && is_misread(url, parsed.get())) parsed.reset();
  return parsed;
}

Error unreadable() {
  return invalid(
      "is not a URL of a PostgreSQL database, in which a password has %2F for \"/\" and %40 for "
      "\"@\"");
}

/// All that libpq itself does not show to others, beside passwords those of keys and services.
bool is_secret(const PQconninfoOption& option) {
  return option.dispchar[0] == '*' ||
         std::string_view{option.keyword}.find("password") != std::string_view::npos;
}

/// What a server that hangs must not do to us: a peer is given up after some seconds without an
/// answer.
constexpr auto kDefaults = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"connect_timeout", "2"},
    {"tcp_user_timeout", "5000"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    {"client_encoding", "UTF8"},
    {"application_name", "baluhost"},
    {"gssencmode", "disable"},
});

/// Its values hold no white space or quote, which SOCI would take apart.
class UrlText {
 public:
  void add(std::string_view key, std::string_view value) {
    if (url_.back() != '?') url_ += '&';
    url_ += key;
    url_ += '=';
    url_ += percent_encode(value);
  }
  [[nodiscard]] const std::string& text() const { return url_; }

 private:
  std::string url_{"postgresql:///?"};
};

std::string url_of(const PQconninfoOption* options, const std::optional<Secret>& password) {
  UrlText url;
  const auto given = [&](std::string_view key) {
    for (const auto* option = options; option->keyword != nullptr; ++option) {
      if (option->keyword == key) return option->val != nullptr;
    }
    return false;
  };
  for (const auto* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr || (password && std::string_view{option->keyword} == "password"))
      continue;
    url.add(option->keyword, option->val);
  }
  if (password) url.add("password", password->reveal());
  for (const auto& [key, value] : kDefaults) {
    if (!given(key)) url.add(key, value);
  }
  return url.text();
}

} // namespace

Result<void> check_postgres_url(std::string_view url) {
  if (!parse(std::string{url})) return unreadable();
  return {};
}

Result<Secret> postgres_connection_url(const PostgresOptions& options) {
  const auto parsed = parse(options.url);
  if (!parsed) return unreadable();
  return Secret{url_of(parsed.get(), options.password)};
}

Result<PostgresToolAccess> postgres_tool_access(const PostgresOptions& options) {
  const auto parsed = parse(options.url);
  if (!parsed) return unreadable();
  UrlText url;
  PostgresToolAccess access{{}, options.password};
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view{option->keyword} == "password") {
      if (!access.password) access.password = Secret{option->val};
    } else if (is_secret(*option)) {
      return invalid(std::string{"has "} + option->keyword +
                     ", which a program of PostgreSQL's cannot be given unseen: " +
                     "put it into a connection service file (service=… in the URL)");
    } else {
      url.add(option->keyword, option->val);
    }
  }
  access.url = url.text();
  return access;
}

std::string redacted_postgres_url(std::string_view url) {
  const auto parsed = parse(std::string{url});
  if (!parsed) return "postgresql://…";
  std::string host, port, user, database, rest;
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view key = option->keyword;
    const std::string value = percent_encode(option->val);
    if (key == "host") {
      host = value;
    } else if (key == "port") {
      port = ":" + value;
    } else if (key == "user") {
      user = value + "@";
    } else if (key == "dbname") {
      database = value;
    } else {
      rest += (rest.empty() ? "?" : "&") + std::string{key} + "=" +
              (is_secret(*option) ? "***" : value);
    }
  }
  return "postgresql://" + user + host + port + "/" + database + rest;
}

} // namespace baluhost
