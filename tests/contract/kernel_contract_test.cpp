#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/random_source_contract.hpp"
#include "baluhost/kernel/kernel_random.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {

TEST_CASE("the kernel's random source keeps the contract of random sources") {
  check([] { random_source_contract(*make_kernel_random()); });
}

} // namespace baluhost::contract
