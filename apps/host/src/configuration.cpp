// One table names every key, what it allows, how it is set and how it is shown. The three sources
// (file, environment, flags) give raw values; the table alone turns them into members, so that a
// key behaves the same wherever it comes from.

#include "configuration.hpp"

#include "toml_file.hpp"
#include "units.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>

extern char** environ;

namespace baluhost {
namespace {

using Setter = std::function<Result<void>(Configuration&, const RawValue&)>;
using Printer = std::function<std::string(const Configuration&)>;

struct Key {
  std::string name;
  Setter set;
  Printer show;
};

Result<std::string> one_text(const RawValue& value, const char* allowed) {
  if (value.kind != RawValue::Kind::text) return invalid(allowed);
  return value.texts.front();
}

template <class Access>
Key text_key(std::string name, Access access, const char* allowed = "text") {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            BALUHOST_TRY(access(c), one_text(value, allowed));
            return {};
          },
          [=](const Configuration& c) { return json_text(access(const_cast<Configuration&>(c))); }};
}

/// Text that `check` accepts, or none.
template <class Access>
Key checked_key(std::string name, Access access,
                std::function<Result<void>(const std::string&)> check) {
  auto key = text_key(std::move(name), access);
  key.set = [=](Configuration& c, const RawValue& value) -> Result<void> {
    BALUHOST_TRY(auto text, one_text(value, "text"));
    if (!text.empty()) BALUHOST_CHECK(check(text));
    access(c) = std::move(text);
    return {};
  };
  return key;
}

template <class Access>
Key choice_key(std::string name, Access access, std::vector<std::string> choices) {
  const std::string allowed = fmt::format("one of \"{}\"", fmt::join(choices, "\", \""));
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            if (value.kind != RawValue::Kind::text ||
                std::ranges::find(choices, value.texts.front()) == choices.end()) {
              return invalid(allowed);
            }
            access(c) = value.texts.front();
            return {};
          },
          [=](const Configuration& c) { return json_text(access(const_cast<Configuration&>(c))); }};
}

template <class Access>
Key list_key(std::string name, Access access,
             std::function<Result<void>(const std::string&)> check) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            if (value.kind != RawValue::Kind::text && value.kind != RawValue::Kind::list) {
              return invalid("text or a list of texts");
            }
            for (const std::string& item : value.texts) BALUHOST_CHECK(check(item));
            access(c) = value.texts;
            return {};
          },
          [=](const Configuration& c) {
            std::vector<std::string> items;
            for (const std::string& item : access(const_cast<Configuration&>(c)))
              items.push_back(json_text(item));
            return fmt::format("[{}]", fmt::join(items, ", "));
          }};
}

template <class Access>
Key integer_key(std::string name, Access access, std::int64_t low, std::int64_t high) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            std::int64_t number = 0;
            const std::string& digits = value.texts.empty() ? std::string{} : value.texts.front();
            const auto [end, failure] =
                std::from_chars(digits.data(), digits.data() + digits.size(), number);
            const bool typed = value.kind == RawValue::Kind::integer ||
                               (value.untyped && value.kind == RawValue::Kind::text);
            if (!typed || failure != std::errc{} || end != digits.data() + digits.size() ||
                number < low || number > high) {
              return invalid(fmt::format("a whole number from {} to {}", low, high));
            }
            access(c) = number;
            return {};
          },
          [=](const Configuration& c) {
            return std::to_string(access(const_cast<Configuration&>(c)));
          }};
}

template <class Access>
Key flag_key(std::string name, Access access) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            const bool typed = value.kind == RawValue::Kind::boolean ||
                               (value.untyped && value.kind == RawValue::Kind::text);
            if (!typed || (value.texts.front() != "true" && value.texts.front() != "false"))
              return invalid("true or false");
            access(c) = value.texts.front() == "true";
            return {};
          },
          [=](const Configuration& c) {
            return access(const_cast<Configuration&>(c)) ? "true" : "false";
          }};
}

template <class Access>
Key duration_key(std::string name, Access access, std::chrono::milliseconds low) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            BALUHOST_TRY(
                const auto written,
                one_text(value, "a whole number and one of ms, s, m, h, d, such as \"15m\""));
            BALUHOST_TRY(const auto duration, parse_duration(written));
            if (duration < low) return invalid(fmt::format("at least {}", format_duration(low)));
            access(c) = duration;
            return {};
          },
          [=](const Configuration& c) {
            return json_text(format_duration(access(const_cast<Configuration&>(c))));
          }};
}

