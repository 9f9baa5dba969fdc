#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/identity/grant.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

TEST_CASE("roles have their names and no others") {
  for (const auto role : {Role::admin, Role::auditor, Role::user})
    CHECK(*parse_role(to_string(role)) == role);
  CHECK(to_string(Role::auditor) == "auditor");
  const auto* bad = GENERATE("", "Admin", "root", "admin ", "0");
  CHECK(parse_role(bad).error().code == Errc::invalid_request);
}

TEST_CASE("rights have their names and no others") {
  for (const auto right : {Right::read, Right::write, Right::remove, Right::share})
    CHECK(*parse_right(to_string(right)) == right);
  CHECK(to_string(Right::remove) == "delete");
  const auto* bad = GENERATE("", "remove", "READ", "all", "read,write");
  CHECK(parse_right(bad).error().code == Errc::invalid_request);
}

TEST_CASE("a set of rights lists and prints in one order") {
  const Rights some = Rights{Right::share} | Right::read;
  CHECK(some.to_text() == "read,share");
  CHECK(some.list() == std::vector{Right::read, Right::share});
  CHECK(Rights::all().to_text() == "read,write,delete,share");
  CHECK(Rights{}.to_text().empty());
  CHECK(Rights{}.list().empty());
  CHECK(some.includes(Right::read));
  CHECK_FALSE(some.includes(Rights{Right::read} | Right::write));
  CHECK(Rights::from_bits(255) == Rights::all());
}

TEST_CASE("kinds of files have their names") {
  CHECK(to_string(FileKind::file) == "file");
  CHECK(to_string(FileKind::directory) == "directory");
}
