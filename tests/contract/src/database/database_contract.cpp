#include "database/database_suite.hpp"

namespace baluhost::contract {

void database_contract(const MakeDatabase& make) {
  const auto database = make();
  database_suite::transactions(*database);
  database_suite::bookkeeping(*database);
  database_suite::isolation(*database);
  database_suite::listeners(*database);
  database_suite::nested(*database);
  database_suite::identity(*database);

  SECTION("status tells kind, version and size") {
    const auto status = must(database->status());
    CHECK_FALSE(status.kind.empty());
    CHECK(status.schema_version > 0);
    CHECK(status.size_bytes >= 0);
  }
}

} // namespace baluhost::contract
