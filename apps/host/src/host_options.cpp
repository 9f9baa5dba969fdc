#include "baluhost/host/host_options.hpp"
#include "baluhost/filesystem/backup_directory.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace baluhost {
namespace {

Error refused(Errc code, std::string setting, std::string why) {
  Error error{code, why};
  error.fields.push_back({std::move(setting), std::move(why)});
  return error;
}

/// Some directories, of /proc say, hold nothing that anybody makes. A file without a name shows it
/// and leaves nothing; where there are none of these, a directory that goes at once.
std::string trouble_with_files_in(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT) {
    std::string probe = directory + "/.baluhost-check-XXXXXX";
    if (::mkdtemp(probe.data()) != nullptr) {
      ::rmdir(probe.c_str());
      return {};
    }
  }
  // A full disk is none of the settings' matter.
  if (errno == ENOSPC || errno == EDQUOT || errno == EMFILE || errno == ENFILE) return {};
  return "nothing can be made in " + directory + ": " + std::strerror(errno);
}

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
  return trouble_with_files_in(name);
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

Result<void> check_keys(const HostOptions& options) {
  struct stat info {};
  if (::stat(options.keys_dir.c_str(), &info) != 0) return {}; // a start makes it
  const auto keys = open_seal_signer(options);
  if (keys || keys.error().code == Errc::not_found) return {};
  return refused(keys.error().code, "server.keys_dir", keys.error().detail);
}

/// Only a start on a database that is not there yet is known to need it.
Result<void> check_first_password(const HostOptions& options) {
  const DatabaseKind* kind = find_database_kind(options.database_url);
  const auto database = kind ? kind->file(options.database_url) : std::nullopt;
  if (options.admin_password_file.empty() || !database) return {};
  if (std::error_code failed; std::filesystem::exists(*database, failed)) return {};
  const auto secret = read_password_file(options.admin_password_file);
  if (secret) return {};
  return refused(secret.error().code, "first_admin", secret.error().detail);
}

} // namespace

void fill_in_paths(HostOptions& options) {
  const std::string& data = options.data_dir;
  if (options.keys_dir.empty()) options.keys_dir = data + "/keys";
  if (options.database_url.empty()) options.database_url = default_database_url(data);
  if (options.files.blob_dir.empty()) options.files.blob_dir = data + "/blobs";
  if (options.audit.anchor_file.empty()) options.audit.anchor_file = data + "/audit.anchor";
}

std::string restore_mark(const HostOptions& options) { return restore_mark_in(options.data_dir); }

Result<void> check_host_options(const HostOptions& o) {
  if (const std::string& file = o.database_password_file; !file.empty()) {
    if (const auto password = read_password_file(file); !password)
      return refused(Errc::invalid_request, "database.password_file", password.error().detail);
  }
  for (const auto& [setting, path] : {std::pair{"server.data_dir", &o.data_dir},
                                      {"server.keys_dir", &o.keys_dir},
                                      {"files.blob_dir", &o.files.blob_dir}}) {
    if (auto trouble = trouble_with_directory(*path); !trouble.empty())
      return refused(Errc::invalid_request, setting, std::move(trouble));
  }
  const DatabaseKind* kind = find_database_kind(o.database_url);
  if (const auto file = kind ? kind->file(o.database_url) : std::nullopt)
    if (auto trouble = trouble_with_file(*file, o.data_dir); !trouble.empty())
      return refused(Errc::invalid_request, "database.url", std::move(trouble));
  if (auto trouble = trouble_with_file(o.audit.anchor_file, o.data_dir); !trouble.empty())
    return refused(Errc::invalid_request, "audit.anchor_file", std::move(trouble));
  BALUHOST_CHECK(check_keys(o));
  return check_first_password(o);
}

} // namespace baluhost
