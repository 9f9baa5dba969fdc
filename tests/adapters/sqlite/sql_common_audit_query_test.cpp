#include "baluhost/sql_common/audit_query.hpp"

#include <catch2/catch.hpp>

namespace baluhost::sql {

TEST_CASE("the text after a prefix is the least that does not begin with it") {
  CHECK(after_prefix("/anna/") == "/anna0");
  CHECK(after_prefix("z") == "{");
  CHECK(after_prefix("a\x7F") == std::string{"a\xC2\x80"});
  CHECK(after_prefix("a\xDF\xBF") == std::string{"a\xE0\xA0\x80"});         // U+07FF, U+0800
  CHECK(after_prefix("a\xED\x9F\xBF") == std::string{"a\xEE\x80\x80"});     // over the surrogates
  CHECK(after_prefix("a\xEF\xBF\xBF") == std::string{"a\xF0\x90\x80\x80"}); // U+FFFF, U+10000
  CHECK(after_prefix("a\xF4\x8F\xBF\xBF") == "b"); // nothing after U+10FFFF
  CHECK(after_prefix("\xF4\x8F\xBF\xBF") == std::nullopt);
  CHECK(after_prefix("") == std::nullopt);
}

TEST_CASE("a filter with a text that no column can hold matches nothing") {
  AuditFilter filter;
  CHECK_FALSE(matches_nothing(filter));
  filter.user = std::string("a\0b", 3);
  CHECK(matches_nothing(filter));
  filter.user = "\xFF";
  CHECK(matches_nothing(filter));
}

TEST_CASE("no value of a filter becomes part of the SQL") {
  AuditFilter filter;
  filter.action = filter.user = filter.resource = filter.resource_prefix =
      "x'; drop table users; --";
  std::optional<std::string> end;
  const auto conditions = conditions_of(filter, SortOrder::descending, std::nullopt, end);
  CHECK(conditions.where.find('\'') == std::string::npos);
  CHECK(conditions.values.size() == 5);
}

} // namespace baluhost::sql
