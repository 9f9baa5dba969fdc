#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/random_source_contract.hpp"
#include "baluhost/kernel/kernel_random.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {

TEST_CASE("the kernel's randomness keeps the contract of sources of it") {
  check([&] { random_source_contract(*make_kernel_random()); });
}

} // namespace baluhost::contract
