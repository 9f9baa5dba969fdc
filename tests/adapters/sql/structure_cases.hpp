#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <vector>

namespace baluhost::test {

/// `execute`: SQL in a new database, which `check` is `db check` of.
inline void check_structure(const std::function<void(const std::string&)>& execute,
                            const std::function<std::vector<std::string>()>& check) {
  using Problems = std::vector<std::string>;
  CHECK(check().empty());

  execute("create table aliens (id integer)"); // is left alone
  execute("alter table users add column shoe_size integer");
  CHECK(check() == Problems{"the column shoe_size of the table users is none of BaluHost's"});
  execute("drop table aliens");
  execute("alter table users drop column shoe_size");
  CHECK(check().empty());

  // Of a table that moves, and of one that stays where it is.
  execute("alter table users rename column quota_bytes to quota");
  execute("alter table audit_rolled rename column most_left to rest");
  CHECK(check() == Problems{"the column quota_bytes of the table users is missing",
                            "the column quota of the table users is none of BaluHost's",
                            "the column most_left of the table audit_rolled is missing",
                            "the column rest of the table audit_rolled is none of BaluHost's"});
  execute("alter table users rename column quota to quota_bytes");
  execute("alter table audit_rolled rename column rest to most_left");

  execute("alter table recovery_codes rename to codes");
  CHECK(check() == Problems{"the table recovery_codes is missing"});
  execute("alter table codes rename to recovery_codes");
  CHECK(check().empty());
}

} // namespace baluhost::test
