// One table names every key, what it allows, how it is set and how it is shown. The three sources
// (file, environment, flags) have raw values; the table alone turns them into members, so that a
// key behaves the same wherever it comes from.

#include "settings.hpp"

#include "setting_kinds.hpp"

#include "baluhost/core/files/file_service.hpp"
#include "baluhost/domain/ascii.hpp"
#include "baluhost/host/database_kind.hpp"

#include <algorithm>
#include <charconv>

namespace baluhost {
namespace {

Result<void> check_origin(const std::string& item) {
  constexpr auto allowed =
      "an exact origin, SCHEME://HOST[:PORT] without a path, such as "
      "\"https://files.example.org\"; never \"*\" or \"null\"";
  const auto scheme = item.find("://");
  if (scheme == std::string::npos) return invalid(allowed);
  std::string name = item.substr(0, scheme);
  std::ranges::transform(name, name.begin(), lower);
  if (name != "https" && name != "http") return invalid(allowed);
  const std::string_view host = std::string_view{item}.substr(scheme + 3);
  if (host.empty() || host.find_first_of("/*?#@ ,") != std::string_view::npos)
    return invalid(allowed);
  return {};
}

/// What is refused is not repeated: it may hold a password.
Result<void> set_database_url(Configuration& c, const RawValue& value) {
  const std::string allowed =
      database_url_forms() + "; a password in it has %2F for \"/\" and %40 for \"@\"";
  BALUHOST_TRY(const std::string url, one_text(value, allowed.c_str()));
  const DatabaseKind* kind = find_database_kind(url);
  if (!url.empty() && !(kind && kind->check_url(url))) return invalid(allowed);
  c.database_url = url;
  return {};
}

Result<void> anything(const std::string&) { return {}; }

const std::vector<std::pair<std::string, DownloadRecording>> kDownloads{
    {"before", DownloadRecording::before}, {"after", DownloadRecording::after}};
const std::vector<std::pair<std::string, SecondFactorRule>> kSecondFactorRules{
    {"none", SecondFactorRule::none},
    {"admin", SecondFactorRule::admin},
    {"all", SecondFactorRule::all}};
const std::vector<std::pair<std::string, Severity>> kLevels{{"trace", Severity::trace},
                                                            {"debug", Severity::debug},
                                                            {"info", Severity::info},
                                                            {"warn", Severity::warn},
                                                            {"error", Severity::error}};
const std::vector<std::pair<std::string, LogFormat>> kFormats{{"text", LogFormat::text},
                                                              {"json", LogFormat::json}};

} // namespace

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

#define BALUHOST_MEMBER(path) \
  [](Configuration & c) -> auto& { return c.path; }

const std::vector<Setting>& settings() {
  using namespace std::chrono_literals;
  static const std::vector<Setting> table{
      list_key("server.listen", BALUHOST_MEMBER(server.listen), check_listen),
      text_key("server.data_dir", BALUHOST_MEMBER(data_dir)),
      checked_key("server.public_url", BALUHOST_MEMBER(server.public_url), check_origin),
      list_key("server.trusted_proxies", BALUHOST_MEMBER(server.trusted_proxies), anything),
      integer_key("server.threads", BALUHOST_MEMBER(server.threads), 0, 1024),
      integer_key("server.max_connections", BALUHOST_MEMBER(server.max_connections), 1, 1'000'000),
      duration_key("server.shutdown_grace", BALUHOST_MEMBER(server.shutdown_grace), 0ms),
      duration_key("server.request_timeout", BALUHOST_MEMBER(server.request_timeout), 100ms),
      text_key("server.keys_dir", BALUHOST_MEMBER(keys_dir)),
      text_key("tls.cert_file", BALUHOST_MEMBER(tls.cert_file)),
      text_key("tls.key_file", BALUHOST_MEMBER(tls.key_file)),
      {"database.url", set_database_url,
       [](const Configuration& c) { return json_text(redacted_url(c.database_url)); }},
      text_key("database.password_file", BALUHOST_MEMBER(database_password_file)),
      integer_key("database.pool_size", BALUHOST_MEMBER(database_pool_size), 1, 1000),
      duration_key("auth.access_ttl", BALUHOST_MEMBER(auth.access_ttl), 1s),
      duration_key("auth.refresh_ttl", BALUHOST_MEMBER(auth.refresh_ttl), 1s),
      integer_key("auth.argon2_memory_kib", BALUHOST_MEMBER(auth.argon2_memory_kib), 7168, 1048576),
      integer_key("auth.argon2_iterations", BALUHOST_MEMBER(auth.argon2_iterations), 1, 64),
      integer_key("auth.argon2_parallelism", BALUHOST_MEMBER(auth.argon2_parallelism), 1, 16),
      integer_key("auth.max_attempts", BALUHOST_MEMBER(auth.max_attempts), 1, 1'000'000),
      duration_key("auth.attempt_window", BALUHOST_MEMBER(auth.attempt_window), 1s),
      choice_key("auth.require_second_factor", BALUHOST_MEMBER(auth.require_second_factor),
                 kSecondFactorRules),
      text_key("files.blob_dir", BALUHOST_MEMBER(files.blob_dir)),
      size_key("files.max_upload_bytes", BALUHOST_MEMBER(files.max_upload_bytes)),
      size_key("files.min_free_bytes", BALUHOST_MEMBER(files.min_free_bytes)),
      integer_key("files.max_entries_per_user", BALUHOST_MEMBER(files.max_entries_per_user), 0,
                  1'000'000'000),
      integer_key("files.max_entries_at_once", BALUHOST_MEMBER(files.max_entries_at_once), 0,
                  1'000'000'000),
      integer_key("files.max_unfinished_uploads", BALUHOST_MEMBER(files.max_unfinished_uploads), 0,
                  1'000'000),
      integer_key("files.max_archives", BALUHOST_MEMBER(files.max_archives), 0, 1'000'000),
      integer_key("files.max_archive_entries", BALUHOST_MEMBER(files.max_archive_entries), 0,
                  1'000'000'000),
      duration_key("files.upload_expiry", BALUHOST_MEMBER(files.upload_expiry), 1s),
      flag_key("files.sha1", BALUHOST_MEMBER(files.sha1)),
      integer_key("files.trash_days", BALUHOST_MEMBER(files.trash_days), 0, KeepRules::kMostDays),
      integer_key("files.versions_keep", BALUHOST_MEMBER(files.versions_keep), 0,
                  KeepRules::kMostVersions),
      integer_key("files.versions_days", BALUHOST_MEMBER(files.versions_days), 0,
                  KeepRules::kMostDays),
      flag_key("files.encryption", BALUHOST_MEMBER(files.encryption)),
      flag_key("shares.enabled", BALUHOST_MEMBER(shares.enabled)),
      integer_key("shares.default_days", BALUHOST_MEMBER(shares.default_days), 0, 36500),
      integer_key("shares.max_days", BALUHOST_MEMBER(shares.max_days), 0, 36500),
      flag_key("shares.require_password", BALUHOST_MEMBER(shares.require_password)),
      flag_key("web.enabled", BALUHOST_MEMBER(web.enabled)),
      choice_key("audit.downloads", BALUHOST_MEMBER(audit.downloads), kDownloads),
      integer_key("audit.retention_days", BALUHOST_MEMBER(audit.retention_days), 0, 36500),
      duration_key("audit.seal_interval", BALUHOST_MEMBER(audit.seal_interval), 10ms),
      integer_key("audit.seal_events", BALUHOST_MEMBER(audit.seal_events), 1, 100'000),
      text_key("audit.anchor_file", BALUHOST_MEMBER(audit.anchor_file)),
      list_key("cors.allowed_origins", BALUHOST_MEMBER(cors.allowed_origins), check_origin),
      text_key("metrics.listen", BALUHOST_MEMBER(metrics.listen)),
      choice_key("log.level", BALUHOST_MEMBER(log.level), kLevels),
      choice_key("log.format", BALUHOST_MEMBER(log.format), kFormats),
  };
  return table;
}

#undef BALUHOST_MEMBER

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(settings(), name, &Setting::name);
  return found == settings().end() ? nullptr : &*found;
}

} // namespace baluhost