template <class Access>
Key size_key(std::string name, Access access) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            if (value.kind != RawValue::Kind::text && value.kind != RawValue::Kind::integer) {
              return invalid(
                  "a whole number of bytes, or one with KiB, MiB, GiB or TiB, such as \"256MiB\"");
            }
            BALUHOST_TRY(access(c), parse_size(value.texts.front()));
            return {};
          },
          [=](const Configuration& c) {
            return json_text(format_size(access(const_cast<Configuration&>(c))));
          }};
}

Result<void> check_listen(const std::string& item) {
  constexpr auto allowed = "ADDRESS:PORT, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
  std::string_view rest = item;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size())
    return invalid(allowed);
  unsigned port = 0;
  const auto digits = rest.substr(colon + 1);
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure != std::errc{} || end != digits.data() + digits.size() || port > 65535)
    return invalid(allowed);
  return {};
}

Result<void> check_origin(const std::string& item) {
  constexpr auto allowed =
      "an exact origin, SCHEME://HOST[:PORT] without a path, such as "
      "\"https://files.example.org\"; never \"*\" or \"null\"";
  const auto scheme = item.find("://");
  if (scheme == std::string::npos) return invalid(allowed);
  std::string name = item.substr(0, scheme);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (name != "https" && name != "http") return invalid(allowed);
  const std::string_view host = std::string_view{item}.substr(scheme + 3);
  if (host.empty() || host.find_first_of("/*?#@ ,") != std::string_view::npos)
    return invalid(allowed);
  return {};
}

/// What is refused is not repeated: it may hold a password.
Result<void> set_database_url(Configuration& c, const RawValue& value) {
  constexpr auto allowed =
      "sqlite:PATH or postgresql://USER@HOST:PORT/DATABASE; a password in it has %2F for \"/\" and "
      "%40 for \"@\"";
  BALUHOST_TRY(const std::string url, one_text(value, allowed));
  const bool is_postgres = url.starts_with("postgresql://") || url.starts_with("postgres://");
  if (!url.empty() && !url.starts_with("sqlite:") && !(is_postgres && check_postgres_url(url)))
    return invalid(allowed);
  c.database.url = url;
  return {};
}

Result<void> anything(const std::string&) { return {}; }

#define BALUHOST_MEMBER(path) \
  [](Configuration & c) -> auto& { return c.path; }

