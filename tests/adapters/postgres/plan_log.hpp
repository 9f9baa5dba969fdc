#pragma once

#include "baluhost/test/postgres_cluster.hpp"

#include <fstream>
#include <iterator>
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

} // namespace baluhost::test
