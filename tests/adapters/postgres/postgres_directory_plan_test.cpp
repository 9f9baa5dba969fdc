#include "sql/directory_plan.hpp"

#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"

#include <fstream>
#include <iterator>

namespace baluhost::test {

TEST_CASE("a page of a directory in an order walks the index of the order, on PostgreSQL") {
  PostgresCluster* const cluster = PostgresCluster::shared();
  if (cluster == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  const std::string name = cluster->make_database();
  PostgresOptions options;
  options.url = cluster->url(name);
  options.pool_size = 1;
  value(make_postgres_database(options));
  const auto fill = fill_large_directory("generate_series(1, 60000) i", "true");
  cluster->execute(name, fill + "; analyze files");
  // The server says what it does with each statement that it gets.
  cluster->execute(name,
                   "alter database " + name + " set session_preload_libraries = 'auto_explain'");
  cluster->execute(name, "alter database " + name + " set auto_explain.log_min_duration = 0");
  const auto database = value(make_postgres_database(options));
  std::ifstream log{cluster->log_file()};
  const auto read_on = [&] {
    log.clear();
    return std::string{std::istreambuf_iterator<char>{log}, {}};
  };
  read_planned_orders(
      *database, [&] { read_on(); },
      [&](const PlannedOrder& planned) {
        const std::string plan = read_on();
        INFO(plan);
        CHECK(plan.find("Seq Scan on files") == std::string::npos);
        CHECK(plan.find("Sort ") == std::string::npos);
        CHECK(plan.find(" " + planned.index + " ") != std::string::npos);
      });
}

} // namespace baluhost::test
