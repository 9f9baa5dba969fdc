#include "start_check.hpp"

#include "backend.hpp"

#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/private_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <thread>

namespace baluhost {
namespace {

/// The directory is there and can be written in, or can be made. Empty if so, else what is wrong.
std::string trouble_with_directory(const std::filesystem::path& path) {
  const std::string name = path.empty() ? "." : path.string();
  struct stat info {};
  if (::stat(name.c_str(), &info) != 0) {
    if (errno != ENOENT) return name + " cannot be used: " + std::strerror(errno);
    return trouble_with_directory(path.has_filename() ? path.parent_path()
                                                      : path.parent_path().parent_path());
  }
  if (!S_ISDIR(info.st_mode)) return name + " is not a directory";
  if (::access(name.c_str(), W_OK | X_OK) != 0)
    return name + " cannot be written to: " + std::strerror(errno);
  return {};
}

/// A file in a directory of somebody's, which a start does not make.
std::string trouble_with_file(const std::filesystem::path& path, const std::string& data_dir) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode)) return path.string() + " is not a regular file";
    return ::access(path.c_str(), R_OK | W_OK) == 0
               ? ""
               : path.string() + " cannot be written to: " + std::strerror(errno);
  }
  const auto parent = path.parent_path();
  const bool is_made =
      parent.lexically_normal() == std::filesystem::path{data_dir}.lexically_normal();
  if (!is_made && !parent.empty() && ::stat(parent.c_str(), &info) != 0) {
    return "the directory " + parent.string() + " is not there";
  }
  return trouble_with_directory(parent);
}

Result<void> check_keys(const Configuration& configuration) {
  struct stat info {};
  if (::stat(configuration.server.keys_dir.c_str(), &info) != 0) return {}; // a start makes it
  const auto random = make_openssl_random();
  const auto clock = make_clock();
  const auto keys = KeyDirectory::open(configuration.server.keys_dir, KeyDirectory::Missing::refuse,
                                       *random, *clock);
  if (keys || keys.error().code == Errc::not_found) return {};
  Error error = refused_setting(configuration, "server.keys_dir", keys.error().detail);
  error.code = keys.error().code;
  return error;
}

/// Only a start on a database that is not there yet is known to need it.
Result<void> check_first_password(const Configuration& configuration) {
  const auto environment = baluhost_environment();
  const auto given = environment.find("BALUHOST_ADMIN_PASSWORD_FILE");
  if (given == environment.end() || !is_sqlite(configuration)) return {};
  if (std::error_code failed; std::filesystem::exists(sqlite_path(configuration), failed))
    return {};
  if (const auto secret = read_secret_file(given->second); !secret) {
    return Error{secret.error().code,
                 "environment BALUHOST_ADMIN_PASSWORD_FILE: " + secret.error().detail};
  }
  return {};
}

} // namespace

HttpOptions http_options(const Configuration& c) {
  HttpOptions options;
  options.listen = c.server.listen;
  options.metrics_listen = c.metrics.listen;
  options.tls_cert_file = c.tls.cert_file;
  options.tls_key_file = c.tls.key_file;
  options.public_url = c.server.public_url;
  options.trusted_proxies = c.server.trusted_proxies;
  options.cors_allowed_origins = c.cors.allowed_origins;
  options.threads = static_cast<int>(c.server.threads);
  options.max_connections = static_cast<int>(c.server.max_connections);
  options.request_timeout = c.server.request_timeout;
  options.max_upload_bytes = c.files.max_upload_bytes;
  const auto queries = std::max<std::int64_t>(2, std::thread::hardware_concurrency());
  options.query_threads =
      static_cast<int>(std::clamp<std::int64_t>(c.database.pool_size - 1, 1, queries));
  return options;
}

Result<void> check_start(const Configuration& c) {
  if (const auto http = check_http_options(http_options(c)); !http) {
    const FieldError& field = http.error().fields.front();
    return refused_setting(c, field.pointer, field.detail);
  }
  if (const auto password = database_password(c); !password) {
    return refused_setting(c, "database.password_file", password.error().detail);
  }
  for (const auto& [key, path] : {std::pair{"server.data_dir", &c.server.data_dir},
                                  {"server.keys_dir", &c.server.keys_dir},
                                  {"files.blob_dir", &c.files.blob_dir}}) {
    if (auto trouble = trouble_with_directory(*path); !trouble.empty())
      return refused_setting(c, key, trouble);
  }
  if (auto trouble = trouble_with_file(c.audit.anchor_file, c.server.data_dir); !trouble.empty()) {
    return refused_setting(c, "audit.anchor_file", trouble);
  }
  BALUHOST_CHECK(check_keys(c));
  return check_first_password(c);
}

} // namespace baluhost
