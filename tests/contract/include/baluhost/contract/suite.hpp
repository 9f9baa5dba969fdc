#pragma once

#include <functional>
#include <string>
#include <vector>

namespace baluhost::contract {

/// One promise of a port.
struct Case {
  std::string promise;

  /// Looks whether it is kept: what was seen instead, a sentence with its place each; nothing where
  /// it is. Each run begins anew. Throws what the code under test throws.
  std::function<std::vector<std::string>()> run;
};

/// The cases of the suites that `body` calls, in their order. For no test framework, and for any:
///
///     for (const auto& c : suite([&] { anchor_log_contract(make); }))
///       for (const auto& seen : c.run()) report(c.promise, seen);
///
/// `body` runs once for this, and once for each run of a case; so what it refers to must outlive
/// the cases. Headers beside this one hand the cases to Catch2 and to GoogleTest. One thread at a
/// time.
std::vector<Case> suite(const std::function<void()>& body);

} // namespace baluhost::contract
