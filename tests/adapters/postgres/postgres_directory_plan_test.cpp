#include "sql/directory_plan.hpp"

#include "postgres/plan_log.hpp"

namespace baluhost::test {

TEST_CASE("a page of a directory in an order walks the index of the order, on PostgreSQL") {
  const auto own = own_database();
  if (!own) return;
  const auto fill = fill_large_directory("generate_series(1, 60000) i", "true");
  PlannedDatabase database{*own, fill + "; analyze files"};
  read_planned_orders(
      *database, [&] { database.begin(); },
      [&](const PlannedOrder& planned) {
        const std::string plan = database.plan();
        INFO(plan);
        CHECK(plan.find("Seq Scan on files") == std::string::npos);
        CHECK(plan.find("Sort ") == std::string::npos);
        CHECK(plan.find(" " + planned.index + " ") != std::string::npos);
      });
}

// A server may start on tables that are small, or of which the database knows nothing yet, and
// keeps the plans that it made then.
TEST_CASE("a path is looked up by indexes while a table is small, on PostgreSQL") {
  const auto own = own_database();
  if (!own) return;
  const auto fill = fill_large_directory("generate_series(1, 300) i", "true");
  PlannedDatabase database{*own, fill + (GENERATE(false, true) ? "; analyze" : "")};
  database.begin();
  for (int round = 0; round < 7; ++round) {
    value((*database).read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto by_path,
                   tx.files().resolve(value(FilePath::parse("/anna/large/n7"))));
      CHECK(by_path.complete);
      const std::vector<FileName> below{value(FileName::parse("n7"))};
      BALUHOST_TRY(const auto by_id, tx.files().resolve_below(kLargeDirectory, below));
      CHECK(by_id.complete);
      return {};
    }));
  }
  const std::string plan = database.plan();
  INFO(plan);
  std::size_t scans = 0;
  for (auto at = plan.find(" on files"); at != std::string::npos;
       at = plan.find(" on files", at + 1)) {
    const auto node = plan.substr(at, plan.find("->", at) - at);
    CHECK(node.find("Index Cond") != std::string::npos); // what is wanted, and not the whole index
    ++scans;
  }
  CHECK(scans > 20);
}

} // namespace baluhost::test
