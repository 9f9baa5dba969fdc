#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace baluhost::test {

/// A PgBouncer of the tests' own before the PostgreSQL server at `server` (its host, or the
/// directory of its socket), reached by a socket in its directory.
class PgBouncer {
 public:
  PgBouncer(const std::string& server, const std::string& pool_mode,
            const std::string& port = "5432") {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "baluhost-pgbouncer-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary directory");
    directory_ = pattern;
    std::ofstream(directory_ + "/users.txt") << "\"postgres\" \"\"\n";
    std::ofstream(directory_ + "/pgbouncer.ini")
        << "[databases]\n* = host=" << server << " port=" << port
        << "\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n"
        << "unix_socket_dir = " << directory_ << "\nauth_type = trust\nauth_file = " << directory_
        << "/users.txt\n"
        << "pool_mode = " << pool_mode << "\ndefault_pool_size = 20\nlogfile = " << directory_
        << "/log\n"
        << "pidfile = " << directory_ << "/pid\nadmin_users = postgres\n";
    if (::getuid() == 0) shell("chown -R postgres " + directory_);
    shell(as_postgres("/usr/sbin/pgbouncer -q -d " + directory_ + "/pgbouncer.ini"));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (std::system(("pg_isready -q -h " + directory_ + " -p 6432").c_str()) != 0) {
      if (std::chrono::steady_clock::now() > until)
        throw std::runtime_error("PgBouncer does not start");
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;
  ~PgBouncer() {
    std::system(("kill $(cat " + directory_ + "/pid) 2>/dev/null").c_str());
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  static bool is_installed() { return std::filesystem::exists("/usr/sbin/pgbouncer"); }

  [[nodiscard]] std::string url(const std::string& database) const {
    return "postgresql:///" + database + "?host=" + directory_ + "&port=6432&user=postgres";
  }
  /// Changes the mode for the transactions that begin from now on.
  void set_pool_mode(const std::string& mode) const {
    shell("sed -i 's/^pool_mode = .*/pool_mode = " + mode + "/' " + directory_ + "/pgbouncer.ini");
    shell("psql '" + url("pgbouncer") + "' -c reload");
  }

 private:
  static std::string as_postgres(const std::string& command) {
    return ::getuid() == 0 ? "cd / && runuser -u postgres -- " + command : command;
  }
  static void shell(const std::string& command) {
    if (std::system(("(" + command + ") >/dev/null 2>&1").c_str()) != 0)
      throw std::runtime_error("failed: " + command);
  }

  std::string directory_;
};

} // namespace baluhost::test
