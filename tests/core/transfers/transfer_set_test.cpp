#include "transfers/transfer_set.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>

using namespace baluhost;

namespace {

std::string kept(std::string_view text) {
  const auto set = TransferSet::parse(text);
  return set ? set->text() : "none";
}

} // namespace

TEST_CASE("a set of transfers comes back from its text, and no other text is one") {
  for (const auto* text : {"", "1", "7", "1-2", "5,17-40", "1,3,5-6,8-9223372036854775807"}) {
    INFO(text);
    CHECK(kept(text) == text);
  }
  for (const auto* text : {",",   "0",    "-1",  "-",     "1-",    "01",  "1-1",
                           "2-1", "1,1",  "1,2", "1-3,3", "1-3,4", "5,3", "1,",
                           ",1",  "1,,3", " 1",  "1 ",    "1-2-3", "+1",  "9223372036854775808",
                           "x"}) {
    INFO(text);
    CHECK(kept(text) == "none");
  }
}

TEST_CASE("a set of transfers holds what a set of numbers does") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    TransferSet set;
    std::set<std::int64_t> numbers;
    for (int step = 0; step < 200; ++step) {
      const std::int64_t first = 1 + static_cast<std::int64_t>(random() % 60);
      const std::int64_t last = first + static_cast<std::int64_t>(random() % 5);
      const auto some = numbers.lower_bound(first);
      const bool is_free = some == numbers.end() || *some > last;
      if (random() % 2 == 0 && is_free) {
        set.add(TransferId{first}, TransferId{last});
        for (auto number = first; number <= last; ++number) numbers.insert(number);
      } else if (random() % 2 == 0) {
        CHECK(set.remove(TransferId{first}) == (numbers.erase(first) == 1));
      } else {
        set.remove(TransferId{first}, TransferId{last});
        for (auto number = first; number <= last; ++number) numbers.erase(number);
      }
      for (std::int64_t number = 0; number < 70; ++number)
        REQUIRE(set.contains(TransferId{number}) == numbers.contains(number));
      REQUIRE(kept(set.text()) == set.text());
      REQUIRE(set.empty() == numbers.empty());
    }
  }
}
