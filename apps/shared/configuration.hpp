#pragma once

#include "log.hpp"

#include "baluhost/domain/result.hpp"
#include "baluhost/host/host_options.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Everything that can be set, with its default. The names of the keys are in settings.cpp, once.
struct Configuration : HostOptions {
  struct Server {
    std::vector<std::string> listen{"127.0.0.1:8080"};
    std::string public_url; ///< empty: what a request's Host says
    std::vector<std::string> trusted_proxies;
    std::int64_t threads{0}; ///< 0: one for each core
    std::int64_t max_connections{10000};
    std::chrono::milliseconds shutdown_grace{30'000};
    std::chrono::milliseconds request_timeout{30'000};
  } server;
  struct Tls {
    std::string cert_file;
    std::string key_file;
  } tls;
  struct Web {
    bool enabled{true};
  } web;
  struct Cors {
    std::vector<std::string> allowed_origins;
  } cors;
  struct Metrics {
    std::string listen;
  } metrics;
  struct Log {
    Severity level{Severity::info};
    LogFormat format{LogFormat::automatic};
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
  /// Key and value: {"server.data_dir", "/srv/baluhost"}.
  std::vector<std::pair<std::string, std::string>> flags;
};

/// The process environment's part of the sources.
std::map<std::string, std::string> baluhost_environment();

/// Reads all sources, checks every value and fills in the paths that follow from others.
/// invalid_request: `detail` is a message for the person at the terminal, with the file, the line,
/// the key and what is allowed.
Result<Configuration> load_configuration(const ConfigurationSources& sources);

/// The effective configuration as TOML, secrets redacted.
std::string to_toml(const Configuration& configuration);

} // namespace baluhost
