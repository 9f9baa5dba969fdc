#pragma once

#include "backend.hpp"
#include "periodic_tasks.hpp"

#include "baluhost/core/second_factor/second_factor_service.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace baluhost {

/// What nobody can log in with a code for is said at once, and not only to who tries.
Result<void> report_lost_factor_keys(SecondFactorService& second_factors,
                                     const std::string& keys_dir, const HostReport& report);

/// Looks which keys contents need, and tells of those that are not there. All references must
/// outlive it.
class LostContentKeys {
 public:
  LostContentKeys(Backend& backend, const std::string& keys_dir, const HostReport& report)
      : backend_(backend), keys_dir_(keys_dir), report_(report) {}

  /// Goes on looking for about `time`, until every content was looked at once. A key that is found
  /// lost is told of before it returns, and again at the end if more contents need it. unavailable.
  Result<void> look(std::chrono::microseconds time);

 private:
  struct Need {
    std::int64_t contents{};
    std::int64_t told{};
  };
  void count(const BlobId& blob);
  void tell();

  Backend& backend_;
  const std::string& keys_dir_;
  const HostReport& report_;
  std::map<std::string, Need> needs_; ///< by the key
  std::optional<BlobId> after_;
  bool is_done_{false};
};

} // namespace baluhost
