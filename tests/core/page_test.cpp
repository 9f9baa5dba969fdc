#include "baluhost/core/page.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

TEST_CASE("a cursor returns its key, whatever bytes it has") {
  const std::string key{"z\0\xFF/+ é", 8};
  CHECK(read_cursor("users", make_cursor("users", key)).value() == key);
  CHECK(read_cursor("users", make_cursor("users", "")).value().empty());
}

TEST_CASE("a cursor of another list is refused") {
  const auto cursor = make_cursor("sessions:1", "abc");
  CHECK_FALSE(read_cursor("sessions:12", cursor));
  CHECK_FALSE(read_cursor("sessions:", make_cursor("sessions:1", "")));
  const auto error = read_cursor("users", cursor).error();
  CHECK(error.code == Errc::invalid_request);
  REQUIRE(error.fields.size() == 1);
  CHECK(error.fields.front().pointer == "/cursor");
}

TEST_CASE("a cursor with any character changed, lost or added is refused") {
  const auto cursor = make_cursor("users", "anna.smith");
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    auto changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(read_cursor("users", changed));
    CHECK_FALSE(read_cursor("users", cursor.substr(0, i)));
  }
  CHECK_FALSE(read_cursor("users", cursor + "A"));
  CHECK_FALSE(read_cursor("users", cursor + "="));
  CHECK_FALSE(read_cursor("users", std::string(100'000, 'A')));
}

TEST_CASE("a page has a next one exactly if there is one row more than it holds") {
  const auto key = [](int row) { return std::to_string(row); };
  const auto last = make_page(std::vector<int>{1, 2}, 2, "n", key);
  CHECK(last.items.size() == 2);
  CHECK_FALSE(last.next_cursor);
  const auto first = make_page(std::vector<int>{1, 2, 3}, 2, "n", key);
  CHECK(first.items == std::vector<int>{1, 2});
  CHECK(read_cursor("n", first.next_cursor.value()).value() == "2");
}

TEST_CASE("a page never asks for nothing or for too much") {
  CHECK(page_limit({.limit = 0}) == 1);
  CHECK(page_limit({.limit = 1000}) == 1000);
  CHECK(page_limit({.limit = 5000}) == 1000);
}
