#pragma once

#include "baluhost/contract/suite.hpp"

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

namespace baluhost::contract {

/// Within a TEST_CASE of Catch2, version 2 or 3: runs each case of `suite(body)`, and what is
/// broken fails with the promise.
inline void check(const std::function<void()>& body) {
  for (const auto& promised : suite(body)) {
    INFO(promised.promise);
    const auto broken = promised.run();
    for (const auto& seen : broken) {
      INFO(seen);
      CHECK(broken.empty());
    }
    CHECK(broken.empty()); // a promise that is kept counts too
  }
}

} // namespace baluhost::contract
