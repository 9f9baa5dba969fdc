#pragma once

#include "baluhost/core/audit/audit_log.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// A request that comes to nothing: what it would have done, to what, and for whom; no caller where
/// nobody has logged in.
struct FailedRequest {
  Action action;
  const Client& client;
  const Principal* caller{nullptr};
  std::optional<std::string> resource{};
};

/// Records that `request` failed because of `error`, and returns that as `AuditLog::failed` does,
/// or as `AuditLog::failed_by_stranger` where there is no caller. Safe from many threads.
[[nodiscard]] Error record_failure(AuditLog& log, const FailedRequest& request, Error error);

/// Records that `request` was refused with the problem's `code`; nothing where there is no caller.
/// unavailable, insufficient_storage. Safe from many threads.
[[nodiscard]] Result<void> record_refusal(AuditLog& log, const FailedRequest& request,
                                          std::string_view code);

} // namespace baluhost
