#define CATCH_CONFIG_MAIN
#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/database_contract.hpp"
#include "baluhost/memory/memory_database.hpp"

#include <catch2/catch.hpp>

TEST_CASE("a database keeps the contract of users") {
  baluhost::contract::check(
      [&] { baluhost::contract::users_contract([] { return baluhost::make_memory_database(); }); });
}
