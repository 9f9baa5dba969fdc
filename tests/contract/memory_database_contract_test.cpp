#include "baluhost/contract/database_contract.hpp"
#include "baluhost/memory/memory_database.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {
namespace {
const MakeDatabase make = [] { return make_memory_database(); };
} // namespace

TEST_CASE("the memory database keeps the contract of transactions") { database_contract(make); }
TEST_CASE("the memory database keeps the contract of users") { users_contract(make); }

} // namespace baluhost::contract
