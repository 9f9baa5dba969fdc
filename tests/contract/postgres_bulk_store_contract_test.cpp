#include "baluhost/contract/bulk_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/postgres/postgres_bulk_store.hpp"
#include "baluhost/test/postgres_cluster.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {

TEST_CASE("the postgres bulk store keeps the contract of bulk stores") {
  auto* cluster = test::PostgresCluster::shared();
  if (cluster == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  check([&] {
    bulk_store_contract([&] {
      PostgresOptions options;
      options.url = cluster->url(cluster->make_database());
      return make_postgres_bulk_store(options);
    });
  });
}

} // namespace baluhost::contract
