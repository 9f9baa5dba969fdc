#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/database_contract.hpp"
#include "baluhost/memory/memory_database.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {
namespace {
const MakeDatabase make = [] { return make_memory_database(); };
} // namespace

TEST_CASE("the memory database keeps the contract of transactions") {
  check([&] { database_contract(make); });
}
TEST_CASE("the memory database keeps the contract of users") {
  check([&] { users_contract(make); });
}
TEST_CASE("the memory database keeps the contract of sessions") {
  check([&] { sessions_contract(make); });
}
TEST_CASE("the memory database keeps the contract of keys") {
  check([&] { keys_contract(make); });
}

TEST_CASE("the memory database keeps the contract of second factors") {
  check([&] { second_factors_contract(make); });
}

TEST_CASE("the memory database keeps the contract of challenges") {
  check([&] { challenges_contract(make); });
}
TEST_CASE("the memory database keeps the contract of grants") {
  check([&] { grants_contract(make); });
}
TEST_CASE("the memory database keeps the contract of shares") {
  check([&] { shares_contract(make); });
}
TEST_CASE("the memory database keeps the contract of files") {
  check([&] { files_contract(make); });
}
TEST_CASE("the memory database keeps the contract of blobs and their files") {
  check([&] { blobs_contract(make); });
}
TEST_CASE("the memory database keeps the contract of the trash") {
  check([&] { trash_contract(make); });
}
TEST_CASE("the memory database keeps the contract of tree records") {
  check([&] { tree_records_contract(make); });
}
TEST_CASE("the memory database keeps the contract of versions") {
  check([&] { versions_contract(make); });
}
TEST_CASE("the memory database keeps the contract of uploads") {
  check([&] { uploads_contract(make); });
}
TEST_CASE("the memory database keeps the contract of transfers") {
  check([&] { transfers_contract(make); });
}
TEST_CASE("the memory database keeps the contract of archives") {
  check([&] { archives_contract(make); });
}
TEST_CASE("the memory database keeps the contract of search") {
  check([&] { search_contract(make); });
}
TEST_CASE("the memory database keeps the contract of the audit trail") {
  check([&] { audit_contract(make); });
}
TEST_CASE("the memory database keeps the contract of statistics") {
  check([&] { statistics_contract(make); });
}
TEST_CASE("the memory database keeps the contract of seals") {
  check([&] { seals_contract(make); });
}

} // namespace baluhost::contract
