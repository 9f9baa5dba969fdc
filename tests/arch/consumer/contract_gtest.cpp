#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/gtest.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"

TEST(Anchors, KeepTheContract) {
  baluhost::contract::check([] {
    baluhost::contract::anchor_log_contract([] { return baluhost::make_memory_anchor_log(); });
  });
}
