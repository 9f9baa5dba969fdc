#pragma once

#include <postgresql/libpq-fe.h>

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace baluhost::test {

/// A PostgreSQL server of this program's own, reached by a socket in its directory; not durable, so
/// fast. For tests that stop it or want many databases.
class PostgresCluster {
 public:
  PostgresCluster() {
    std::string pattern = (std::filesystem::temp_directory_path() / "baluhost-pg-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary directory");
    directory_ = pattern;
    if (::getuid() == 0) shell("chown postgres " + directory_);
    shell(as_postgres(bin() + "/initdb -D " + directory_ +
                      "/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync"));
    start();
  }
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster() {
    thaw();
    std::system(quiet(as_postgres(control("-m immediate stop"))).c_str());
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  /// One for the whole program; null where PostgreSQL is not installed.
  static PostgresCluster* shared() {
    static const std::unique_ptr<PostgresCluster> cluster =
        std::filesystem::exists(bin() + "/initdb") ? std::make_unique<PostgresCluster>() : nullptr;
    return cluster.get();
  }

  void start() {
    shell(as_postgres(
        control("-w -l " + directory_ + "/log -o \"-c listen_addresses='' -k " + directory_ +
                " -c fsync=off -c full_page_writes=off -c max_connections=200\" start")));
  }
  void stop() { shell(as_postgres(control("-w -m immediate stop"))); }
  /// Stops it in its tracks, connections too: it neither answers nor closes anything.
  void freeze() { signal_all(SIGSTOP); }
  void thaw() { signal_all(SIGCONT); }

  [[nodiscard]] const std::string& directory() const {
    return directory_;
  } ///< where its socket lies
  [[nodiscard]] std::string log_file() const { return directory_ + "/log"; }
  [[nodiscard]] std::string url(const std::string& database,
                                const std::string& user = "postgres") const {
    return "postgresql:///" + database + "?host=" + directory_ + "&user=" + user;
  }
  /// A new database, empty or a copy of `model`; returns its name.
  std::string make_database(const std::string& model = "template0") {
    const std::string name = "test_" + std::to_string(++count_);
    execute("postgres", "create database " + name + " template " + model);
    return name;
  }
  /// Runs SQL; returns the first column of the first row.
  std::string execute(const std::string& database, const std::string& sql,
                      const std::string& user = "postgres") const {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
        PQconnectdb(url(database, user).c_str()), PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0
               ? PQgetvalue(result.get(), 0, 0)
               : "";
  }

 private:
  static std::string bin() {
    std::string newest;
    for (int version = 13; version < 30; ++version) {
      const std::string path = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
      if (std::filesystem::exists(path)) newest = path;
    }
    return newest;
  }
  [[nodiscard]] std::string control(const std::string& how) const {
    return bin() + "/pg_ctl -D " + directory_ + "/data " + how;
  }
  static std::string as_postgres(const std::string& command) {
    return ::getuid() == 0 ? "cd / && runuser -u postgres -- " + command : command;
  }
  static std::string quiet(const std::string& command) {
    return "(" + command + ") >/dev/null 2>&1";
  }
  static void shell(const std::string& command) {
    if (std::system(quiet(command).c_str()) != 0) throw std::runtime_error("failed: " + command);
  }
  /// The postmaster and its children: each connection has a process group of its own.
  void signal_all(int number) const {
    const std::string pid = "$(head -n 1 " + directory_ + "/data/postmaster.pid)";
    std::system(
        quiet("kill -" + std::to_string(number) + " " + pid + " $(pgrep -P " + pid + ")").c_str());
  }

  std::string directory_;
  int count_{0};
};

} // namespace baluhost::test
