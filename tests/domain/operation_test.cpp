#include "baluhost/domain/audit/operation.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string_view>

using baluhost::Operation;

TEST_CASE("each operation has a text of its own") {
  std::set<std::string_view> texts;
  const int last = static_cast<int>(Operation::follow_events);
  for (int i = 0; i <= last; ++i) {
    const auto text = to_string(static_cast<Operation>(i));
    INFO(i);
    CHECK_FALSE(text.empty());
    CHECK(texts.insert(text).second);
  }
  CHECK(to_string(Operation::remove) == "delete");
  CHECK(to_string(Operation::list_directory) == "list_directory");
}
