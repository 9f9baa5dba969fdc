#pragma once

#include "postgres/own_database.hpp"

#include "baluhost/test/postgres_cluster.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace baluhost::test {

/// What the server says it does with each statement of the database `name`, from connections that
/// are opened after this.
class PlanLog {
 public:
  PlanLog(PostgresCluster& cluster, const std::string& name) {
    cluster.execute(name,
                    "alter database " + name + " set session_preload_libraries = 'auto_explain'");
    cluster.execute(name, "alter database " + name + " set auto_explain.log_min_duration = 0");
    log_.open(cluster.log_file());
  }

  /// What was said since it was read last.
  std::string read_on() {
    log_.clear();
    return std::string{std::istreambuf_iterator<char>{log_}, {}};
  }

 private:
  std::ifstream log_;
};

/// A database after `fill`, of which the log says what the server does with each statement of its
/// one connection.
class PlannedDatabase {
 public:
  PlannedDatabase(const OwnDatabase& own, const std::string& fill) {
    auto options = own.options;
    options.pool_size = 1;
    value(make_postgres_database(options));
    own.execute(fill);
    log_.emplace(own.cluster, own.name);
    database_ = value(make_postgres_database(options));
  }

  Database& operator*() const { return *database_; }

  /// What comes before this is left out of `plan`.
  void begin() { log_->read_on(); }

  /// What the server did since.
  std::string plan() {
    value(database_->status()); // what the one connection did before it is in the log then
    return log_->read_on();
  }

 private:
  std::optional<PlanLog> log_;
  std::unique_ptr<Database> database_;
};

} // namespace baluhost::test
