#include "baluhost/contract/database_contract.hpp"
#include "baluhost/memory/memory_database.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {
namespace {
const MakeDatabase make = [] { return make_memory_database(); };
} // namespace

TEST_CASE("the memory database keeps the contract of transactions") { database_contract(make); }
TEST_CASE("the memory database keeps the contract of users") { users_contract(make); }
TEST_CASE("the memory database keeps the contract of sessions") { sessions_contract(make); }
TEST_CASE("the memory database keeps the contract of grants") { grants_contract(make); }
TEST_CASE("the memory database keeps the contract of files") { files_contract(make); }
TEST_CASE("the memory database keeps the contract of blobs and their files") {
  blobs_contract(make);
}
TEST_CASE("the memory database keeps the contract of uploads") { uploads_contract(make); }
TEST_CASE("the memory database keeps the contract of transfers") { transfers_contract(make); }
TEST_CASE("the memory database keeps the contract of the audit trail") { audit_contract(make); }
TEST_CASE("the memory database keeps the contract of statistics") { statistics_contract(make); }
TEST_CASE("the memory database keeps the contract of seals") { seals_contract(make); }

} // namespace baluhost::contract
