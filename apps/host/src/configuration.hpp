#pragma once

#include "baluhost/domain/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Everything that can be set, with its default. The names of the keys are in configuration.cpp,
/// once.
struct Configuration {
  struct Server {
    std::vector<std::string> listen{"127.0.0.1:8080"};
    std::string data_dir{"./data"};
    std::string public_url; ///< empty: what a request's Host says
    std::vector<std::string> trusted_proxies;
    std::int64_t threads{0}; ///< 0: one for each core
    std::int64_t max_connections{10000};
    std::chrono::milliseconds shutdown_grace{30'000};
    std::chrono::milliseconds request_timeout{30'000};
    std::string keys_dir; ///< as all paths below: filled in by `resolve_paths` where left empty
  } server;
  struct Tls {
    std::string cert_file;
    std::string key_file;
  } tls;
  struct DatabaseSettings {
    std::string url;
    std::string password_file;
    std::int64_t pool_size{8};
  } database;
  struct Auth {
    std::chrono::milliseconds access_ttl{std::chrono::minutes{15}};
    std::chrono::milliseconds refresh_ttl{std::chrono::hours{24 * 7}};
    std::int64_t argon2_memory_kib{19456};
    std::int64_t argon2_iterations{2};
    std::int64_t argon2_parallelism{1};
    std::int64_t max_attempts{10};
    std::chrono::milliseconds attempt_window{std::chrono::minutes{15}};
  } auth;
  struct Files {
    std::string blob_dir;
    std::int64_t max_upload_bytes{0};
    std::int64_t min_free_bytes{256LL << 20};
    std::int64_t max_entries_per_user{500'000};
    std::int64_t max_entries_at_once{20'000};
    std::int64_t max_unfinished_uploads{1000};
    std::chrono::milliseconds upload_expiry{std::chrono::hours{24}};
    bool sha1{false};
  } files;
  struct Audit {
    std::string downloads{"before"};
    std::int64_t retention_days{0};
    std::chrono::milliseconds seal_interval{1000};
    std::int64_t seal_events{1000};
    std::string anchor_file;
  } audit;
  struct Cors {
    std::vector<std::string> allowed_origins;
  } cors;
  struct Metrics {
    std::string listen;
  } metrics;
  struct Log {
    std::string level{"info"};
    std::string format; ///< empty: text on a terminal, else json
  } log;

  /// Where each key that was set was set: "c.toml:3", "environment BALUHOST_…", "command line".
  std::map<std::string, std::string, std::less<>> places;
  /// What is no setting but looks like one, each a sentence for the person at the terminal.
  std::vector<std::string> warnings;
};

/// invalid_request that says where `key` was set and why that cannot be: "c.toml:3: tls.key_file:
/// …".
Error refused_setting(const Configuration& configuration, std::string_view key,
                      std::string_view why);

/// What the command line of every program may say; it wins over the environment, which wins over
/// the file.
struct ConfigurationSources {
  std::optional<std::string> file;
  std::map<std::string, std::string> environment; ///< of the names that begin with BALUHOST_
  std::vector<std::pair<std::string, std::string>>
      flags; ///< key and value: {"server.data_dir", "/srv/baluhost"}
};

/// The process environment's part of the sources.
std::map<std::string, std::string> baluhost_environment();

/// Reads all sources, checks every value and fills in the paths that follow from others.
/// invalid_request: `detail` is a message for the person at the terminal, with the file, the line,
/// the key and what is allowed.
Result<Configuration> load_configuration(const ConfigurationSources& sources);

/// The effective configuration as TOML, secrets redacted.
std::string to_toml(const Configuration& configuration);

/// `url` without its secrets, fit to be printed; of one that cannot be read, nothing but that.
std::string redacted_url(std::string_view url);

} // namespace baluhost