const std::vector<Key>& keys() {
  using namespace std::chrono_literals;
  static const std::vector<Key> table{
      list_key("server.listen", BALUHOST_MEMBER(server.listen), check_listen),
      text_key("server.data_dir", BALUHOST_MEMBER(server.data_dir)),
      checked_key("server.public_url", BALUHOST_MEMBER(server.public_url), check_origin),
      list_key("server.trusted_proxies", BALUHOST_MEMBER(server.trusted_proxies), anything),
      integer_key("server.threads", BALUHOST_MEMBER(server.threads), 0, 1024),
      integer_key("server.max_connections", BALUHOST_MEMBER(server.max_connections), 1, 1'000'000),
      duration_key("server.shutdown_grace", BALUHOST_MEMBER(server.shutdown_grace), 0ms),
      duration_key("server.request_timeout", BALUHOST_MEMBER(server.request_timeout), 100ms),
      text_key("server.keys_dir", BALUHOST_MEMBER(server.keys_dir)),
      text_key("tls.cert_file", BALUHOST_MEMBER(tls.cert_file)),
      text_key("tls.key_file", BALUHOST_MEMBER(tls.key_file)),
      {"database.url", set_database_url,
       [](const Configuration& c) { return json_text(redacted_url(c.database.url)); }},
      text_key("database.password_file", BALUHOST_MEMBER(database.password_file)),
      integer_key("database.pool_size", BALUHOST_MEMBER(database.pool_size), 1, 1000),
      duration_key("auth.access_ttl", BALUHOST_MEMBER(auth.access_ttl), 1s),
      duration_key("auth.refresh_ttl", BALUHOST_MEMBER(auth.refresh_ttl), 1s),
      integer_key("auth.argon2_memory_kib", BALUHOST_MEMBER(auth.argon2_memory_kib), 7168, 1048576),
      integer_key("auth.argon2_iterations", BALUHOST_MEMBER(auth.argon2_iterations), 1, 64),
      integer_key("auth.argon2_parallelism", BALUHOST_MEMBER(auth.argon2_parallelism), 1, 16),
      integer_key("auth.max_attempts", BALUHOST_MEMBER(auth.max_attempts), 1, 1'000'000),
      duration_key("auth.attempt_window", BALUHOST_MEMBER(auth.attempt_window), 1s),
      text_key("files.blob_dir", BALUHOST_MEMBER(files.blob_dir)),
      size_key("files.max_upload_bytes", BALUHOST_MEMBER(files.max_upload_bytes)),
      size_key("files.min_free_bytes", BALUHOST_MEMBER(files.min_free_bytes)),
      integer_key("files.max_entries_per_user", BALUHOST_MEMBER(files.max_entries_per_user), 0,
                  1'000'000'000),
      integer_key("files.max_entries_at_once", BALUHOST_MEMBER(files.max_entries_at_once), 0,
                  1'000'000'000),
      integer_key("files.max_unfinished_uploads", BALUHOST_MEMBER(files.max_unfinished_uploads), 0,
                  1'000'000),
      duration_key("files.upload_expiry", BALUHOST_MEMBER(files.upload_expiry), 1s),
      flag_key("files.sha1", BALUHOST_MEMBER(files.sha1)),
      choice_key("audit.downloads", BALUHOST_MEMBER(audit.downloads), {"before", "after"}),
      integer_key("audit.retention_days", BALUHOST_MEMBER(audit.retention_days), 0, 36500),
      duration_key("audit.seal_interval", BALUHOST_MEMBER(audit.seal_interval), 10ms),
      integer_key("audit.seal_events", BALUHOST_MEMBER(audit.seal_events), 1, 100'000),
      text_key("audit.anchor_file", BALUHOST_MEMBER(audit.anchor_file)),
      list_key("cors.allowed_origins", BALUHOST_MEMBER(cors.allowed_origins), check_origin),
      text_key("metrics.listen", BALUHOST_MEMBER(metrics.listen)),
      choice_key("log.level", BALUHOST_MEMBER(log.level),
                 {"trace", "debug", "info", "warn", "error"}),
      choice_key("log.format", BALUHOST_MEMBER(log.format), {"text", "json"}),
  };
  return table;
}

#undef BALUHOST_MEMBER

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &Key::name);
  return found == keys().end() ? nullptr : &*found;
}

/// The keys that share the section of `name`, or the sections: what to offer instead of an unknown
/// one.
std::string alternatives(std::string_view name) {
  const std::string_view section = name.substr(0, name.find('.'));
  std::vector<std::string_view> names;
  for (const Key& key : keys()) {
    if (std::string_view{key.name}.starts_with(section) && key.name[section.size()] == '.')
      names.push_back(key.name);
  }
  if (names.empty()) {
    for (const Key& key : keys()) {
      const auto of_key = std::string_view{key.name}.substr(0, key.name.find('.'));
      if (names.empty() || names.back() != of_key) names.push_back(of_key);
    }
    return fmt::format("the sections are {}", fmt::join(names, ", "));
  }
  return fmt::format("the keys here are {}", fmt::join(names, ", "));
}

Result<void> apply(Configuration& configuration, const std::string& place, const std::string& name,
                   const RawValue& value) {
  const Key* key = find_key(name);
  if (!key)
    return Error{Errc::invalid_request,
                 fmt::format("{}: unknown key {}; {}", place, printable(name), alternatives(name))};
  if (auto set = key->set(configuration, value); !set) {
    return Error{Errc::invalid_request,
                 fmt::format("{}: {} must be {}", place, name, set.error().fields.front().detail)};
  }
  configuration.places.insert_or_assign(name, place);
  return {};
}

std::string upper_cased(std::string_view text) {
  std::string upper{text};
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return upper;
}

/// What the environment calls a key: "server.data_dir" is BALUHOST_SERVER__DATA_DIR.
std::string variable_of(std::string_view key) {
  const auto dot = key.find('.');
  return upper_cased(fmt::format("baluhost_{}__{}", key.substr(0, dot), key.substr(dot + 1)));
}

/// A variable that no program reads, and which one was meant, if one is near: the section may be
/// left out, and one underscore may stand for two.
std::string unknown_variable(std::string_view variable) {
  const std::string upper = upper_cased(variable);
  std::vector<std::string> near;
  for (const Key& key : keys()) {
    const std::string right = variable_of(key.name);
    std::string single = right;
    single.replace(right.find("__"), 2, "_");
    const std::string bare = upper_cased("baluhost_" + key.name.substr(key.name.find('.') + 1));
    if (upper == right || upper == single || upper == bare) near.push_back(right);
  }
  return near.empty()
             ? fmt::format(
                   "the environment's {} is no setting, and ignored: settings are "
                   "BALUHOST_SECTION__KEY, with two underscores",
                   printable(variable))
             : fmt::format("the environment's {} is no setting, and ignored: did you mean {}?",
                           printable(variable), fmt::join(near, " or "));
}

Result<void> apply_environment(Configuration& configuration,
                               const std::map<std::string, std::string>& environment) {
  for (const auto& [variable, value] : environment) {
    if (variable == "BALUHOST_ADMIN_PASSWORD_FILE") continue;
    if (!variable.starts_with("BALUHOST_") || variable.find("__") == std::string::npos) {
      configuration.warnings.push_back(unknown_variable(variable));
      continue;
    }
    std::string name = variable.substr(std::string_view{"BALUHOST_"}.size());
    name.replace(name.find("__"), 2, ".");
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    RawValue raw{RawValue::Kind::text, {}, true};
    const bool list = name == "server.listen" || name == "server.trusted_proxies" ||
                      name == "cors.allowed_origins";
    for (std::size_t begin = 0; list && begin <= value.size();) {
      const auto comma = std::min(value.find(',', begin), value.size());
      std::string item = value.substr(begin, comma - begin);
      item.erase(0, item.find_first_not_of(' '));
      item.erase(item.find_last_not_of(' ') + 1);
      if (!item.empty()) raw.texts.push_back(std::move(item));
      begin = comma + 1;
    }
    if (!list) raw.texts.push_back(value);
    if (list) raw.kind = RawValue::Kind::list;
    BALUHOST_CHECK(apply(configuration, "environment " + variable, name, raw));
  }
  return {};
}

void resolve_paths(Configuration& c) {
  const std::string& data = c.server.data_dir;
  if (c.server.keys_dir.empty()) c.server.keys_dir = data + "/keys";
  if (c.database.url.empty()) c.database.url = "sqlite:" + data + "/baluhost.db";
  if (c.files.blob_dir.empty()) c.files.blob_dir = data + "/blobs";
  if (c.audit.anchor_file.empty()) c.audit.anchor_file = data + "/audit.anchor";
}

Result<void> check_together(const Configuration& c) {
  const auto refuse = [&](std::string_view key, std::string_view why) {
    return refused_setting(c, key, why);
  };
  if (c.server.listen.empty()) return refuse("server.listen", "must name at least one address");
  if (c.tls.cert_file.empty() != c.tls.key_file.empty()) {
    return refuse(c.tls.cert_file.empty() ? "tls.key_file" : "tls.cert_file",
                  "tls.cert_file and tls.key_file must be set together: one of them is missing");
  }
  if (c.auth.refresh_ttl < c.auth.access_ttl) {
    return refuse("auth.refresh_ttl", "must not be shorter than auth.access_ttl");
  }
  if (c.auth.argon2_memory_kib < 8 * c.auth.argon2_parallelism) {
    return refuse("auth.argon2_memory_kib", "must be at least 8 times auth.argon2_parallelism");
  }
  if (!c.metrics.listen.empty()) {
    if (auto listen = check_listen(c.metrics.listen); !listen) {
      return refuse("metrics.listen", "must be " + listen.error().fields.front().detail);
    }
  }
  return {};
}

} // namespace

