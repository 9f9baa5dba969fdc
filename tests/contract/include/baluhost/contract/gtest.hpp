#pragma once

#include "baluhost/contract/suite.hpp"

#include <gtest/gtest.h>

namespace baluhost::contract {

/// Within a TEST of GoogleTest: each case of `suite(body)` is run, and what is broken is a failure
/// that names the promise.
inline void check(const std::function<void()>& body) {
  for (const auto& promised : suite(body)) {
    for (const auto& seen : promised.run()) ADD_FAILURE() << promised.promise << ": " << seen;
  }
}

} // namespace baluhost::contract
