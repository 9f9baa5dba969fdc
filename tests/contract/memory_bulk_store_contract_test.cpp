#include "baluhost/contract/bulk_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/memory/memory_bulk_store.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {

TEST_CASE("the memory bulk store keeps the contract of bulk stores") {
  const bool concurrent = GENERATE(false, true);
  const bool notices_changes = GENERATE(false, true);
  check([&] {
    bulk_store_contract([&] {
      return make_memory_bulk_store({.concurrent = concurrent, .notices_changes = notices_changes});
    });
  });
}

} // namespace baluhost::contract