Error refused_setting(const Configuration& configuration, std::string_view key,
                      std::string_view why) {
  const auto place = configuration.places.find(key);
  const std::string where = place == configuration.places.end() ? "" : place->second + ": ";
  return Error{Errc::invalid_request, fmt::format("{}{}: {}", where, key, why)};
}

std::map<std::string, std::string> baluhost_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view assignment{*entry};
    const auto equals = assignment.find('=');
    if (equals != std::string_view::npos && upper_cased(assignment.substr(0, 9)) == "BALUHOST_") {
      found.emplace(assignment.substr(0, equals), assignment.substr(equals + 1));
    }
  }
  return found;
}

Result<Configuration> load_configuration(const ConfigurationSources& sources) {
  Configuration configuration;
  if (sources.file) {
    BALUHOST_TRY(const auto entries, read_toml_file(*sources.file));
    for (const TomlEntry& entry : entries) {
      BALUHOST_CHECK(apply(configuration, fmt::format("{}:{}", *sources.file, entry.line),
                           entry.key, entry.value));
    }
  }
  BALUHOST_CHECK(apply_environment(configuration, sources.environment));
  bool listens = false;
  for (const auto& [name, value] : sources.flags) {
    RawValue raw{RawValue::Kind::text, {value}, true};
    if (name == "server.listen" && listens) { // --listen may be repeated
      raw.texts.insert(raw.texts.begin(), configuration.server.listen.begin(),
                       configuration.server.listen.end());
    }
    listens = listens || name == "server.listen";
    BALUHOST_CHECK(apply(configuration, "command line", name, raw));
  }
  resolve_paths(configuration);
  BALUHOST_CHECK(check_together(configuration));
  return configuration;
}

std::string to_toml(const Configuration& configuration) {
  std::string out;
  std::string section;
  for (const Key& key : keys()) {
    const auto dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      section = key.name.substr(0, dot);
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
    }
    out += fmt::format("{} = {}\n", key.name.substr(dot + 1), key.show(configuration));
  }
  return out;
}

std::string redacted_url(std::string_view url) {
  return url.starts_with("sqlite:") ? std::string{url} : redacted_postgres_url(url);
}

} // namespace baluhost
