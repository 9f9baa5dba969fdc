#include "baluhost/domain/files/directory_order.hpp"

#include <catch2/catch.hpp>

#include <string_view>

namespace baluhost::test {

TEST_CASE("an order is one of seven words, and nothing else") {
  const auto is = [](std::string_view text, SortKey key, bool descending) {
    const auto order = DirectoryOrder::parse(text);
    return order && order->key == key && order->descending == descending;
  };
  CHECK(is("name", SortKey::name, false));
  CHECK(is("-name", SortKey::name, true));
  CHECK(is("size", SortKey::size, false));
  CHECK(is("-size", SortKey::size, true));
  CHECK(is("modified_at", SortKey::modified_at, false));
  CHECK(is("-modified_at", SortKey::modified_at, true));
  CHECK(is("kind", SortKey::name, false));
  for (const std::string_view text : {"", "-", "-kind", "Name", "name ", "--name", "mtime"}) {
    const auto order = DirectoryOrder::parse(text);
    REQUIRE_FALSE(order);
    CHECK(order.error().code == Errc::invalid_request);
  }
}

} // namespace baluhost::test
